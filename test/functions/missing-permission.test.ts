import { expect, it, onTestFinished } from 'vitest';
import { readFileSync } from 'node:fs';
import type { PolicyDocument } from '../../local/credentials.ts';
import type { StageName } from '../../shared/pipeline.ts';
import { cloudResources, recordedResources } from '../support/cloud-resources.ts';
import { StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

const provisioner = JSON.parse(
  readFileSync(new URL('../../policies/provisioner.json', import.meta.url), 'utf8'),
) as PolicyDocument;

/** The role's policy without one of its actions. */
const without = (missing: string): PolicyDocument => ({
  ...provisioner,
  Statement: provisioner.Statement.map((statement) => ({
    ...statement,
    Action: [statement.Action].flat().filter((action) => action !== missing),
  })).filter(({ Action }) => Action.length > 0),
});

const cases: [action: string, stage: StageName, code: string][] = [
  ['alb:DescribeZones', 'preflight', 'Forbidden.RAM'],
  ['vpc:CreateVpc', 'preflight', 'Forbidden.RAM'],
  ['ecs:DescribeAvailableResource', 'preflight', 'Forbidden.RAM'],
  ['vpc:CreateVSwitch', 'network', 'Forbidden.RAM'],
  ['vpc:CreateIpv6Gateway', 'network', 'Forbidden.RAM'],
  ['ecs:AuthorizeSecurityGroup', 'security-group', 'Forbidden.RAM'],
  ['alb:CreateServerGroup', 'server-group', 'Forbidden.RAM'],
  ['ram:CreateServiceLinkedRole', 'load-balancer', 'NoPermission'],
  ['alb:CreateLoadBalancer', 'load-balancer', 'Forbidden.RAM'],
  ['ecs:RunInstances', 'instances', 'Forbidden.RAM'],
  ['alb:EnableLoadBalancerIpv6Internet', 'ipv6-internet', 'Forbidden.RAM'],
  ['alb:AddServersToServerGroup', 'backend-servers', 'Forbidden.RAM'],
  ['alb:CreateListener', 'listener', 'Forbidden.RAM'],
  ['alb:GetListenerHealthStatus', 'health', 'Forbidden.RAM'],
  ['alidns:AddDomainRecord', 'dns', 'Forbidden.RAM'],
];

it.each(cases)('without %s the deployment fails at %s, with what to grant', async (action, stage, code) => {
  const driver = await StageDriver.start({ latency: 'none' });
  onTestFinished(() => driver.close());
  const { cloud, config } = driver.harness;
  cloud.credentials.setRolePolicies(`${config.name}-provisioner`, [without(action)]);
  const record = await driver.provision(tutorial());
  expect(record.status).toBe('failed');
  expect(record.failure).toMatchObject({ stage, action: 'apply', code });
  expect(record.failure?.message).toContain(action);
  expect(record.failure?.remedy).toContain('Give the role of the function the permission that the message names.');
  if (stage !== 'preflight') expect(record.failure?.requestId).toMatch(/^[0-9A-F-]{36}$/);
  expect(cloudResources(cloud)).toEqual(recordedResources(record));
});
