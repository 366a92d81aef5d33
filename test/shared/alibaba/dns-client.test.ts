import { describe, expect, it } from 'vitest';
import { startCloud } from './cloud.ts';

const www = { domainName: 'example.com', rr: 'www', type: 'CNAME', value: 'alb-1.example.net', ttl: 600 };

describe('domains', () => {
  it('P-090: are found with the floor of their TTL', async () => {
    const { dns } = await startCloud();
    expect(await dns.findDomain('example.com')).toEqual({
      domainName: 'example.com',
      dnsServers: expect.arrayContaining([expect.any(String)]) as string[],
      minTtl: 600,
      versionCode: 'mianfei',
    });
  });

  it('of other accounts are undefined', async () => {
    const { dns } = await startCloud();
    expect(await dns.findDomain('example.org')).toBeUndefined();
  });
});

describe('records', () => {
  it('P-089: are added on the default line', async () => {
    const { dns } = await startCloud();
    const recordId = await dns.addRecord({ ...www, rr: '@' });
    expect(await dns.listRecords({ domainName: 'example.com', rr: '@' })).toEqual([
      {
        recordId,
        rr: '@',
        type: 'CNAME',
        value: 'alb-1.example.net',
        line: 'default',
        ttl: 600,
        status: 'ENABLE',
        isLocked: false,
        remark: '',
      },
    ]);
  });

  it('P-087: of other hosts with a similar name are left out', async () => {
    const { dns } = await startCloud();
    await dns.addRecord({ ...www, rr: 'www2' });
    await dns.addRecord({ ...www, rr: 'my-www' });
    expect(await dns.listRecords({ domainName: 'example.com', rr: 'www' })).toEqual([]);
  });

  it('P-085: that exist already keep their id', async () => {
    const { dns } = await startCloud();
    const recordId = await dns.addRecord(www);
    expect(await dns.addRecord({ ...www, value: 'ALB-1.example.net' })).toBe(recordId);
    expect(await dns.listRecords(www)).toHaveLength(1);
  });

  it('P-088: are not sent again where nothing changes', async () => {
    const { dns, actions } = await startCloud();
    const recordId = await dns.addRecord(www);
    await dns.updateRecord(recordId, www);
    expect(actions()).not.toContain('UpdateDomainRecord');
  });

  it('are changed', async () => {
    const { dns } = await startCloud();
    const recordId = await dns.addRecord(www);
    await dns.updateRecord(recordId, { ...www, value: 'alb-2.example.net' });
    expect(await dns.listRecords(www)).toMatchObject([{ recordId, value: 'alb-2.example.net' }]);
  });

  it('P-091: get a remark', async () => {
    const { dns } = await startCloud();
    const recordId = await dns.addRecord(www);
    await dns.setRemark(recordId, 'dualstack/d1/dns');
    expect(await dns.listRecords(www)).toMatchObject([{ remark: 'dualstack/d1/dns' }]);
  });

  it('P-094: that are gone count as deleted', async () => {
    const { dns } = await startCloud();
    const recordId = await dns.addRecord(www);
    await dns.deleteRecord(recordId);
    await dns.deleteRecord(recordId);
    expect(await dns.listRecords(www)).toEqual([]);
  });

  it('P-086: that conflict are refused with the code of the service', async () => {
    const { dns } = await startCloud();
    await dns.addRecord({ ...www, type: 'A', value: '192.0.2.1' });
    await expect(dns.addRecord(www)).rejects.toMatchObject({ code: 'DomainRecordConflict', service: 'alidns' });
  });

  it('are all read where there are more than one page', async () => {
    const { dns, states } = await startCloud();
    const domain = states.dns.domain('example.com');
    states.dns.addRecord(domain, { rr: 'www', type: 'TXT', value: 'first', line: 'default', ttl: 600 });
    for (let index = 0; index < 600; index += 1)
      states.dns.addRecord(domain, { rr: `www-${index}`, type: 'A', value: '192.0.2.1', line: 'default', ttl: 600 });
    expect(await dns.listRecords({ domainName: 'example.com', rr: 'www' })).toMatchObject([{ value: 'first' }]);
  });

  it('of a domain and a host in other letters are found by punycode', async () => {
    const { dns, states } = await startCloud();
    states.dns.addDomain('商店.中国');
    const idn = { ...www, domainName: 'xn--czrs0t.xn--fiqs8s', rr: 'xn--0zwm56d' };
    expect(await dns.findDomain(idn.domainName)).toMatchObject({ domainName: idn.domainName });
    const recordId = await dns.addRecord(idn);
    expect(await dns.addRecord(idn)).toBe(recordId);
    expect(await dns.listRecords(idn)).toMatchObject([{ recordId, rr: idn.rr }]);
  });

  it('below a host are found with its own', async () => {
    const { dns } = await startCloud();
    for (const rr of ['dev', 'a.dev', '*.dev', 'mydev', 'dev.eu'])
      await dns.addRecord({ ...www, rr, type: 'TXT', value: rr });
    const found = await dns.listRecordsFrom({ domainName: 'example.com', rr: 'dev' });
    expect(found.map(({ rr }) => rr).toSorted()).toEqual(['*.dev', 'a.dev', 'dev']);
  });

  it('that give names to other servers are listed but for those of the domain itself', async () => {
    const { dns } = await startCloud();
    for (const rr of ['@', 'dev', 'a.eu']) await dns.addRecord({ ...www, rr, type: 'NS', value: 'ns1.other.example' });
    await dns.addRecord(www);
    const found = await dns.listDelegations('example.com');
    expect(found.map(({ rr }) => rr).toSorted()).toEqual(['a.eu', 'dev']);
  });
});
