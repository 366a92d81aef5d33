import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { DnsRecord } from '../../local/alidns/state.ts';
import { seedNetwork, type SeededNetwork } from '../../local/vpc/seed.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { byHand, idsOf, named, outputOf, writesOf } from '../support/by-hand.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let harness: Harness;
let network: SeededNetwork;
const deployments = new Map<string, DeploymentRecord>();

const hosts = ['plain', 'replaced', 'disabled', 'moved', 'deleted', 'remade', 'joined', 'lost', 'taken'];
const replacing = ['replaced', 'disabled', 'moved', 'remade', 'lost', 'taken'];
const at = (rr: string): DnsRecord[] => [...harness.cloud.dns.records.values()].filter((record) => record.rr === rr);

const add = (rr: string, value: string, ttl = 900): DnsRecord => {
  const { dns } = harness.cloud;
  return dns.addRecord(dns.domain('example.com'), { rr, type: 'CNAME', value, line: 'default', ttl });
};
const change = (record: DnsRecord | undefined, value: string) =>
  byHand(harness, 'alidns', 'UpdateDomainRecord', {
    RecordId: record?.id ?? '',
    RR: record?.rr ?? '',
    Type: 'CNAME',
    Value: value,
    TTL: '700',
  });

const everyOne = async (...statuses: string[]): Promise<void> => {
  await harness.run(async () => {
    for (const [rr, { deploymentId }] of deployments) {
      const record = await harness.record(deploymentId);
      deployments.set(rr, record);
      if (!statuses.includes(record.status)) return false;
    }
    return true;
  });
};

/** Nine load balancers in one network, each with a name of its own; released together, after others were at their names. */
beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
  network = seedNetwork(harness.cloud.vpc, { zones: ['cn-shanghai-e', 'cn-shanghai-g'] });
  for (const rr of replacing) add(rr, `old-${rr}.example.net`).remark = `remark of ${rr}`;
  const [disabled] = at('disabled');
  const [lost] = at('lost');
  for (const each of [disabled, lost]) if (each !== undefined) harness.cloud.dns.setStatus(each, 'DISABLE');
  for (const rr of hosts) {
    const id = await harness.request({
      name: rr,
      onFailure: 'retain',
      network: { vpcId: network.vpcId, vSwitchIds: network.vSwitchIds },
      backends: [{ name: 'one', family: 'ipv4', page: rr }],
      dns: { domain: 'example.com', rr, icpFiled: true, replaceExisting: replacing.includes(rr) },
    });
    deployments.set(rr, await harness.record(id));
  }
  await everyOne('ready', 'failed');
  expect([...deployments.values()].map(({ status, failure }) => failure?.message ?? status)).toEqual(
    hosts.map(() => 'ready'),
  );
  for (const rr of hosts) {
    const value = outputOf(deployments.get(rr) as DeploymentRecord, 'load-balancer', 'dnsName');
    expect(at(rr)).toMatchObject([
      { value, ttl: 600, status: 'ENABLE', remark: expect.stringMatching(/\/dns$/) as string },
    ]);
  }
  await change(at('moved')[0], 'since.example.net');
  await byHand(harness, 'alidns', 'DeleteDomainRecord', { RecordId: at('deleted')[0]?.id ?? '' });
  await byHand(harness, 'alidns', 'DeleteDomainRecord', { RecordId: at('remade')[0]?.id ?? '' });
  add('remade', 'remade.example.net');
  for (const rr of ['lost', 'taken'])
    await byHand(harness, 'alidns', 'DeleteDomainRecord', { RecordId: at(rr)[0]?.id ?? '' });
  const { dns } = harness.cloud;
  dns.addRecord(dns.domain('example.com'), { rr: 'taken', type: 'A', value: '192.0.2.1', line: 'default', ttl: 600 });
  add('joined', 'joined.example.net');
  for (const [, { deploymentId }] of deployments)
    expect((await harness.api('DELETE', `/load-balancers/${deploymentId}`)).status).toBe(202);
  await everyOne('released');
});
afterAll(() => harness.close());

const dnsWrites = (rr: string): string[] => {
  const ids = at(rr).map(({ id }) => id);
  const own = idsOf(deployments.get(rr) as DeploymentRecord)['record'] ?? '';
  return named(
    writesOf(harness, 0).filter(
      ({ service, params }) => service === 'alidns' && [own, ...ids].includes(params['RecordId'] as string),
    ),
  );
};

it('deletes the record that it has added', () => {
  expect(at('plain')).toEqual([]);
});

it('restores what stood there before: value, TTL, remark', () => {
  expect(at('replaced')).toMatchObject([
    { value: 'old-replaced.example.net', ttl: 900, status: 'ENABLE', remark: 'remark of replaced' },
  ]);
});

it('restores a record that was disabled as a disabled one', () => {
  expect(at('disabled')).toMatchObject([
    { value: 'old-disabled.example.net', ttl: 900, status: 'DISABLE', remark: 'remark of disabled' },
  ]);
});

it('leaves a record alone that others have led elsewhere since', () => {
  expect(at('moved')).toMatchObject([{ value: 'since.example.net', ttl: 700 }]);
  // Replaced and remarked when it was applied; nothing since.
  expect(dnsWrites('moved')).toEqual(['alidns UpdateDomainRecord', 'alidns UpdateDomainRecordRemark']);
});

it('leaves a record alone that others have made in the place of ours', () => {
  expect(at('remade')).toMatchObject([{ value: 'remade.example.net', ttl: 900, remark: '' }]);
});

it('adds again what stood there before where others have deleted ours', () => {
  expect(at('lost')).toMatchObject([
    { value: 'old-lost.example.net', ttl: 900, status: 'DISABLE', remark: 'remark of lost' },
  ]);
});

it('adds nothing where others have put something else', () => {
  expect(at('taken')).toMatchObject([{ type: 'A', value: '192.0.2.1' }]);
});

it('takes a record that others have deleted for gone', () => {
  expect(at('deleted')).toEqual([]);
});

it('deletes only ours where others have put one beside it', () => {
  expect(at('joined')).toMatchObject([{ value: 'joined.example.net' }]);
});

it('proves each name free of ours', () => {
  for (const [rr, record] of deployments) {
    const proof = record.stages.preflight.outputs['proof'] as {
      looks: { asked: { what: string; by: string; found: string[]; missing?: string[] }[] }[];
    };
    const asked = proof.looks.at(-1)?.asked.filter(({ what }) => what === 'alidns DomainRecord');
    expect(asked).toEqual([{ what: 'alidns DomainRecord', by: `${rr}.example.com`, found: [] }]);
    const former = proof.looks.at(-1)?.asked.filter(({ what }) => what === 'alidns former value');
    expect(former?.map(({ missing }) => missing)).toEqual(replacing.includes(rr) ? [[]] : []);
  }
});
