import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { blockedOf } from '../../shared/deployment/blocked.ts';
import { byHand, idsOf, repair } from '../support/by-hand.ts';
import { Harness } from '../support/harness.ts';
import { interceptCalls } from '../support/releasing.ts';
import { remainsOf } from '../support/remains.ts';
import { rareChecks } from '../support/stage-driver.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let harness: Harness;
let ignored: string | undefined;
let calls = 0;

/** Calls of the functions to the ignored action are answered with success and change nothing. */
beforeEach(async () => {
  ignored = undefined;
  calls = 0;
  harness = await Harness.start({ latency: rareChecks });
  interceptCalls(harness.cloud, async ({ action, functionName }, effect) => {
    if (action !== ignored || functionName === '') return await effect();
    calls += 1;
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ RequestId: 'r', ListenerId: 'lsn-never-made' }),
    };
  });
});
afterEach(() => harness.close());

it('fails with the change that had no effect twice, after two calls', async () => {
  const id = await harness.request({ name: 'web', listener: { idleTimeoutSeconds: 20 } });
  const ready = await harness.runUntil(id, 'ready');
  await byHand(harness, 'alb', 'UpdateListenerAttribute', {
    ListenerId: idsOf(ready)['listener'] ?? '',
    IdleTimeout: '8',
  });
  ignored = 'UpdateListenerAttribute';
  const { status, failure } = await repair(harness, id);
  expect(status).toBe('failed');
  expect(failure).toMatchObject({
    stage: 'listener',
    code: 'change.no-effect',
    message: expect.stringMatching(/"update main" was answered with success 2 times .*idleTimeoutSeconds/) as string,
  });
  expect(calls).toBe(2);
  // A new run begins to count anew.
  ignored = undefined;
  expect((await repair(harness, id)).status).toBe('ready');
});

it('fails a create whose resource never shows, after two calls', async () => {
  ignored = 'CreateListener';
  const id = await harness.request({ name: 'web' });
  const { failure } = await harness.runUntil(id, 'failed');
  expect(failure).toMatchObject({ stage: 'listener', code: 'change.no-effect' });
  expect(calls).toBe(2);
  expect(remainsOf(harness.cloud)).toEqual([]);
});

it('blocks a release with it, which goes on by itself once the call has an effect', async () => {
  const id = await harness.request({ name: 'web' });
  await harness.runUntil(id, 'ready');
  ignored = 'DeleteVSwitch';
  expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
  await harness.run(async () => blockedOf(await harness.record(id)) !== undefined);
  const blocked = blockedOf(await harness.record(id));
  expect(blocked).toMatchObject({ stage: 'network', code: 'change.no-effect' });
  const endMs = harness.clock.nowMs() + 3_600_000;
  await harness.run(() => harness.clock.nowMs() >= endMs);
  expect(blockedOf(await harness.record(id))?.sinceMs).toBe(blocked?.sinceMs);
  expect(calls).toBeLessThan(20);
  ignored = undefined;
  await harness.runUntil(id, 'released');
  expect(remainsOf(harness.cloud)).toEqual([]);
});
