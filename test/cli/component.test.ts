import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkComponent, hashOfFolder, pinnedHash, runComponent } from '../../cli/component.ts';
import { fc3Version, keptComponent } from '../../cli/serverless-devs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const name = `fc3@${fc3Version}`;

/** A checkout, and a component as `s` keeps it. */
function prepared(onTestFinished: (remove: () => void) => void) {
  const root = temporaryFolder(onTestFinished);
  const folder = keptComponent(root);
  mkdirSync(join(folder, 'dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"name":"fc3"}');
  writeFileSync(join(folder, 'dist', 'index.js'), 'module.exports = class {};');
  writeFileSync(join(folder, '.s.lock'), '{"version":"0.1.22"}');
  return { root, folder, env: { serverless_devs_config_home: root } };
}

describe('the component that s deploys with', () => {
  it('is shown with its hash, and how to hold later deploys to it', ({ onTestFinished }) => {
    const { root, folder } = prepared(onTestFinished);
    expect(checkComponent(root, folder)).toBe(
      `component ${name} has the hash ${hashOfFolder(folder)}; to hold later deploys to it: npm run component -- --pin`,
    );
  });

  it('passes once it is pinned, and is refused when a file differs', async ({ onTestFinished }) => {
    const { root, folder, env } = prepared(onTestFinished);
    expect(await runComponent(['--pin'], { root }, env)).toBe(0);
    expect(readFileSync(join(root, 'component.sum'), 'utf8')).toBe(`${name} ${hashOfFolder(folder)}\n`);
    expect(checkComponent(root, folder)).toContain('as component.sum names it');
    writeFileSync(join(folder, 'dist', 'index.js'), 'module.exports = class { };');
    await expect(runComponent([], { root }, env)).rejects.toThrow(
      /is not the one in component\.sum[^]*Remove the folder/,
    );
  });

  it('has a hash of names and contents, and not of when s fetched it', ({ onTestFinished }) => {
    const { folder } = prepared(onTestFinished);
    const before = hashOfFolder(folder);
    writeFileSync(join(folder, '.s.lock'), '{"version":"0.1.22","at":1}');
    expect(hashOfFolder(folder)).toBe(before);
    writeFileSync(join(folder, 'dist', 'extra.js'), '');
    expect(hashOfFolder(folder)).not.toBe(before);
  });

  it('may be missing before the first deploy, and cannot be pinned then', async ({ onTestFinished }) => {
    const root = temporaryFolder(onTestFinished);
    const env = { serverless_devs_config_home: root };
    expect(checkComponent(root, keptComponent(root))).toContain('is not on this machine yet');
    await expect(runComponent(['--pin'], { root }, env)).rejects.toThrow(/There is no component at/);
  });

  it('is not pinned by a line that is invalid', ({ onTestFinished }) => {
    const root = temporaryFolder(onTestFinished);
    writeFileSync(join(root, 'component.sum'), `# pinned\n${name} sha256:abc\n`);
    expect(() => pinnedHash(root)).toThrow(/component\.sum: invalid line/);
  });
});
