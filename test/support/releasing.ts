import { expect, vi } from 'vitest';
import type { EmbeddedCloud } from '../../local/cloud.ts';
import type { CallFacts, WireAnswer } from '../../local/wire.ts';
import type { TestInstallation } from './installation.ts';
import { remainsOf } from './remains.ts';

interface Shown {
  status: string;
  failure?: object;
  proof?: { isEmpty: boolean; looks: { asked: { what: string; by: string; found: string[] }[] }[] };
}

/** Holds a released deployment to the promise: the proof, in two looks. @returns the ids, marks and names it asked for. */
export async function askedOf(installation: TestInstallation, deploymentId: string): Promise<string[]> {
  const response = await installation.api('GET', `/load-balancers/${deploymentId}`);
  const { status, failure, proof } = (await response.json()) as Shown;
  expect(failure).toBeUndefined();
  expect(status).toBe('released');
  expect(proof?.isEmpty).toBe(true);
  expect(proof?.looks).toHaveLength(2);
  const [first = [], second = []] = proof?.looks.map(({ asked }) => asked) ?? [];
  expect([...first, ...second].flatMap(({ found }) => found)).toEqual([]);
  const questions = first.map(({ what, by }) => `${what} by ${by}`);
  expect(second.map(({ what, by }) => `${what} by ${by}`)).toEqual(questions);
  expect(questions).toEqual(
    expect.arrayContaining(['vpc VPC by mark', 'ecs Instance by mark', 'alb LoadBalancer by mark']),
  );
  return first.map(({ by }) => by);
}

/** Only what stood there before is there, nothing is under way, nothing is left to the sweep, nothing ended as a dead letter. */
export async function expectNothingLeft(installation: TestInstallation, existing: string[] = []): Promise<void> {
  const { cloud } = installation;
  expect(remainsOf(cloud)).toEqual(existing);
  // Where the last instance died before it took the deployment off the list, the next sweep does.
  await installation.run(() => cloud.tablestore.rows('dualstack_alb_active').length === 0, 3 * 60_000);
  expect(cloud.mns.queues.get('dualstack-alb-dead-letter')?.messages).toEqual([]);
}

/** From now on all queue triggers invoke in the other way; the functions and their instances stay. */
export function invokeAsynchronously({ functions }: TestInstallation, asyncInvocationType: boolean): void {
  functions.install(
    functions.functions.map((spec) => ({
      ...spec,
      triggers: spec.triggers.map((trigger) =>
        trigger.triggerType === 'eventbridge'
          ? { ...trigger, triggerConfig: { ...trigger.triggerConfig, asyncInvocationType } }
          : trigger,
      ),
    })),
  );
}

/** A call of a function to one of the products, before it has any effect. */
export interface InterceptedCall extends CallFacts {
  functionName: string;
}

/** Stands between the functions and the products of the cloud: `effect` lets the call through. */
export function interceptCalls(
  cloud: EmbeddedCloud,
  intercept: (call: InterceptedCall, effect: () => Promise<WireAnswer>) => Promise<WireAnswer>,
): void {
  for (const service of cloud.services) {
    if (service.api === undefined) continue;
    const handle = service.handle.bind(service);
    vi.spyOn(service, 'handle').mockImplementation(async (request, signal) => {
      const facts = service.describe(request);
      const functionName = cloud.credentials.find(facts.accessKeyId ?? '')?.principal.functionName ?? '';
      return await intercept({ ...facts, functionName }, () => handle(request, signal));
    });
  }
}
