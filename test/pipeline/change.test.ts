import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { seedExisting } from '../../local/seed-existing.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { driftOf, idsOf, instanceIdsOf, named, writesOf } from '../support/by-hand.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let harness: Harness;
/** The tutorial's deployment; each test begins with it ready, as the one before has left it. */
let id = '';
let record: DeploymentRecord;

beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
  id = await harness.request(tutorial());
  record = await harness.runUntil(id, 'ready');
});
beforeEach(async () => {
  record = await harness.record(id);
  expect(record.status).toBe('ready');
});
afterAll(() => harness.close());

const ecs01 = { name: 'ECS01', family: 'ipv4' as const, page: 'Hello World ! this is ipv4 rs.' };
const ecs02 = { name: 'ECS02', family: 'ipv6' as const, page: 'Hello World ! this is ipv6 rs.' };
const ecs03 = { name: 'ECS03', family: 'ipv6' as const, page: 'three', port: 8080, weight: 50 };

const patch = (body: unknown, of = id) => harness.api('PATCH', `/load-balancers/${of}`, body);

async function change(body: unknown, of = id): Promise<{ before: number; record: DeploymentRecord }> {
  const before = harness.cloud.wireLog.length;
  const response = await patch(body, of);
  expect(response.status, await response.clone().text()).toBe(202);
  return { before, record: await harness.runUntil(of, 'ready') };
}

const groupOf = (of: DeploymentRecord) => harness.cloud.alb.serverGroup(idsOf(of)['serverGroup'] ?? '');
const entries = (of = record) =>
  groupOf(of)
    .servers.map(
      ({ serverId, port, weight }) => `${harness.cloud.ecs.instances.find(serverId)?.name} ${port} ${weight}`,
    )
    .sort();
const openPorts = () => [
  ...new Set(
    harness.cloud.ecs
      .ownSecurityGroup(idsOf(record)['securityGroup'] ?? '')
      .rules.map(({ portRange }) => portRange)
      .sort(),
  ),
];
const instances = () =>
  harness.cloud.ecs.instances
    .list()
    .map(({ name }) => name)
    .sort();

describe('a change of a ready load balancer', () => {
  it('takes a server by its name: what it does not say stays', async () => {
    const { before, record: after } = await change({ backends: [{ name: 'ECS01', weight: 50 }, { name: 'ECS02' }] });
    expect(named(writesOf(harness, before))).toEqual(['alb UpdateServerGroupServersAttribute']);
    expect(entries()).toEqual(['ECS01 80 50', 'ECS02 80 100']);
    expect(after.spec.backends).toEqual(
      record.spec.backends.map((server) => (server.name === 'ECS01' ? { ...server, weight: 50 } : server)),
    );
    await change({ backends: [{ name: 'ECS01', weight: 100 }, { name: 'ECS02' }] });
  });

  it.each([
    ['a new server that is only named', { name: 'ECS09', weight: 50 }, 400, 'backends.2.family'],
    ['another page of a server', { name: 'ECS02', page: 'other' }, 409, 'backends.1.page'],
    [
      'an instance for a server of ours',
      { name: 'ECS02', instanceId: 'i-uf6existing0000000001' },
      400,
      'backends.1.instanceId',
    ],
  ])('refuses %s', async (_what, entry, status, field) => {
    const backends = [{ name: 'ECS01' }, ...(entry.name === 'ECS02' ? [] : [{ name: 'ECS02' }]), entry];
    const response = await patch({ backends });
    expect(response.status).toBe(status);
    const { errors } = (await response.json()) as { errors: { field: string }[] };
    expect(errors.map((error) => error.field).join(' ')).toContain(field);
  });

  it('adds a server, and makes nothing else anew', async () => {
    const { before, record: after } = await change({ backends: [ecs01, ecs02, ecs03] });
    expect(named(writesOf(harness, before)).sort()).toEqual([
      'alb AddServersToServerGroup',
      'ecs AuthorizeSecurityGroup',
      'ecs RunInstances',
    ]);
    expect(entries()).toEqual(['ECS01 80 100', 'ECS02 80 100', 'ECS03 8080 50']);
    expect(openPorts()).toEqual(['-1/-1', '80/80', '8080/8080']);
    expect(idsOf(after)).toEqual(idsOf(record));
    expect(instanceIdsOf(after)).toMatchObject(instanceIdsOf(record));
    expect(after.stages.instances.resources.map(({ created }) => created)).toEqual([true, true, true]);
    expect(after.conditions.map(({ status }) => status)).toEqual(['True', 'True', 'True', 'True', 'True']);
    expect((await driftOf(harness, id)).differs).toBe(false);
  });

  it('P-072: takes a server out of the group before it deletes its instance and closes its port', async () => {
    const { before, record: after } = await change({ backends: [ecs01, ecs02] });
    expect(named(writesOf(harness, before))).toEqual([
      'alb RemoveServersFromServerGroup',
      'ecs DeleteInstances',
      'ecs RevokeSecurityGroup',
    ]);
    const gone = instanceIdsOf(record)['ECS03'];
    expect(writesOf(harness, before)[1]?.params).toMatchObject({ 'InstanceId.1': gone });
    expect(entries()).toEqual(['ECS01 80 100', 'ECS02 80 100']);
    expect(instances()).toEqual(['ECS01', 'ECS02']);
    expect(openPorts()).toEqual(['-1/-1', '80/80']);
    expect(idsOf(after)).toEqual(idsOf(record));
    expect(instanceIdsOf(after)).toEqual({
      ECS01: instanceIdsOf(record)['ECS01'],
      ECS02: instanceIdsOf(record)['ECS02'],
    });
    expect((await driftOf(harness, id)).differs).toBe(false);
  });

  it('gives a server that comes back under its name another instance', async () => {
    const { record: after } = await change({ backends: [ecs01, ecs02, ecs03] });
    expect(entries()).toEqual(['ECS01 80 100', 'ECS02 80 100', 'ECS03 8080 50']);
    expect(instances()).toEqual(['ECS01', 'ECS02', 'ECS03']);
    expect(after.failure).toBeUndefined();
    await change({ backends: [ecs01, ecs02] });
    expect(instances()).toEqual(['ECS01', 'ECS02']);
  });

  it('replaces a server by another in one step', async () => {
    const other = { ...ecs02, name: 'ECS04' };
    const { before, record: after } = await change({ backends: [ecs01, other] });
    expect(named(writesOf(harness, before))).toEqual([
      'ecs RunInstances',
      'alb AddServersToServerGroup',
      'alb RemoveServersFromServerGroup',
      'ecs DeleteInstances',
    ]);
    expect(entries()).toEqual(['ECS01 80 100', 'ECS04 80 100']);
    expect(after.conditions.map(({ status }) => status)).toEqual(['True', 'True', 'True', 'True', 'True']);
    await change({ backends: [ecs01, ecs02] });
    expect(entries()).toEqual(['ECS01 80 100', 'ECS02 80 100']);
  });

  it.each<[string, object, string, () => unknown, unknown]>([
    [
      'weights',
      { backends: [{ ...ecs01, weight: 30 }, ecs02] },
      'alb UpdateServerGroupServersAttribute',
      () => entries(),
      ['ECS01 80 30', 'ECS02 80 100'],
    ],
    [
      'the health check',
      { serverGroup: { healthCheck: { intervalSeconds: 7, method: 'GET', codes: ['http_2xx'] } } },
      'alb UpdateServerGroupAttribute',
      () => groupOf(record).healthCheck,
      expect.objectContaining({ intervalSeconds: 7, method: 'GET', codes: ['http_2xx'], path: '/' }),
    ],
    [
      'the TTL of the name',
      { dns: { ttl: 1200 } },
      'alidns UpdateDomainRecord',
      () => [...harness.cloud.dns.records.values()].map(({ ttl }) => ttl),
      [1200],
    ],
  ])('takes %s in one call', async (_what, body, write, look, expected) => {
    const { before, record: after } = await change(body);
    expect(named(writesOf(harness, before))).toEqual([write]);
    expect(look()).toEqual(expected);
    expect(idsOf(after)).toEqual(idsOf(record));
    expect(instanceIdsOf(after)).toEqual(instanceIdsOf(record));
    expect((await driftOf(harness, id)).differs).toBe(false);
  });

  it('takes what fixed fields have already, and fields that no stage acts on, without a call', async () => {
    const body = {
      name: record.spec.name,
      network: { vpcName: 'VPC1' },
      onFailure: 'retain',
      probe: { mostRequests: 9 },
    };
    const { before, record: after } = await change(body);
    expect(named(writesOf(harness, before))).toEqual([]);
    expect(after.spec).toMatchObject({ onFailure: 'retain', probe: { mostRequests: 9 } });
    expect((await change({ onFailure: 'rollback', probe: null })).record.spec.probe).toBeUndefined();
  });

  it('brings a field back to its default with null, in the cloud too, and keeps what is changed by hand from then on', async () => {
    await change({ listener: { idleTimeoutSeconds: 31 } });
    expect((await harness.record(id)).explicit).toContain('listener.idleTimeoutSeconds');
    const { before, record: after } = await change({ listener: { idleTimeoutSeconds: null } });
    expect(named(writesOf(harness, before))).toEqual(['alb UpdateListenerAttribute']);
    const listener = harness.cloud.alb.listener(idsOf(record)['listener'] ?? '');
    expect(listener.idleTimeoutSeconds).toBe(15);
    expect(after.explicit).not.toContain('listener.idleTimeoutSeconds');
    expect(after.unsettled).toBeUndefined();
    listener.idleTimeoutSeconds = 44;
    expect(await driftOf(harness, id)).toMatchObject({
      differs: false,
      kept: [{ stage: 'listener', field: 'listener.idleTimeoutSeconds', default: 15, found: 44 }],
    });
    listener.idleTimeoutSeconds = 15;
  });

  it('writes nothing when nothing changes', async () => {
    const { before } = await change({ dns: { ttl: record.spec.dns?.ttl } });
    expect(named(writesOf(harness, before))).toEqual([]);
  });
});

describe('a field that never changes in place is refused with its name and what to do instead:', () => {
  const fixed: [string, object][] = [
    ['name', { name: 'other' }],
    ['regionId', { regionId: 'cn-beijing' }],
    ['network.vpcName', { network: { vpcName: 'other' } }],
    ['network.cidrBlock', { network: { cidrBlock: '192.168.0.0/18' } }],
    ['listener.port', { listener: { port: 8080 } }],
    ['backends.0.page', { backends: [{ ...ecs01, page: 'other' }, ecs02] }],
    ['backends.1.family', { backends: [ecs01, { ...ecs02, family: 'ipv4' }] }],
    ['backends.1.port', { backends: [ecs01, { ...ecs02, port: 81 }] }],
  ];
  it.each(fixed)('%s', async (field, body) => {
    const response = await patch(body);
    expect(response.status, await response.clone().text()).toBe(409);
    const { detail, errors } = (await response.json()) as { detail: string; errors: { field: string }[] };
    expect(errors.map((error) => error.field)).toContain(field);
    expect(detail).toMatch(/Instead [a-z]/);
    expect(detail).not.toMatch(/release/i);
    expect((await harness.record(id)).version).toBe(record.version);
  });

  it.each<[string, unknown]>([
    ['bakends', { bakends: [] }],
    ['bakends', { bakends: null }],
    ['listener.nonsense', { listener: { nonsense: 1 } }],
    ['listener.nonsense', { listener: { nonsense: null } }],
    ['serverGroup.healthCheck.pfad', { serverGroup: { healthCheck: { pfad: '/' } } }],
    ['listener.certificateIds', { listener: { certificateIds: ['1234567-cn-shanghai'] } }],
    ['constructor', { constructor: {} }],
    ['__proto__', '{"__proto__":{"name":"other"}}'],
    ['listener.__proto__', '{"listener":{"__proto__":{"port":81}}}'],
  ])('%s is not a field of the request, which is a 400', async (field, body) => {
    const response = await patch(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ field, message: expect.stringMatching(/^is not a field of the request/) as string }],
    });
    expect((await harness.record(id)).version).toBe(record.version);
  });

  it.each<[string, unknown]>([
    ['a list that would be empty', { backends: [] }],
    ['no list at all', { backends: null }],
    ['only weights of 0', { backends: [{ ...ecs01, weight: 0 }] }],
    ['a TTL that is no number', { dns: { ttl: 'long' } }],
    ['a body that is no object', []],
  ])('%s is a 400', async (_what, body) => {
    expect((await patch(body)).status).toBe(400);
    expect((await harness.record(id)).version).toBe(record.version);
  });

  it('P-090: a TTL below what the edition allows fails the change and leaves everything as it was, until another PATCH corrects it', async () => {
    const before = harness.cloud.wireLog.length;
    expect((await patch({ dns: { ttl: 10 } })).status).toBe(202);
    const failed = await harness.runUntil(id, 'failed');
    expect(failed.failure).toMatchObject({ stage: 'preflight', code: 'preflight.ttl' });
    expect(named(writesOf(harness, before))).toEqual([]);
    const serving = [...harness.cloud.dns.records.values()][0]?.ttl;
    expect(serving).not.toBe(10);
    const { record: corrected } = await change({ dns: { ttl: 1200 } });
    expect(corrected.failure).toBeUndefined();
    expect([...harness.cloud.dns.records.values()][0]?.ttl).toBe(1200);
    expect((await driftOf(harness, id)).differs).toBe(false);
  });
});

describe('two changes at once', () => {
  it('never lose one silently', async () => {
    const bodies = [{ dns: { ttl: 900 } }, { backends: [{ ...ecs01, weight: 20 }, ecs02] }];
    const answers = await Promise.all(bodies.map((body) => patch(body)));
    const after = await harness.runUntil(id, 'ready');
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    const refused = await answers.find(({ status }) => status === 409)?.json();
    expect(refused).toMatchObject({ detail: expect.stringMatching(/only a ready one|Somebody else/) as string });
    const [isTtl, isWeight] = answers.map(({ status }) => status === 202);
    expect([...harness.cloud.dns.records.values()][0]?.ttl === 900).toBe(isTtl);
    expect(entries(after).includes('ECS01 80 20')).toBe(isWeight);
    // The one that was refused, once more.
    await change(bodies[isTtl === true ? 1 : 0]);
    expect([...harness.cloud.dns.records.values()][0]?.ttl).toBe(900);
    expect(entries()).toEqual(['ECS01 80 20', 'ECS02 80 100']);
  });

  it('are refused while one is under way', async () => {
    expect((await patch({ dns: { ttl: 1000 } })).status).toBe(202);
    const response = await patch({ dns: { ttl: 2000 } });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('is repairing') as string });
    await harness.runUntil(id, 'ready');
    expect([...harness.cloud.dns.records.values()][0]?.ttl).toBe(1000);
  });
});

it('refuses a change of what is not ready yet, and of what is not there', async () => {
  const early = await harness.request({ name: 'early' });
  expect((await patch({ serverGroup: { healthCheck: { intervalSeconds: 9 } } }, early)).status).toBe(409);
  await harness.api('DELETE', `/load-balancers/${early}`);
  await harness.runUntil(early, 'released');
  expect((await patch({ serverGroup: { healthCheck: { intervalSeconds: 9 } } }, early)).status).toBe(409);
  expect((await patch({}, '0123456789abcdefghjkmnpqrs')).status).toBe(404);
});

describe('adopted servers', () => {
  const vpcId = 'vpc-uf6change0000000000001';
  const vSwitchIds = ['vsw-uf6change0000000000001', 'vsw-uf6change0000000000002'];
  const theirs = (index: number) => ({
    name: `web-${index}`,
    family: 'ipv4' as const,
    instanceId: `i-uf6change000000000000${index}`,
  });
  let adopting = '';
  const theirRules = () =>
    harness.cloud.ecs.securityGroups
      .list()
      .filter((group) => group.vpcId === vpcId && group.name !== 'dualstack-alb' && !group.serviceManaged)
      .flatMap((group) =>
        group.rules.map(({ portRange, description }) => `${portRange} ${description.split('/').at(-1)}`),
      );

  beforeAll(async () => {
    seedExisting(harness.cloud, {
      vpcId,
      vSwitches: vSwitchIds.map((vSwitchId, index) => ({
        vSwitchId,
        zoneId: ['cn-shanghai-e', 'cn-shanghai-g'][index] ?? '',
      })),
      instances: [1, 2].map((index) => ({ instanceId: theirs(index).instanceId, name: `web-${index}`, ipv6: false })),
    });
    const [group] = harness.cloud.ecs.securityGroups.list().filter((each) => each.vpcId === vpcId);
    group?.rules.splice(0);
    const spec: SpecInput = {
      name: 'adopting',
      network: { vpcId, vSwitchIds },
      securityGroup: { manageAdopted: true },
      backends: [theirs(1), { ...ecs01, name: 'own' }],
    };
    adopting = await harness.request(spec);
    await harness.runUntil(adopting, 'ready');
  });

  it('are added and taken out without a call that changes them', async () => {
    const start = harness.cloud.wireLog.length;
    const before = await harness.record(adopting);
    const more = await change({ backends: [theirs(1), theirs(2), { ...ecs01, name: 'own' }] }, adopting);
    expect(named(writesOf(harness, more.before))).toEqual(['alb AddServersToServerGroup']);
    expect(entries(more.record)).toEqual(['own 80 100', 'web-1 80 100', 'web-2 80 100']);
    const fewer = await change({ backends: [theirs(2), { ...ecs01, name: 'own' }] }, adopting);
    expect(named(writesOf(harness, fewer.before))).toEqual(['alb RemoveServersFromServerGroup']);
    expect(entries(fewer.record)).toEqual(['own 80 100', 'web-2 80 100']);
    expect(idsOf(fewer.record)).toEqual(idsOf(before));
    const ofTheirs = writesOf(harness, start).filter(
      ({ service, params }) => service === 'ecs' && JSON.stringify(params).includes('i-uf6change'),
    );
    expect(ofTheirs).toEqual([]);
  });

  it('P-039: leave no rule of ours behind when the last of them is taken out', async () => {
    expect(theirRules().every((rule) => rule.endsWith(' security-group'))).toBe(true);
    expect(theirRules()).not.toEqual([]);
    const { record: after } = await change({ backends: [{ ...ecs01, name: 'own' }] }, adopting);
    expect(theirRules()).toEqual([]);
    expect(entries(after)).toEqual(['own 80 100']);
    expect((await driftOf(harness, adopting)).differs).toBe(false);
  });

  it('may take the place of all servers that we made, whose security group stays until the release', async () => {
    const { record: after } = await change({ backends: [theirs(1), theirs(2)] }, adopting);
    expect(entries(after)).toEqual(['web-1 80 100', 'web-2 80 100']);
    expect(harness.cloud.ecs.instances.list().filter((each) => each.vpcId === vpcId)).toHaveLength(2);
    expect(after.stages['security-group'].resources.map(({ created }) => created)).toEqual([true, false]);
    expect((await driftOf(harness, adopting)).differs).toBe(false);
    await harness.api('DELETE', `/load-balancers/${adopting}`);
    await harness.runUntil(adopting, 'released');
    expect(theirRules()).toEqual([]);
    const groups = harness.cloud.ecs.securityGroups.list().filter((group) => group.vpcId === vpcId);
    expect(groups.map(({ name }) => name)).toEqual(['existing']);
  });
});
