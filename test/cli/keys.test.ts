import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished as atEnd, vi } from 'vitest';
import { control } from '../../cli/installation.ts';
import { type CloudKeys, controlHeaders, publishedKeys, refusedToken } from '../../cli/keys.ts';
import { publishKeys } from '../../cli/publish-keys.ts';
import { keyOptions, parseOptions, readKeyOptions } from '../../cli/options.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const keysAt = (port: number): CloudKeys => ({
  url: `http://127.0.0.1:${port}`,
  regionId: 'cn-shanghai',
  accountId: '1',
  accessKeyId: 'LTAI5tLocalRoot',
  accessKeySecret: 'secret',
  controlToken: `token-${port}`,
  pid: process.pid,
});

/** A port that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Publishes until the end of the test. */
function publish(...given: Parameters<typeof publishKeys>): ReturnType<typeof publishKeys> {
  const published = publishKeys(...given);
  atEnd(published.remove);
  return published;
}

describe('the keys of an embedded cloud', () => {
  it('stand in files that their owner alone reads, also where a file was there, until the end', ({
    onTestFinished,
  }) => {
    const folder = temporaryFolder(onTestFinished);
    const env = { XDG_RUNTIME_DIR: folder };
    const urlFile = join(folder, 'url');
    writeFileSync(`${urlFile}.keys.json`, 'of a run before', { mode: 0o644 });
    const { path, remove } = publish(keysAt(8081), { urlFile, env });
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
    publish(keysAt(8082), { env });
    expect(controlHeaders('http://127.0.0.1:8082', env)).toEqual({ authorization: 'Bearer token-8082' });
    expect(controlHeaders('http://127.0.0.1:8083', env)).toEqual({});
    const given = { ...env, EMBEDDED_CLOUD_CONTROL_TOKEN: 'given' };
    expect(controlHeaders('http://127.0.0.1:8082', given)).toEqual({ authorization: 'Bearer given' });
  });

  it('of another cloud that has taken the port since are left', ({ onTestFinished }) => {
    const env = { XDG_RUNTIME_DIR: temporaryFolder(onTestFinished) };
    const before = publish({ ...keysAt(8084), accessKeySecret: 'before' }, { env });
    publish(keysAt(8084), { env });
    before.remove();
    expect(controlHeaders('http://127.0.0.1:8084', env)).toEqual({ authorization: 'Bearer token-8084' });
  });

  it('are not written into a folder that others can enter', ({ onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished);
    const open = join(folder, `dualstack-alb-${userInfo().uid}`);
    mkdirSync(open);
    chmodSync(open, 0o755);
    const env = { XDG_RUNTIME_DIR: folder, TMPDIR: folder };
    expect(() => publishKeys(keysAt(8085), { env })).toThrow(/only you can enter \(mode 0700\)/);
    expect(readdirSync(open)).toEqual([]);
    writeFileSync(join(open, '8085.json'), JSON.stringify(keysAt(8085)));
    expect(publishedKeys('http://127.0.0.1:8085', env)).toBeUndefined();
  });

  it('stand among the temporary files where the folder of the session is no such folder', ({ onTestFinished }) => {
    const [session, temporary] = [temporaryFolder(onTestFinished), temporaryFolder(onTestFinished)];
    writeFileSync(join(session, 'file'), '');
    const env = { XDG_RUNTIME_DIR: join(session, 'file'), TMPDIR: temporary };
    const { path } = publish(keysAt(8086), { env });
    expect(path.startsWith(temporary)).toBe(true);
    expect(publishedKeys('http://localhost:8086', env)).toEqual({ file: path, keys: keysAt(8086) });
  });

  it('are not written through a link that lies where they belong', ({ onTestFinished }) => {
    const folder = temporaryFolder(onTestFinished);
    const urlFile = join(folder, 'url');
    writeFileSync(join(folder, 'of-another'), 'as it was');
    for (const name of [`${urlFile}.keys.json`, `${urlFile}.keys.json.${process.pid}`])
      symlinkSync(join(folder, 'of-another'), name);
    publish(keysAt(8087), { urlFile, env: { XDG_RUNTIME_DIR: folder } });
    expect(readFileSync(join(folder, 'of-another'), 'utf8')).toBe('as it was');
    expect(JSON.parse(readFileSync(`${urlFile}.keys.json`, 'utf8'))).toEqual(keysAt(8087));
  });

  it('are sent to no other machine, whatever its port', ({ onTestFinished }) => {
    const env = { XDG_RUNTIME_DIR: temporaryFolder(onTestFinished) };
    publish(keysAt(8088), { env });
    for (const host of ['192.0.2.1', 'www.example.com', 'localhost.example.com'])
      expect(controlHeaders(`http://${host}:8088`, env)).toEqual({});
    expect(controlHeaders('http://[::1]:8088', env)).toEqual({ authorization: 'Bearer token-8088' });
  });

  it('go where a signal ends the process, which it then does', ({ onTestFinished }) => {
    const env = { XDG_RUNTIME_DIR: temporaryFolder(onTestFinished) };
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    onTestFinished(() => kill.mockRestore());
    const { path } = publish(keysAt(8094), { env });
    process.emit('SIGHUP', 'SIGHUP');
    expect(existsSync(path)).toBe(false);
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGHUP']]);
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });

  it('of processes that were killed go with the next start', ({ onTestFinished }) => {
    const env = { XDG_RUNTIME_DIR: temporaryFolder(onTestFinished) };
    const { pid: ended } = spawnSync('true');
    publish({ ...keysAt(8091), pid: ended }, { env });
    publish(keysAt(8092), { env });
    publish(keysAt(8093), { env });
    expect(publishedKeys('http://127.0.0.1:8091', env)).toBeUndefined();
    expect(publishedKeys('http://127.0.0.1:8092', env)?.keys.pid).toBe(process.pid);
  });

  it('of a cloud that has ended are said to be so at once, with the remedy', async ({ onTestFinished }) => {
    vi.stubEnv('XDG_RUNTIME_DIR', temporaryFolder(onTestFinished));
    onTestFinished(() => void vi.unstubAllEnvs());
    const port = await closedPort();
    const url = `http://127.0.0.1:${port}`;
    const { path } = publish(keysAt(port));
    await expect(control(url, 'GET', 'endpoints')).rejects.toThrow(
      `No embedded cloud answers at ${url}, although ${path} has its keys: it has ended without removing them. Start it again (npm run cloud -- --port ${port}), or give the address of one that runs.`,
    );
  });

  it('that a cloud refuses are said to be so, with where they came from', ({ onTestFinished }) => {
    const env = { XDG_RUNTIME_DIR: temporaryFolder(onTestFinished) };
    const url = 'http://127.0.0.1:8090';
    expect(refusedToken(url, env).message).toContain('and no file of this user has it.');
    const { path } = publish(keysAt(8090), { env });
    expect(refusedToken(url, env).message).toContain(`and the one in ${path} is another.`);
    expect(refusedToken(url, { ...env, EMBEDDED_CLOUD_CONTROL_TOKEN: 'x' }).message).toContain(
      'and the one in EMBEDDED_CLOUD_CONTROL_TOKEN is another.',
    );
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
