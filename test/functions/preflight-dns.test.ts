import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DnsRecord, RecordInput } from '../../local/alidns/state.ts';
import { cloudResources } from '../support/cloud-resources.ts';
import { StageDriver } from '../support/stage-driver.ts';

let driver: StageDriver;

beforeEach(async () => {
  driver = await StageDriver.start({ latency: 'none' });
});

afterEach(async () => {
  await driver.close();
});

const add = (rr: string, type: string, value: string, more: Partial<RecordInput> & { domain?: string } = {}) => {
  const { dns } = driver.harness.cloud;
  const { domain = 'example.com', ...fields } = more;
  return dns.addRecord(dns.domain(domain), { rr, type, value, line: 'default', ttl: 600, ...fields });
};
const disable = (record: DnsRecord) => driver.harness.cloud.dns.setStatus(record, 'DISABLE');

/** What preflight says of a name before anything is made: problems as `field | code | message | remedy`, else warnings. */
async function saidOf(rr: string, more: object = {}): Promise<string[]> {
  const before = cloudResources(driver.harness.cloud);
  const dns = { domain: 'example.com', rr, icpFiled: true, ...more };
  const { failure, stages } = await driver.provision({ dns }, { held: ['network'] });
  expect(cloudResources(driver.harness.cloud)).toEqual(before);
  const warnings = stages.preflight.outputs['warnings'] as { field: string; message: string }[] | undefined;
  return (
    failure?.problems?.map(({ field, code, message, remedy }) => [field, code, message, remedy].join(' | ')) ??
    (warnings ?? []).map(({ field, message }) => `warning | ${field} | ${message}`)
  );
}

describe('what stands at the name', () => {
  it.each([
    ['NS', 'ns1.other.example'],
    ['TXT', 'heritage=other-tool'],
    ['MX', 'mail.other.example'],
  ])('refuses a %s record below the domain itself', async (type, value) => {
    add('www', type, value, { priority: 10 });
    expect(await saidOf('www')).toEqual([
      `dns.rr | DomainRecordConflict | www.example.com has a ${type} record (${value}), which a CNAME cannot stand beside | Delete that record or choose another dns.rr.`,
    ]);
  });

  it.each(['NS', 'TXT', 'MX'])('takes a %s record at the domain itself', async (type) => {
    add('@', type, 'other.example.net', { priority: 10 });
    expect((await saidOf('@')).every((line) => line.startsWith('warning'))).toBe(true);
  });

  it('refuses a record that is in the way though it is disabled', async () => {
    disable(add('www', 'A', '192.0.2.1'));
    expect(await saidOf('www')).toEqual([
      expect.stringContaining('has a A record (192.0.2.1), disabled, which a CNAME cannot stand beside'),
    ]);
  });

  it('refuses a disabled CNAME of others, as its stage would', async () => {
    disable(add('www', 'CNAME', 'other.example.net'));
    expect(await saidOf('www')).toEqual([
      expect.stringContaining('www.example.com is a CNAME to other.example.net, disabled, which is not ours'),
    ]);
    expect(await saidOf('www', { replaceExisting: true })).toEqual([]);
  });

  it('refuses several CNAMEs even with replaceExisting', async () => {
    add('www', 'CNAME', 'one.example.net').weight = 3;
    add('www', 'CNAME', 'two.example.net').weight = 1;
    for (const replaceExisting of [false, true])
      expect(await saidOf('www', { replaceExisting })).toEqual([
        'dns.rr | preflight.several-cnames | www.example.com is a CNAME to two.example.net (weight 1) and to one.example.net (weight 3): they are answered in turn, and one record can be replaced, not several | Delete all of them but one, or choose another dns.rr.',
      ]);
  });

  it('finds a record behind the first page of those with a similar name', async () => {
    const { dns } = driver.harness.cloud;
    dns.quota.recordsPerDomain = 2000;
    add('www', 'TXT', 'the first');
    for (let index = 0; index < 1100; index += 1) add(`www-${index}`, 'A', '192.0.2.1');
    expect(await saidOf('www')).toEqual([expect.stringContaining('has a TXT record (the first)')]);
  });

  it('warns of records of another resolution line, with what they lead to', async () => {
    add('www', 'A', '198.51.100.7', { line: 'telecom' });
    add('www', 'AAAA', '2001:db8::7', { line: 'telecom' });
    disable(add('www', 'A', '198.51.100.8', { line: 'unicom' }));
    expect(await saidOf('www')).toEqual([
      'warning | dns.rr | www.example.com has records of the resolution line telecom (AAAA 2001:db8::7, A 198.51.100.7): clients of that line are led there, not to this load balancer',
    ]);
  });
});

describe('what stands above the name', () => {
  it.each(['dev', 'eu.dev'])('refuses a name below %s that is given to other name servers', async (parent) => {
    add(parent, 'NS', 'ns1.other.example');
    expect(await saidOf(`www.eu.dev`)).toEqual([
      `dns.rr | preflight.delegated | ${parent}.example.com is given to other name servers (NS ns1.other.example): a record of www.eu.dev.example.com in example.com is not answered | Choose a name outside ${parent}.example.com, or delete its NS records.`,
    ]);
  });

  it('refuses a wildcard below a name that is given away', async () => {
    add('dev', 'NS', 'ns1.other.example');
    expect(await saidOf('*.dev')).toEqual([expect.stringContaining('dev.example.com is given to other name servers')]);
  });

  it('names the domain of the account to which the name is given', async () => {
    driver.harness.cloud.dns.addDomain('dev.example.com');
    add('dev', 'NS', 'dns25.hichina.com');
    expect(await saidOf('www.eu.dev')).toEqual([
      expect.stringContaining(
        '| Set dns.domain: dev.example.com and dns.rr: www.eu, which is a domain of this account too.',
      ),
    ]);
    expect(await saidOf('dev')).toEqual([
      expect.stringContaining(
        '| Set dns.domain: dev.example.com and dns.rr: @, which is a domain of this account too.',
      ),
    ]);
    expect(await saidOf('www.eu', { domain: 'dev.example.com' })).toEqual([]);
  });

  it.each(['www.dev', 'dev'])('warns, for %s, of a domain of the account to which nothing leads', async (rr) => {
    driver.harness.cloud.dns.addDomain('dev.example.com');
    expect(await saidOf(rr)).toEqual([
      expect.stringContaining('warning | dns.domain | the account has dev.example.com as a domain of its own'),
    ]);
  });

  it('takes no offence at NS records that are disabled or beside the name', async () => {
    disable(add('dev', 'NS', 'ns1.other.example'));
    add('eu', 'NS', 'ns1.other.example');
    expect(await saidOf('www.dev')).toEqual([]);
  });

  it.each([
    ['www', '*', '*.example.com'],
    ['www.dev', '*', '*.example.com'],
    ['www.dev', '*.dev', '*.dev.example.com'],
    ['*.dev', '*', '*.example.com'],
  ])('warns where %s is answered by %s today', async (rr, wildcard, name) => {
    add(wildcard, 'A', '192.0.2.9');
    expect(await saidOf(rr)).toEqual([
      `warning | dns.rr | ${rr}.example.com is answered by the wildcard ${name} today (A 192.0.2.9): the new record takes its place there`,
    ]);
  });

  it('says nothing of a wildcard that does not reach the name', async () => {
    add('*', 'A', '192.0.2.9');
    add('other.dev', 'A', '192.0.2.1');
    expect(await saidOf('www.dev')).toEqual([]);
    expect(await saidOf('@')).toEqual([]);
  });

  it('refuses a wildcard whose sample has records of its own', async () => {
    add('any.dev', 'A', '192.0.2.1');
    expect(await saidOf('*.dev')).toEqual([
      expect.stringContaining('any.dev.example.com, by which the wildcard is checked, has records of its own'),
    ]);
  });
});

describe('the domain', () => {
  it.each([
    ['@', 'a.b'],
    ['www', 'www.a.b'],
    ['*', '*.a.b'],
  ])('given as a name in a domain of the account, with %s, is answered with what was meant', async (rr, meant) => {
    expect(await saidOf(rr, { domain: 'a.b.example.com' })).toEqual([
      `dns.domain | preflight.domain | a.b.example.com is not a domain of this account in Alibaba Cloud DNS, but example.com is | Set dns.domain: example.com and dns.rr: ${meant}, or add a.b.example.com to Alibaba Cloud DNS as a domain of its own.`,
    ]);
  });

  it('to which nothing leads is answered with the one above it', async () => {
    driver.harness.cloud.dns.addDomain('dev.example.com');
    expect(await saidOf('www', { domain: 'dev.example.com' })).toEqual([
      expect.stringMatching(
        /dev\.example\.com is delegated to no server.*Set dns\.domain: example\.com and dns\.rr: www\.dev, or add NS records/,
      ),
    ]);
  });

  it('that is delegated to others too is warned of', async () => {
    driver.harness.cloud.dns.domain('example.com').delegatedTo = ['dns25.hichina.com', 'ns1.elsewhere.net'];
    expect(await saidOf('www')).toEqual([
      expect.stringContaining('warning | dns.domain | example.com is delegated to ns1.elsewhere.net too'),
    ]);
  });

  it('in other letters is shown both ways', async () => {
    driver.harness.cloud.dns.addDomain('商店.中国');
    add('xn--0zwm56d', 'TXT', 'mine', { domain: '商店.中国' });
    expect(await saidOf('测试', { domain: '商店.中国' })).toEqual([
      expect.stringContaining('测试.商店.中国 (xn--0zwm56d.xn--czrs0t.xn--fiqs8s) has a TXT record (mine)'),
    ]);
  });
});
