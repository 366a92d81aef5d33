import { expect, it } from 'vitest';
import { latencies } from '../../local/latency.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { becomesReady, isReleased } from '../support/whole-life.ts';

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

    const { deploymentId } = await becomesReady(installation, 'one-queue');
    expect([...installation.doubles]).toEqual([]);
    await isReleased(installation, deploymentId);
  },
);
