import { expect, it, onTestFinished } from 'vitest';
import { sweep } from '../../../functions/sweep/sweep.ts';
import { Harness } from '../../support/harness.ts';
import { tutorial } from '../../support/tutorial.ts';
import { addForeignLoadBalancer } from '../../support/foreign-load-balancer.ts';

async function start(environment: Record<string, string>) {
  const harness = await Harness.start({ latency: 'none', sweeps: false, environment });
  onTestFinished(() => harness.close());
  return {
    harness,
    create: (name: string, key?: string) =>
      harness.api(
        'POST',
        '/load-balancers',
        { ...tutorial(), name },
        key === undefined ? {} : { 'idempotency-key': key },
      ),
    sweep: () => sweep(harness.runtime('sweep')),
  };
}

/** Asks to watch a load balancer of others. */
async function watching(harness: Harness) {
  const { loadBalancerId } = await addForeignLoadBalancer(harness.cloud);
  return () => harness.api('POST', '/load-balancers', { watchOnly: { loadBalancerId, domain: 'example.com' } });
}

const refusal = (code: string, setting: string) => ({
  code,
  status: 429,
  detail: expect.stringContaining(`DUALSTACK_ALB_${setting}`) as string,
});

it('refuses more load balancers than a caller may have, with when and what else', async () => {
  const { create } = await start({ DUALSTACK_ALB_MAX_DEPLOYMENTS: '2' });
  expect((await create('one')).status).toBe(202);
  expect((await create('two')).status).toBe(202);
  const response = await create('three');
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('60');
  expect(await response.json()).toMatchObject(refusal('too-many-deployments', 'MAX_DEPLOYMENTS'));
});

it('answers a repeat of the same key as before, though no more may be made', async () => {
  const { create } = await start({ DUALSTACK_ALB_MAX_DEPLOYMENTS: '1' });
  const first = (await (await create('one', 'k')).json()) as { id: string };
  const again = await create('one', 'k');
  expect(again.status).toBe(202);
  expect(await again.json()).toMatchObject({ id: first.id });
  expect((await create('two', 'l')).status).toBe(429);
});

it('makes no more than a caller may have where ten ask at once', async () => {
  const { create, harness } = await start({ DUALSTACK_ALB_MAX_DEPLOYMENTS: '3' });
  const responses = await Promise.all(Array.from({ length: 10 }, (_, index) => create(`lb-${index}`)));
  expect(responses.filter(({ status }) => status === 202)).toHaveLength(3);
  expect(harness.cloud.tablestore.rows('dualstack_alb_deployments')).toHaveLength(3);
});

it('does not count a request whose name is taken', async () => {
  const { create } = await start({ DUALSTACK_ALB_MAX_DEPLOYMENTS: '2' });
  await create('one');
  for (const _ of [1, 2, 3]) expect((await create('one')).status).toBe(409);
  expect((await create('two')).status).toBe(202);
});

it('leaves the name to others where one load balancer is too many', async () => {
  const { create, harness } = await start({ DUALSTACK_ALB_MAX_DEPLOYMENTS: '1' });
  await create('one');
  expect((await create('two')).status).toBe(429);
  expect(harness.cloud.tablestore.rows('dualstack_alb_groups').map(({ id }) => id)).not.toContain('name/two');
});

it('takes another one after a release, once the sweep has come by', async () => {
  const { create, harness, sweep: run } = await start({ DUALSTACK_ALB_MAX_DEPLOYMENTS: '1' });
  const { id } = (await (await create('one')).json()) as { id: string };
  await harness.runUntil(id, 'ready');
  harness.clock.advance(3_600_000);
  await run();
  expect((await create('two')).status).toBe(429);
  await harness.api('DELETE', `/load-balancers/${id}`);
  await harness.runUntil(id, 'released');
  await run();
  expect((await create('two')).status).toBe(202);
});

it('counts one that begins anew after a rollback', async () => {
  const { create, harness, sweep: run } = await start({ DUALSTACK_ALB_MAX_DEPLOYMENTS: '1' });
  const refused = await harness.api('POST', '/load-balancers', {
    ...tutorial(),
    name: 'one',
    instances: { imageFamily: 'acs:none' },
  });
  const { id } = (await refused.json()) as { id: string };
  await harness.runUntil(id, 'failed');
  harness.clock.advance(3_600_000);
  await run();
  expect((await create('two')).status).toBe(202);
  const response = await harness.api('POST', `/load-balancers/${id}/retry`, { ...tutorial(), name: 'one' });
  expect(await response.json()).toMatchObject(refusal('too-many-deployments', 'MAX_DEPLOYMENTS'));
  expect((await harness.record(id)).status).toBe('failed');
});

it('refuses more watches than a caller may have', async () => {
  const { harness } = await start({ DUALSTACK_ALB_MAX_WATCHES: '1' });
  const watch = await watching(harness);
  expect((await watch()).status).toBe(201);
  const response = await watch();
  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject(refusal('too-many-watches', 'MAX_WATCHES'));
});

it('refuses more probes than a caller may ask for, and says when the next may come', async () => {
  const { harness } = await start({ DUALSTACK_ALB_MAX_PROBES_PER_MINUTE: '2' });
  const { id } = (await (await (await watching(harness))()).json()) as { id: string };
  const probe = () => harness.api('POST', `/load-balancers/${id}/probe`);
  expect([(await probe()).status, (await probe()).status].every((status) => status < 300)).toBe(true);
  const response = await probe();
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject(refusal('too-many-probes', 'MAX_PROBES_PER_MINUTE'));
  harness.clock.advance(60_000);
  expect((await probe()).status).toBeLessThan(300);
});

it('does not count a probe of what does not serve', async () => {
  const { harness, create } = await start({ DUALSTACK_ALB_MAX_PROBES_PER_MINUTE: '1' });
  const { id } = (await (await create('one')).json()) as { id: string };
  for (const _ of [1, 2]) expect((await harness.api('POST', `/load-balancers/${id}/probe`)).status).toBe(409);
});
