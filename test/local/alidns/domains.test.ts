import sdk from '@alicloud/alidns20150109';
import { describe, expect, it } from 'vitest';
import { startDns } from './start.ts';

describe('DescribeDomainInfo', () => {
  it('P-090: tells the smallest TTL of the edition when details are asked for', async () => {
    const { client } = await startDns();
    const request = new sdk.DescribeDomainInfoRequest({ domainName: 'example.com', needDetailAttributes: true });
    const { body } = await client.describeDomainInfo(request);
    expect(body?.minTtl).toBe(600);
    expect(body?.availableTtls?.availableTtl).toEqual(['600', '1800', '3600', '43200', '86400']);
    expect(body?.versionCode).toBe('mianfei');
  });

  it('keeps the smallest TTL to itself otherwise', async () => {
    const { client } = await startDns();
    const { body } = await client.describeDomainInfo(new sdk.DescribeDomainInfoRequest({ domainName: 'example.com' }));
    expect(body?.minTtl).toBeUndefined();
  });

  it('P-092: tells the assigned name servers of a domain delegated elsewhere', async () => {
    const { client } = await startDns({ delegatedTo: ['ns1.elsewhere.net'] });
    const { body } = await client.describeDomainInfo(new sdk.DescribeDomainInfoRequest({ domainName: 'example.com' }));
    expect(body?.dnsServers?.dnsServer).toEqual(['dns25.hichina.com', 'dns26.hichina.com']);
  });

  it('refuses a domain that the account does not have', async () => {
    const { client } = await startDns();
    const request = new sdk.DescribeDomainInfoRequest({ domainName: 'example.net' });
    await expect(client.describeDomainInfo(request)).rejects.toMatchObject({
      code: 'InvalidDomainName.NoExist',
      statusCode: 400,
    });
  });
});

describe('DescribeDomains', () => {
  const names = async (query: Record<string, unknown>) => {
    const { client, state } = await startDns();
    state.addDomain('example.com.cn');
    const { body } = await client.describeDomains(new sdk.DescribeDomainsRequest(query));
    return body?.domains?.domain?.map(({ domainName }) => domainName);
  };

  it('finds domains by a part of their name', async () => {
    expect(await names({ keyWord: 'EXAMPLE.com' })).toEqual(['example.com', 'example.com.cn']);
  });

  it('finds one domain by its whole name', async () => {
    expect(await names({ keyWord: 'example.com', searchMode: 'EXACT' })).toEqual(['example.com']);
  });

  it('refuses more than 100 domains a page', async () => {
    await expect(names({ pageSize: 101 })).rejects.toMatchObject({ code: 'InvalidParameter' });
  });
});

describe('AddDomain', () => {
  it('adds a domain that its registrar does not delegate yet', async () => {
    const { client, state } = await startDns();
    const { body } = await client.addDomain(new sdk.AddDomainRequest({ domainName: 'example.org' }));
    expect(body?.dnsServers?.dnsServer).toEqual(['dns25.hichina.com', 'dns26.hichina.com']);
    expect(state.domain('example.org').delegatedTo).not.toContain('dns25.hichina.com');
  });

  it('refuses a domain a second time', async () => {
    const { client } = await startDns();
    const request = new sdk.AddDomainRequest({ domainName: 'example.com' });
    await expect(client.addDomain(request)).rejects.toMatchObject({ code: 'InvalidDomainName.Duplicate' });
  });

  it('refuses a domain of another account', async () => {
    const { client, state } = await startDns();
    state.takenByOthers.add('example.org');
    const request = new sdk.AddDomainRequest({ domainName: 'example.org' });
    await expect(client.addDomain(request)).rejects.toMatchObject({ code: 'DomainAddedByOthers' });
  });
});
