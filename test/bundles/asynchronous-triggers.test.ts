import { expect, it } from 'vitest';
import { latencies } from '../../local/latency.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { becomesReady, isReleased } from '../support/whole-life.ts';

it(
  'becomes ready, and is released, when the queue triggers invoke asynchronously',
  { timeout: patienceMs },
  async ({ onTestFinished }) => {
    const installation = await TestInstallation.start({
      asyncInvocation: true,
      latency: { ...latencies.none, healthCheckIntervalMs: 5000 },
    });
    onTestFinished(() => installation.close());
    const { deploymentId } = await becomesReady(installation, 'async');
    await isReleased(installation, deploymentId);
    expect([...installation.doubles]).toEqual([]);
  },
);
