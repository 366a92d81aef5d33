import { expect, it } from 'vitest';
import type { FaultRule } from '../../local/faults.ts';
import { type StageName, stageNames } from '../../shared/pipeline.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { becomesReady, isReleased } from '../support/whole-life.ts';

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
  'load-balancer': [{ action: 'CreateServiceLinkedRole' }, { action: 'CreateLoadBalancer' }],
  instances: [
    { action: 'RunInstances', params: { InstanceName: 'ECS01' } },
    { action: 'RunInstances', params: { InstanceName: 'ECS02' } },
  ],
  'ipv6-internet': [{ action: 'EnableLoadBalancerIpv6Internet' }],
  'backend-servers': [{ action: 'AddServersToServerGroup' }],
  listener: [{ action: 'CreateListener' }],
  health: [{ action: 'GetListenerHealthStatus' }],
  dns: [{ action: 'AddDomainRecord' }, { action: 'UpdateDomainRecordRemark' }],
  verify: [{ action: 'GetListenerHealthStatus' }],
};

/** A call of each stage's release that changes the cloud; of a stage that has nothing to delete, its claim. */
const deletesOf: Record<StageName, Pick<FaultRule, 'service' | 'action'>[]> = {
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
  network: [{ action: 'DeleteVpc' }],
  preflight: [{ service: 'tablestore', action: 'PutRow' }],
};

const killing = (actions: Record<StageName, Omit<FaultRule, 'kind'>[]>): FaultRule[] =>
  stageNames.flatMap((stage) =>
    actions[stage].map((call) => ({ ...call, kind: 'kill-after', functionName: `dualstack-alb-${stage}` })),
  );

/** Every write, and both sides of it: `npm run test:survival`. */
it(
  'every stage’s instance dies after each create, and after each delete',
  { timeout: patienceMs },
  async ({ onTestFinished }) => {
    const installation = await TestInstallation.start();
    onTestFinished(() => installation.close());
    const { faults } = installation.cloud;
    const expectStruck = () => expect(faults.list().filter(({ struck, times = 1 }) => struck !== times)).toEqual([]);
    faults.add(...killing(actionsOf));
    const { deploymentId, stages } = await becomesReady(installation, 'killed');
    expectStruck();
    expect([...installation.doubles]).toEqual([]);
    const resources = stageNames.flatMap((name) => stages[name].resources);
    expect(resources.filter(({ created }) => !created)).toEqual([]);

    faults.clear();
    faults.add(...killing(deletesOf));
    await isReleased(installation, deploymentId);
    expectStruck();
  },
);
