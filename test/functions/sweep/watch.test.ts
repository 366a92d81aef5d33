import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertAfterObservation } from '../../../shared/alert/after-observation.ts';
import type { DeploymentRecord } from '../../../shared/deployment/record.ts';
import type { SpecInput } from '../../../shared/deployment/spec.ts';
import { newUlid } from '../../../shared/ulid.ts';
import { Harness } from '../../support/harness.ts';
import { addReadyDeployment } from '../../support/ready-deployment.ts';
import { minute, observed, silent } from '../../shared/alert/observations.ts';

let harness: Harness;
let id: string;
beforeEach(async () => {
  harness = await Harness.start({ latency: 'none', sweeps: false, readTimeoutMs: 10_000 });
  id = newUlid(harness.clock.nowMs());
});
afterEach(() => harness.close());

/** A deployment that became ready just now. */
const ready = (alerts: SpecInput['alerts'] = {}) => addReadyDeployment(harness.runtime('api'), id, { alerts });
const becomes = (change: Partial<DeploymentRecord>) =>
  harness.runtime('api').deployments.update(id, (record) => ({ ...record, ...change }));
const see = async (count: number, other = {}) => {
  for (let done = 0; done < count; done += 1) {
    harness.clock.advance(minute);
    await alertAfterObservation(harness.runtime('probe'))({ ...observed(harness.clock.nowMs(), other), targetId: id });
    await harness.sweep();
  }
};
const pass = async (minutes: number) => {
  for (let done = 0; done < minutes; done += 1) {
    harness.clock.advance(minute);
    await harness.sweep();
  }
};
const told = () =>
  harness.cloud.tablestore
    .rows('dualstack_alb_events')
    .flatMap((row) => (row['kind'] === 'alert' ? [String(row['text']).split(':')[0]] : []));

describe('a release that is blocked', () => {
  const block = (isShown: boolean) => {
    const atMs = harness.clock.nowMs();
    const obstacle = { code: 'Forbidden.RAM', message: 'no permission', sinceMs: atMs, atMs, times: 3, isShown };
    return harness.runtime('api').deployments.update(id, (record) => ({
      ...record,
      status: 'releasing',
      desired: 'released',
      wasBlocked: true,
      stages: {
        ...record.stages,
        network: {
          ...record.stages.network,
          release: { ...record.stages.network.release, state: 'waiting', obstacle, dueAtMs: atMs + 3_600_000 },
        },
      },
    }));
  };

  it('is an alert once people are shown it', async () => {
    await ready();
    await block(false);
    await pass(2);
    expect(told()).toEqual([]);
    await block(true);
    await pass(3);
    expect(told()).toEqual(['fired release-blocked']);
  });

  it('resolves its alert when all is gone, and is then forgotten', async () => {
    await ready();
    await block(true);
    await pass(1);
    await becomes({ status: 'released' });
    await pass(2);
    expect(told().sort()).toEqual(['fired release-blocked', 'resolved release-blocked']);
    expect(harness.cloud.tablestore.rows('dualstack_alb_active')).toEqual([]);
    expect(harness.cloud.tablestore.rows('dualstack_alb_alerts')).toEqual([]);
  });
});

describe('the dead man’s switch', () => {
  it('tells that nothing was observed for three ticks', async () => {
    await ready();
    await see(5);
    await pass(3);
    expect(told()).toEqual([]);
    await pass(1);
    expect(told()).toEqual(['fired no-observation']);
    await pass(10);
    expect(told()).toHaveLength(1);
    await see(1);
    expect(told().sort()).toEqual(['fired no-observation', 'resolved no-observation']);
  });

  it('counts from when it became ready', async () => {
    await ready();
    await pass(3);
    expect(told()).toEqual([]);
    await pass(1);
    expect(told()).toEqual(['fired no-observation']);
  });

  it('takes the ticks of the deployment', async () => {
    await ready({ tickMs: 5 * minute });
    await pass(15);
    expect(told()).toEqual([]);
    await pass(1);
    expect(told()).toEqual(['fired no-observation']);
  });

  it('keeps quiet about what has never been ready', async () => {
    await ready();
    await harness.runtime('api').deployments.update(id, ({ readyAtMs: _readyAtMs, ...record }) => ({
      ...record,
      status: 'failed',
    }));
    await pass(10);
    expect(told()).toEqual([]);
  });

  it.each(['repairing', 'failed'] as const)('looks after what has been ready and is %s', async (status) => {
    await ready();
    await becomes({ status });
    await pass(4);
    expect(told()).toEqual(['fired no-observation']);
  });

  it('keeps quiet about what has been rolled back', async () => {
    await ready();
    await becomes({ status: 'failed', desired: 'released', rolledBack: true });
    await pass(10);
    expect(told()).toEqual([]);
  });
});

describe('the sweep', () => {
  it('tells at the end of maintenance what is still so, though nothing is observed', async () => {
    const from = new Date(harness.clock.nowMs()).toISOString();
    const to = new Date(harness.clock.nowMs() + 6.5 * minute).toISOString();
    await ready({ maintenance: [{ from, to }], tickMs: 60 * minute });
    await see(5, silent('ECS02'));
    expect(told()).toEqual([]);
    await pass(2);
    expect(told()).toEqual(['fired backend-down ECS02']);
  });

  it('takes back what was told of a load balancer that is being released', async () => {
    await ready();
    await see(3, silent('ECS02'));
    await becomes({ desired: 'released', status: 'releasing' });
    await pass(10);
    expect(told().sort()).toEqual(['fired backend-down ECS02', 'resolved backend-down ECS02']);
  });

  it('compares with the record when an alert begins, every five minutes while it lasts, else each hour', async () => {
    await ready();
    const compared: number[] = [];
    const minutes = async (count: number, other = {}) => {
      for (let done = 0; done < count; done += 1) {
        harness.clock.advance(minute);
        const observation = { ...observed(harness.clock.nowMs(), other), targetId: id };
        await alertAfterObservation(harness.runtime('probe'))(observation);
        compared.push((await harness.sweep()).compared);
      }
      return compared.splice(0).flatMap((number, index) => (number > 0 ? [index + 1] : []));
    };
    expect(await minutes(70)).toEqual([60]);
    expect(await minutes(14, silent('ECS02'))).toEqual([3, 8, 13]);
  });

  it.each(['repairing', 'failed'] as const)(
    'reminds of an alert while a repair is %s, and takes it back',
    async (status) => {
      await ready({ reminderMs: 10 * minute });
      await see(3, silent('ECS02'));
      await becomes({ status });
      await see(11, silent('ECS02'));
      expect(told().sort()).toEqual(['fired backend-down ECS02', 'reminder backend-down ECS02']);
      await see(2);
      expect(told()).toContain('resolved backend-down ECS02');
    },
  );

  it('tells nothing of what was observed after the release was asked for', async () => {
    await ready();
    await see(2, silent('ECS02'));
    await becomes({ desired: 'released', status: 'releasing' });
    await see(3, silent('ECS02'));
    expect(told()).toEqual([]);
  });

  it('compares after a failed repair, and not while one is under way', async () => {
    await ready();
    await becomes({ status: 'repairing' });
    harness.clock.advance(61 * minute);
    expect(await harness.sweep()).toMatchObject({ compared: 0 });
    await becomes({ status: 'failed' });
    expect(await harness.sweep()).toMatchObject({ compared: 1 });
  });

  it('forgets the alerts of what is gone', async () => {
    await ready();
    await see(3, silent('ECS02'));
    await becomes({ desired: 'released', status: 'released' });
    await pass(1);
    expect(told()).toHaveLength(2);
    expect(harness.cloud.tablestore.rows('dualstack_alb_alerts')).toEqual([]);
  });

  it('sends another message for notices that nobody came for', async () => {
    await ready();
    await see(3, silent('ECS02'));
    const queue = harness.cloud.mns.queues.get('dualstack-alb-alert');
    const before = queue?.messages.length ?? 0;
    await see(1, silent('ECS02'));
    expect(queue?.messages.length).toBe(before + 1);
  });
});
