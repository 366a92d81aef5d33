import sdk from '@alicloud/alidns20150109';
import { describe, expect, it } from 'vitest';
import { startDns } from './start.ts';

const filled = async () => {
  const cloud = await startDns();
  await cloud.add('www', 'CNAME', 'one.example.net');
  await cloud.add('www2', 'A', '192.0.2.1');
  await cloud.add('@', 'TXT', 'www is elsewhere');
  return cloud;
};

describe('DescribeDomainRecords', () => {
  const list = async (cloud: Awaited<ReturnType<typeof filled>>, query: Record<string, unknown>) => {
    const request = new sdk.DescribeDomainRecordsRequest({ domainName: 'example.com', ...query });
    const { body } = await cloud.client.describeDomainRecords(request);
    return { total: body?.totalCount, names: body?.domainRecords?.record?.map(({ RR }) => RR) };
  };

  it('lists the newest first', async () => {
    expect(await list(await filled(), {})).toEqual({ total: 3, names: ['@', 'www2', 'www'] });
  });

  it('P-087: finds host records by a part of their name', async () => {
    expect((await list(await filled(), { RRKeyWord: 'WWW' })).names).toEqual(['www2', 'www']);
  });

  it('finds a type by its whole name only', async () => {
    const cloud = await filled();
    expect((await list(cloud, { typeKeyWord: 'cname' })).names).toEqual(['www']);
    expect((await list(cloud, { typeKeyWord: 'NAME' })).names).toEqual([]);
  });

  it('finds values by a part of them', async () => {
    expect((await list(await filled(), { valueKeyWord: 'example' })).names).toEqual(['www']);
  });

  it('takes KeyWord for host record or value', async () => {
    expect((await list(await filled(), { keyWord: 'www' })).names).toEqual(['@', 'www2', 'www']);
  });

  it('ignores the other keywords in mode EXACT', async () => {
    const query = { searchMode: 'EXACT', keyWord: 'www', typeKeyWord: 'A' };
    expect((await list(await filled(), query)).names).toEqual(['www']);
  });

  it('compares whole values in mode COMBINATION', async () => {
    expect((await list(await filled(), { searchMode: 'COMBINATION', RRKeyWord: 'www' })).names).toEqual(['www']);
  });

  it('gives pages', async () => {
    expect(await list(await filled(), { pageSize: 2, pageNumber: 2 })).toEqual({ total: 3, names: ['www'] });
  });

  it('refuses more than 500 records a page', async () => {
    await expect(list(await filled(), { pageSize: 501 })).rejects.toMatchObject({ code: 'InvalidParameter' });
  });

  it('refuses a domain of another account', async () => {
    await expect(list(await filled(), { domainName: 'example.org' })).rejects.toMatchObject({
      code: 'InvalidDomainName.NoExist',
    });
  });
});

describe('DescribeSubDomainRecords', () => {
  const list = async (cloud: Awaited<ReturnType<typeof startDns>>, query: Record<string, unknown>) => {
    const { body } = await cloud.client.describeSubDomainRecords(new sdk.DescribeSubDomainRecordsRequest(query));
    return body?.domainRecords?.record;
  };

  it('finds exactly the named host', async () => {
    const cloud = await filled();
    cloud.state.recordsOf('example.com')[0]!.remark = 'ours';
    expect(await list(cloud, { subDomain: 'www.example.com', domainName: 'example.com' })).toEqual([
      expect.objectContaining({
        RR: 'www',
        type: 'CNAME',
        value: 'one.example.net',
        line: 'default',
        TTL: 600,
        status: 'ENABLE',
        locked: false,
        remark: 'ours',
      }),
    ]);
  });

  it.each(['example.com', '@.example.com'])('finds the apex as %s', async (subDomain) => {
    const records = await list(await filled(), { subDomain, domainName: 'example.com' });
    expect(records?.map(({ type }) => type)).toEqual(['TXT']);
  });

  it('guesses the domain of two labels when none is named', async () => {
    const cloud = await startDns();
    cloud.state.addDomain('deep.example.org');
    expect(await list(cloud, { subDomain: 'www.example.com' })).toEqual([]);
    await expect(list(cloud, { subDomain: 'www.deep.example.org' })).rejects.toMatchObject({
      code: 'InvalidDomainName.NoExist',
    });
    expect(await list(cloud, { subDomain: 'www.deep.example.org', domainName: 'deep.example.org' })).toEqual([]);
  });

  it('filters by type', async () => {
    const records = await list(await filled(), { subDomain: 'www.example.com', type: 'A' });
    expect(records).toEqual([]);
  });
});

describe('DescribeDomainRecordInfo', () => {
  it('answers one record', async () => {
    const { add, client } = await startDns();
    const recordId = await add('@', 'MX', 'mx.example.net', { priority: 10 });
    const { body } = await client.describeDomainRecordInfo(new sdk.DescribeDomainRecordInfoRequest({ recordId }));
    expect(body).toMatchObject({ recordId, RR: '@', type: 'MX', priority: 10, domainName: 'example.com' });
  });

  it('refuses an unknown record', async () => {
    const { client } = await startDns();
    const request = new sdk.DescribeDomainRecordInfoRequest({ recordId: '999' });
    await expect(client.describeDomainRecordInfo(request)).rejects.toMatchObject({
      code: 'DomainRecordNotBelongToUser',
    });
  });
});
