import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cpuSecondsOf } from './cpu.ts';
import { type Done, type Job, repeat } from './jobs.ts';

/** Upstream's name of the program, and Debian's. */
const names = ['blackbox_exporter', 'prometheus-blackbox-exporter'];

/** The same request as the engine's: IPv6 or nothing, no redirect followed. */
const config = `modules:
  ipv6:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip6
      ip_protocol_fallback: false
      follow_redirects: false
      valid_status_codes: [200]
`;

/** @returns undefined when it is not installed. */
export async function findBlackbox(given?: string): Promise<{ command: string; version: string } | undefined> {
  for (const command of given === undefined ? names : [given]) {
    try {
      const { stdout, stderr } = await promisify(execFile)(command, ['--version']);
      return { command, version: /version ([\d.]+)/.exec(stdout + stderr)?.[1] ?? 'unknown' };
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/** Runs it on loopback and asks it for probes over connections that stay open; counts its process alone. */
export async function measureBlackbox(command: string, { port, parallel, warmUpMs, ms }: Job): Promise<Done> {
  const folder = mkdtempSync(join(tmpdir(), 'dualstack-alb-bench-'));
  const file = join(folder, 'blackbox.yml');
  writeFileSync(file, config);
  const own = await freePort();
  const args = [`--config.file=${file}`, `--web.listen-address=127.0.0.1:${own}`, '--log.level=error'];
  const child = spawn(command, args, { stdio: 'ignore' });
  const agent = new Agent({ keepAlive: true, maxSockets: parallel });
  const target = encodeURIComponent(`http://[::1]:${port}/`);
  const probe = async () =>
    /^probe_success 1$/m.test(await read(`http://127.0.0.1:${own}/probe?module=ipv6&target=${target}`, agent));
  try {
    await untilUp(child, own, agent);
    await repeat(probe, { parallel, ms: warmUpMs });
    const before = cpuSecondsOf(Number(child.pid), 'own');
    const done = await repeat(probe, { parallel, ms });
    return { ...done, cpuSeconds: cpuSecondsOf(Number(child.pid), 'own') - before };
  } finally {
    agent.destroy();
    child.kill();
    rmSync(folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function read(url: string, agent: Agent): Promise<string> {
  return await new Promise((resolve, reject) => {
    get(url, { agent, timeout: 10_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.once('end', () => resolve(text)).once('error', reject);
    }).once('error', reject);
  });
}

async function untilUp(child: ChildProcess, port: number, agent: Agent): Promise<void> {
  let why: unknown;
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`blackbox_exporter ended with ${child.exitCode}`);
    try {
      await read(`http://127.0.0.1:${port}/-/healthy`, agent);
      return;
    } catch (error) {
      why = error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('blackbox_exporter does not come up', { cause: why });
}
