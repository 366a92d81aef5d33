import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Blocked, blockedOf } from '../../shared/deployment/blocked.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { byHand, idsOf, instanceIdsOf, named, outputOf, writesOf } from '../support/by-hand.ts';
import { cloudResources } from '../support/cloud-resources.ts';
import { Harness } from '../support/harness.ts';
import { remainsOf } from '../support/remains.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({ latency: rareChecks });
});
afterEach(() => harness.close());

const remove = async (id: string): Promise<void> => {
  expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
};

interface Proof {
  isEmpty: boolean;
  looks: object[];
}

/** As the API shows it. */
const proofOf = async (id: string): Promise<Proof | undefined> =>
  ((await (await harness.api('GET', `/load-balancers/${id}`)).json()) as { proof?: Proof }).proof;

/** Runs until something blocks the release, or it is over. */
async function untilBlocked(id: string, known = ''): Promise<Blocked | undefined> {
  await harness.run(async () => {
    const record = await harness.record(id);
    const blocked = blockedOf(record);
    return record.status === 'released' || (blocked !== undefined && blocked.message !== known);
  });
  return blockedOf(await harness.record(id));
}

describe('DELETE', () => {
  it('releases what is being provisioned, at several moments', async () => {
    const moments = [0, 3, 9, 18, 30];
    const open = new Map<string, number>();
    for (const moment of moments)
      open.set(
        await harness.request({
          name: `after-${moment}`,
          dns: { domain: 'example.com', rr: `r${moment}`, icpFiled: true },
        }),
        moment,
      );
    const all = [...open.keys()];
    const turnsOf = (record: DeploymentRecord) =>
      Object.values(record.stages).reduce((sum, { apply }) => sum + apply.turn, 0);
    const asked = new Map<string, string>();
    await harness.run(async () => {
      for (const [id, moment] of open) {
        const record = await harness.record(id);
        if (turnsOf(record) < moment) continue;
        asked.set(id, record.status);
        open.delete(id);
        await remove(id);
      }
      for (const id of all) if ((await harness.record(id)).status !== 'released') return false;
      return true;
    });
    expect([...new Set(asked.values())]).toEqual(['provisioning']);
    expect(remainsOf(harness.cloud)).toEqual([]);
    for (const id of all)
      expect((await harness.record(id)).stages.preflight.outputs['proof']).toMatchObject({ isEmpty: true });
  });

  it('releases a load balancer in every other state, and once', async () => {
    const failing = () =>
      harness.cloud.faults.add({
        kind: 'error',
        action: 'AddDomainRecord',
        code: 'QuotaExceeded.Record',
        httpStatus: 400,
      });
    // Ready, then being repaired; a DELETE meanwhile.
    const id = await harness.request(tutorial());
    const ready = await harness.runUntil(id, 'ready');
    await byHand(harness, 'alb', 'DeleteListener', { ListenerId: idsOf(ready)['listener'] ?? '' });
    expect((await harness.api('POST', `/load-balancers/${id}/apply`)).status).toBe(202);
    await harness.run(async () => (await harness.record(id)).stages.network.apply.state === 'done');
    expect((await harness.record(id)).status).toBe('repairing');
    await remove(id);
    // Releasing, again and again: it goes on, and does not begin anew.
    const { epoch } = await harness.record(id);
    await Promise.all([remove(id), remove(id)]);
    await harness.run(async () => (await harness.record(id)).stages.listener.release.state === 'done');
    await remove(id);
    expect((await harness.record(id)).epoch).toBe(epoch);
    await harness.runUntil(id, 'released');
    expect(remainsOf(harness.cloud)).toEqual([]);
    // Released: stays so, without a call.
    const from = harness.cloud.wireLog.length;
    const released = await harness.record(id);
    await remove(id);
    expect(await harness.record(id)).toEqual(released);
    expect(named(writesOf(harness, from))).toEqual([]);

    // Failed and retained.
    failing();
    const retained = await harness.request({ ...tutorial(), onFailure: 'retain' });
    await harness.runUntil(retained, 'failed');
    expect(remainsOf(harness.cloud)).not.toEqual([]);
    await remove(retained);
    expect((await harness.runUntil(retained, 'released')).failure).toBeUndefined();
    expect(remainsOf(harness.cloud)).toEqual([]);

    // Being rolled back: the end is released then, not failed.
    failing();
    const rolling = await harness.request(tutorial());
    await harness.runUntil(rolling, 'releasing');
    await remove(rolling);
    await harness.run(async () => ['released', 'failed'].includes((await harness.record(rolling)).status));
    expect((await harness.record(rolling)).status).toBe('released');
    expect(remainsOf(harness.cloud)).toEqual([]);

    // Rolled back and proved empty: stays so, without a call.
    failing();
    const rolledBack = await harness.request(tutorial());
    await harness.run(async () => (await harness.record(rolledBack)).status === 'failed');
    const beforeDelete = harness.cloud.wireLog.length;
    await remove(rolledBack);
    expect((await harness.record(rolledBack)).status).toBe('released');
    expect(await proofOf(rolledBack)).toMatchObject({ isEmpty: true });
    expect(harness.cloud.wireLog.slice(beforeDelete).filter(({ service }) => service === 'vpc')).toEqual([]);

    expect((await harness.api('DELETE', '/load-balancers/0123456789abcdefghjkmnpqrs')).status).toBe(404);
  });

  it('proves that nothing is left also where nothing was made', async () => {
    const id = await harness.request({ dns: { domain: 'unknown.example', icpFiled: true } });
    expect(await harness.runUntil(id, 'failed')).toMatchObject({ rolledBack: true });
    expect(await proofOf(id)).toBeUndefined();
    const from = harness.cloud.wireLog.length;
    await remove(id);
    expect((await harness.runUntil(id, 'released')).failure).toBeUndefined();
    const proof = await proofOf(id);
    expect(proof?.isEmpty).toBe(true);
    expect(proof?.looks).toHaveLength(2);
    expect(named(writesOf(harness, from))).toEqual([]);
  });

  it('releases after a failed repair', async () => {
    const id = await harness.request(tutorial());
    const ready = await harness.runUntil(id, 'ready');
    await byHand(harness, 'alb', 'DeleteListener', { ListenerId: idsOf(ready)['listener'] ?? '' });
    harness.cloud.faults.add({
      kind: 'error',
      action: 'CreateListener',
      code: 'QuotaExceeded.Listener',
      httpStatus: 400,
    });
    await harness.api('POST', `/load-balancers/${id}/apply`);
    await harness.runUntil(id, 'failed');
    await remove(id);
    await harness.runUntil(id, 'released');
    expect(remainsOf(harness.cloud)).toEqual([]);
  });
});

describe('what is left', () => {
  it('with our mark and of no stage blocks the release, with the reason, until it is gone', async () => {
    const id = await harness.request(tutorial());
    await harness.runUntil(id, 'ready');
    const { VpcId: vpcId } = await byHand(harness, 'vpc', 'CreateVpc', {
      RegionId: 'cn-shanghai',
      CidrBlock: '172.16.0.0/12',
      'Tag.1.Key': 'dualstack-alb-deployment',
      'Tag.1.Value': id,
    });
    await remove(id);
    const blocked = await untilBlocked(id);
    expect(blocked).toMatchObject({
      stage: 'preflight',
      code: 'release.remains',
      message: `still there: vpc VPC ${String(vpcId)}`,
      remedy: expect.stringContaining('goes on by itself') as string,
    });
    const shown = (await (await harness.api('GET', `/load-balancers/${id}`)).json()) as object;
    expect(shown).toMatchObject({
      status: 'releasing',
      proof: { isEmpty: false },
      blocked: {
        code: 'release.remains',
        since: expect.any(String) as string,
        nextTryAt: expect.any(String) as string,
      },
    });
    // Nobody's but ours is left, and no time makes it released.
    expect(cloudResources(harness.cloud)).toEqual([`VPC ${String(vpcId)}`]);
    const endMs = harness.clock.nowMs() + 3_600_000;
    await harness.run(() => harness.clock.nowMs() >= endMs);
    expect(blockedOf(await harness.record(id))).toMatchObject({ code: 'release.remains', sinceMs: blocked?.sinceMs });
    // It goes on by itself once it is gone.
    await byHand(harness, 'vpc', 'DeleteVpc', { RegionId: 'cn-shanghai', VpcId: String(vpcId) });
    expect((await harness.runUntil(id, 'released')).stages.preflight.outputs['proof']).toMatchObject({ isEmpty: true });
    expect(remainsOf(harness.cloud)).toEqual([]);
  });

  it('is tried at once by the same DELETE, which begins nothing anew', async () => {
    const id = await harness.request(tutorial());
    await harness.runUntil(id, 'ready');
    const { VpcId: vpcId } = await byHand(harness, 'vpc', 'CreateVpc', {
      RegionId: 'cn-shanghai',
      CidrBlock: '172.16.0.0/12',
      'Tag.1.Key': 'dualstack-alb-deployment',
      'Tag.1.Value': id,
    });
    await remove(id);
    await untilBlocked(id);
    await byHand(harness, 'vpc', 'DeleteVpc', { RegionId: 'cn-shanghai', VpcId: String(vpcId) });
    const { epoch } = await harness.record(id);
    await remove(id);
    const askedMs = harness.clock.nowMs();
    await harness.runUntil(id, 'released');
    expect((await harness.record(id)).epoch).toBe(epoch);
    expect(harness.clock.nowMs() - askedMs).toBeLessThan(30_000);
  });

  it('after a release that a former version let fail is released by the sweep', async () => {
    const id = await harness.request(tutorial());
    await harness.runUntil(id, 'ready');
    await remove(id);
    await harness.run(async () => (await harness.record(id)).stages['server-group'].release.state === 'done');
    // The next message of the network is lost.
    harness.cloud.mns.queues.get('dualstack-alb-network')?.loseNext(1);
    await harness.run(() => harness.cloud.mns.queues.get('dualstack-alb-network')?.lost.length === 1);
    // As it stood in the store: refused for good, no message on its way.
    await harness.runtime('api').deployments.update(id, (record) => {
      const { dueAtMs: _dueAtMs, obstacle: _obstacle, ...release } = record.stages.network.release;
      const failed = { ...release, state: 'failed' as const };
      const failure = {
        stage: 'network' as const,
        action: 'release' as const,
        code: 'Forbidden.RAM',
        message: 'no',
        atMs: 0,
      };
      return {
        ...record,
        failure,
        stages: { ...record.stages, network: { ...record.stages.network, release: failed } },
      };
    });
    await harness.runUntil(id, 'released');
    expect((await harness.record(id)).failure).toBeUndefined();
    expect(remainsOf(harness.cloud)).toEqual([]);
  });

  it('with the mark of one of the stages, and made while the release runs, is released too', async () => {
    const id = await harness.request(tutorial());
    await harness.runUntil(id, 'ready');
    await remove(id);
    await harness.run(async () => (await harness.record(id)).stages.network.release.state === 'done');
    await byHand(harness, 'vpc', 'CreateVpc', {
      RegionId: 'cn-shanghai',
      CidrBlock: '172.16.0.0/12',
      'Tag.1.Key': 'dualstack-alb-deployment',
      'Tag.1.Value': id,
      'Tag.2.Key': 'dualstack-alb-stage',
      'Tag.2.Value': 'network',
    });
    await harness.runUntil(id, 'released');
    expect(remainsOf(harness.cloud)).toEqual([]);
  });

  it('without the tags that others have taken away is not deleted, nor is the deployment called released', async () => {
    const id = await harness.request(tutorial());
    const record = await harness.runUntil(id, 'ready');
    const ids = idsOf(record);
    const { vpc } = harness.cloud;
    const untag = (service: 'vpc' | 'ecs' | 'alb', type: string, resourceId = '') =>
      byHand(harness, service, service === 'ecs' ? 'UntagResources' : 'UnTagResources', {
        ...(service === 'alb' ? {} : { RegionId: 'cn-shanghai' }),
        ResourceType: type,
        'ResourceId.1': resourceId,
        All: 'true',
      });
    const types: Record<string, ['vpc' | 'ecs' | 'alb', string]> = {
      listener: ['alb', 'listener'],
      'load balancer': ['alb', 'loadbalancer'],
      'server group': ['alb', 'servergroup'],
      instance: ['ecs', 'instance'],
      'security group': ['ecs', 'securitygroup'],
      'IPv6 gateway': ['vpc', 'IPV6GATEWAY'],
      vSwitch: ['vpc', 'VSWITCH'],
      VPC: ['vpc', 'VPC'],
    };
    await untag('alb', 'listener', ids['listener']);
    await byHand(harness, 'alb', 'UpdateListenerAttribute', {
      ListenerId: ids['listener'] ?? '',
      ListenerDescription: 'theirs',
    });
    await untag('alb', 'loadbalancer', ids['loadBalancer']);
    await untag('alb', 'servergroup', ids['serverGroup']);
    await untag('ecs', 'instance', instanceIdsOf(record)['ECS01']);
    await untag('ecs', 'securitygroup', ids['securityGroup']);
    await untag('vpc', 'IPV6GATEWAY', outputOf(record, 'network', 'ipv6GatewayId'));
    await untag('vpc', 'VSWITCH', vpc.vSwitches.list()[0]?.id);
    await untag('vpc', 'VPC', ids['vpc']);

    const shown = new Set<string>();
    await remove(id);
    let blocked = await untilBlocked(id);
    while (blocked !== undefined) {
      const { code, message, remedy = '' } = blocked;
      expect(code).toBe('release.mark-lost');
      const [, what = '', resourceId = ''] = /^(.+) ([\w-]+) was made by this deployment/.exec(message) ?? [];
      expect(cloudResources(harness.cloud).some((resource) => resource.endsWith(resourceId))).toBe(true);
      shown.add(what);
      // The way out that it names; it goes on by itself then.
      const tags = [...remedy.matchAll(/([\w-]+)=([\w-]+)/g)];
      const [service, type] = types[what] ?? ['vpc', 'VPC'];
      await byHand(harness, service, 'TagResources', {
        ...(service === 'alb' ? {} : { RegionId: 'cn-shanghai' }),
        ResourceType: type,
        'ResourceId.1': resourceId,
        ...Object.fromEntries(
          tags.flatMap(([, key = '', value = ''], index) => [
            [`Tag.${index + 1}.Key`, key],
            [`Tag.${index + 1}.Value`, value],
          ]),
        ),
      });
      blocked = await untilBlocked(id, message);
    }
    expect((await harness.record(id)).status).toBe('released');
    expect([...shown].sort()).toEqual(Object.keys(types).sort());
    expect(remainsOf(harness.cloud)).toEqual([]);
  });
});
