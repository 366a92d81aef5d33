import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { latencies } from '../../local/latency.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { stageNames } from '../../shared/pipeline.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { inventoryOf, nothing, oneOfEverything } from './inventory.ts';
import { askedOf, expectNothingLeft } from './releasing.ts';

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

async function becomesReady(rr: string): Promise<string> {
  const id = await installation.request({ ...event, name: rr, dns: { ...event.dns, rr } });
  const [record] = await installation.runUntilSettled(id);
  expect(record?.failure).toBeUndefined();
  expect(record?.status).toBe('ready');
  expect(inventoryOf(installation.cloud, id)).toEqual(oneOfEverything);
  expect(inventoryOf(installation.cloud, undefined)).toEqual(nothing);
  return id;
}

async function isReleased(id: string): Promise<void> {
  expect((await installation.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
  await installation.runUntilSettled(id);
  await askedOf(installation, id);
  await expectNothingLeft(installation);
}

it(
  'becomes ready, and is released, when the queue triggers invoke asynchronously',
  { timeout: patienceMs },
  async () => {
    fate = () => 'once';
    await isReleased(await becomesReady('async'));
    expect([...installation.doubles]).toEqual([]);
  },
);

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

it(
  'P-147: becomes ready, and is released, though an asynchronous request of every stage is lost each way',
  { timeout: patienceMs },
  async () => {
    const { calls } = fateOfFirst(1, 'lost');
    const id = await becomesReady('lost');
    calls.clear();
    await isReleased(id);
    expect([...calls.keys()]).toEqual(expect.arrayContaining(stageFunctions));
  },
);

it(
  'P-108: becomes ready, and is released, though asynchronous requests of every stage run twice at once',
  { timeout: patienceMs },
  async () => {
    const { calls } = fateOfFirst(2, 'twice');
    const id = await becomesReady('twice');
    calls.clear();
    await isReleased(id);
    expect([...calls.keys()]).toEqual(expect.arrayContaining(stageFunctions));
  },
);
