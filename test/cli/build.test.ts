import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { buildTools } from '../../cli/build.mjs';

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
