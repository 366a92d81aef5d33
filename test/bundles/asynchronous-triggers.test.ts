import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { latencies } from '../../local/latency.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { stageNames } from '../../shared/pipeline.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { inventoryOf, nothing, oneOfEverything } from './inventory.ts';

const event = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer.json', import.meta.url), 'utf8'),
) as SpecInput & { dns: object };

type Fate = 'once' | 'twice' | 'lost';
let fate: (functionName: string) => Fate = () => 'once';
let installation: TestInstallation;
beforeAll(async () => {
  installation = await TestInstallation.start({
    asyncInvocation: true,
    asyncFate: (name) => fate(name),
    // The sweep waits for minutes: fewer checks of the servers meanwhile.
    latency: { ...latencies.none, healthCheckIntervalMs: 5000 },
  });
}, patienceMs);
afterAll(async () => {
  await installation.close();
});

async function becomesReady(rr: string): Promise<void> {
  const id = await installation.request({ ...event, name: rr, dns: { ...event.dns, rr } });
  const [record] = await installation.runUntilSettled(id);
  expect(record?.failure).toBeUndefined();
  expect(record?.status).toBe('ready');
  expect(inventoryOf(installation.cloud, id)).toEqual(oneOfEverything);
  expect(inventoryOf(installation.cloud, undefined)).toEqual(nothing);
  // Its health checks would go on through the minutes of the next test.
  installation.cloud.alb.listeners.clear();
}

it('becomes ready when the queue triggers invoke asynchronously', { timeout: patienceMs }, async () => {
  fate = () => 'once';
  await becomesReady('async');
  expect([...installation.doubles]).toEqual([]);
});

/** The fate of the first requests of each function; the later ones run once. */
function fateOfFirst(count: number, first: Fate): { calls: Map<string, number> } {
  const calls = new Map<string, number>();
  fate = (name) => {
    calls.set(name, (calls.get(name) ?? 0) + 1);
    return name !== 'dualstack-alb-sweep' && (calls.get(name) ?? 0) <= count ? first : 'once';
  };
  return { calls };
}

const stageFunctions = stageNames.map((name) => `dualstack-alb-${name}`);

it('P-147: becomes ready though an asynchronous request of every stage is lost', { timeout: patienceMs }, async () => {
  const { calls } = fateOfFirst(1, 'lost');
  await becomesReady('lost');
  expect([...calls.keys()]).toEqual(expect.arrayContaining(stageFunctions));
});

it(
  'P-108: becomes ready though asynchronous requests of every stage run twice at once',
  { timeout: patienceMs },
  async () => {
    const { calls } = fateOfFirst(2, 'twice');
    await becomesReady('twice');
    expect([...calls.keys()]).toEqual(expect.arrayContaining(stageFunctions));
  },
);
