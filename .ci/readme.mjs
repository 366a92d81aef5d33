// Runs every `sh` block of README.md and of what it leaves to docs/, in their order, as a reader would: each in a shell of its
// own, in the checkout.
// A block that says that it serves until Ctrl-C stays up for the blocks after it, up to the next `npm ci`.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const longestMs = 15 * 60_000;
const texts = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const blocks = texts.flatMap((path) =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block.trim()),
);

/** Ends with the block's exit code, or with 'serving'; the output is kept. */
function run(block) {
  const child = spawn('bash', ['-eu', '-o', 'pipefail', '-c', block], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const end = (signal) => {
    try {
      // The whole group: npm, the shell it starts, and what that starts.
      process.kill(-Number(child.pid), signal);
    } catch {
      // It has ended by itself.
    }
  };
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
  const serving = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (/^(Serving at .* until Ctrl-C|Ctrl-C ends it)/m.test(output)) resolve('serving');
      });
  });
  const timer = setTimeout(() => end('SIGKILL'), longestMs);
  const result = Promise.race([exited, serving]).finally(() => clearTimeout(timer));
  const stop = async () => {
    end('SIGINT');
    const late = setTimeout(() => end('SIGKILL'), 15_000);
    await exited;
    clearTimeout(late);
  };
  return { result, stop, output: () => output };
}

let servers = [];
const stopServers = async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
};

let failed = 0;
for (const block of blocks) {
  if (block.includes('npm ci')) await stopServers();
  const startedMs = Date.now();
  const job = run(block);
  const result = await job.result;
  const isGood = result === 0 || result === 'serving';
  if (result === 'serving') servers.push(job);
  if (!isGood) failed += 1;
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(0).padStart(4);
  const outcome = result === 0 ? 'ok' : result === 'serving' ? 'ok, serves' : `FAILED (${result})`;
  console.log(`${seconds} s  ${outcome}: ${block.split('\n')[0]}`);
  // The closing line of a test runner, for those who add up.
  for (const [line] of job.output().matchAll(/^ *Tests {2}.*$/gm)) console.log(line);
  if (!isGood) console.log(job.output().split('\n').slice(-60).join('\n'));
}
await stopServers();
if (blocks.length === 0) failed = 1;
console.log(`${blocks.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
