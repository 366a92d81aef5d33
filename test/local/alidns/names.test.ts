import sdk from '@alicloud/alidns20150109';
import { describe, expect, it } from 'vitest';
import { startDns } from './start.ts';

describe('a domain in other letters', () => {
  it('is found by either of its names', async () => {
    const { client, state } = await startDns();
    state.addDomain('商店.中国');
    for (const domainName of ['商店.中国', 'xn--czrs0t.xn--fiqs8s', '商店。中国']) {
      const { body } = await client.describeDomainInfo(new sdk.DescribeDomainInfoRequest({ domainName }));
      expect(body).toMatchObject({ domainName: '商店.中国', punyCode: 'xn--czrs0t.xn--fiqs8s' });
    }
  });

  it('is added below a top-level domain in punycode', async () => {
    const { client, state } = await startDns();
    await client.addDomain(new sdk.AddDomainRequest({ domainName: 'shop.xn--fiqs8s' }));
    expect([...state.domains.keys()]).toContain('shop.xn--fiqs8s');
  });

  it.each(['xn--.com', 'a..com', 'a b.com', 'a/b.com', '-a.com', `${'a'.repeat(64)}.com`])(
    'refuses %s',
    async (domainName) => {
      const { client } = await startDns();
      const adding = client.addDomain(new sdk.AddDomainRequest({ domainName }));
      await expect(adding).rejects.toMatchObject({ code: 'InvalidDomainName.Format' });
    },
  );
});

describe('a host record', () => {
  it.each([
    ['*.dev', '*.dev'],
    ['WWW', 'www'],
    ['_acme', '_acme'],
    ['old_site', 'old_site'],
    ['测试', 'xn--0zwm56d'],
    ['xn--0zwm56d', 'xn--0zwm56d'],
  ])('%s is kept as %s', async (rr, kept) => {
    const { add, state } = await startDns();
    const id = await add(rr, 'CNAME', 'one.example.net');
    expect(state.records.get(id)?.rr).toBe(kept);
  });

  it('is answered in the letters that people read', async () => {
    const { client, add } = await startDns();
    await add('xn--0zwm56d', 'CNAME', 'one.example.net');
    const { body } = await client.describeDomainRecords(
      new sdk.DescribeDomainRecordsRequest({ domainName: 'example.com' }),
    );
    expect(body?.domainRecords?.record?.map(({ RR }) => RR)).toEqual(['测试']);
  });

  it.each(['a.*', '**', '*a', 'www.', '', 'a b'])('refuses %j', async (rr) => {
    const { add } = await startDns();
    await expect(add(rr, 'A', '192.0.2.1')).rejects.toMatchObject({
      code: rr === '' ? 'MissingRR' : 'InvalidRR.Format',
    });
  });

  it('refuses letters that are neither ASCII nor Chinese', async () => {
    const { add } = await startDns();
    await expect(add('xn--ndaaa', 'A', '192.0.2.1')).rejects.toMatchObject({ code: 'SubDomainInvalid.RR' });
    await expect(add('www', 'CNAME', 'xn--ndaaa.com')).rejects.toMatchObject({ code: 'SubDomainInvalid.Value' });
  });
});
