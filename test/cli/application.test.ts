import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../cli/build.mjs';
import { findS, makeHome, runS } from '../../cli/serverless-devs.ts';
import { zip } from '../support/zip.ts';

const notPacked = new Set(['node_modules', 'dist', '.git']);

/** Every file of the checkout that is not made by a command, by its path. */
function sources(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => folder !== root || !notPacked.has(name))
    .flatMap((entry) =>
      entry.isDirectory() ? sources(join(folder, entry.name)) : [relative(root, join(folder, entry.name))],
    );
}

it('is an application that s init makes a project of', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 's-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  makeHome(folder);
  const archive = join(folder, 'package.zip');
  const names = sources().filter((name) => /\.(m?[jt]s|json|ya?ml|md)$/.test(name));
  writeFileSync(archive, zip(Object.fromEntries(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]))));
  const project = join(folder, 'project');
  const { exitCode, output } = await runS(['init', 'dualstack-alb', '--uri', archive, '-d', project, '-y'], {
    command: findS(root),
    cwd: folder,
    home: folder,
    endpoint: 'http://127.0.0.1:9',
    account: { accountId: '1', accessKeyId: 'a', accessKeySecret: 'b' },
    env: {},
    longestMs: 50_000,
  });
  expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
  const ofThePackage = /^(hook\/|publish\.yaml$|version\.md$|readme_en\.md$)/;
  for (const name of names.filter((one) => !ofThePackage.test(one)))
    expect(readFileSync(join(project, name), 'utf8') === readFileSync(join(root, name), 'utf8'), name).toBe(true);
  expect(readdirSync(project)).not.toContain('publish.yaml');
});

it('is published under the version of package.json, which version.md tells of', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const published = parse(readFileSync(join(root, 'publish.yaml'), 'utf8')) as Record<string, unknown>;
  expect(published).toMatchObject({ Edition: '3.0.0', Type: 'Project', Name: 'dualstack-alb', Version: version });
  expect(readFileSync(join(root, 'version.md'), 'utf8')).toMatch(new RegExp(`^# ${version}$`, 'm'));
});
