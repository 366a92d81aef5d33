import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../../shared/config.ts';
import { createRuntime } from '../../shared/runtime.ts';
import { newUlid } from '../../shared/ulid.ts';
import { addForeignLoadBalancer } from '../support/foreign-load-balancer.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { rareChecks } from '../support/stage-driver.ts';

const watches = 60;
const shardSize = 10;

let installation: TestInstallation;
beforeAll(async () => {
  installation = await TestInstallation.start({
    latency: rareChecks,
    environment: { DUALSTACK_ALB_PROBE_SHARD_SIZE: String(shardSize) },
  });
}, patienceMs);
afterAll(() => installation.close());

const rows = (table: string) => installation.cloud.tablestore.rows(`dualstack_alb_${table}`);

/** One by the API, and copies of its row under other ids. */
async function addWatches(): Promise<void> {
  const { cloud, clock } = installation;
  const { loadBalancerId } = await addForeignLoadBalancer(cloud);
  const response = await installation.api('POST', '/load-balancers', {
    watchOnly: { loadBalancerId, domain: 'example.com' },
    probe: { mostRequests: 1 },
  });
  expect(response.status).toBe(201);
  const runtime = createRuntime({
    config: loadConfig({
      DUALSTACK_ALB_REGION: cloud.context.regionId,
      DUALSTACK_ALB_ACCOUNT_ID: cloud.credentials.accountId,
      DUALSTACK_ALB_ENDPOINT: cloud.url,
    }),
    credentials: cloud.credentials.root,
    clock,
    log: () => undefined,
  });
  const first = await runtime.watches.find(response.headers.get('location')?.split('/').at(-1) ?? '');
  if (first === undefined) throw new Error('the watch has no row');
  for (let count = 1; count < watches; count += 1) {
    const watchId = newUlid(clock.nowMs());
    await runtime.watches.create({ ...first, watchId });
    await runtime.active.add(watchId, clock.nowMs());
  }
}

it('observes many in one tick, shard beside shard', { timeout: patienceMs }, async () => {
  await addWatches();
  const { logs } = installation;
  const observedAt = (at: unknown) => rows('observations').filter((row) => row['at'] === at);
  const reportsAt = (at: unknown) =>
    logs.filter(({ time, message }) => time === at && message.includes('probed a shard')).map(({ message }) => message);
  // Time stands still while anybody works. A machine that is too busy for the 30 s of a function has another tick.
  const whole = () =>
    [...new Set(rows('observations').map(({ at }) => at))].find((at) => reportsAt(at).length === watches / shardSize);
  const startMs = performance.now();
  await installation.run(() => whole() !== undefined, 10 * 60_000);
  const tookMs = Math.round(performance.now() - startMs);

  expect(new Set(observedAt(whole()).map(({ target }) => target)).size).toBe(watches);
  // One by the timer's own call, the others by the queue; each within the time that a function has.
  for (const message of reportsAt(whole()))
    expect(message).toContain(`"probed":${shardSize},"asked":0,"skipped":0,"failed":0,"left":0`);
  console.log(`${watches} targets in ${watches / shardSize} shards: observed after ${tookMs} ms of real time`);
});
