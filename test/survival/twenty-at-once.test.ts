import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { Domain } from '../../local/alidns/state.ts';
import type { WireLogEntry } from '../../local/edge.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { type Inventory, inventoryOf, nothing, oneOfEverythingInAdopted } from '../support/inventory.ts';

const network = {
  vpcId: 'vpc-uf6shared00000000001',
  vSwitchIds: ['vsw-uf6shared00000000001', 'vsw-uf6shared00000000002'],
};
const adopted: SpecInput['backends'] = [
  { name: 'ECS01', family: 'ipv4', instanceId: 'i-uf6shared0000000000001' },
  { name: 'ECS02', family: 'ipv6', instanceId: 'i-uf6shared0000000000002' },
];

let onCall: ((entry: WireLogEntry) => void) | undefined;
let installation: TestInstallation;
/** What stood there before. */
let existing: Inventory;
beforeAll(async () => {
  installation = await TestInstallation.start({ onCall: (entry) => onCall?.(entry) });
  await installation.installation.seed({
    vpcId: network.vpcId,
    vSwitches: [
      { vSwitchId: network.vSwitchIds[0], zoneId: 'cn-shanghai-e' },
      { vSwitchId: network.vSwitchIds[1], zoneId: 'cn-shanghai-g' },
    ],
    instances: [
      { instanceId: 'i-uf6shared0000000000001', name: 'shared-1', ipv6: false, page: 'ipv4 rs' },
      { instanceId: 'i-uf6shared0000000000002', name: 'shared-2', ipv6: true, page: 'ipv6 rs' },
    ],
  });
  existing = inventoryOf(installation.cloud, undefined);
}, patienceMs);
afterAll(async () => {
  await installation.close();
});

const specOf = (rr: string, more: SpecInput = {}): SpecInput => ({
  name: `at-${rr}`,
  network,
  backends: adopted,
  dns: { domain: 'example.com', rr, icpFiled: true },
  ...more,
});

it('makes twenty at once ready in one adopted VPC, held up by none that fails', { timeout: patienceMs }, async () => {
  const { cloud, clock } = installation;
  cloud.dns.addRecord(cloud.dns.domains.get('example.com') as Domain, {
    rr: 'taken',
    type: 'A',
    value: '203.0.113.9',
    line: 'default',
    ttl: 600,
  });
  // It goes after preflight has seen it.
  cloud.alb.dependencies.hasCertificate = () => false;
  const certificateIds = ['7654321-cn-shanghai'];
  // Every other one makes servers of its own in the shared vSwitches.
  const twenty = Array.from({ length: 20 }, (_, index): SpecInput => {
    const { backends, ...spec } = specOf(`n${index}`);
    return index % 2 === 0 ? spec : { ...spec, backends: backends ?? [] };
  });
  const failing = [specOf('taken'), specOf('no-certificate', { listener: { protocol: 'HTTPS', certificateIds } })];
  // One after the other, and yet at once: the clock stands still meanwhile.
  const ids: string[] = [];
  const startMs = clock.nowMs();
  for (const spec of [...twenty.slice(0, 10), ...failing, ...twenty.slice(10)])
    ids.push(await installation.request(spec));
  expect(clock.nowMs()).toBe(startMs);
  const records = await installation.runUntilSettled(...ids);

  const failed = records.splice(10, 2);
  expect(failed.map(({ status, failure }) => [status, failure?.stage, failure?.code])).toEqual([
    ['failed', 'preflight', 'DomainRecordConflict'],
    ['failed', 'listener', 'ResourceNotFound.Certificate'],
  ]);
  expect(failed.map(({ deploymentId }) => inventoryOf(cloud, deploymentId))).toEqual([nothing, nothing]);

  expect(records.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'ready'));
  const own = { ...oneOfEverythingInAdopted, securityGroups: 1, instances: 2 };
  expect(records.map(({ deploymentId }) => inventoryOf(cloud, deploymentId))).toEqual(
    twenty.map(({ backends }) => (backends === undefined ? own : oneOfEverythingInAdopted)),
  );
  expect(inventoryOf(cloud, undefined)).toEqual({ ...existing, records: 1 });
  const slowestMs = Math.max(...records.map(({ readyAtMs = Infinity }) => readyAtMs - startMs));
  console.log(`twenty at once were ready after ${slowestMs / 1000} s of the cloud's time`);
  // One alone takes 6 to 9 s at this latency.
  expect(slowestMs).toBeLessThan(30_000);
  expect([...installation.doubles]).toEqual([]);
});

it('makes one deployment of the same POST sent five times at once', { timeout: patienceMs }, async () => {
  const { cloud } = installation;
  const before = installation.records().size;
  const headers = { 'idempotency-key': randomUUID() };
  const responses = await Promise.all(
    Array.from({ length: 5 }, () => installation.api('POST', '/load-balancers', specOf('once'), headers)),
  );
  expect(responses.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  const locations = new Set(responses.map((response) => response.headers.get('location')));
  expect(locations.size).toBe(1);
  expect(installation.records().size).toBe(before + 1);
  const id = [...locations][0]?.split('/').at(-1) ?? '';
  const [record] = await installation.runUntilSettled(id);
  expect(record?.status).toBe('ready');
  expect(inventoryOf(cloud, id)).toEqual(oneOfEverythingInAdopted);

  const again = await installation.api('POST', '/load-balancers', specOf('once'), headers);
  expect(again.status).toBe(202);
  expect(((await again.json()) as { id: string }).id).toBe(id);
  const other = await installation.api('POST', '/load-balancers', specOf('twice'), headers);
  expect(other.status).toBe(422);
  expect(other.headers.get('content-type')).toContain('application/problem+json');
  expect(installation.records().size).toBe(before + 1);
  await installation.runUntilSettled(id);
  expect(inventoryOf(cloud, id)).toEqual(oneOfEverythingInAdopted);
});

it('does not verify a name that leads to another load balancer', { timeout: patienceMs }, async () => {
  const { cloud, clock } = installation;
  // The other one has the same two servers behind it and would answer every request alike.
  const [trap] = [...cloud.dns.records.values()].filter(({ rr }) => rr === 'n0');
  const dnsName = trap?.value ?? '';
  onCall = ({ action }) => {
    if (action !== 'UpdateDomainRecordRemark') return;
    for (const record of cloud.dns.records.values()) if (record.rr === 'elsewhere') record.value = dnsName;
  };
  const id = await installation.request(specOf('elsewhere', { onFailure: 'retain' }));
  const verify = () => installation.record(id).stages.verify.apply;
  await installation.run(() => verify().waits >= 3 || installation.record(id).status !== 'provisioning');
  expect(installation.record(id).status).toBe('provisioning');
  expect(installation.record(id).conditions).toMatchObject([
    { type: 'HealthyByApi', status: 'True' },
    { type: 'AnswersOverIpv6', status: 'True' },
    { type: 'AnswersOverIpv4', status: 'True' },
    {
      type: 'NameResolves',
      status: 'False',
      reason: 'cname-elsewhere',
      message: expect.stringContaining(dnsName) as string,
    },
    { type: 'ZonesInService', status: 'True' },
  ]);
  clock.advance(3_600_000);
  const [record] = await installation.runUntilSettled(id);
  expect(record).toMatchObject({ status: 'failed', failure: { stage: 'verify', code: 'verify.cname-elsewhere' } });
});
