import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blockedOf } from '../../shared/deployment/blocked.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import type { StageName } from '../../shared/pipeline.ts';
import { byHand, driftOf, idsOf, instanceIdsOf, repair } from '../support/by-hand.ts';
import { cloudResources, recordedResources } from '../support/cloud-resources.ts';
import { Harness } from '../support/harness.ts';
import { everything as event, type Refusal, refusal, refusals, strike } from '../support/refusals.ts';
import { remainsOf } from '../support/remains.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

interface Shown {
  status: string;
  rolledBack?: boolean;
  failure: {
    stage: string;
    action: string;
    code: string;
    message: string;
    remedy?: string;
    requestId?: string;
    at: string;
  };
  blocked?: { stage: string; code: string; message: string; remedy?: string; requestId?: string };
  proof?: { isEmpty: boolean };
}

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
});
afterAll(() => harness.close());

/** Stages beside the failed one end what they are at. */
const isQuiet = ({ stages }: DeploymentRecord): boolean =>
  Object.values(stages).every(({ apply: { state } }) => state === 'pending' || state === 'done' || state === 'failed');

const show = async (id: string) => (await (await harness.api('GET', `/load-balancers/${id}`)).json()) as Shown;

/** The vendor's request ids of the calls that were answered with the code. */
const refusedWith = (code: string, from: number) =>
  harness.cloud.wireLog.slice(from).flatMap((entry) => (entry.code === code ? [entry.requestId] : []));

describe('a stage that is refused for good', () => {
  describe.each(refusals)('%s', (stage, list) => {
    const retained: SpecInput = { ...event, name: stage, onFailure: 'retain' };
    let id = '';

    /** The first refusal strikes a new deployment, the next ones its retries. */
    async function fail(one: Refusal, spec = retained): Promise<void> {
      strike(harness, stage, one);
      if (id === '') id = await harness.request(spec);
      else expect((await harness.api('POST', `/load-balancers/${id}/retry`, spec)).status).toBe(202);
      await harness.runUntil(id, 'failed');
    }

    it.each(list)('$action refused with $code fails with what happened and what to do', async (one) => {
      const from = harness.cloud.wireLog.length;
      await fail(one);
      const { status, failure, rolledBack } = await show(id);
      expect(status).toBe('failed');
      expect(rolledBack).toBeUndefined();
      if (failure.code !== 'preflight.problems')
        expect(failure).toMatchObject({ stage, action: 'apply', code: one.code });
      expect(failure.message).toContain(one.message);
      expect(failure.remedy).toMatch(/^[A-Z].{20,}\.$/);
      expect(refusedWith(one.code, from)).toContain(failure.requestId);
    });

    it('keeps what was made, and has all of it in the record', async () => {
      await harness.run(async () => isQuiet(await harness.record(id)));
      const made = cloudResources(harness.cloud);
      expect(made).toEqual(recordedResources(await harness.record(id)));
      if (stage === 'preflight' || stage === 'network') return;
      expect(made.length).toBeGreaterThanOrEqual(4);
    });

    // One row of each stage; `npm run test:chaos` tries all. It goes on from what was kept: its call is still to come.
    it.each(list.slice(-1))('leaves nothing behind when it is rolled back after $action, and says why', async (one) => {
      const spec: SpecInput = { ...event, name: stage };
      if ((await show(id)).rolledBack === true) id = '';
      await fail(one, spec);
      expect(remainsOf(harness.cloud)).toEqual([]);
      const { status, rolledBack, failure, proof } = await show(id);
      expect({ status, rolledBack }).toEqual({ status: 'failed', rolledBack: true });
      expect(failure).toMatchObject({ stage, action: 'apply', code: one.code });
      expect(proof?.isEmpty).toBe(stage === 'preflight' ? undefined : true);
    });
  });
});

describe('what the cloud does rather than says', () => {
  const happenings: [what: string, code: string, request: SpecInput, happen: () => void][] = [
    [
      'a load balancer that cannot be created',
      'load-balancer.create-failed',
      { name: 'create-failed' },
      () => harness.cloud.alb.createFailed.add('create-failed'),
    ],
    [
      'P-047: an instance that vanishes after it was accepted',
      'instances.vanished',
      {},
      () => harness.cloud.ecs.lateOutOfStock.add('cn-shanghai-g/ecs.g6.large'),
    ],
    [
      'P-081: a certificate that has gone since preflight',
      'ResourceNotFound.Certificate',
      { listener: { protocol: 'HTTPS', port: 443, certificateIds: ['7654321-cn-shanghai'], redirectHttp: false } },
      () => {
        harness.cloud.alb.dependencies.hasCertificate = (id) => id !== '7654321-cn-shanghai';
      },
    ],
  ];

  it.each(happenings)('%s fails with %s and leaves nothing behind', async (_what, code, request, happen) => {
    const { dependencies } = harness.cloud.alb;
    const { hasCertificate } = dependencies;
    harness.cloud.faults.clear();
    happen();
    const id = await harness.request({ name: 'happening', ...request });
    await harness.runUntil(id, 'failed');
    harness.cloud.ecs.lateOutOfStock.clear();
    dependencies.hasCertificate = hasCertificate;
    const { rolledBack, failure, proof } = await show(id);
    expect(rolledBack).toBe(true);
    expect(failure.code).toBe(code);
    expect(failure.remedy).toMatch(/^[A-Z].{20,}\.$/);
    expect(proof?.isEmpty).toBe(true);
    expect(remainsOf(harness.cloud)).toEqual([]);
  });
});

describe('a repair that is refused for good', () => {
  let id = '';
  let record: DeploymentRecord;

  const rows: [StageName, Refusal, spoil: () => Promise<unknown>][] = [
    [
      'instances',
      refusal('StartInstance', 'OperationDenied.NoStock', 403, 'The requested resource is sold out.'),
      () => byHand(harness, 'ecs', 'StopInstance', { InstanceId: instanceIdsOf(record)['ECS01'] ?? '' }),
    ],
    [
      'instances',
      refusal('StartInstance', 'LackResource', 400, 'There is no enough resource on the capacity reservation.'),
      () => Promise.resolve(),
    ],
    [
      'instances',
      refusal('AssignIpv6Addresses', 'InvalidOperation.Ipv6CountExceeded', 403, 'The count of IPv6 is exceeded.'),
      async () => {
        await byHand(harness, 'ecs', 'StartInstance', { InstanceId: instanceIdsOf(record)['ECS01'] ?? '' });
        const card = harness.cloud.ecs.instance(instanceIdsOf(record)['ECS02'] ?? '');
        await byHand(harness, 'ecs', 'UnassignIpv6Addresses', {
          RegionId: 'cn-shanghai',
          NetworkInterfaceId: card.networkInterfaceId,
          'Ipv6Address.1': card.ipv6Addresses[0] ?? '',
        });
      },
    ],
    [
      'network',
      refusal('TagResources', 'QuotaExceeded.TagNum', 400, 'The quota of tags is exceeded.'),
      () =>
        byHand(harness, 'vpc', 'UnTagResources', {
          RegionId: 'cn-shanghai',
          ResourceType: 'VPC',
          All: 'true',
          'ResourceId.1': idsOf(record)['vpc'] ?? '',
        }),
    ],
  ];

  beforeAll(async () => {
    harness.cloud.faults.clear();
    id = await harness.request({ ...tutorial(), name: 'refused-repair' });
    record = await harness.runUntil(id, 'ready');
  });

  it.each(rows)('%s: %o leaves it serving, with what to do', async (stage, one, spoil) => {
    await spoil();
    strike(harness, stage, one);
    const made = cloudResources(harness.cloud);
    const { failure, rolledBack } = await repair(harness, id);
    expect(rolledBack).toBeUndefined();
    expect(failure).toMatchObject({ stage, action: 'apply', code: one.code });
    expect(failure?.message).toContain(one.message);
    expect(failure?.remedy).toMatch(/^[A-Z].{20,}\.$/);
    expect(cloudResources(harness.cloud)).toEqual(made);
  });

  it('ends ready by the next apply once it is mended', async () => {
    harness.cloud.faults.clear();
    expect((await repair(harness, id)).status).toBe('ready');
    expect(await driftOf(harness, id)).toMatchObject({ differs: false, undecided: [] });
    expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
    await harness.runUntil(id, 'released');
    expect(remainsOf(harness.cloud)).toEqual([]);
  });
});

describe('a release that is refused', () => {
  /** In the order of the release: once one is over, the release goes on to the next. */
  const inTheWay: [StageName, Refusal][] = [
    ['dns', refusal('DeleteDomainRecord', 'DomainRecordLocked', 400, 'The record is locked.')],
    ['listener', refusal('DeleteListener', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
    ['backend-servers', refusal('RemoveServersFromServerGroup', 'Forbidden.RAM', 403, 'User not authorized.')],
    ['instances', refusal('DeleteInstances', 'InvalidOperation.DeletionProtection', 403, 'It is protected.')],
    [
      'instances',
      refusal('DeleteInstances', 'ChargeTypeViolation', 403, 'Pay-As-You-Go instances can be released only.'),
    ],
    [
      'security-group',
      refusal('DeleteSecurityGroup', 'InvalidOperation.ResourceManagedByCloudProduct', 403, 'Managed.'),
    ],
    ['network', refusal('DeleteIpv6Gateway', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
    ['network', refusal('DeleteVSwitch', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
    ['network', refusal('DeleteVpc', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
    ['preflight', refusal('DescribeVpcs', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
  ];
  let id = '';

  beforeAll(async () => {
    harness.cloud.faults.clear();
    id = await harness.request({ ...event, name: 'refused-release' });
    await harness.runUntil(id, 'ready');
    expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
  });

  const untilBlockedBy = (deploymentId: string, { action, code }: Refusal): Promise<void> =>
    harness.run(async () => {
      const blocked = blockedOf(await harness.record(deploymentId));
      return blocked?.code === code && blocked.message.includes(` ${action} was refused`);
    });

  it.each(inTheWay)('%s: $action refused with $code is shown as blocked, with what to do', async (stage, one) => {
    const from = harness.cloud.wireLog.length;
    strike(harness, stage, one, 0);
    await untilBlockedBy(id, one);
    const { status, failure, blocked } = await show(id);
    expect(status).toBe('releasing');
    expect(failure).toBeUndefined();
    expect(blocked).toMatchObject({ stage, code: one.code });
    expect(blocked?.message).toContain(one.message);
    expect(blocked?.remedy).toMatch(/^[A-Z].{20,}\.$/);
    expect(refusedWith(one.code, from)).toContain(blocked?.requestId);
    const listed = (await (await harness.api('GET', '/load-balancers')).json()) as { loadBalancers: { id: string }[] };
    expect(listed.loadBalancers.find((row) => row.id === id)).toMatchObject({ blocked: { stage, code: one.code } });
  });

  it('is tried with growing pauses, a quarter of an hour at most', async () => {
    const from = harness.cloud.wireLog.length;
    const endMs = harness.clock.nowMs() + 3 * 3_600_000;
    await harness.run(() => harness.clock.nowMs() >= endMs);
    const tries = harness.cloud.wireLog
      .slice(from)
      .flatMap(({ time, code }) => (code === 'Forbidden.RAM' ? [Date.parse(time)] : []));
    const pauses = tries.slice(1).map((atMs, index) => atMs - (tries[index] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(15 * 60_000 + 5000);
    expect(tries.length).toBeLessThan(40);
    expect(pauses.at(-1)).toBeGreaterThan(7 * 60_000);
  });

  it('goes on to its end by itself once it is fixed', async () => {
    harness.cloud.faults.clear();
    await harness.runUntil(id, 'released');
    expect(remainsOf(harness.cloud)).toEqual([]);
    const { blocked, failure, proof } = await show(id);
    expect(blocked).toBeUndefined();
    expect(failure).toBeUndefined();
    expect(proof?.isEmpty).toBe(true);
  });

  it('is an alert that is resolved when it goes on', async () => {
    await harness.run(() => harness.cloud.tablestore.rows('dualstack_alb_active').length === 0, 10 * 60_000);
    // The API shows the newest only.
    const texts = harness.cloud.tablestore
      .rows('dualstack_alb_events')
      .flatMap((row) => (row['deployment'] === id && row['kind'] === 'alert' ? [String(row['text'])] : []));
    expect(texts.filter((text) => text.startsWith('fired release-blocked: dns: '))).toHaveLength(1);
    expect(texts.filter((text) => text.startsWith('resolved release-blocked')).length).toBeGreaterThan(0);
    const open = harness.cloud.tablestore.rows('dualstack_alb_alerts').filter(({ target }) => target === id);
    expect(open).toEqual([]);
  });

  const rollbacks: [StageName, Refusal][] = [
    [
      'load-balancer',
      refusal(
        'DeleteLoadBalancer',
        'OperationDenied.DeletionProtectionEnabled',
        400,
        'The load balancer is protected.',
      ),
    ],
    ['server-group', refusal('DeleteServerGroup', 'Forbidden.ServerGroup', 403, 'User not authorized.')],
  ];

  it.each(rollbacks)('%s: a rollback that is refused keeps what it rolls back, and ends failed', async (stage, one) => {
    strike(harness, stage, one, 0);
    harness.cloud.faults.add({ kind: 'error', action: 'CreateListener', code: 'Mismatch.VpcId', httpStatus: 400 });
    const rolledBack = await harness.request({ ...event, name: 'refused-rollback' });
    await untilBlockedBy(rolledBack, one);
    const applied = { stage: 'listener', action: 'apply', code: 'Mismatch.VpcId' };
    expect(await show(rolledBack)).toMatchObject({
      status: 'releasing',
      failure: applied,
      blocked: { stage, code: one.code },
    });
    harness.cloud.faults.clear();
    await harness.runUntil(rolledBack, 'failed');
    expect(await show(rolledBack)).toMatchObject({ failure: applied, rolledBack: true, proof: { isEmpty: true } });
    expect(remainsOf(harness.cloud)).toEqual([]);
  });
});
