import { expect, it, onTestFinished } from 'vitest';
import { readFileSync } from 'node:fs';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { stageNames } from '../../shared/pipeline.ts';
import { notExactlyOne } from '../chaos/invariants.ts';
import { Harness } from '../support/harness.ts';

const event = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer.json', import.meta.url), 'utf8'),
) as SpecInput;

it('provisions the tutorial’s load balancer from one request', async () => {
  const harness = await Harness.start();
  onTestFinished(() => harness.close());
  const id = await harness.request(event);
  const record = await harness.runUntil(id, 'ready', 'failed');
  expect(record.failure).toBeUndefined();
  expect(record.status).toBe('ready');
  expect(stageNames.filter((name) => record.stages[name].apply.state !== 'done')).toEqual([]);
  expect(record.conditions.map(({ type, status }) => [type, status])).toEqual([
    ['HealthyByApi', 'True'],
    ['AnswersOverIpv6', 'True'],
    ['AnswersOverIpv4', 'True'],
    ['NameResolves', 'True'],
    ['ZonesInService', 'True'],
  ]);
  expect(notExactlyOne(harness.cloud, record)).toEqual([]);
});
