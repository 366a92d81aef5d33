import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../cli/build.mjs';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Locked {
  version: string;
  dev?: boolean;
  hasInstallScript?: boolean;
}

const readJson = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));
const { packages } = readJson('package-lock.json') as { packages: Record<string, Locked> };
const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '');

const advisories = (lock: string) =>
  spawnSync(process.execPath, [join('.ci', 'advisories.mjs'), lock], { cwd: root, encoding: 'utf8' });

describe('packages at install time', () => {
  it('run no script, under any npm: .npmrc forbids it', () => {
    expect(readFileSync(join(root, '.npmrc'), 'utf8').split('\n')).toContain('ignore-scripts=true');
  });

  it('that bring a script are refused by name as well, for those who override .npmrc', () => {
    const { allowScripts } = readJson('package.json') as { allowScripts: Record<string, boolean> };
    const withScript = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(allowScripts).toEqual(Object.fromEntries(withScript.map(([path]) => [nameOf(path), false])));
  });

  it('come from the lock with a hash each', () => {
    const withoutHash = Object.entries(packages).filter(([path, one]) => path !== '' && !('integrity' in one));
    expect(withoutHash.map(([path]) => path)).toEqual([]);
  });
});

describe('known advisories', () => {
  it('affect no locked package', () => {
    const { status, stdout } = advisories('package-lock.json');
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringContaining(': 0 open, 0 accepted') as string,
    });
  });

  it('of a locked package fail the check by name, also where only development needs it', ({ onTestFinished }) => {
    const lock = join(temporaryFolder(onTestFinished), 'lock.json');
    const axios = { version: '0.24.0', dev: true };
    writeFileSync(lock, JSON.stringify({ packages: { '': {}, 'node_modules/a/node_modules/axios': axios } }));
    const { status, stdout } = advisories(lock);
    expect(status).toBe(1);
    expect(stdout).toContain('FOUND: axios 0.24.0: GHSA-jr5f-v2jv-69x6');
  });
});

it('the bill of materials names every package that production may load', () => {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { stdout } = spawnSync(npm, ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8' });
  const { bomFormat, components } = JSON.parse(stdout) as { bomFormat: string; components: { purl: string }[] };
  expect(bomFormat).toBe('CycloneDX');
  const production = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  const purls = production.map(([path, { version }]) => `pkg:npm/${nameOf(path).replace('@', '%40')}@${version}`);
  expect(components.map(({ purl }) => purl)).toEqual(expect.arrayContaining(purls));
});
