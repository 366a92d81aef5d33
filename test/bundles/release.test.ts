import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import type { FaultRule } from '../../local/faults.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { type StageName, stageNames } from '../../shared/pipeline.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { inventoryOf, oneOfEverything } from './inventory.ts';
import { askedOf, expectNothingLeft, invokeAsynchronously } from './releasing.ts';

const event = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer.json', import.meta.url), 'utf8'),
) as SpecInput & { dns: object };

/** The calls of each stage's release that change the cloud; of a stage that has nothing to delete, its claim. */
const deletesOf: Record<StageName, Pick<FaultRule, 'service' | 'action' | 'times'>[]> = {
  verify: [{ service: 'tablestore', action: 'PutRow' }],
  dns: [{ action: 'DeleteDomainRecord' }],
  health: [{ service: 'tablestore', action: 'PutRow' }],
  listener: [{ action: 'DeleteListener' }],
  'ipv6-internet': [{ action: 'DisableLoadBalancerIpv6Internet' }],
  'backend-servers': [{ action: 'RemoveServersFromServerGroup' }],
  instances: [{ action: 'DeleteInstances' }],
  'server-group': [{ action: 'DeleteServerGroup' }],
  'load-balancer': [{ action: 'DeleteLoadBalancer' }],
  'security-group': [{ action: 'DeleteSecurityGroup' }],
  network: [{ action: 'DeleteIpv6Gateway' }, { action: 'DeleteVSwitch', times: 2 }, { action: 'DeleteVpc' }],
  preflight: [{ service: 'tablestore', action: 'PutRow' }],
};

let installation: TestInstallation;
beforeAll(async () => {
  installation = await TestInstallation.start();
}, patienceMs);
afterAll(async () => {
  await installation.close();
});

let count = 0;

/** A ready deployment of the tutorial's request. */
async function ready(): Promise<string> {
  const { cloud } = installation;
  cloud.faults.clear();
  installation.doubles.clear();
  count += 1;
  const rr = `release-${count}`;
  const id = await installation.request({ ...event, name: rr, dns: { ...event.dns, rr } });
  const [record] = await installation.runUntilSettled(id);
  expect(record?.status).toBe('ready');
  expect(inventoryOf(cloud, id)).toEqual(oneOfEverything);
  return id;
}

/** Releases under the faults, and holds the end to the promise. */
async function release(id: string, faults: FaultRule[] = []): Promise<void> {
  const { cloud } = installation;
  cloud.faults.add(...faults);
  expect((await installation.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
  await installation.runUntilSettled(id);
  await askedOf(installation, id);
  await expectNothingLeft(installation);
  expect(cloud.faults.list().filter(({ struck, times = 1 }) => struck !== times)).toEqual([]);
}

/** No stage and turn had two messages at one time. */
const expectNoDoubles = () => expect([...installation.doubles]).toEqual([]);

const killing = (kind: FaultRule['kind']): FaultRule[] =>
  stageNames.flatMap((stage) =>
    deletesOf[stage].map((call) => ({ ...call, kind, functionName: `dualstack-alb-${stage}` })),
  );

it('releases everything through the triggers', { timeout: patienceMs }, async () => {
  await release(await ready());
  expectNoDoubles();
});

it('releases everything when the queue triggers invoke asynchronously', { timeout: patienceMs }, async () => {
  invokeAsynchronously(installation, true);
  try {
    await release(await ready());
    expectNoDoubles();
  } finally {
    invokeAsynchronously(installation, false);
  }
});

it('leaves nothing though every stage’s instance dies before each delete', { timeout: patienceMs }, async () => {
  await release(await ready(), killing('kill-before'));
  expectNoDoubles();
});

it('leaves nothing though every stage’s instance dies after each delete', { timeout: patienceMs }, async () => {
  // Each redelivery to `network` goes on with the next delete, so its first message uses up all retries: the way out leads
  // over the dead-letter queue and the sweep.
  await release(await ready(), killing('kill-after'));
  expect(installation.logs.some(({ message }) => message.includes('moved to dualstack-alb-dead-letter'))).toBe(true);
});

it('leaves nothing though every stage’s instance dies after the record', { timeout: patienceMs }, async () => {
  const faults = stageNames.map((stage): FaultRule => ({
    kind: 'kill-before',
    service: 'mns',
    action: 'SendMessage',
    functionName: `dualstack-alb-${stage}`,
  }));
  // The end of it all has nothing to send: there the instance dies before the deployment leaves the list of the sweep.
  const last: FaultRule = {
    kind: 'kill-before',
    service: 'tablestore',
    action: 'DeleteRow',
    functionName: 'dualstack-alb-preflight',
  };
  await release(await ready(), [...faults, last]);
  expectNoDoubles();
});

it('releases once though the api’s instance dies after its record', { timeout: patienceMs }, async () => {
  const id = await ready();
  const functionName = 'dualstack-alb-api';
  installation.cloud.faults.add({ kind: 'kill-after', service: 'tablestore', action: 'PutRow', functionName });
  // The client cannot know whether its request came through, and repeats it.
  expect((await installation.api('DELETE', `/load-balancers/${id}`)).status).toBe(502);
  expect(installation.record(id)).toMatchObject({ status: 'releasing', epoch: 1 });
  await release(id);
  expect(installation.record(id).epoch).toBe(1);
  expectNoDoubles();
});
