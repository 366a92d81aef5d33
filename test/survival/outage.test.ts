import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { buildFunctions, buildTools, root } from '../../cli/build.mjs';
import { runOutage } from '../../cli/outage/outage.ts';

/** A checkout with another request. */
function checkoutWith(change: object): string {
  const directory = mkdtempSync(join(tmpdir(), 'outage-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const name of ['s.yaml', 'policies', 'dist']) symlinkSync(join(root, name), join(directory, name));
  const event = 'create-load-balancer.json';
  const request = JSON.parse(readFileSync(join(root, 'events', event), 'utf8')) as object;
  mkdirSync(join(directory, 'events'));
  writeFileSync(join(directory, 'events', event), JSON.stringify({ ...request, ...change }));
  return directory;
}

// That it exits with 0 when each act comes out as told is shown by the README's block.
it('npm run outage exits with 1 when an alert does not come', { timeout: 120_000 }, async () => {
  await buildTools();
  const directory = checkoutWith({ alerts: { rules: { 'backend-down': { isEnabled: false } } } });
  const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  onTestFinished(() => said.mockRestore());
  expect(await runOutage([], { root: directory, buildFunctions })).toBe(1);
  const lines = said.mock.calls.map(([line]) => String(line));
  expect(lines.at(-1)).toBe('\nNot as expected: fired backend-down ECS02 was not told within 6 minutes');
});
