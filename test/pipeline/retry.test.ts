import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { byHand, driftOf, idsOf, instanceIdsOf, named, outputOf, writesOf } from '../support/by-hand.ts';
import { cloudResources, recordedResources } from '../support/cloud-resources.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
});
afterAll(() => harness.close());

const dns = (rr: string, more: object = {}) => ({ domain: 'example.com', rr, icpFiled: true, ...more });
const retry = (id: string, body?: unknown) => harness.api('POST', `/load-balancers/${id}/retry`, body);

/** A deployment that fails and stays as it is. */
async function failed(spec: SpecInput): Promise<DeploymentRecord> {
  const id = await harness.request({ onFailure: 'retain', ...spec });
  return await harness.runUntil(id, 'failed');
}

async function readyAfter(id: string, body?: unknown): Promise<DeploymentRecord> {
  const response = await retry(id, body);
  expect(response.status, await response.clone().text()).toBe(202);
  const record = await harness.runUntil(id, 'ready');
  expect(record.failure).toBeUndefined();
  expect((await driftOf(harness, id)).differs).toBe(false);
  return record;
}

async function release(id: string): Promise<void> {
  await harness.api('DELETE', `/load-balancers/${id}`);
  await harness.runUntil(id, 'released');
}

/** One failure of the service, and then none. */
const failOnce = (action: string, code: string, message = 'injected') =>
  harness.cloud.faults.add({ kind: 'error', action, code, message, httpStatus: 400 });

const ofLoadBalancer = (record: DeploymentRecord) => harness.cloud.alb.listenersOf(idsOf(record)['loadBalancer'] ?? '');

describe('a retry of what was retained', () => {
  let before: DeploymentRecord;

  it('goes on at the failed stage with the same request, and makes nothing twice', async () => {
    failOnce('AddDomainRecord', 'QuotaExceeded.Record');
    before = await failed({ name: 'same', dns: dns('same') });
    expect(before.failure).toMatchObject({ stage: 'dns', code: 'QuotaExceeded.Record' });
    expect(before.rolledBack).toBeUndefined();
    failOnce('AddDomainRecord', 'QuotaExceeded.Record');
    const from = harness.cloud.wireLog.length;
    expect((await retry(before.deploymentId)).status).toBe(202);
    const again = await harness.runUntil(before.deploymentId, 'failed');
    expect(named(writesOf(harness, from))).toEqual(['alidns AddDomainRecord']);
    expect(idsOf(again)).toEqual(idsOf(before));
    // Stages that were done are not even looked at again.
    expect(again.stages.network.apply).toEqual(before.stages.network.apply);
    before = again;
  });

  it('refuses to change a field whose stage is done and that never changes in place, and names it', async () => {
    const changes: [string, object][] = [
      ['name', { name: 'other' }],
      ['network.vpcName', { network: { vpcName: 'other' } }],
      ['securityGroup.name', { securityGroup: { name: 'other' } }],
      ['backends.0.page', { backends: before.spec.backends.map((backend) => ({ ...backend, page: 'other' })) }],
      ['listener.port', { listener: { port: 8080 } }],
    ];
    for (const [field, change] of changes) {
      const response = await retry(before.deploymentId, { ...before.spec, ...change });
      expect(response.status, field).toBe(409);
      expect(await response.json()).toMatchObject({ code: 'field-fixed', errors: [{ field }] });
    }
    expect((await harness.record(before.deploymentId)).version).toBe(before.version);
  });

  it('takes other alerts and another probe, and looks at no stage that is done because of them', async () => {
    failOnce('AddDomainRecord', 'QuotaExceeded.Record');
    const watched = { alerts: { slowP95Ms: 500 }, probe: { mostRequests: 40 } };
    const response = await retry(before.deploymentId, { ...before.spec, ...watched });
    expect(response.status, await response.clone().text()).toBe(202);
    const again = await harness.runUntil(before.deploymentId, 'failed');
    expect(again.spec).toMatchObject(watched);
    expect(again.stages.preflight.apply).toEqual(before.stages.preflight.apply);
    before = again;
  });

  it('takes what changes in place although its stage is done, and looks at that stage again', async () => {
    failOnce('AddDomainRecord', 'QuotaExceeded.Record');
    const from = harness.cloud.wireLog.length;
    const changed = { ...before.spec, serverGroup: { scheduler: 'Wlc' }, loadBalancer: { deletionProtection: true } };
    expect((await retry(before.deploymentId, changed)).status).toBe(202);
    const again = await harness.runUntil(before.deploymentId, 'failed');
    expect(named(writesOf(harness, from)).sort()).toEqual([
      'alb EnableDeletionProtection',
      'alb UpdateServerGroupAttribute',
      'alidns AddDomainRecord',
    ]);
    expect(again.stages.listener.apply).toEqual(before.stages.listener.apply);
    expect(again.explicit).toContain('loadBalancer.deletionProtection');
    failOnce('AddDomainRecord', 'QuotaExceeded.Record');
    expect((await retry(before.deploymentId, before.spec)).status).toBe(202);
    before = await harness.runUntil(before.deploymentId, 'failed');
  });

  it('asked for twice at once runs once, with a field that may change still', async () => {
    const from = harness.cloud.wireLog.length;
    const body = { ...before.spec, dns: dns('same', { ttl: 1200 }) };
    const answers = await Promise.all([retry(before.deploymentId, body), retry(before.deploymentId, body)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    const after = await harness.runUntil(before.deploymentId, 'ready');
    expect(after.epoch).toBe(before.epoch + 1);
    expect(named(writesOf(harness, from))).toEqual(['alidns AddDomainRecord', 'alidns UpdateDomainRecordRemark']);
    expect([...harness.cloud.dns.records.values()].map(({ ttl }) => ttl)).toEqual([1200]);
    expect((await driftOf(harness, before.deploymentId)).differs).toBe(false);
    expect((await retry(before.deploymentId)).status).toBe(409);
    before = after;
  });

  it('P-068: of a failed repair looks at the health twice again, and changes only what serves can change', async () => {
    const { deploymentId } = before;
    await byHand(harness, 'alb', 'DeleteListener', { ListenerId: idsOf(before)['listener'] ?? '' });
    failOnce('CreateListener', 'QuotaExceeded.Listener');
    await harness.api('POST', `/load-balancers/${deploymentId}/apply`);
    const broken = await harness.runUntil(deploymentId, 'failed');
    expect(broken.rolledBack).toBeUndefined();
    for (const [field, change] of [
      ['listener.port', { listener: { port: 8080 } }],
      ['loadBalancer.edition', { loadBalancer: { edition: 'Basic' } }],
    ] as const) {
      const response = await retry(deploymentId, { ...before.spec, ...change });
      expect(response.status, field).toBe(409);
      expect(await response.json()).toMatchObject({ errors: [{ field }] });
    }
    expect([await retry(deploymentId), await retry(deploymentId)].map(({ status }) => status)).toEqual([202, 202]);
    const after = await harness.runUntil(deploymentId, 'ready');
    expect(after.stages.health.apply.waits).toBeGreaterThanOrEqual(1);
    expect(after.readyAtMs).toBe(before.readyAtMs);
    await release(deploymentId);
  });
});

describe('a retry with a corrected request', () => {
  it('makes the listener that it asks for, and none besides', async () => {
    // It goes after preflight has seen it.
    harness.cloud.alb.dependencies.hasCertificate = (id) => id !== '7654321-cn-shanghai';
    const https = { protocol: 'HTTPS' as const, certificateIds: ['7654321-cn-shanghai'] };
    const unknown = await failed({ name: 'listener', listener: https });
    expect(unknown.failure).toMatchObject({ stage: 'listener', code: 'ResourceNotFound.Certificate' });
    const { deploymentId } = unknown;
    // With the right certificate the listener on 443 is made; the one that redirects to it is refused.
    harness.cloud.faults.add({
      kind: 'error',
      action: 'CreateListener',
      code: 'QuotaExceeded.Listener',
      httpStatus: 400,
      skip: 1,
    });
    const certificateIds = ['1234567-cn-shanghai'];
    expect((await retry(deploymentId, { ...unknown.spec, listener: { ...https, certificateIds } })).status).toBe(202);
    const half = await harness.runUntil(deploymentId, 'failed');
    expect(half.failure).toMatchObject({ stage: 'listener', code: 'QuotaExceeded.Listener' });
    expect(ofLoadBalancer(half).map((made) => made.certificateIds)).toEqual([certificateIds]);
    const after = await readyAfter(deploymentId, { ...half.spec, listener: { protocol: 'HTTP', port: 80 } });
    expect(ofLoadBalancer(after).map(({ protocol, port }) => `${protocol} ${port}`)).toEqual(['HTTP 80']);
    expect(recordedResources(after, 'listener')).toEqual([`Listener ${ofLoadBalancer(after)[0]?.id}`]);
    await release(deploymentId);
  });

  it('P-047: makes instances of a type that is in stock, also after one has vanished', async () => {
    const { ecs } = harness.cloud;
    ecs.outOfStock.add('cn-shanghai-e/ecs.g6.large');
    let record = await failed({ name: 'stock' });
    ecs.outOfStock.clear();
    expect(record.failure).toMatchObject({ stage: 'preflight', code: 'OperationDenied.NoStock' });
    const { deploymentId } = record;
    const failing = async (change: object): Promise<DeploymentRecord> => {
      expect((await retry(deploymentId, { ...record.spec, ...change })).status).toBe(202);
      return await harness.runUntil(deploymentId, 'failed');
    };
    failOnce('RunInstances', 'InvalidInstanceType.ValueNotSupported');
    record = await failing({ instances: { instanceType: 'ecs.g7.large' } });
    expect(record.failure).toMatchObject({ stage: 'instances' });
    // No server exists yet: their port may change, though the security group was done.
    ecs.lateOutOfStock.add('cn-shanghai-g/ecs.g7.large');
    const backends = record.spec.backends.map((backend) => ({ ...backend, port: 8080 }));
    record = await failing({ backends });
    ecs.lateOutOfStock.clear();
    expect(record.failure).toMatchObject({ stage: 'instances', code: 'instances.vanished' });
    // The first one exists now.
    const moved = backends.map((backend) => ({ ...backend, port: 9090 }));
    const refused = await retry(deploymentId, { ...record.spec, backends: moved });
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ errors: [{ field: 'backends.0.port' }] });
    const after = await readyAfter(deploymentId, { ...record.spec, instances: { instanceType: 'ecs.c7.large' } });
    const types = Object.entries(instanceIdsOf(after)).map(([name, id]) => `${name} ${ecs.instance(id).instanceType}`);
    expect(types).toEqual(['ECS01 ecs.g7.large', 'ECS02 ecs.c7.large']);
    const { rules } = ecs.ownSecurityGroup(idsOf(after)['securityGroup'] ?? '');
    expect([...new Set(rules.map(({ portRange }) => portRange))].sort()).toEqual(['-1/-1', '8080/8080']);
    await release(deploymentId);
  });

  it('takes over the CNAME of others once it says so, and gives it back', async () => {
    const { cloud } = harness;
    const theirs = cloud.dns.addRecord(cloud.dns.domain('example.com'), {
      rr: 'taken',
      type: 'CNAME',
      value: 'theirs.example.net',
      line: 'default',
      ttl: 900,
    });
    const before = await failed({ name: 'taken', dns: dns('taken') });
    expect(before.failure).toMatchObject({ stage: 'preflight', code: 'preflight.foreign-cname' });
    const corrected = { ...before.spec, dns: dns('taken', { replaceExisting: true }) };
    const after = await readyAfter(before.deploymentId, corrected);
    expect(theirs).toMatchObject({ value: outputOf(after, 'load-balancer', 'dnsName'), ttl: 600 });
    await release(after.deploymentId);
    expect(theirs).toMatchObject({ value: 'theirs.example.net', ttl: 900, remark: '', status: 'ENABLE' });
    cloud.dns.removeRecord(theirs);
  });

  it('has another name, and leaves nothing at the one that never led here', async () => {
    const { dns: alidns } = harness.cloud;
    const id = await harness.request({ onFailure: 'retain', name: 'elsewhere', dns: dns('elsewhere') });
    const at = () => [...alidns.records.values()].map(({ rr, domainName }) => `${rr} ${domainName}`);
    await harness.run(() => at().includes('elsewhere example.com'));
    alidns.domain('example.com').delegatedTo = [];
    const { spec, failure } = await harness.runUntil(id, 'failed');
    expect(failure).toMatchObject({ stage: 'verify', code: 'verify.no-dns' });
    await readyAfter(id, { ...spec, dns: { ...spec.dns, domain: 'example.net' } });
    expect(at()).toEqual(['elsewhere example.net']);
    await release(id);
    expect(at()).toEqual([]);
    alidns.domain('example.com').delegatedTo = alidns.domain('example.com').dnsServers;
  });

  it('is refused where it contradicts the network that has been made', async () => {
    failOnce('CreateVSwitch', 'QuotaExceeded.VSwitch');
    const { deploymentId, spec, failure } = await failed({ name: 'network' });
    expect(failure).toMatchObject({ stage: 'network' });
    const adopted = { vpcId: 'vpc-uf6theirs', vSwitchIds: ['vsw-uf6theirs1', 'vsw-uf6theirs2'] };
    const backends = spec.backends;
    for (const [field, network] of [
      ['network.vpcId', adopted],
      ['network.cidrBlock', { ...spec.network, cidrBlock: '192.168.0.0/17' }],
    ] as const) {
      const response = await retry(deploymentId, { ...spec, backends, network });
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ errors: [{ field }] });
    }
    await release(deploymentId);
  });
});

it('a retry is refused while the deployment is not failed, and where there is none', async () => {
  const id = await harness.request({ name: 'early' });
  // The same request once more: it is under way.
  expect((await retry(id)).status).toBe(202);
  expect((await retry(id, { name: 'other' })).status).toBe(409);
  expect((await retry('0123456789abcdefghjkmnpqrs')).status).toBe(404);
  expect((await retry(id, { nonsense: true })).status).toBe(400);
  await release(id);
  expect((await retry(id)).status).toBe(409);
});

it('a retry after a rollback begins anew, once, and becomes ready with other ids', async () => {
  failOnce('AddDomainRecord', 'QuotaExceeded.Record');
  const id = await harness.request({ name: 'anew', dns: dns('anew') });
  const first = await harness.runUntil(id, 'releasing');
  const before = { ...idsOf(first), ...instanceIdsOf(first) };
  const early = await retry(id);
  expect(early.status).toBe(409);
  expect(await early.json()).toMatchObject({ detail: expect.stringContaining('is releasing') as string });
  const rolledBack = await harness.runUntil(id, 'failed');
  expect(rolledBack).toMatchObject({ rolledBack: true, failure: { stage: 'dns', action: 'apply' } });
  expect(cloudResources(harness.cloud)).toEqual([]);
  // Everything may be corrected now, but the region.
  const corrected = {
    ...rolledBack.spec,
    name: 'anew-2',
    network: { vpcName: 'other' },
    loadBalancer: { edition: 'Basic' },
  };
  const answers = await Promise.all([retry(id, corrected), retry(id, corrected)]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  const after = await harness.runUntil(id, 'ready');
  expect(after).toMatchObject({ deploymentId: id, epoch: rolledBack.epoch + 1 });
  expect(after.rolledBack).toBeUndefined();
  expect(after.failure).toBeUndefined();
  const renewed = { ...idsOf(after), ...instanceIdsOf(after) };
  expect(Object.entries(before).filter(([kind, value]) => value !== '' && renewed[kind] === value)).toEqual([]);
  expect(harness.cloud.vpc.vpcs.list().map(({ name }) => name)).toEqual(['other']);
  expect(recordedResources(after)).toEqual(cloudResources(harness.cloud));
  await release(id);
  expect(cloudResources(harness.cloud)).toEqual([]);
});
