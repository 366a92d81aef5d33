import { spawn } from 'node:child_process';
import { cpuSecondsOf } from './cpu.ts';
import { type Done, type Job, repeat } from './jobs.ts';

/** One request by a new process, as a probe without an engine does it. */
async function probe(port: number): Promise<boolean> {
  const args = ['--disable', '-6', '-sS', '-m', '5', '-o', '/dev/null', '-w', '%{http_code} %{remote_ip}'];
  const child = spawn('curl', [...args, `http://[::1]:${port}/`], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => (said += text));
  await new Promise((resolve) => child.once('error', resolve).once('close', resolve));
  return said === '200 ::1';
}

/** Counts the children alone: what starting them costs this process is left out. */
async function serve({ port, parallel, ms }: Job): Promise<void> {
  const before = cpuSecondsOf(process.pid, 'children');
  const done = await repeat(() => probe(port), { parallel, ms });
  process.send?.({ ...done, cpuSeconds: cpuSecondsOf(process.pid, 'children') - before } satisfies Done);
}

process.on('message', (job: Job) => void serve(job));
process.once('disconnect', () => process.exit());
