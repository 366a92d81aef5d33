import { describe, expect, it } from 'vitest';
import { createVpcClient } from '../../shared/alibaba/vpc-client.ts';
import { Budget, OutOfTimeError } from '../../shared/budget.ts';
import { loadConfig } from '../../shared/config.ts';
import { dialUntil, systemDial } from '../../shared/net/dial.ts';
import { httpGet } from '../support/http-get.ts';
import { createResolver } from '../../shared/net/resolver.ts';
import { createRuntime } from '../../shared/runtime.ts';
import { rawServer } from './alibaba/raw-server.ts';
import { tcpServer } from './net/tcp-server.ts';
import { startStore } from './store/start.ts';

/** Hands the time on by itself: each look at it takes so long. */
const ticking = (ms: number, eachMs: number) => {
  let nowMs = 0;
  return new Budget(ms, () => (nowMs += eachMs));
};
const silent = () => undefined;
const shortMs = 60;

describe('a budget', () => {
  it('says what is left, and never less than nothing', () => {
    let nowMs = 5;
    const budget = new Budget(100, () => nowMs);
    expect(budget.leftMs).toBe(100);
    nowMs = 75;
    expect([budget.leftMs, budget.before(20).leftMs, budget.isSpent]).toEqual([30, 10, false]);
    nowMs = 200;
    expect([budget.leftMs, budget.isSpent, budget.isExceeded]).toEqual([0, true, false]);
    expect(() => budget.require('the call')).toThrow(OutOfTimeError);
    expect(budget.isExceeded).toBe(true);
  });

  it('stops waiting for what never ends', async () => {
    const budget = new Budget(shortMs);
    await expect(budget.within('the call', () => new Promise(silent))).rejects.toThrow('the call: no time is left');
    let isBegun = false;
    const late = budget.within('another', () => {
      isBegun = true;
      return Promise.resolve();
    });
    await expect(late).rejects.toBeInstanceOf(OutOfTimeError);
    expect(isBegun).toBe(false);
  });

  it('without an end leaves everything as it is', async () => {
    const budget = Budget.unlimited();
    expect(await budget.within('the call', () => Promise.resolve(1))).toBe(1);
    await expect(budget.within('the call', () => Promise.reject(new Error('own')))).rejects.toThrow('own');
    expect(budget.isExceeded).toBe(false);
  });
});

describe('nothing that talks to a network outlives its budget', () => {
  it('a client of the cloud that gets no answer, and none that comes after it', async () => {
    const { settings, calls } = await rawServer(silent);
    const client = createVpcClient({ ...settings, budget: new Budget(shortMs) });
    await expect(client.listVpcs()).rejects.toBeInstanceOf(OutOfTimeError);
    await expect(client.listVpcs()).rejects.toBeInstanceOf(OutOfTimeError);
    expect(calls.length).toBeLessThan(2);
  });

  it('a connection that says nothing, and none that comes after it', async () => {
    const { port, connections } = await tcpServer(silent);
    const dial = dialUntil(new Budget(shortMs), systemDial);
    const get = () =>
      httpGet(dial, { address: '127.0.0.1', port, host: 'a.example', path: '/', tls: false, timeoutMs: 60_000 });
    await expect(get()).rejects.toMatchObject({ code: 'OUT_OF_TIME' });
    await expect(get()).rejects.toMatchObject({ code: 'OUT_OF_TIME' });
    expect(connections()).toBe(1);
  });

  it('a hundred name servers that say nothing', async () => {
    const { port, connections } = await tcpServer(silent);
    const resolver = createResolver({
      servers: Array.from({ length: 100 }, () => `127.0.0.1:${port}`),
      dial: dialUntil(new Budget(shortMs), systemDial),
      timeoutMs: 60_000,
    });
    // It says nothing of the name: no reason to take it for one that does not answer.
    await expect(resolver.resolve('example.com', 'AAAA')).rejects.toBeInstanceOf(OutOfTimeError);
    expect(connections()).toBe(1);
  });

  it('a store that stays busy', async () => {
    const { storeOf, fault, pauses } = await startStore();
    fault({ kind: 'error', code: 'OTSServerBusy', httpStatus: 503, times: 0 });
    const rows = storeOf({ budget: ticking(1000, 200) });
    await expect(rows.get('active', { id: 'a' })).rejects.toBeInstanceOf(OutOfTimeError);
    // Without an end it pauses four times.
    expect(pauses.length).toBeLessThan(4);
  });
});

describe('the runtime of a function', () => {
  const config = loadConfig({ DUALSTACK_ALB_REGION: 'cn-shanghai', DUALSTACK_ALB_ACCOUNT_ID: '1234567890123456' });
  const parts = { config, credentials: { accessKeyId: 'a', accessKeySecret: 'b' }, log: silent };

  it.each([
    [30_000, 21_500],
    [3000, 1950],
  ])('with a timeout of %i ms asks for so long that what it saw can be written down', (timeoutMs, workMs) => {
    const { budget } = createRuntime({ ...parts, timeoutMs });
    expect(budget.leftMs).toBeLessThanOrEqual(workMs);
    expect(budget.leftMs).toBeGreaterThan(workMs - 1000);
  });

  it('of a command has no end', () => {
    expect(createRuntime(parts).budget.leftMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('hands out connections that end with it', async () => {
    const { port } = await tcpServer(silent);
    const { dial } = createRuntime({ ...parts, budgets: { work: new Budget(shortMs), whole: Budget.unlimited() } });
    const socket = dial({ address: '127.0.0.1', port });
    const error = await new Promise((resolve) => socket.once('error', resolve));
    expect(error).toBeInstanceOf(OutOfTimeError);
  });
});
