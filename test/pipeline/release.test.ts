import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { Harness } from '../support/harness.ts';
import { remainsOf } from '../support/remains.ts';

const event = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer.json', import.meta.url), 'utf8'),
) as SpecInput;

async function ready(): Promise<{ harness: Harness; id: string }> {
  const harness = await Harness.start();
  onTestFinished(() => harness.close());
  const id = await harness.request(event);
  await harness.runUntil(id, 'ready');
  return { harness, id };
}

it('releases everything that it made and proves it twice', async () => {
  const { harness, id } = await ready();
  const response = await harness.api('DELETE', `/load-balancers/${id}`);
  expect(response.status).toBe(202);
  const record = await harness.runUntil(id, 'released');
  expect(remainsOf(harness.cloud)).toEqual([]);
  const { proof } = (await (await harness.api('GET', `/load-balancers/${id}`)).json()) as {
    proof: { isEmpty: boolean; looks: { at: string; asked: { found: string[] }[] }[] };
  };
  expect(proof.isEmpty).toBe(true);
  expect(proof.looks).toHaveLength(2);
  expect(proof.looks.every(({ asked }) => asked.length > 10 && asked.every(({ found }) => found.length === 0))).toBe(
    true,
  );
  expect(record.releasedAtMs).toBeDefined();
});

it('makes no writing call when a ready deployment without drift is applied again', async () => {
  const { harness, id } = await ready();
  const before = harness.cloud.wireLog.length;
  expect((await harness.api('POST', `/load-balancers/${id}/apply`)).status).toBe(202);
  await harness.runUntil(id, 'ready');
  const writes = harness.cloud.wireLog
    .slice(before)
    .filter(
      ({ service, action }) => service !== 'mns' && service !== 'tablestore' && !/^(Describe|List|Get)/.test(action),
    );
  expect(writes.map(({ service, action }) => `${service} ${action}`)).toEqual([]);
});

it('reports no drift of a ready deployment', async () => {
  const { harness, id } = await ready();
  const response = await harness.api('GET', `/load-balancers/${id}/drift`);
  expect(await response.json()).toMatchObject({ differs: false, differences: [] });
});

it('rolls back a deployment that fails for good', async () => {
  const harness = await Harness.start();
  onTestFinished(() => harness.close());
  harness.cloud.alb.createFailed.add('dualstack-alb');
  const id = await harness.request(event);
  const record = await harness.runUntil(id, 'failed');
  expect(record.failure).toMatchObject({ stage: 'load-balancer', code: 'load-balancer.create-failed' });
  await harness.run();
  expect((await harness.record(id)).status).toBe('failed');
  expect(remainsOf(harness.cloud)).toEqual([]);
});
