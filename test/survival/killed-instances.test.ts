import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import type { FaultRule } from '../../local/faults.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { type StageName, stageNames } from '../../shared/pipeline.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { inventoryOf, nothing, oneOfEverything } from '../support/inventory.ts';
import { askedOf, expectNothingLeft } from '../support/releasing.ts';

const event = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer.json', import.meta.url), 'utf8'),
) as SpecInput & { dns: object };

/**
 * The calls of each stage that change the cloud; of a stage that only looks, one that looks. At most three of a stage: a
 * trigger pushes one message four times.
 */
const actionsOf: Record<StageName, Pick<FaultRule, 'action' | 'params'>[]> = {
  preflight: [{ action: 'DescribeDomainRecords' }],
  network: [
    { action: 'CreateVpc' },
    { action: 'CreateVSwitch', params: { VSwitchName: 'vSwitch2' } },
    { action: 'CreateIpv6Gateway' },
  ],
  'security-group': [{ action: 'CreateSecurityGroup' }, { action: 'AuthorizeSecurityGroup' }],
  'server-group': [{ action: 'CreateServerGroup' }],
  'load-balancer': [{ action: 'CreateLoadBalancer' }],
  instances: [
    { action: 'RunInstances', params: { InstanceName: 'ECS01' } },
    { action: 'RunInstances', params: { InstanceName: 'ECS02' } },
  ],
  'ipv6-internet': [{ action: 'EnableLoadBalancerIpv6Internet' }],
  'backend-servers': [{ action: 'AddServersToServerGroup' }],
  listener: [{ action: 'CreateListener' }],
  health: [{ action: 'GetListenerHealthStatus' }],
  dns: [{ action: 'AddDomainRecord' }],
  verify: [{ action: 'GetListenerHealthStatus' }],
};

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

/** No stage and turn had two messages at one time. */
const expectNoDoubles = () => expect([...installation.doubles]).toEqual([]);

let count = 0;

/** Runs the tutorial's request under the faults, and holds it to the promise. @returns the deployment's id. */
async function becomesReady(faults: FaultRule[]): Promise<string> {
  const { cloud } = installation;
  count += 1;
  const rr = `killed-${count}`;
  cloud.faults.clear();
  installation.doubles.clear();
  cloud.faults.add(...faults);
  const id = await installation.request({ ...event, name: rr, dns: { ...event.dns, rr } });
  const [record] = await installation.runUntilSettled(id);
  expectStruck();
  expect(record?.failure).toBeUndefined();
  expect(record?.status).toBe('ready');
  expect(inventoryOf(cloud, id)).toEqual(oneOfEverything);
  expect(inventoryOf(cloud, undefined)).toEqual(nothing);
  expectNoDoubles();
  const resources = stageNames.flatMap((name) => record?.stages[name].resources ?? []);
  expect(resources.filter(({ created }) => !created)).toEqual([]);
  return id;
}

/** Releases it under the faults, and holds the end to the promise. */
async function isReleased(id: string, faults: FaultRule[]): Promise<void> {
  installation.cloud.faults.clear();
  installation.cloud.faults.add(...faults);
  expect((await installation.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
  await installation.runUntilSettled(id);
  await askedOf(installation, id);
  await expectNothingLeft(installation);
  expectStruck();
}

const expectStruck = () =>
  expect(installation.cloud.faults.list().filter(({ struck, times = 1 }) => struck !== times)).toEqual([]);

const killing = (kind: FaultRule['kind'], actions: Record<StageName, Omit<FaultRule, 'kind'>[]>): FaultRule[] =>
  stageNames.flatMap((stage) =>
    actions[stage].map((call) => ({ ...call, kind, functionName: `dualstack-alb-${stage}` })),
  );

/** Each stage's instance dies before it tells the next one; `last` is one that has nothing to send. */
const killingBeforeSend = (last: FaultRule): FaultRule[] => [
  ...stageNames
    .map((stage) => `dualstack-alb-${stage}`)
    .filter((functionName) => functionName !== last.functionName || last.action === 'DeleteRow')
    .map((functionName): FaultRule => ({ kind: 'kill-before', service: 'mns', action: 'SendMessage', functionName })),
  last,
];

it('every stage’s instance dies before each create, and before each delete', { timeout: patienceMs }, async () => {
  const id = await becomesReady(killing('kill-before', actionsOf));
  await isReleased(id, killing('kill-before', deletesOf));
  expectNoDoubles();
});

it('every stage’s instance dies after each create, and after each delete', { timeout: patienceMs }, async () => {
  const id = await becomesReady(killing('kill-after', actionsOf));
  // Each redelivery to `network` goes on with the next delete, so its first message uses up all retries: the way out leads
  // over the dead-letter queue and the sweep.
  await isReleased(id, killing('kill-after', deletesOf));
  expect(installation.logs.some(({ message }) => message.includes('moved to dualstack-alb-dead-letter'))).toBe(true);
});

it('every stage’s instance dies after its record, before its send', { timeout: patienceMs }, async () => {
  // The last stage has nothing to send: the claim is its first write, the outcome its second.
  const functionName = 'dualstack-alb-verify';
  const id = await becomesReady(
    killingBeforeSend({ kind: 'kill-after', service: 'tablestore', action: 'PutRow', skip: 1, functionName }),
  );
  // Nor has the end of a release: there the instance dies before the deployment leaves the list of the sweep.
  const last: FaultRule = {
    kind: 'kill-before',
    service: 'tablestore',
    action: 'DeleteRow',
    functionName: 'dualstack-alb-preflight',
  };
  await isReleased(id, killingBeforeSend(last));
  expectNoDoubles();
});

it(
  'the api’s instance dies after each of its writes, and before its send: a request, a release, each once',
  { timeout: patienceMs },
  async () => {
    const functionName = 'dualstack-alb-api';
    const after = (table: string): FaultRule => ({
      kind: 'kill-after',
      service: 'tablestore',
      action: 'PutRow',
      params: { table_name: `dualstack_alb_${table}` },
      functionName,
    });
    const beforeSend: FaultRule = { kind: 'kill-before', service: 'mns', action: 'SendMessage', functionName };
    const id = await becomesReady([after('idempotency'), after('deployments'), after('active'), beforeSend]);

    installation.cloud.faults.clear();
    installation.cloud.faults.add(after('deployments'));
    // The client cannot know whether its request came through, and repeats it.
    expect((await installation.api('DELETE', `/load-balancers/${id}`)).status).toBe(502);
    expect(installation.record(id)).toMatchObject({ status: 'releasing', epoch: 1 });
    await isReleased(id, []);
    expect(installation.record(id).epoch).toBe(1);
    expectNoDoubles();
  },
);

it(
  'a message is lost, and the sweep’s instance dies after its mark, before its send',
  { timeout: patienceMs },
  async () => {
    installation.cloud.mns.loseNext('dualstack-alb-network');
    await becomesReady([
      { kind: 'kill-before', service: 'mns', action: 'SendMessage', functionName: 'dualstack-alb-sweep' },
    ]);
    expect(installation.cloud.mns.queues.get('dualstack-alb-network')?.lost).toHaveLength(1);
  },
);
