import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import sdk from '@alicloud/ecs20140526';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { canonical } from '../../../local/addresses.ts';
import { ecsService } from '../../../local/ecs/index.ts';
import type { Instance } from '../../../local/ecs/state.ts';
import { settled } from '../../../local/lifecycle.ts';
import { sdkConfig, testEdge } from '../../support/edge.ts';
import { startDataPlane, userDataFor } from '../data-plane/start.ts';
import { regionId } from './fixture.ts';

const hasCurl = await promisify(execFile)('curl', ['--version']).then(
  () => true,
  () => false,
);

/** A data plane with ECS behind a socket; `www.example.com` leads to its load balancer. */
async function start() {
  const cloud = await startDataPlane();
  const { context, vpc, ecs, dns, plane, clock } = cloud;
  const { loadBalancer, serverGroup } = cloud;
  const { url } = await testEdge(context, [ecsService(context, vpc, ecs)]);
  const client = new sdk.default(sdkConfig(url, context));
  cloud.addListener(loadBalancer, serverGroup);
  const domain = dns.addDomain('example.com');
  const point = (rr: string, type: 'CNAME' | 'A' | 'AAAA', value: string) => {
    dns.addRecord(domain, { rr, type, value, line: 'default', ttl: 600 });
    clock.advance(context.latency.dnsMs);
  };
  point('www', 'CNAME', loadBalancer.dnsName);

  const send = async (instance: Instance, commandContent: string, timeout?: number): Promise<string> => {
    const { body } = await client.runCommand(
      new sdk.RunCommandRequest({
        regionId,
        type: 'RunShellScript',
        commandContent,
        instanceId: [instance.id],
        ...(timeout === undefined ? {} : { timeout }),
      }),
    );
    return body?.invokeId ?? '';
  };
  const resultOf = async (invokeId: string) => {
    const { body } = await client.describeInvocationResults(
      new sdk.DescribeInvocationResultsRequest({ regionId, invokeId, contentEncoding: 'PlainText' }),
    );
    return body?.invocation?.invocationResults?.invocationResult?.[0];
  };
  /** Until nothing is under way but what the clock brings about. */
  const settle = async () => {
    for (let quiet = 0; quiet < 3; quiet = plane.busy > 0 ? 0 : quiet + 1)
      await new Promise((resolve) => setImmediate(resolve));
  };
  /** Sends a script, lets time pass, and gives its result. */
  const run = async (
    script: string,
    { from = cloud.ecs02, passMs = 1000, timeout = undefined as number | undefined } = {},
  ) => {
    const invokeId = await send(from, script, timeout);
    await settle();
    clock.advance(passMs);
    await settle();
    return await resultOf(invokeId);
  };
  const fronts = loadBalancer.zones.map(({ ipv6Address }) => canonical(ipv6Address));
  return { ...cloud, client, point, send, resultOf, settle, run, fronts };
}

afterEach(() => vi.unstubAllEnvs());

const facts = "-w '%{http_code} %{remote_ip} %{num_connects}\\n'";
const quiet = `curl -6 -sS -m 5 -o /dev/null ${facts}`;

describe('RunCommand with curl: parameters', () => {
  it('ends with 127 for a script that the guest does not run', async () => {
    const { run } = await start();
    for (const [script, why] of [
      ['curl -6 -s http://www.example.com/; id', 'scripts of curl and echo only'],
      ['curl -6 -sL http://www.example.com/', '(the option -L)'],
    ] as const) {
      const result = await run(script);
      expect(result).toMatchObject({ invocationStatus: 'Failed', exitCode: 127 });
      expect(result?.output).toContain('bash: curl: the emulated guest does not know: curl -6 -s');
      expect(result?.output).toContain(why);
    }
  });
});

describe.skipIf(!hasCurl)('RunCommand with curl: state rules', () => {
  it('is Running, and the cloud busy, until curl has ended', async () => {
    const { send, plane, tick, settle, resultOf, ecs02, clock } = await start();
    await tick(0);
    expect(plane.busy).toBe(0);
    const invokeId = await send(ecs02, `${quiet} http://www.example.com/`);
    expect(plane.busy).toBeGreaterThan(0);
    clock.advance(1000);
    expect(await resultOf(invokeId)).toMatchObject({ invocationStatus: 'Running', finishedTime: '', output: '' });
    await settle();
    expect(await resultOf(invokeId)).toMatchObject({ invocationStatus: 'Success', exitCode: 0, errorCode: '' });
  });

  it('fails at once on a guest without an IPv6 address', async () => {
    const { run, ecs01 } = await start();
    ecs01.ipv6Addresses.length = 0;
    expect(await run(`${quiet} http://www.example.com/`, { from: ecs01 })).toMatchObject({
      invocationStatus: 'Failed',
      exitCode: 7,
      errorCode: 'ExitCodeNonzero',
      output: "curl: (7) Couldn't connect to server\n000  0\n",
    });
  });

  it('does not resolve a name without AAAA', async () => {
    const { run, point } = await start();
    point('old', 'A', '192.0.2.1');
    for (const name of ['old.example.com', 'none.example.com'])
      expect(await run(`${quiet} http://${name}/`)).toMatchObject({
        exitCode: 6,
        output: `curl: (6) Could not resolve host: ${name}\n000  0\n`,
      });
  });

  it('is refused at a port where nobody listens', async () => {
    const { run, fronts } = await start();
    const result = await run(`${quiet} http://www.example.com:8080/\n${quiet} 'http://[${fronts[0]}]:8080/'`);
    expect(result).toMatchObject({ exitCode: 7 });
    expect(result?.output).toBe(
      'curl: (7) Failed to connect to www.example.com port 8080: Connection refused\n000  1\n' +
        `curl: (7) Failed to connect to ${fronts[0]} port 8080: Connection refused\n000  1\n`,
    );
  });

  it('waits on the clock of the cloud where nobody answers', async () => {
    const { send, settle, resultOf, clock, ecs02 } = await start();
    const invokeId = await send(ecs02, `curl -6 -sS -m 5 -w '%{time_total}' 'http://[2001:db8::1]/'`);
    await settle();
    clock.advance(4999);
    await settle();
    expect(await resultOf(invokeId)).toMatchObject({ invocationStatus: 'Running' });
    clock.advance(1);
    await settle();
    const result = await resultOf(invokeId);
    expect(result).toMatchObject({ exitCode: 28 });
    expect(result?.output).toMatch(/^curl: \(28\) Connection timed out after 5000 milliseconds\n5\.0\d{5}$/);
  });

  // Half of the limit for the first, half of what is left for the second, then it gives up: 2.5 s + 1.25 s.
  it('gives up two silent addresses before its limit, with 7, as curl 7.61 does', async () => {
    const { send, settle, resultOf, clock, ecs02 } = await start();
    const resolve = "--resolve 'www.example.com:80:[2001:db8::1],2001:db8::2'";
    const invokeId = await send(ecs02, `${quiet} ${resolve} http://www.example.com/`);
    await settle();
    clock.advance(2500);
    await settle();
    clock.advance(1249);
    await settle();
    expect(await resultOf(invokeId)).toMatchObject({ invocationStatus: 'Running' });
    clock.advance(1);
    await settle();
    expect(await resultOf(invokeId)).toMatchObject({
      exitCode: 7,
      output: 'curl: (7) Failed to connect to www.example.com port 80: Connection timed out\n000  1\n',
    });
  });

  it('goes on to the next address where the first is silent', async () => {
    const { run, fronts } = await start();
    const resolve = `--resolve 'www.example.com:80:2001:db8::1,${fronts[0]}'`;
    const result = await run(`${quiet} ${resolve} http://www.example.com/`, { passMs: 2500 });
    expect(result).toMatchObject({ exitCode: 0, output: `200 ${fronts[0]} 1\n` });
  });

  it('is ended when the time of the command is up', async () => {
    const { run } = await start();
    const result = await run(`echo one\n${quiet} -m 300 'http://[2001:db8::1]/'`, { passMs: 60_000 });
    expect(result).toMatchObject({
      invocationStatus: 'Timeout',
      invokeRecordStatus: 'Failed',
      errorCode: 'ExecutionTimeout',
      output: 'one\n',
    });
    expect(result?.exitCode).toBeUndefined();
    expect(Date.parse(result?.finishedTime ?? '') - Date.parse(result?.startTime ?? '')).toBe(60_000);
  });

  it('is interrupted when its guest goes down', async () => {
    const { send, settle, resultOf, clock, ecs, ecs02 } = await start();
    const invokeId = await send(ecs02, `${quiet} 'http://[2001:db8::1]/'\n${quiet} http://www.example.com/`);
    await settle();
    ecs.stop(ecs02.id);
    clock.advance(5000);
    await settle();
    expect(await resultOf(invokeId)).toMatchObject({ invocationStatus: 'Error', errorCode: 'ExecutionInterrupted' });
  });

  it('reaches a private IPv6 side from within its VPC', async () => {
    const { run, loadBalancer, fronts } = await start();
    loadBalancer.ipv6Internet = settled('Intranet');
    // Its name leads to the public side only.
    expect(await run(`${quiet} http://www.example.com/`)).toMatchObject({ exitCode: 6 });
    const resolve = `--resolve 'www.example.com:80:[${fronts[1]}]'`;
    expect((await run(`${quiet} ${resolve} http://www.example.com/`))?.output).toBe(`200 ${fronts[1]} 1\n`);
  });

  it('leaves the VPC over IPv6 never, as without public bandwidth', async () => {
    const { run, vpc, vSwitches, network, launch, context, clock } = await start();
    const other = vpc.vpcs.add({ ...network, id: 'vpc-other', ipv6CidrBlock: vpc.nextIpv6Block() });
    const vSwitch = vpc.vSwitches.add({
      ...vSwitches[0],
      id: 'vsw-other',
      vpcId: other.id,
      ipv6CidrBlock: vpc.ipv6Subnet(other, 1),
      addresses: new Map(),
    });
    const stranger = launch('stranger', vSwitch);
    clock.advance(context.latency.instanceMs + context.latency.cloudInitMs);
    const result = await run(`${quiet} http://www.example.com/`, { from: stranger, passMs: 60_000 });
    expect(result?.output).toContain('Connection timed out');
  });

  it('meets the security group of another guest', async () => {
    const { run, ecs01, ecs02, group } = await start();
    const script = `${quiet} 'http://[${ecs01.ipv6Addresses[0]}]/'`;
    expect(await run(script)).toMatchObject({ exitCode: 0 });
    group.type = 'enterprise';
    group.rules = group.rules.filter(({ ipv6SourceCidrIp }) => ipv6SourceCidrIp === '');
    expect(await run(script, { from: ecs02, passMs: 5000 })).toMatchObject({ exitCode: 28 });
  });
});

describe.skipIf(!hasCurl)('RunCommand with curl: effects', () => {
  it('prints the headers once, and no body, for -I', async () => {
    const { run } = await start();
    const { output = '' } =
      (await run("curl -6 -sS -I -D - -o /dev/null -w '%{http_code}\\n' http://www.example.com/")) ?? {};
    expect(output.match(/^HTTP\/1\.1 200 OK/gm)).toHaveLength(1);
    expect(output).toMatch(/content-length: \d+/i);
    expect(output).not.toContain('hello from');
    expect(output).toMatch(/\n200\n$/);
  });

  it('meets both backends in turn by the domain name, at the addresses of the load balancer', async () => {
    const { run, fronts } = await start();
    const script =
      "for i in $(seq 4); do curl -6 -sS -w ' %{http_code} %{remote_ip} %{remote_port}\\n' http://www.example.com/; done";
    const lines = ((await run(script))?.output ?? '').trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'hello from ecs01 200',
      'hello from ecs02 200',
      'hello from ecs01 200',
      'hello from ecs02 200',
    ]);
    expect(new Set(lines.map((line) => line.split(' ').slice(4).join(' ')))).toEqual(
      new Set(fronts.map((front) => `${front} 80`)),
    );
  });

  it('sees its own address, and how long each phase took', async () => {
    const { run, ecs02 } = await start();
    const names = ['namelookup', 'connect', 'starttransfer', 'total'].map((name) => `%{time_${name}}`).join(' ');
    const result = await run(
      `curl -6 -s -o /dev/null -w '%{local_ip} %{http_version} ${names}' http://www.example.com`,
    );
    const [own, version, ...times] = (result?.output ?? '').split(' ');
    expect([own, version]).toEqual([canonical(ecs02.ipv6Addresses[0] ?? ''), '1.1']);
    expect(times.every((time) => /^\d\.\d{6}$/.test(time) && Number(time) > 0)).toBe(true);
    expect(times).toEqual(times.toSorted());
  });

  it('shows the header that names the backend', async () => {
    const { run } = await start();
    expect((await run('curl -6 -s -D - -o /dev/null http://www.example.com/'))?.output).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[^]*x-backend: ecs01\r\n[^]*\r\n\r\n$/i,
    );
    expect((await run("curl -6 -si -H 'Host: other.example.com' http://www.example.com/"))?.output).toMatch(
      /x-backend: ecs02\r\n[^]*\r\n\r\nhello from ecs02$/i,
    );
  });

  it('judges the certificate unless told not to', async () => {
    const { run, addListener, loadBalancer, serverGroup } = await start();
    addListener(loadBalancer, serverGroup, { port: 443, protocol: 'HTTPS', securityPolicyId: 'tls_cipher_policy_1_2' });
    const script = (more: string) =>
      `curl -6 -sS${more} -o /dev/null -w '%{http_code} %{ssl_verify_result}' https://www.example.com/`;
    const judged = await run(script(''));
    expect(judged).toMatchObject({ exitCode: 60 });
    expect(judged?.output).toMatch(/^curl: \(60\) SSL[^]*000 18$/);
    expect(await run(script(' -k'))).toMatchObject({ exitCode: 0, output: '200 18' });
  });

  it('knows no variable that came after 7.61', async () => {
    const { run } = await start();
    const result = await run("curl -6 -s -o /dev/null -w '%{http_code} %{exitcode} 100%%' http://www.example.com/");
    expect(result?.output).toBe("curl: unknown --write-out variable: 'exitcode'\n200  100%");
  });

  it('says nothing of an error unless asked', async () => {
    const { run } = await start();
    expect(await run('curl -6 -s http://none.example.com/\necho "exit $?"')).toMatchObject({
      exitCode: 0,
      output: 'exit 6\n',
    });
  });

  it('stops at a limit of bytes', async () => {
    const { run } = await start();
    expect(await run('curl -6 -s --max-filesize 5 http://www.example.com/')).toMatchObject({ exitCode: 63 });
  });

  it('keeps the beginning and the end of too long an output', async () => {
    const { run, launch, vSwitches, clock, context } = await start();
    const page = 'x'.repeat(20_000);
    const large = launch('large', vSwitches[0], userDataFor('large', page));
    clock.advance(context.latency.instanceMs + context.latency.cloudInitMs);
    const script = `echo first\nfor i in $(seq 2); do curl -6 -s 'http://[${large.ipv6Addresses[0]}]/'; done\necho last`;
    const result = await run(script);
    expect(result?.dropped).toBe(6 + 40_000 + 5 - 24 * 1024);
    expect(result?.output).toMatch(/^first\nx{24565}last\n$/);
  });

  it('is not found on a machine without curl', async () => {
    vi.stubEnv('PATH', '/nowhere');
    const { run } = await start();
    expect(await run(`${quiet} http://www.example.com/`)).toMatchObject({
      exitCode: 127,
      output: 'bash: curl: command not found\n',
    });
  });

  it('leaves settings and proxies of the machine alone', async () => {
    vi.stubEnv('http_proxy', 'http://127.0.0.1:1');
    vi.stubEnv('CURL_HOME', '/nowhere');
    const { run } = await start();
    expect(await run(`${quiet} http://www.example.com/`)).toMatchObject({ exitCode: 0 });
  });
});
