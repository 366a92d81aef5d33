import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DnsRecord } from '../../local/alidns/state.ts';
import type { FaultKind } from '../../local/faults.ts';
import { seedNetwork } from '../../local/vpc/seed.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { named, outputOf, writesOf } from '../support/by-hand.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let harness: Harness;
let id = '';
let value = '';
let names = 0;

beforeAll(async () => {
  harness = await Harness.start({ latency: { ...rareChecks, dnsMs: 1000 } });
  const network = seedNetwork(harness.cloud.vpc, { zones: ['cn-shanghai-e', 'cn-shanghai-g'] });
  id = await harness.request({
    name: 'named',
    network: { vpcId: network.vpcId, vSwitchIds: network.vSwitchIds },
    backends: [{ name: 'one', family: 'ipv6', page: 'one' }],
    dns: { domain: 'example.com', rr: 'first', icpFiled: true },
  });
  const record = await harness.runUntil(id, 'ready');
  value = outputOf(record, 'load-balancer', 'dnsName');
});
beforeEach(async () => {
  expect((await harness.record(id)).status).toBe('ready');
});
afterAll(() => harness.close());

/** A name that no test has used. */
const fresh = (): string => `name${(names += 1)}`;
const patch = (dns: unknown) => harness.api('PATCH', `/load-balancers/${id}`, { dns });
async function change(dns: unknown): Promise<DeploymentRecord> {
  const response = await patch(dns);
  expect(response.status, await response.clone().text()).toBe(202);
  return await harness.runUntil(id, 'ready', 'failed');
}
const add = (rr: string, type: string, of: string, domain = 'example.com'): DnsRecord => {
  const { dns } = harness.cloud;
  return dns.addRecord(dns.domain(domain), { rr, type, value: of, line: 'default', ttl: 900 });
};
/** Names at which a record leads to the load balancer. */
const ours = (): string[] =>
  [...harness.cloud.dns.records.values()]
    .filter((record) => record.value === value)
    .map(({ rr, domainName }) => `${rr} ${domainName}`)
    .sort();
const shown = async (): Promise<{ domainName?: string }> =>
  (await (await harness.api('GET', `/load-balancers/${id}`)).json()) as { domainName?: string };
const present = async (): Promise<string> => String((await harness.record(id)).spec.dns?.rr);

describe('another name for a load balancer that serves', () => {
  it('is up and answered before the one before goes', async () => {
    const before = await present();
    const from = harness.cloud.wireLog.length;
    const latency = harness.cloud.context.latency;
    const dnsMs = latency.dnsMs;
    latency.dnsMs = 120_000;
    const rr = fresh();
    expect((await patch({ rr })).status).toBe(202);
    await harness.run(() => ours().length === 2);
    const answeredAtMs = harness.clock.nowMs() + 120_000;
    /** The name that probes ask for, and all names that lead here, while the new one is not answered. */
    const meanwhile = new Set<string>();
    await harness.run(async () => {
      const { domainName } = await shown();
      if (harness.clock.nowMs() < answeredAtMs) meanwhile.add(`${domainName}: ${ours().join(', ')}`);
      return ours().length === 1;
    });
    const both = [`${before} example.com`, `${rr} example.com`].sort().join(', ');
    expect([...meanwhile]).toEqual([`${before}.example.com: ${both}`]);
    expect(harness.clock.nowMs()).toBeGreaterThan(answeredAtMs);
    const record = await harness.runUntil(id, 'ready');
    latency.dnsMs = dnsMs;
    expect(ours()).toEqual([`${rr} example.com`]);
    expect(named(writesOf(harness, from))).toEqual([
      'alidns AddDomainRecord',
      'alidns UpdateDomainRecordRemark',
      'alidns DeleteDomainRecord',
    ]);
    expect(await shown()).toMatchObject({ domainName: `${rr}.example.com` });
    expect(record.conditions.find(({ type }) => type === 'NameResolves')).toMatchObject({ status: 'True' });
    expect(record.stages.dns.outputs['former']).toEqual([]);
  });

  it('may be in another domain, and a wildcard', async () => {
    await change({ domain: 'example.net', rr: '*.dev' });
    expect(ours()).toEqual(['*.dev example.net']);
    expect((await shown()).domainName).toBe('any.dev.example.net');
    await change({ domain: 'example.com', rr: fresh() });
  });

  it('may come back', async () => {
    const before = await present();
    await change({ rr: fresh() });
    await change({ rr: before });
    expect(ours()).toEqual([`${before} example.com`]);
  });

  it('restores what was replaced at the one before', async () => {
    const replaced = fresh();
    add(replaced, 'CNAME', 'theirs.example.net').remark = 'theirs';
    await change({ rr: replaced, replaceExisting: true });
    expect(ours()).toEqual([`${replaced} example.com`]);
    await change({ rr: fresh() });
    const [back] = [...harness.cloud.dns.records.values()].filter(({ rr }) => rr === replaced);
    expect(back).toMatchObject({ value: 'theirs.example.net', ttl: 900, remark: 'theirs' });
  });

  it('is refused before anything changes, and the one before stays up', async () => {
    const before = await present();
    const taken = fresh();
    add(taken, 'TXT', 'mine');
    const from = harness.cloud.wireLog.length;
    const failed = await change({ rr: taken });
    expect(failed).toMatchObject({ status: 'failed', failure: { stage: 'preflight', code: 'DomainRecordConflict' } });
    expect(writesOf(harness, from)).toEqual([]);
    expect(ours()).toEqual([`${before} example.com`]);
    expect((await shown()).domainName).toBe(`${before}.example.com`);
    const corrected = { ...failed.spec, dns: { ...failed.spec.dns, rr: before } };
    expect((await harness.api('POST', `/load-balancers/${id}/retry`, corrected)).status).toBe(202);
    await harness.runUntil(id, 'ready');
    expect(ours()).toEqual([`${before} example.com`]);
  });

  it.each<[FaultKind, string]>([
    ['kill-after', 'AddDomainRecord'],
    ['reset-after', 'AddDomainRecord'],
    ['kill-before', 'DeleteDomainRecord'],
    ['kill-after', 'DeleteDomainRecord'],
    ['throttle', 'DeleteDomainRecord'],
  ])('takes its place though the change meets a %s at %s', async (kind, action) => {
    harness.cloud.faults.add({ kind, action });
    const rr = fresh();
    const record = await change({ rr });
    expect(harness.cloud.faults.list().at(-1)?.struck).toBe(1);
    expect(record.status).toBe('ready');
    expect(ours()).toEqual([`${rr} example.com`]);
  });

  it('is no more where the request wants none, and comes with one that does', async () => {
    await change(null);
    expect(ours()).toEqual([]);
    expect((await shown()).domainName).toBeUndefined();
    const rr = fresh();
    const record = await change({ domain: 'example.com', rr, icpFiled: true });
    expect(ours()).toEqual([`${rr} example.com`]);
    expect(record.conditions.find(({ type }) => type === 'NameResolves')).toMatchObject({ status: 'True' });
  });
});

/** Last: it releases. */
describe('a release while a name changes', () => {
  it('takes both names down, and proves both', async () => {
    const before = await present();
    const rr = fresh();
    harness.cloud.context.latency.dnsMs = 120_000;
    expect((await patch({ rr })).status).toBe(202);
    await harness.run(() => ours().length === 2);
    expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
    const record = await harness.runUntil(id, 'released');
    expect(ours()).toEqual([]);
    const proof = record.stages.preflight.outputs['proof'] as { looks: { asked: { what: string; by: string }[] }[] };
    const asked = proof.looks.at(-1)?.asked.filter(({ what }) => what === 'alidns DomainRecord');
    expect(asked?.map(({ by }) => by).sort()).toEqual([`${before}.example.com`, `${rr}.example.com`].sort());
  });
});
