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

const kills = stageNames.flatMap((stage) =>
  actionsOf[stage].map((call): FaultRule => ({ ...call, kind: 'kill-after', functionName: `dualstack-alb-${stage}` })),
);

/** Every write of both directions, and both sides of it: `npm run test:survival`. */
it('every stage’s instance dies after each create', { timeout: patienceMs }, async ({ onTestFinished }) => {
  const installation = await TestInstallation.start();
  onTestFinished(() => installation.close());
  const { faults } = installation.cloud;
  faults.add(...kills);
  const { deploymentId, stages } = await becomesReady(installation, 'killed');
  expect(faults.list().filter(({ struck }) => struck !== 1)).toEqual([]);
  expect([...installation.doubles]).toEqual([]);
  const resources = stageNames.flatMap((name) => stages[name].resources);
  expect(resources.filter(({ created }) => !created)).toEqual([]);
  faults.clear();
  await isReleased(installation, deploymentId);
});
