import { expect, it, onTestFinished } from 'vitest';
import { readFileSync } from 'node:fs';
import { Harness } from '../support/harness.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';

const event = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer.json', import.meta.url), 'utf8'),
) as SpecInput;

it('provisions the tutorial’s load balancer from one request', async () => {
  const t0 = performance.now();
  const harness = await Harness.start();
  onTestFinished(() => harness.close());
  const id = await harness.request(event);
  const t1 = performance.now();
  const record = await harness.runUntil(id, 'ready', 'failed');
  console.log(
    'boot',
    t1 - t0,
    'run',
    performance.now() - t1,
    'calls',
    harness.cloud.edge.calls,
    'virtual',
    (harness.clock.nowMs() - record.createdAtMs) / 1000,
  );
  expect(record.failure).toBeUndefined();
  expect(record.status).toBe('ready');
});
