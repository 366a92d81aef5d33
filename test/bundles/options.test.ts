import { expect, it, vi } from 'vitest';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { root } from '../../cli/build.mjs';
import { CommandError } from '../../cli/command-error.ts';
import { main } from '../../cli/main.ts';
import { request } from '../../cli/deployment.ts';
import { Shell } from '../support/command.ts';

/** Runs the command line in this process. @returns its exit code and what it says. */
async function run(...args: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const speak = (...parts: unknown[]) => void said.push(parts.map(String).join(' '));
  const spies = [
    vi.spyOn(console, 'error').mockImplementation(speak),
    vi.spyOn(console, 'log').mockImplementation(speak),
  ];
  try {
    const buildFunctions = () => Promise.reject(new Error('the options were not looked at first'));
    return { code: await main(args, { root, buildFunctions }), said: said.join('\n').trim() };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

it.for([
  [['start', '--bogus'], /Unknown option '--bogus'/],
  [['cloud', '--bogus'], /Unknown option '--bogus'/],
  [['start', 'now'], /Unexpected argument 'now'/],
  [['start', '--event'], /--event/],
  [['start', '--event', '/nowhere/event.json'], /--event: cannot read \/nowhere\/event\.json/],
  [['start', '--faults', '/nowhere/faults.json'], /--faults: cannot read \/nowhere\/faults\.json/],
  [['start', '--report', '/nowhere/report.json'], /--report: cannot write \/nowhere\/report\.json/],
  [['start', '--wire-log', '/nowhere/wire.jsonl'], /--wire-log: cannot write \/nowhere\/wire\.jsonl/],
  [['cloud', '--wire-log', '/nowhere/wire.jsonl'], /--wire-log: cannot write \/nowhere\/wire\.jsonl/],
  [['cloud', '--url-file', '/nowhere/url'], /--url-file: cannot write \/nowhere\/url/],
  [['start', '--port', '65536'], /--port must be a whole number from 0 to 65535, not "65536"/],
  [['start', '--port', '-1'], /--port/],
  [['start', '--seed', 'x'], /--seed must be a whole number/],
  [['start', '--latency', 'fast'], /--latency must be realistic, short or none, not "fast"/],
  [['start', '--endpoint', 'http://127.0.0.1:9', '--faults', 'x'], /--faults belongs to the embedded cloud/],
  [['start', '--endpoint', 'http://127.0.0.1:9', '--wire-log', 'x'], /--wire-log belongs to the embedded cloud/],
] as const)('refuses %j with a sentence', async ([args, sentence]) => {
  const { code, said } = await run(...args);
  expect(said).toMatch(sentence);
  expect(code).toBe(1);
});

it('refuses an event that is not JSON', async (context) => {
  const event = join(new Shell(context).directory(), 'event.json');
  writeFileSync(event, '{"name": ');
  const { code, said } = await run('start', '--event', event);
  expect(said).toMatch(/--event: .*event\.json is not JSON/);
  expect(code).toBe(1);
});

it('refuses a misspelt fault, which would never strike', async (context) => {
  const faults = join(new Shell(context).directory(), 'faults.json');
  writeFileSync(faults, JSON.stringify([{ kind: 'throttle', acton: 'CreateVpc' }, { kind: 'thottle' }]));
  const { code, said } = await run('start', '--faults', faults);
  expect(said).toMatch(/acton/);
  expect(said).toMatch(/kind/);
  expect(code).toBe(1);
});

it.for(['start', 'cloud'])('explains the options of %s', async (command) => {
  const { code, said } = await run(command, '--help');
  expect(code).toBe(0);
  for (const option of ['--port', '--latency', '--seed', '--faults', '--wire-log']) expect(said).toContain(option);
});

it('names the commands when there is none of that name', async () => {
  const { code, said } = await run('stat');
  expect(said).toMatch(/npm start/);
  expect(code).toBe(2);
});

it('lists everything that is wrong with a refused request', async ({ onTestFinished }) => {
  const server = createServer((_request, response) => {
    response.writeHead(400, { 'content-type': 'application/problem+json' });
    response.end(
      JSON.stringify({
        errors: [
          { field: 'colour', message: 'is unknown' },
          { field: '', message: 'is bad' },
        ],
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await expect(request(`http://127.0.0.1:${port}`, {}, 'key')).rejects.toThrow(
    new CommandError('The request was refused (400):\n  colour: is unknown\n  body: is bad'),
  );
});
