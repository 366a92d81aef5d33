import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { JobLog } from '../../local/alb/jobs.ts';
import { EmbeddedCloud } from '../../local/cloud.ts';
import type { WireLogEntry } from '../../local/edge.ts';
import { mnsService } from '../../local/mns/index.ts';
import { OssState } from '../../local/oss/state.ts';
import { ShortMemory } from '../../local/short-memory.ts';
import { vpcService } from '../../local/vpc/index.ts';
import { VpcState } from '../../local/vpc/state.ts';
import { WireLog } from '../../local/wire-log.ts';
import { VirtualClock } from '../../shared/clock.ts';
import { create, inline, startApi } from './fc/api/support.ts';
import { testContext } from '../support/cloud-context.ts';
import { testEdge } from '../support/edge.ts';
import { genericClient } from '../support/rpc-call.ts';

const dayMs = 86_400_000;

describe('a short memory', () => {
  it('forgets each value at its time, and frees it with the next one', () => {
    const clock = new VirtualClock(0);
    const memory = new ShortMemory<number>(clock, 10);
    memory.set('a', 1);
    clock.advance(5);
    memory.set('b', 2);
    clock.advance(5);
    expect([memory.get('a'), memory.get('b'), [...memory.values()], memory.size]).toEqual([undefined, 2, [2], 2]);
    memory.set('c', 3);
    expect(memory.size).toBe(2);
  });

  it('counts from the last time that a value was set', () => {
    const clock = new VirtualClock(0);
    const memory = new ShortMemory<number>(clock, 10);
    memory.set('a', 1);
    memory.set('b', 2);
    clock.advance(9);
    memory.set('a', 3);
    clock.advance(1);
    expect([...memory.values()]).toEqual([3]);
  });

  it('lets go of the oldest of too many', () => {
    const memory = new ShortMemory<number>(new VirtualClock(0), 10, 2);
    for (const [key, value] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      memory.set(key, value);
    expect([...memory.values()]).toEqual([2, 3]);
  });
});

describe('a client token', () => {
  // The client signs by the machine's time, the cloud has its own: both move together here.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('gets the first answer for a day, and a new one after that', async () => {
    const context = testContext('none');
    const service = vpcService(context, new VpcState(context));
    const { url } = await testEdge(context, [service]);
    const call = genericClient(url, context, '2016-04-28');
    const createVpc = async (token: string, afterMs = 0) => {
      context.clock.advance(afterMs);
      vi.setSystemTime(context.clock.nowMs());
      return (await call('CreateVpc', { RegionId: 'cn-shanghai', ClientToken: token }))['VpcId'];
    };
    const first = await createVpc('one');
    expect(await createVpc('one', dayMs - 1)).toBe(first);
    expect(await createVpc('one', 1)).not.toBe(first);
    for (const token of ['two', 'three', 'four']) await createVpc(token, dayMs);
    expect(service.rememberedTokens).toBe(1);
  });
});

describe('a queue', () => {
  it('frees messages after their retention though nobody reads it', () => {
    const context = testContext('none');
    const { state } = mnsService(context);
    state.create('unread', { messageRetentionPeriod: 3600 });
    for (let minute = 0; minute < 600; minute += 1) {
      state.queue('unread').send('x');
      context.clock.advance(60_000);
    }
    expect(state.queue('unread').stored).toBe(60);
  });
});

describe('the wire log', () => {
  const entry = (number: number, characters = 1) =>
    ({ requestId: String(number), params: { body: 'x'.repeat(characters) } }) as unknown as WireLogEntry;

  it('keeps the newest calls, and their numbers', () => {
    const log = new WireLog();
    for (let number = 0; number < 50_000; number += 1) log.add(entry(number));
    expect(log.entries.length).toBeLessThanOrEqual(20_000);
    const { calls, next } = log.since(49_990);
    expect([calls.map(({ requestId }) => Number(requestId)), next]).toEqual([
      Array.from({ length: 10 }, (_, index) => 49_990 + index),
      50_000,
    ]);
    expect(log.since(0).calls).toHaveLength(log.entries.length);
  });

  it('keeps no more than 16 MB of parameters', () => {
    const log = new WireLog();
    for (let number = 0; number < 1000; number += 1) log.add(entry(number, 64 * 1024));
    const kept = log.entries.reduce((sum, { params }) => sum + JSON.stringify(params).length, 0);
    expect(kept).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(log.entries.at(-1)?.requestId).toBe('999');
  });

  it('is shown by number, also after the oldest calls have gone', async () => {
    const cloud = new EmbeddedCloud({ clock: new VirtualClock(Date.now()), controlToken: null });
    const url = await cloud.start();
    onTestFinished(() => cloud.close());
    for (let number = 0; number < 30_000; number += 1) cloud.calls.add(entry(number));
    const answer = (await (await fetch(`${url}/_local/wire-log?from=29999`)).json()) as { calls: object[] };
    expect(answer).toMatchObject({ calls: [{ requestId: '29999' }], next: 30_000 });
  });
});

it('asynchronous jobs of ALB are listed for a week', () => {
  const context = testContext('none');
  const jobs = new JobLog(context);
  jobs.begin('CreateListener', 'listener', 'lsn-1', 0);
  context.clock.advance(7 * dayMs - 1);
  expect(jobs.list()).toHaveLength(1);
  context.clock.advance(1);
  expect(jobs.list()).toEqual([]);
});

describe('Function Compute', () => {
  it('forgets archives that were uploaded a day ago, and their bytes', () => {
    const context = testContext('none');
    const oss = new OssState(context);
    oss.addBucket('uploads', true);
    oss.addBucket('mine');
    for (let day = 0; day < 60; day += 1) {
      oss.put('uploads', `archive-${day}`, Buffer.alloc(1000, day));
      oss.put('mine', 'one', Buffer.alloc(10, day));
      context.clock.advance(dayMs);
    }
    expect(oss.storedBytes).toBe(1010);
    expect(() => oss.object('uploads', 'archive-1')).toThrow();
    expect(oss.object('mine', 'one').body).toEqual(Buffer.alloc(10, 59));
  });

  it('keeps no more than ten archives that no function has', async () => {
    const api = await startApi();
    await create(api, 'f');
    for (let version = 0; version < 30; version += 1)
      await api.client.updateFunction(
        'f',
        new api.sdk.UpdateFunctionRequest({
          body: new api.sdk.UpdateFunctionInput({ code: inline(`exports.handler = async () => ${version}`) }),
        }),
      );
    expect(api.directory.storedCodes).toBe(11);
  });
});
