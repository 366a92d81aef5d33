import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Blocked, blockedOf } from '../../shared/deployment/blocked.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { byHand, idsOf, named, outputOf, writesOf } from '../support/by-hand.ts';
import { cloudResources } from '../support/cloud-resources.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
});
afterAll(() => harness.close());

const remove = (id: string, query = '') => harness.api('DELETE', `/load-balancers/${id}${query}`);
const loadBalancerIdOf = (record: DeploymentRecord) => idsOf(record)['loadBalancer'] ?? '';

/** Runs until something blocks the release. */
async function untilBlocked(id: string): Promise<Blocked | undefined> {
  await harness.run(async () => blockedOf(await harness.record(id)) !== undefined);
  return blockedOf(await harness.record(id));
}

it('refuses to release what is protected, and says the way out', async () => {
  const id = await harness.request({ name: 'protected', loadBalancer: { deletionProtection: true } });
  const record = await harness.runUntil(id, 'ready');
  const before = harness.cloud.wireLog.length;
  expect((await remove(id, '?liftDeletionProtection=yes')).status).toBe(400);
  for (const query of ['', '?liftDeletionProtection=false']) {
    const response = await remove(id, query);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: 'deletion-protection',
      detail: expect.stringContaining('?liftDeletionProtection=true') as string,
    });
  }
  expect(await harness.record(id)).toEqual(record);
  expect(named(writesOf(harness, before))).toEqual([]);

  expect((await remove(id, '?liftDeletionProtection=true')).status).toBe(202);
  // Once lifted it stays so for this release.
  expect((await remove(id)).status).toBe(202);
  await harness.runUntil(id, 'released');
  expect(named(writesOf(harness, before)).filter((write) => write.includes('Protection'))).toEqual([
    'alb DisableDeletionProtection',
  ]);
  expect(cloudResources(harness.cloud)).toEqual([]);
});

it('P-065: is blocked with the reason where others have turned it on, until it is lifted by the call', async () => {
  const id = await harness.request({ name: 'behind' });
  const loadBalancerId = loadBalancerIdOf(await harness.runUntil(id, 'ready'));
  await byHand(harness, 'alb', 'EnableDeletionProtection', { ResourceId: loadBalancerId });
  expect((await remove(id)).status).toBe(202);
  const blocked = await untilBlocked(id);
  expect(blocked).toMatchObject({
    stage: 'load-balancer',
    code: 'load-balancer.deletion-protection',
    message: `load balancer ${loadBalancerId} has deletion protection`,
    remedy: expect.stringContaining('?liftDeletionProtection=true') as string,
  });
  const shown = (await (await harness.api('GET', `/load-balancers/${id}`)).json()) as object;
  expect(shown).toMatchObject({ status: 'releasing', blocked: { remedy: blocked?.remedy } });
  expect(harness.cloud.alb.loadBalancers.find(loadBalancerId)).toBeDefined();

  // The same call again looks at once, and comes to the same; with the word it goes on.
  expect((await remove(id)).status).toBe(202);
  await harness.run(async () => (blockedOf(await harness.record(id))?.times ?? 0) > (blocked?.times ?? 0));
  expect(harness.cloud.alb.loadBalancers.find(loadBalancerId)).toBeDefined();
  const askedMs = harness.clock.nowMs();
  expect((await remove(id, '?liftDeletionProtection=true')).status).toBe(202);
  await harness.run(() => harness.cloud.alb.loadBalancers.find(loadBalancerId) === undefined);
  expect(harness.clock.nowMs() - askedMs).toBeLessThan(60_000);
  const released = await harness.runUntil(id, 'released');
  expect(released.failure).toBeUndefined();
  expect(cloudResources(harness.cloud)).toEqual([]);
});

it('goes on by itself once somebody has lifted it by hand', async () => {
  const id = await harness.request({ name: 'by-hand' });
  const loadBalancerId = loadBalancerIdOf(await harness.runUntil(id, 'ready'));
  await byHand(harness, 'alb', 'EnableDeletionProtection', { ResourceId: loadBalancerId });
  await remove(id);
  await untilBlocked(id);
  await byHand(harness, 'alb', 'DisableDeletionProtection', { ResourceId: loadBalancerId });
  await harness.runUntil(id, 'released');
  expect(cloudResources(harness.cloud)).toEqual([]);
});

it('lifts the protection that it has set itself when it rolls back', async () => {
  harness.cloud.faults.add({
    kind: 'error',
    action: 'CreateListener',
    code: 'QuotaExceeded.Listener',
    httpStatus: 400,
  });
  const id = await harness.request({ name: 'rollback', loadBalancer: { deletionProtection: true } });
  const record = await harness.runUntil(id, 'failed');
  expect(record).toMatchObject({ rolledBack: true, failure: { stage: 'listener' } });
  expect(cloudResources(harness.cloud)).toEqual([]);
  // Nothing is left that could be protected.
  expect((await remove(id)).status).toBe(202);
  expect((await harness.record(id)).status).toBe('released');
});

it('releases without the word what has no load balancer yet', async () => {
  const id = await harness.request({ name: 'early', loadBalancer: { deletionProtection: true } });
  await harness.run(async () => outputOf(await harness.record(id), 'network', 'vpcId') !== '');
  expect((await remove(id)).status).toBe(202);
  await harness.runUntil(id, 'released');
  expect(cloudResources(harness.cloud)).toEqual([]);
});

it.each(['kill-before', 'kill-after', 'reset-after'] as const)(
  'refuses as soon as the load balancer may exist, of which the record knows nothing yet: %s',
  async (kind) => {
    harness.cloud.faults.add({ kind, action: 'CreateLoadBalancer' });
    const id = await harness.request({ name: kind, loadBalancer: { deletionProtection: true } });
    const struck = () => harness.cloud.faults.list().some((fault) => fault.kind === kind && fault.struck > 0);
    await harness.run(struck);
    expect((await harness.record(id)).stages['load-balancer'].resources).toEqual([]);
    const refused = await remove(id);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      code: 'deletion-protection',
      detail: expect.stringContaining('?liftDeletionProtection=true') as string,
    });
    expect((await remove(id, '?liftDeletionProtection=true')).status).toBe(202);
    await harness.runUntil(id, 'released');
    expect(cloudResources(harness.cloud)).toEqual([]);
  },
);

it('releases without the word what the service has refused to create', async () => {
  const quota = { kind: 'error' as const, action: 'CreateLoadBalancer', code: 'QuotaExceeded.LoadBalancersNum' };
  harness.cloud.faults.add({ ...quota, httpStatus: 400 });
  const id = await harness.request({
    name: 'refused',
    loadBalancer: { deletionProtection: true },
    onFailure: 'retain',
  });
  await harness.runUntil(id, 'failed');
  expect((await remove(id)).status).toBe(202);
  await harness.runUntil(id, 'released');
  expect(cloudResources(harness.cloud)).toEqual([]);
});

it.each([0, 4, 16, 64])('either refuses or releases to the end, %i ticks into the turn that creates', async (ticks) => {
  const id = await harness.request({ name: 'meanwhile', loadBalancer: { deletionProtection: true } });
  const nextOf = ({ stages }: DeploymentRecord) => stages['load-balancer'].apply.state;
  await harness.run(async () => nextOf(await harness.record(id)) === 'queued');
  const later = async () => {
    for (let tick = 0; tick < ticks; tick += 1) await new Promise((resolve) => setImmediate(resolve));
    return await remove(id);
  };
  const [{ status }] = await Promise.all([later(), harness.deliver()]);
  expect([202, 409]).toContain(status);
  if (status === 409) expect((await remove(id, '?liftDeletionProtection=true')).status).toBe(202);
  expect((await harness.runUntil(id, 'released')).failure).toBeUndefined();
  expect(cloudResources(harness.cloud)).toEqual([]);
});
