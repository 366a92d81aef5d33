import { describe, expect, it } from 'vitest';
import type { FunctionCompute } from '../../../local/fc/function-compute.ts';
import type { Clock } from '../../../shared/clock.ts';
import { testContext } from '../../support/cloud-context.ts';
import { define, json, parse, startFunctions, until } from './support/function-compute.ts';

const call = async (compute: { invoke: (name: string, event: Buffer) => Promise<{ body: Buffer }> }, name: string) =>
  parse((await compute.invoke(name, json({}))).body);

describe('handler: what goes in', () => {
  it('gets the event as a Buffer', async () => {
    const { compute } = await startFunctions({
      f: 'exports.handler = async (event) => ({ isBuffer: Buffer.isBuffer(event), text: event.toString() })',
    });
    const { body } = await compute.invoke('f', Buffer.from('hello'));
    expect(parse(body)).toEqual({ isBuffer: true, text: 'hello' });
  });

  it('gets the documented context', async () => {
    const { compute } = await startFunctions({ f: 'exports.handler = async (event, context) => context' });
    const { body } = await compute.invoke('f', json({}), { requestId: 'REQ-1' });
    expect(parse(body)).toMatchObject({
      requestId: 'REQ-1',
      credentials: { accessKeyId: expect.stringMatching(/^STS\./), securityToken: expect.any(String) },
      function: { name: 'f', handler: 'f.handler', memory: 512, timeout: 20 },
      region: 'cn-shanghai',
      accountId: '1234567890123456',
    });
  });

  it('sees its own variables and none of this machine', async () => {
    const { compute } = await startFunctions(
      {
        f: 'exports.handler = async () => Object.keys(process.env).sort()',
        home: 'exports.handler = async () => [process.env.HOME, process.argv.length]',
      },
      { f: { environmentVariables: { STAGE: 'a' } } },
    );
    expect(await call(compute, 'home')).toEqual(['/tmp', 2]);
    const names = (await call(compute, 'f')) as string[];
    expect(names).toContain('STAGE');
    expect(names).toContain('FC_FUNCTION_NAME');
    expect(names.filter((name) => !/^(FC_\w+|STAGE|PATH|HOME|LANG)$/.test(name))).toEqual([]);
  });

  it('follows the clock of the cloud with new Date, Date.now and Date()', async () => {
    const { compute, clock } = await startFunctions({
      f: 'exports.handler = async () => [new Date().toISOString(), Date.now(), Date(), new Date(0) instanceof Date, new Date(5).getTime()]',
    });
    clock.advanceTo(Date.UTC(2031, 0, 2, 3, 4, 5));
    expect(await call(compute, 'f')).toEqual([
      '2031-01-02T03:04:05.000Z',
      1925089445000,
      expect.stringContaining('2031'),
      true,
      5,
    ]);
  });

  it('P-159: finds no module outside its bundle', async () => {
    const { compute } = await startFunctions({ f: "require('zod'); exports.handler = async () => 1" });
    const result = await compute.invoke('f', json({}));
    expect(result.error?.errorMessage).toContain("Cannot find module 'zod'");
  });
});

describe('handler: what comes out', () => {
  it.each([
    ['an object as JSON', '({ a: 1 })', '{"a":1}'],
    ['a Buffer as it is', "Buffer.from('ff00', 'hex')", '\xff\x00'],
    ['a text as it is', "'text'", 'text'],
    ['a number as text', '42', '42'],
    ['nothing as nothing', 'undefined', ''],
  ])('answers %s', async (_, expression, expected) => {
    const { compute } = await startFunctions({ f: `exports.handler = async () => ${expression}` });
    expect((await compute.invoke('f', json({}))).body.toString('latin1')).toBe(expected);
  });

  it('takes the old callback form', async () => {
    const { compute } = await startFunctions({
      f: 'exports.handler = (event, context, callback) => setTimeout(() => callback(null, { late: true }), 1)',
    });
    expect(await call(compute, 'f')).toEqual({ late: true });
  });

  it('collects console lines with the request id', async () => {
    const { compute, logs } = await startFunctions({
      f: "exports.handler = async () => { console.log('a %d', 1); console.warn('b'); process.stdout.write('c\\n') }",
    });
    await compute.invoke('f', json({}), { requestId: 'REQ-2' });
    const lines = logs.filter((entry) => /^[abc]/.test(entry.message));
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['info', 'a 1'],
      ['warn', 'b'],
      ['info', 'c'],
    ]);
    expect(lines.every((entry) => entry.requestId === 'REQ-2')).toBe(true);
  });
});

describe('handler: failures', () => {
  it('P-141: answers 200 with the error when the handler throws', async () => {
    const { compute } = await startFunctions({ f: "exports.handler = async () => { throw new TypeError('oops') }" });
    const result = await compute.invoke('f', json({}));
    expect(result.statusCode).toBe(200);
    expect(result.error?.kind).toBe('UnhandledInvocationError');
    expect(parse(result.body)).toEqual({
      errorMessage: 'oops',
      errorType: 'TypeError',
      stackTrace: expect.arrayContaining([expect.stringMatching(/^at .*f\.js/)]),
    });
  });

  it('calls an error given to the callback handled', async () => {
    const { compute } = await startFunctions({ f: "exports.handler = (e, c, cb) => cb(new Error('known'))" });
    expect((await compute.invoke('f', json({}))).error).toMatchObject({
      kind: 'HandledInvocationError',
      errorMessage: 'known',
    });
  });

  it('P-142: takes a returned object with an error inside for success', async () => {
    const { compute } = await startFunctions({ f: "exports.handler = async () => ({ error: 'no' })" });
    expect((await compute.invoke('f', json({}))).error).toBeUndefined();
  });

  it('keeps the instance after a thrown error', async () => {
    const { compute } = await startFunctions({
      f: 'let n = 0; exports.handler = async () => { n += 1; if (n === 1) throw new Error("first"); return n }',
    });
    await compute.invoke('f', json({}));
    expect(await call(compute, 'f')).toBe(2);
  });

  it.each([
    ['calls process.exit', 'process.exit(0)'],
    ['leaves a rejection unhandled', "Promise.reject(new Error('stray')); await new Promise(() => {})"],
    ['throws from a timer', "setTimeout(() => { throw new Error('stray') }, 1); await new Promise(() => {})"],
  ])('loses the instance when it %s', async (_, body) => {
    const { compute } = await startFunctions({
      f: `let n = 0; exports.handler = async (event) => { n += 1; if (String(event) === 'die') { ${body} } return n }`,
    });
    const result = await compute.invoke('f', Buffer.from('die'));
    expect(result.error?.kind).toBe('UnhandledInvocationError');
    expect(result.error?.errorMessage).toMatch(/stray|Process exited unexpectedly before completing request/);
    expect(await call(compute, 'f')).toBe(1);
  });

  it('cuts a handler off at its timeout', async () => {
    const { compute, revoked } = await startFunctions(
      { f: 'exports.handler = async () => { for (;;); }' },
      { f: { timeout: 0.2 } },
    );
    const result = await compute.invoke('f', json({}));
    expect(result.error).toMatchObject({
      kind: 'UnhandledInvocationError',
      errorType: 'FunctionTimeoutError',
      errorMessage: 'Function timed out after 0.2 seconds',
    });
    expect(parse(result.body)).toEqual({ errorMessage: 'Function timed out after 0.2 seconds' });
    expect(revoked).toHaveLength(1);
  });

  it('times out when a handler neither returns a promise nor calls back', async () => {
    const { compute } = await startFunctions({ f: 'exports.handler = () => 1' }, { f: { timeout: 0.2 } });
    expect((await compute.invoke('f', json({}))).error?.errorType).toBe('FunctionTimeoutError');
  });

  it('ends a function that outgrows its memory', async () => {
    const { compute } = await startFunctions(
      { f: 'exports.handler = async () => { const a = []; for (;;) a.push(new Array(1000).fill({})) }' },
      { f: { memorySize: 128 } },
    );
    expect((await compute.invoke('f', json({}))).error?.errorType).toBe('FunctionOOMError');
  });

  it.each([
    ['the export is missing', 'exports.other = 1', "Handler 'handler' is missing"],
    ['the bundle throws while loading', "throw new Error('no start')", 'no start'],
  ])('reports that %s', async (_, source, message) => {
    const { compute } = await startFunctions({ f: source });
    expect((await compute.invoke('f', json({}))).error?.errorMessage).toContain(message);
  });

  it('reports a missing bundle', async () => {
    const { compute } = await startFunctions({ f: '' });
    compute.install([define('g')]);
    expect((await compute.invoke('g', json({}))).error?.errorMessage).toContain('g.js');
  });
});

describe('instances', () => {
  const counter = 'let n = 0; exports.handler = async () => (n += 1)';
  const slow = 'exports.handler = () => new Promise(() => {})';

  it('reuses a warm instance', async () => {
    const { compute } = await startFunctions({ f: counter });
    expect((await compute.invoke('f', json({}))).isColdStart).toBe(true);
    const second = await compute.invoke('f', json({}));
    expect(second).toMatchObject({ isColdStart: false, body: Buffer.from('2') });
    expect(compute.stats.get('f')).toMatchObject({ invocations: 2, coldStarts: 1, errors: 0 });
  });

  it('P-143: serves one request at a time per instance', async () => {
    const { compute } = await startFunctions({ f: counter }, { f: { instanceConcurrency: 10 } });
    const results = await Promise.all([1, 2, 3].map(() => compute.invoke('f', json({}))));
    expect(results.map((result) => result.body.toString())).toEqual(['1', '1', '1']);
  });

  it('refuses with 429 above the reserved concurrency', async () => {
    const { compute } = await startFunctions({ f: slow }, { f: { reservedConcurrency: 1 } });
    const first = compute.invoke('f', json({}));
    const second = await compute.invoke('f', json({}));
    expect(second).toMatchObject({ statusCode: 429, refusal: { code: 'ResourceExhausted' } });
    await compute.kill('f');
    expect((await first).error?.errorMessage).toContain('Process exited unexpectedly');
  });

  it('reclaims an instance that was idle for long', async () => {
    const { compute, clock } = await startFunctions({ f: counter });
    await compute.invoke('f', json({}));
    clock.advance(301_000);
    expect((await compute.invoke('f', json({}))).isColdStart).toBe(true);
  });

  it('ends by itself when it has been idle for long, and its credentials with it', async () => {
    const { compute, clock, revoked } = await startFunctions({ f: counter, g: counter });
    await compute.invoke('f', json({}));
    clock.advance(200_000);
    await compute.invoke('g', json({}));
    clock.advance(100_000);
    expect([compute.instances, revoked.length]).toEqual([2, 0]);
    clock.advance(1);
    await until(() => compute.instances === 1, 'the end of the first');
    expect(revoked).toHaveLength(1);
    expect((await compute.invoke('g', json({}))).isColdStart).toBe(false);
    clock.advance(300_001);
    await until(() => compute.instances === 0, 'the end of the second');
  });

  it('waits for the end of idle instances without keeping the process alive', async () => {
    const waits: [number, boolean | undefined][] = [];
    const context = testContext();
    const clock: Clock = {
      nowMs: () => context.clock.nowMs(),
      waitUntil: (atMs, signal, isBackground) => {
        waits.push([atMs - context.clock.nowMs(), isBackground]);
        return context.clock.waitUntil(atMs, signal);
      },
    };
    const { compute } = await startFunctions({ f: counter }, {}, { clock });
    await compute.invoke('f', json({}));
    await compute.invoke('f', json({}));
    // One for all requests.
    expect(waits).toEqual([[300_001, true]]);
  });

  describe('credentials', () => {
    const keyOf = 'let n = 0; exports.handler = async (e, context) => [context.credentials, (n += 1)]';
    const ask = async (compute: FunctionCompute) =>
      (await call(compute, 'f')) as [{ accessKeyId: string; securityToken: string }, number];

    it('are new with the first request that they might not outlast; the instance is the same', async () => {
      const { compute, clock, context } = await startFunctions(
        { f: keyOf },
        { f: { timeout: 60 } },
        { idleReclaimMs: 365 * 86_400_000 },
      );
      const [first] = await ask(compute);
      expect(Object.keys(first).sort()).toEqual(['accessKeyId', 'accessKeySecret', 'securityToken']);
      const lastMs = 36 * 3_600_000 - 16 * 60_000;
      clock.advance(lastMs - 1);
      expect(await ask(compute)).toEqual([first, 2]);
      clock.advance(1);
      const [second, requests] = await ask(compute);
      expect(requests).toBe(3);
      expect(second.accessKeyId).not.toBe(first.accessKeyId);
      // Whoever kept the old ones may go on until they expire.
      const old = context.credentials.find(first.accessKeyId);
      expect(old?.expiresAtMs).toBe(clock.nowMs() + 16 * 60_000);
      // Weeks later, too.
      clock.advance(60 * 86_400_000);
      const [third] = await ask(compute);
      expect(context.credentials.find(third.accessKeyId)?.expiresAtMs).toBe(clock.nowMs() + 36 * 3_600_000);
    });

    it('end with their instance, the renewed ones too', async () => {
      const { compute, clock, context } = await startFunctions({ f: keyOf }, {}, { idleReclaimMs: 365 * 86_400_000 });
      await ask(compute);
      clock.advance(36 * 3_600_000);
      const [{ accessKeyId }] = await ask(compute);
      await compute.kill('f');
      expect(context.credentials.find(accessKeyId)).toBeUndefined();
    });
  });

  it('dies by its access key, and the key with it', async () => {
    const { compute, context, logs } = await startFunctions({
      f: 'exports.handler = async (e, context) => { console.log(context.credentials.accessKeyId); await new Promise(() => {}) }',
    });
    const running = compute.invoke('f', json({}));
    const keyOf = () => logs.find((entry) => entry.message.startsWith('STS.'))?.message ?? '';
    await until(() => keyOf() !== '');
    await compute.killByAccessKey(keyOf());
    expect((await running).error?.errorMessage).toContain('Process exited unexpectedly');
    expect(context.credentials.find(keyOf())).toBeUndefined();
  });

  it('is replaced when its bundle or definition changes', async () => {
    const { compute, specs } = await startFunctions({ f: counter });
    await compute.invoke('f', json({}));
    compute.install(specs);
    expect((await compute.invoke('f', json({}))).isColdStart).toBe(false);
    compute.install([define('f', { timeout: 19 })]);
    expect((await compute.invoke('f', json({}))).isColdStart).toBe(true);
  });

  it('P-144: stands still after the reply and goes on with the next request', async () => {
    const { compute, logs } = await startFunctions({
      f: 'let ticks = 0; exports.handler = async () => { const seen = ticks; setInterval(() => { ticks += 1 }, 5); return seen }',
    });
    await compute.invoke('f', json({}));
    await until(() => logs.some((entry) => entry.message.includes('freezes while work is pending: Timeout')));
    // Running, it would tick fifty times; a few ticks come before the freeze takes hold.
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await call(compute, 'f')).toBeLessThan(20);
  });

  it('P-144: warns of a network call outside an invocation when it is not frozen', async () => {
    const { compute, logs } = await startFunctions(
      {
        f: "exports.handler = async () => { setTimeout(() => require('net').connect(9, '127.0.0.1').on('error', () => {}), 5) }",
      },
      {},
      { freezes: false },
    );
    await compute.invoke('f', json({}));
    await until(() => logs.some((entry) => entry.message.startsWith('P-144: a network call')));
  });
});
