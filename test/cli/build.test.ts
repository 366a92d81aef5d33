import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { transform } from 'esbuild';
import { buildTools, root } from '../../cli/build.mjs';

it('builds once, and again when what was built has been changed or removed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'dualstack-alb-build-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const outDir = join(directory, 'tools');
  const worker = join(await buildTools(outDir), 'worker.cjs');
  const [code, { mtimeMs, ino }] = [readFileSync(worker, 'utf8'), statSync(worker)];

  await buildTools(outDir);
  expect(statSync(worker)).toMatchObject({ mtimeMs, ino });

  appendFileSync(worker, '// touched');
  await buildTools(outDir);
  expect(readFileSync(worker, 'utf8')).toBe(code);

  rmSync(worker);
  await buildTools(outDir);
  expect(readFileSync(worker, 'utf8')).toBe(code);
});

it('begins with a file that an old Node.js can read, so that it can say what is missing', async () => {
  const entry = readFileSync(join(root, 'cli', 'run.mjs'), 'utf8');
  await expect(transform(entry, { format: 'esm', target: 'node12' })).resolves.toMatchObject({ warnings: [] });
  await expect(transform('await import("x");', { format: 'esm', target: 'node12' })).rejects.toThrow(/await/);
});
