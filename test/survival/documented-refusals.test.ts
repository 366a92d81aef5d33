import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { documentedPairs } from '../shared/alibaba/documented/pairs.ts';
import { Harness } from '../support/harness.ts';
import { everything } from '../support/refusals.ts';
import { remainsOf } from '../support/remains.ts';
import { rareChecks } from '../support/stage-driver.ts';

// Some two hundred refusals in one life: a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const passing = documentedPairs().filter(({ verdict }) => verdict === 'wait' || verdict === 'retry');

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
});
afterAll(() => harness.close());

it('is ready and released although every documented refusal that passes strikes once', async () => {
  for (const { service, action, code, httpStatus } of passing)
    harness.cloud.faults.add({ kind: 'error', service, action, code, httpStatus, message: 'Not now.' });
  const id = await harness.request(everything);
  await harness.runUntil(id, 'ready', 'failed');
  const { status, failure } = await harness.record(id);
  expect({ status, failure }).toEqual({ status: 'ready' });
  expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
  await harness.runUntil(id, 'released');
  expect(remainsOf(harness.cloud)).toEqual([]);
  // Every call of this life has met all of its refusals.
  const called = new Set(harness.cloud.wireLog.map(({ service, action }) => `${service} ${action}`));
  const open = harness.cloud.faults.list().filter(({ struck }) => struck === 0);
  expect(open.filter(({ service, action }) => called.has(`${service} ${action}`))).toEqual([]);
  const struck = new Set(harness.cloud.faults.list().flatMap((fault) => (fault.struck > 0 ? [fault.action] : [])));
  expect(struck.size).toBeGreaterThan(25);
});
