import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toldName } from '../shared/domain-name.ts';
import { systemDial } from '../shared/net/dial.ts';
import { followed } from '../shared/net/follow-chain.ts';
import { curlLines } from '../shared/probe/curl-lines.ts';
import { exchange } from '../shared/probe/exchange.ts';
import { type Asked, isWell, toldAnswer, toldUnwell, wellOf } from '../shared/probe/well.ts';
import { askServer, dataOf } from '../shared/net/resolver.ts';
import type { Deployment } from './deployment.ts';
import type { Installation } from './installation.ts';
import { findCurl } from './machine.ts';

/** Whether only clients in the VPC reach the load balancer over IPv6. */
export const hasPrivateIpv6 = ({ conditions }: Deployment): boolean =>
  conditions.some(({ reason }) => reason === 'PrivateIpv6');

export interface CurlRun {
  command: string;
  /** Address of the name that was tried. */
  resolvedAddress: string;
  /** Where the connection went: the loopback address that stands for it. */
  remoteAddress: string;
  status: number;
  /** Lines of -v: address tried, headers sent (`>`) and come (`<`). */
  verbose: string[];
  body: string;
  /** Where a redirect leads. */
  location?: string;
  /** Why the answer is not well; absent where it is, and where nobody said how it should be. */
  unwell?: string;
}

const quote = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;

/** Resolves the name through the embedded DNS and asks each server's turn with the real curl, over IPv6 only. */
export async function probeWithCurl(
  deployment: Deployment,
  installation: Pick<Installation, 'dns' | 'route'>,
): Promise<CurlRun[]> {
  if (hasPrivateIpv6(deployment)) {
    console.log('  The IPv6 side is private: nothing outside its VPC, curl included, can reach it.');
    return [];
  }
  const { listener, serverGroup, probe } = deployment.spec;
  const { protocol, port } = listener;
  const addresses = await resolveName(deployment, installation);
  const curl = await findCurl();
  if (curl === undefined) console.log('  (no curl on this machine: the built-in client asks instead)');
  const check = serverGroup.healthCheck.enabled ? serverGroup.healthCheck : undefined;
  const asked: Asked = {
    ...wellOf(probe, check, deployment.domainName ?? `[${addresses[0] ?? '::1'}]`),
    port,
    tls: protocol === 'HTTPS',
  };
  const { host, path, method } = asked;
  const isDefaultPort = port === (protocol === 'HTTPS' ? 443 : 80);
  const url = `${protocol.toLowerCase()}://${host}${isDefaultPort ? '' : `:${port}`}${path}`;
  const count = Math.min(20, Math.max(4, 2 * deployment.spec.backends.length));
  const runs: CurlRun[] = [];
  for (let index = 0; index < count; index += 1) {
    const address = addresses[index % Math.max(1, addresses.length)];
    if (address === undefined) break;
    const route = await installation.route(address, port);
    if ('refusal' in route) {
      runs.push(refused(address, port, route.refusal));
      break;
    }
    const run = await askOnce(curl, { url, path, method, host, port, protocol, address, route });
    if (!isWell(asked, run)) run.unwell = toldUnwell(asked, `answered ${toldAnswer(run)}`);
    console.log(`$ ${run.command}`);
    // The others differ in whose answer it is; the report has the lines of all.
    if (index === 0) for (const line of run.verbose) console.log(`    ${line}`.trimEnd());
    console.log(`    ${run.body.trim().split('\n')[0] ?? ''}`);
    runs.push(run);
  }
  const [address] = addresses;
  if (protocol === 'HTTPS' && deployment.spec.listener.redirectHttp === true && address !== undefined) {
    const route = await installation.route(address, 80);
    if ('refusal' in route) runs.push(refused(address, 80, route.refusal));
    else {
      const target = { url: `http://${host}/`, path: '/', host, port: 80, protocol: 'HTTP' as const, address, route };
      const run = await askOnce(curl, target);
      console.log(`$ ${run.command}`);
      console.log(`    ${run.status}${run.location === undefined ? '' : ` -> ${run.location}`}`);
      runs.push(run);
    }
  }
  return runs;
}

const refused = (address: string, port: number, refusal: string): CurlRun => ({
  command: `connect to [${address}]:${port}`,
  resolvedAddress: address,
  remoteAddress: '',
  status: 0,
  verbose: curlLines(
    { address, port, host: address },
    { sample: { address, phases: { totalMs: 0 }, error: { code: refusal, phase: 'connect' } } },
  ),
  body: refusal,
});

async function resolveName(deployment: Deployment, { dns }: Pick<Installation, 'dns'>): Promise<string[]> {
  const fallback = (deployment.addresses ?? [])
    .map(({ ipv6Address }) => ipv6Address)
    .filter((address) => address !== '');
  if (deployment.domainName === undefined) return fallback;
  const server = { address: dns.host, port: dns.port };
  const answer = await askServer(systemDial, server, deployment.domainName, 'AAAA', {
    timeoutMs: 3000,
    recursive: true,
  });
  const { answers, cnames } = followed(answer, deployment.domainName);
  const addresses = dataOf({ answers }, 'AAAA');
  console.log(`  ${deployment.domainName}`);
  for (const name of cnames) console.log(`    CNAME ${toldName(name)}`);
  for (const address of addresses) console.log(`    AAAA  ${address}`);
  console.log('');
  return addresses;
}

interface Target {
  url: string;
  path: string;
  /** Default GET. */
  method?: 'GET' | 'HEAD';
  host: string;
  port: number;
  protocol: 'HTTP' | 'HTTPS';
  address: string;
  route: { host: string; port: number };
}

async function askOnce(
  curl: string | undefined,
  { url, path, method = 'GET', host, port, protocol, address, route }: Target,
): Promise<CurlRun> {
  const loopback = route.host.includes(':') ? `[${route.host}]` : route.host;
  if (curl === undefined) {
    const asked = { address, port, method, host, path, tls: protocol === 'HTTPS', timeoutMs: 5000 };
    const { sample, body, ...spoken } = await exchange(
      () => systemDial({ address: route.host, port: route.port }),
      asked,
    );
    return {
      command: `${method} ${url} over IPv6 at ${loopback}:${route.port}`,
      resolvedAddress: address,
      remoteAddress: sample.remoteAddress ?? '',
      status: sample.status ?? 0,
      verbose: curlLines(asked, { sample, ...spoken }),
      body: body?.toString('utf8') ?? sample.error?.code ?? '',
      ...locationOf(sample.location),
    };
  }
  // No root, so no port 80: the packets for the load balancer's address go to the socket that stands for it.
  const args = [
    '-6',
    '-sSv',
    '-m5',
    ...(protocol === 'HTTPS' ? ['-k'] : []),
    ...(method === 'HEAD' ? ['-I'] : []),
    '--connect-to',
    `${host}:${port}:${loopback}:${route.port}`,
    url,
  ];
  const format = '\\n%{http_code} %{remote_ip} %{redirect_url}';
  const { stdout, stderr } = await promisify(execFile)('curl', ['-w', format, ...args], { encoding: 'utf8' }).catch(
    ({ stderr: said = '' }: { stderr?: string }) => ({
      stdout: `${said.split('\n').findLast((line) => line.startsWith('curl: ')) ?? ''}\n0 `,
      stderr: said,
    }),
  );
  const cut = stdout.lastIndexOf('\n');
  const [status = '0', remoteAddress = '', location] = stdout.slice(cut + 1).split(' ');
  return {
    command: ['curl', ...args].map(quote).join(' '),
    resolvedAddress: address,
    remoteAddress,
    status: Number(status),
    verbose: stderr.split(/\r?\n/).filter((line) => /^[*<>]/.test(line)),
    body: stdout.slice(0, cut),
    ...locationOf(location),
  };
}

const locationOf = (location: string | undefined): { location?: string } =>
  location === undefined || location === '' ? {} : { location };
