import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import { startStore } from './start.ts';

/** Run by a Node of its own: the names that the SDK assigns to must not be there from elsewhere. */
const program = `
  (async () => {
    const [bundle, settings] = process.argv.slice(1);
    const { RowStore } = require(bundle);
    const key = { bucket: '202611', id: 'a' };
    const budget = { within: (_, work) => work() };
    const rows = new RowStore({ ...JSON.parse(settings), budget });
    await rows.put('deployments', key, { version: 1 }, { row: 'absent' });
    await rows.put('deployments', key, { version: 2 }, { row: 'present', column: 'version', equals: 1 });
    const page = await rows.range('deployments', { from: {}, to: {}, direction: 'backward', limit: 5 });
    console.log(JSON.stringify([await rows.get('deployments', key), page.rows.length]));
    await rows.delete('deployments', key);
    process.exit(0);
  })();
`;

it('P-132: the store works in a bundle in strict mode', async () => {
  const { url, context, stored } = await startStore();
  const directory = mkdtempSync(join(tmpdir(), 'strict-bundle-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const bundle = join(directory, 'rows.cjs');
  await build({
    entryPoints: [new URL('../../../shared/store/rows.ts', import.meta.url).pathname],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    banner: { js: '"use strict";' },
    logLevel: 'silent',
    outfile: bundle,
  });
  const settings = {
    endpoint: url,
    instance: 'dualstack-alb',
    prefix: 'dualstack_alb',
    credentials: context.credentials.root,
    timeoutMs: 2000,
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program, bundle, JSON.stringify(settings)]);
  expect(JSON.parse(stdout)).toEqual([{ bucket: '202611', id: 'a', version: 2 }, 1]);
  expect(stored('deployments')).toEqual([]);
});
