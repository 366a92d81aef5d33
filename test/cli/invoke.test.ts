import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { functionNames, root } from '../../cli/build.mjs';
import { eventsOf } from '../../cli/event-files.ts';

/** The command as a user runs it. */
async function invoke(...args: string[]): Promise<{ code: number | null; said: string; complained: string }> {
  const child = spawn(process.execPath, ['cli/run.mjs', 'invoke', ...args], { cwd: root });
  let [said, complained] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complained += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, said, complained };
}

describe('npm run invoke', { concurrent: true, timeout: 60_000 }, () => {
  it('prints result, logs, duration, billed duration and peak memory of one invocation', async () => {
    const { code, said } = await invoke('preflight', 'events/queue-stream.json');
    expect(code).toBe(0);
    expect(said).toMatch(/^dualstack-alb-preflight, request [0-9A-F-]{36}$/m);
    expect(said).toContain('turn ended: done');
    expect(said).toMatch(/^Duration: [\d.]+ ms {3}Billed: \d+ ms {3}Memory: 192 MB {3}Peak: \d+ MB$/m);
  });

  it('prints it as JSON', async () => {
    const { code, said } = await invoke('dualstack-alb-api', 'events/http-show.json', '--json');
    expect(code).toBe(0);
    const result = JSON.parse(said) as { result: { statusCode: number }; billedMs: number; durationMs: number };
    expect(result).toMatchObject({ functionName: 'dualstack-alb-api', result: { statusCode: 200 }, memoryMb: 192 });
    expect(result.billedMs).toBe(Math.ceil(result.durationMs));
  });

  it('exits with 1 and the error when the function fails', async ({ onTestFinished }) => {
    const file = join(temporaryFolder(onTestFinished), 'event.json');
    writeFileSync(file, '{');
    const { code, said } = await invoke('api', file);
    expect(code).toBe(1);
    expect(said).toMatch(/^Failed: \w*Error: /m);
  });

  it('names the functions and the events that there are', async () => {
    expect(await invoke('nothing', 'events/queue-single.json')).toMatchObject({
      code: 1,
      complained: expect.stringMatching(/There is no function "nothing"\. There are: api, .*verify/) as string,
    });
    expect(await invoke('api', 'events/nothing.json')).toMatchObject({
      code: 1,
      complained: expect.stringContaining('http-show.json') as string,
    });
  });
});

const files = readdirSync(join(root, 'events'));

it('events/ has a file for every event that a function can receive', () => {
  for (const name of functionNames())
    expect({ name, count: eventsOf(name, files).length > 0 }).toEqual({ name, count: true });
  const received = new Set(functionNames().flatMap((name) => eventsOf(name, files)));
  // Bodies of requests, which other tests post.
  expect([...received].sort()).toEqual(files.filter((file) => !file.startsWith('create-')).sort());
});
