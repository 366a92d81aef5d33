import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import type { FaultRule } from '../../local/faults.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { type StageName, stageNames } from '../../shared/pipeline.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { inventoryOf, nothing, oneOfEverything } from './inventory.ts';

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

let installation: TestInstallation;
beforeAll(async () => {
  installation = await TestInstallation.start();
}, patienceMs);
afterAll(async () => {
  await installation.close();
});

let count = 0;

/** Runs the tutorial's request under the faults, and holds it to the promise. */
async function survives(faults: FaultRule[]): Promise<void> {
  const { cloud } = installation;
  count += 1;
  const rr = `killed-${count}`;
  cloud.faults.clear();
  installation.doubles.clear();
  cloud.faults.add(...faults);
  const id = await installation.request({ ...event, name: rr, dns: { ...event.dns, rr } });
  const [record] = await installation.runUntilSettled(id);
  expect(cloud.faults.list().filter(({ struck }) => struck !== 1)).toEqual([]);
  expect(record?.failure).toBeUndefined();
  expect(record?.status).toBe('ready');
  expect(inventoryOf(cloud, id)).toEqual(oneOfEverything);
  expect(inventoryOf(cloud, undefined)).toEqual(nothing);
  expect([...installation.doubles]).toEqual([]);
  const resources = stageNames.flatMap((name) => record?.stages[name].resources ?? []);
  expect(resources.filter(({ created }) => !created)).toEqual([]);
  // Its health checks would go on through the minutes of the next test.
  cloud.alb.listeners.clear();
}

const killing = (kind: FaultRule['kind']): FaultRule[] =>
  stageNames.flatMap((stage) =>
    actionsOf[stage].map((call) => ({ ...call, kind, functionName: `dualstack-alb-${stage}` })),
  );

it(
  'finds a lost message though the sweep’s instance dies after its mark, before its send',
  { timeout: patienceMs },
  async () => {
    installation.cloud.mns.loseNext('dualstack-alb-network');
    await survives([
      { kind: 'kill-before', service: 'mns', action: 'SendMessage', functionName: 'dualstack-alb-sweep' },
    ]);
    expect(installation.cloud.mns.queues.get('dualstack-alb-network')?.lost).toHaveLength(1);
  },
);

it('survives that every stage’s instance dies before each create', { timeout: patienceMs }, async () => {
  await survives(killing('kill-before'));
});

it(
  'survives that every stage’s instance dies after each create, before the record',
  { timeout: patienceMs },
  async () => {
    await survives(killing('kill-after'));
  },
);

it('survives that every stage’s instance dies after the record, before the send', { timeout: patienceMs }, async () => {
  await survives(
    stageNames.map((stage): FaultRule => {
      const functionName = `dualstack-alb-${stage}`;
      // The last stage has nothing to send: the claim is its first write, the outcome its second.
      return stage === 'verify'
        ? { kind: 'kill-after', service: 'tablestore', action: 'PutRow', skip: 1, functionName }
        : { kind: 'kill-before', service: 'mns', action: 'SendMessage', functionName };
    }),
  );
});

it(
  'accepts a request once though the api’s instance dies after each of its writes, and before its send',
  { timeout: patienceMs },
  async () => {
    const functionName = 'dualstack-alb-api';
    await survives([
      {
        kind: 'kill-after',
        service: 'tablestore',
        action: 'PutRow',
        params: { table_name: 'dualstack_alb_idempotency' },
        functionName,
      },
      {
        kind: 'kill-after',
        service: 'tablestore',
        action: 'PutRow',
        params: { table_name: 'dualstack_alb_deployments' },
        functionName,
      },
      {
        kind: 'kill-after',
        service: 'tablestore',
        action: 'PutRow',
        params: { table_name: 'dualstack_alb_active' },
        functionName,
      },
      { kind: 'kill-before', service: 'mns', action: 'SendMessage', functionName },
    ]);
  },
);
