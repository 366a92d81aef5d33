import { expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { root } from '../../cli/build.mjs';
import { latencies } from '../../local/latency.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { inventoryOf, nothing, oneOfEverything } from './inventory.ts';
import { askedOf, expectNothingLeft } from './releasing.ts';

const read = (name: string): string => readFileSync(new URL(name, `file://${root}/`), 'utf8');

it(
  'does the main job with all stages on one queue, and releases it',
  { timeout: patienceMs },
  async ({ onTestFinished }) => {
    const installation = await TestInstallation.start({
      oneQueue: true,
      latency: { ...latencies.none, healthCheckIntervalMs: 5000 },
    });
    onTestFinished(() => installation.close());
    expect([...installation.cloud.mns.queues.keys()].sort()).toEqual([
      'dualstack-alb-alert',
      'dualstack-alb-dead-letter',
      'dualstack-alb-probe',
      'dualstack-alb-stages',
    ]);

    const id = await installation.request(JSON.parse(read('events/create-load-balancer.json')) as SpecInput);
    const [record] = await installation.runUntilSettled(id);
    expect(record?.failure).toBeUndefined();
    expect(record?.status).toBe('ready');
    expect(inventoryOf(installation.cloud, id)).toEqual(oneOfEverything);
    expect(inventoryOf(installation.cloud, undefined)).toEqual(nothing);
    expect([...installation.doubles]).toEqual([]);

    expect((await installation.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
    await installation.runUntilSettled(id);
    await askedOf(installation, id);
    await expectNothingLeft(installation);
  },
);
