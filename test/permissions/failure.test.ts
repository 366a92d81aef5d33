import { expect, it, onTestFinished } from 'vitest';
import type { StageName } from '../../shared/pipeline.ts';
import { cloudResources, recordedResources } from '../support/cloud-resources.ts';
import { StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';
import { policyWithout } from './policies.ts';

it.each<[action: string, stage: StageName]>([
  ['alb:DescribeZones', 'preflight'],
  ['ecs:RunInstances', 'instances'],
])('without %s the record says what to grant, and lists all that stands', async (action, stage) => {
  const driver = await StageDriver.start({ latency: 'none' });
  onTestFinished(() => driver.close());
  const { cloud, config } = driver.harness;
  cloud.credentials.setRolePolicies(`${config.name}-provisioner`, [policyWithout('provisioner', action)]);
  const record = await driver.provision(tutorial());
  expect(record.status).toBe('failed');
  expect(record.failure).toMatchObject({ stage, action: 'apply', code: 'Forbidden.RAM' });
  expect(record.failure?.message).toContain(action);
  expect(record.failure?.remedy).toBe('Give the role of the function the permission that the message names.');
  expect(record.failure?.requestId).toMatch(/^[0-9A-F-]{36}$/);
  expect(cloudResources(cloud)).toEqual(recordedResources(record));
});
