import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CloudKeys, controlHeaders, publishKeys } from '../../cli/keys.ts';
import { keyOptions, parseOptions, readKeyOptions } from '../../cli/options.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const keysAt = (port: number): CloudKeys => ({
  url: `http://127.0.0.1:${port}`,
  regionId: 'cn-shanghai',
  accountId: '1',
  accessKeyId: 'LTAI5tLocalRoot',
  accessKeySecret: 'secret',
  controlToken: `token-${port}`,
});

describe('the keys of an embedded cloud', () => {
  it('stand in files that their owner alone reads, also where a file was there, until the end', ({
    onTestFinished,
  }) => {
    const folder = temporaryFolder(onTestFinished);
    const env = { XDG_RUNTIME_DIR: folder };
    const urlFile = join(folder, 'url');
    writeFileSync(`${urlFile}.keys.json`, 'of a run before', { mode: 0o644 });
    const { path, remove } = publishKeys(keysAt(8081), { urlFile, env });
    expect(path).toBe(`${urlFile}.keys.json`);
    const byPort = join(folder, `dualstack-alb-${userInfo().uid}`, '8081.json');
    for (const file of [path, byPort]) {
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(keysAt(8081));
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(byPort, '..')).mode & 0o777).toBe(0o700);
    remove();
    expect([existsSync(path), existsSync(byPort)]).toEqual([false, false]);
  });

  it('are found by the port, unless the environment has the token', ({ onTestFinished }) => {
    const env = { XDG_RUNTIME_DIR: temporaryFolder(onTestFinished) };
    publishKeys(keysAt(8082), { env });
    expect(controlHeaders('http://127.0.0.1:8082', env)).toEqual({ authorization: 'Bearer token-8082' });
    expect(controlHeaders('http://127.0.0.1:8083', env)).toEqual({});
    const given = { ...env, EMBEDDED_CLOUD_CONTROL_TOKEN: 'given' };
    expect(controlHeaders('http://127.0.0.1:8082', given)).toEqual({ authorization: 'Bearer given' });
  });

  it('of another cloud that has taken the port since are left', ({ onTestFinished }) => {
    const env = { XDG_RUNTIME_DIR: temporaryFolder(onTestFinished) };
    const before = publishKeys({ ...keysAt(8084), accessKeySecret: 'before' }, { env });
    publishKeys(keysAt(8084), { env });
    before.remove();
    expect(controlHeaders('http://127.0.0.1:8084', env)).toEqual({ authorization: 'Bearer token-8084' });
  });

  it('are not written into a folder that others can enter', ({ onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished);
    const open = join(folder, `dualstack-alb-${userInfo().uid}`);
    mkdirSync(open);
    chmodSync(open, 0o755);
    expect(() => publishKeys(keysAt(8085), { env: { XDG_RUNTIME_DIR: folder } })).toThrow(
      /only you can enter \(mode 0700\)/,
    );
    expect(existsSync(join(open, '8085.json'))).toBe(false);
  });
});

describe('the options of a start', () => {
  const read = (args: string[], env = {}) => readKeyOptions(parseOptions(args, keyOptions), env);
  it('give the secret and the token, the command line before the environment; none turns the token off', () => {
    expect(read([])).toEqual({});
    const env = { EMBEDDED_CLOUD_ROOT_SECRET: 'local-secret', EMBEDDED_CLOUD_CONTROL_TOKEN: 'none' };
    expect(read([], env)).toEqual({ rootSecret: 'local-secret', controlToken: null });
    expect(read(['--control-token', 'mine', '--root-secret', 'other'], env)).toEqual({
      rootSecret: 'other',
      controlToken: 'mine',
    });
  });

  it.each(['', 'a b c d', 'abc', 'schlüssel'])('refuse "%s"', (value) => {
    expect(() => read(['--root-secret', value])).toThrow(/--root-secret must be 4 to 200 printable characters/);
  });
});
