import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Worker } from 'node:worker_threads';
import { json, parse, startFunctions, workerPath } from './support/function-compute.ts';

const denied = 'ERR_ACCESS_DENIED';

/** Evaluates expressions in one function; each gives its value, or the code of what it threw. */
async function attempt(expressions: readonly string[]): Promise<Record<string, unknown>> {
  const { compute } = await startFunctions({
    f: `const answers = {};
        const attempt = async (text, evaluate) => {
          answers[text] = await evaluate().then((value) => value ?? 'done', (error) => error.code ?? error.message);
        };
        exports.handler = async () => {
          ${expressions.map((text) => `await attempt(${JSON.stringify(text)}, async () => ${text});`).join('\n')}
          return answers;
        };`,
    other: 'exports.a = 1',
  });
  return parse((await compute.invoke('f', json({}))).body) as Record<string, unknown>;
}

const all = (expressions: readonly string[], answer: unknown): Record<string, unknown> =>
  Object.fromEntries(expressions.map((text) => [text, answer]));

async function fileOfUser(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'of-user-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'file.txt');
  await writeFile(file, 'of the user');
  return file;
}

describe('a deployed function', () => {
  it('reads, writes and looks for no file of the user', async () => {
    const file = await fileOfUser();
    const expressions = [
      `require('fs').readFileSync('${file}', 'utf8')`,
      `require('fs').promises.readFile('${file}', 'utf8')`,
      `require('fs').statSync('${file}').size`,
      `require('fs').readdirSync('${join(file, '..')}')`,
      `require('fs').writeFileSync('${file}', 'x')`,
      `require('fs').writeFileSync('${file}.new', 'x')`,
      `require('fs').rmSync('${file}')`,
      `require('fs').symlinkSync('${file}', __dirname + '/link')`,
      `require('fs').readFileSync(__dirname + '/..${file}')`,
      `require('${file}')`,
      `import('${file}')`,
      `process.loadEnvFile('${file}')`,
    ];
    expect(await attempt(expressions)).toEqual(all(expressions, denied));
    expect(await readFile(file, 'utf8')).toBe('of the user');
  });

  it('reads what lies in its own folder, and changes none of it', async () => {
    expect(
      await attempt([
        "require('fs').readFileSync(__dirname + '/other.js', 'utf8')",
        "require('./other.js').a",
        "require('fs').writeFileSync(__filename, 'x')",
      ]),
    ).toEqual({
      "require('fs').readFileSync(__dirname + '/other.js', 'utf8')": 'exports.a = 1',
      "require('./other.js').a": 1,
      "require('fs').writeFileSync(__filename, 'x')": denied,
    });
  });

  it('starts no program, thread, inspector or addon', async () => {
    const expressions = [
      "require('child_process').execFileSync('true')",
      "new Promise((resolve) => require('child_process').spawn('true').on('exit', resolve))",
      "require('cluster').fork()",
      "new (require('worker_threads').Worker)('', { eval: true })",
      "new (require('inspector').Session)().connect()",
      "new (require('wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } })",
    ];
    expect(await attempt(expressions)).toEqual(all(expressions, denied));
    const addon = "process.dlopen({ exports: {} }, '/no/such.node')";
    expect(await attempt([addon])).toEqual({ [addon]: 'ERR_DLOPEN_DISABLED' });
  });

  it('has no hold on the process that it shares', async () => {
    const expressions = [
      'process.kill(process.pid, 0)',
      'process._kill(process.pid, 0)',
      "process.binding('fs')",
      "require('v8').setFlagsFromString('--no-opt')",
      "import('node:v8').then((v8) => v8.setFlagsFromString('--no-opt'))",
      "require('v8').setHeapSnapshotNearHeapLimit(1)",
      "require('os').setPriority(0)",
    ];
    expect(await attempt(expressions)).toEqual(all(expressions, denied));
  });

  it('sees no variable of who started the cloud, in no way', async () => {
    process.env['OF_WHO_STARTED_IT'] = 'private-value';
    onTestFinished(() => void delete process.env['OF_WHO_STARTED_IT']);
    const ways = [
      'JSON.stringify(process.env)',
      'JSON.stringify(process.report?.getReport() ?? {})',
      "JSON.stringify(require('worker_threads').workerData)",
      "require('fs').readFileSync('/proc/self/environ', 'latin1')",
    ];
    const seen = await attempt(ways);
    expect(seen['JSON.stringify(process.env)']).toContain('FC_FUNCTION_NAME');
    expect(JSON.stringify(seen)).not.toContain('private-value');
    expect(seen[ways[3] as string]).toBe(denied);
  });

  it('has a home and a name of its own', async () => {
    expect(await attempt(["require('os').homedir()", 'process.env.HOME', "require('os').userInfo().username"])).toEqual(
      {
        "require('os').homedir()": '/tmp',
        'process.env.HOME': '/tmp',
        "require('os').userInfo().username": 'function',
      },
    );
  });

  it('reaches no socket file of the machine', async () => {
    const path = `${await fileOfUser()}.sock`;
    let calls = 0;
    const server = createServer((socket) => {
      calls += 1;
      socket.destroy();
    }).listen(path);
    onTestFinished(() => void server.close());
    const expressions = [
      `require('net').connect('${path}')`,
      `require('net').connect({ path: '${path}' })`,
      `require('http').get({ socketPath: '${path}', path: '/' })`,
    ].map((call) => `new Promise((_, reject) => ${call}.on('error', reject))`);
    expect(await attempt(expressions)).toEqual(all(expressions, 'EACCES'));
    expect(calls).toBe(0);
  });

  it('listens on loopback alone, and makes no socket file', async () => {
    const listen = (where: string) =>
      `new Promise((done) => { const server = require('net').createServer(); server.once('error', (error) => done(error.code)); server.listen(${where}, () => { server.close(); done('listens'); }); })`;
    const file = `${await fileOfUser()}.sock`;
    const refused = [listen(`'${file}'`), listen("0, '0.0.0.0'"), listen('0')];
    expect(await attempt(refused)).toEqual(all(refused, 'EACCES'));
    const taken = [listen("0, '127.0.0.1'")];
    expect(await attempt(taken)).toEqual(all(taken, 'listens'));
  });

  it('changes no address below the network that is guarded', async () => {
    const expression = `(() => { 'use strict'; Object.getPrototypeOf(require('net')._createServerHandle('127.0.0.1', 0, 4)).connect = 1; })()`;
    expect(Object.values(await attempt([expression]))).toEqual([expect.stringContaining('read only')]);
  });

  it('leaves the machine neither by resolvers nor by connected datagrams', async () => {
    const names = [
      "require('dns').promises.resolve4('www.example.com')",
      "new (require('dns').promises.Resolver)().resolveAny('www.example.com')",
      "new Promise((_, reject) => require('dns').resolve('www.example.com', reject))",
      "require('dns').promises.lookupService('192.0.2.1', 80)",
    ];
    const connections = [
      "new Promise((_, reject) => require('dgram').createSocket('udp4').connect(53, '192.0.2.1', reject))",
      "new Promise((_, reject) => require('net').connect({ host: 'localhost', port: 80, lookup: (name, options, done) => done(null, '192.0.2.1', 4) }).on('error', reject))",
    ];
    expect(await attempt([...names, ...connections])).toEqual({
      ...all(names, 'ENOTFOUND'),
      ...all(connections, 'ENETUNREACH'),
    });
  });

  it('does not run where Node does not restrict the worker', async () => {
    const workerData = { file: await fileOfUser(), exportName: 'handler', time: new SharedArrayBuffer(16) };
    const worker = new Worker(await workerPath(), { workerData, execArgv: [] });
    const error = await new Promise<Error>((resolve) => worker.once('error', resolve));
    expect(error.message).toMatch(/does not restrict this worker, so no function runs in it/);
  });
});
