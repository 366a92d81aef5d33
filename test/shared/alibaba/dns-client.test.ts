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
});
