import { afterAll, beforeAll, expect, it } from 'vitest';
import { latencies } from '../../local/latency.ts';
import { stageNames } from '../../shared/pipeline.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { becomesReady, isReleased } from '../support/whole-life.ts';

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

it.for([
  ['P-147: becomes ready, and is released, though an asynchronous request of every stage is lost each way', 1, 'lost'],
  ['P-108: becomes ready, and is released, though asynchronous requests of every stage run twice at once', 2, 'twice'],
] as const)('%s', { timeout: patienceMs }, async ([, count, first]) => {
  const { calls } = fateOfFirst(count, first);
  const { deploymentId } = await becomesReady(installation, first);
  calls.clear();
  await isReleased(installation, deploymentId);
  expect([...calls.keys()]).toEqual(expect.arrayContaining(stageFunctions));
});
