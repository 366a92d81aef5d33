import sdk from '@alicloud/alidns20150109';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import { describe, expect, it } from 'vitest';
import { startDns } from './start.ts';

describe('AddDomainRecord: parameters', () => {
  it('P-089: refuses an empty host record', async () => {
    const { add } = await startDns();
    await expect(add('', 'A', '192.0.2.1')).rejects.toMatchObject({ code: 'MissingRR', statusCode: 400 });
  });

  it.each([
    ['A', '2001:db8::1', 'InvalidRR.AValue'],
    ['AAAA', '192.0.2.1', 'InvalidRR.AAAAValue'],
    ['CNAME', 'not a name', 'InvalidRR.CNAMEValue'],
    ['MX', 'mx.example.net', 'SubDomainInvalid.Priority'],
    ['SPF', 'v=spf1', 'SubDomainInvalid.Type'],
  ])('refuses a record %s with the value %s', async (type, value, code) => {
    const { add } = await startDns();
    await expect(add('www', type, value)).rejects.toMatchObject({ code });
  });

  it('refuses an unknown line', async () => {
    const { add } = await startDns();
    await expect(add('www', 'A', '192.0.2.1', { line: 'Default' })).rejects.toMatchObject({
      code: 'SubDomainInvalid.Line',
    });
  });

  it.each([
    ['mianfei', 599, '600 to 86400'],
    ['version_enterprise_basic', 59, '60 to 86400'],
    ['version_enterprise_advanced', 86_401, '1 to 86400'],
  ])('P-090: refuses on edition %s a TTL of %d', async (versionCode, TTL, range) => {
    const { add } = await startDns({ versionCode });
    await expect(add('www', 'A', '192.0.2.1', { TTL })).rejects.toMatchObject({
      code: 'QuotaExceeded.TTL',
      statusCode: 400,
      message: expect.stringContaining(range) as string,
    });
  });

  it('refuses a client token', async () => {
    const { client } = await startDns();
    const call = client.callApi(
      new $OpenApiUtil.Params({
        action: 'AddDomainRecord',
        version: '2015-01-09',
        protocol: 'HTTP',
        pathname: '/',
        method: 'POST',
        authType: 'AK',
        style: 'RPC',
        reqBodyType: 'formData',
        bodyType: 'json',
      }),
      new $OpenApiUtil.OpenApiRequest({
        query: { DomainName: 'example.com', RR: 'www', Type: 'A', Value: '192.0.2.1', ClientToken: 'token-1' },
      }),
      new RuntimeOptions({}),
    );
    await expect(call).rejects.toMatchObject({ code: 'InvalidParameter' });
  });
});

describe('AddDomainRecord: state rules', () => {
  it('refuses a domain that the account does not have', async () => {
    const { client } = await startDns();
    const request = new sdk.AddDomainRecordRequest({
      domainName: 'example.net',
      RR: '@',
      type: 'CNAME',
      value: 'alb-1.cn-shanghai.alb.aliyuncsslb.com',
    });
    await expect(client.addDomainRecord(request)).rejects.toMatchObject({
      code: 'InvalidDomainName.NoExist',
      statusCode: 400,
    });
  });

  it('P-085: refuses the same record a second time', async () => {
    const { add } = await startDns();
    await add('www', 'CNAME', 'one.example.net');
    await expect(add('www', 'CNAME', 'one.example.net.', { TTL: 1200 })).rejects.toMatchObject({
      code: 'DomainRecordDuplicate',
      statusCode: 400,
    });
  });

  it('P-086: accepts a CNAME beside another CNAME', async () => {
    const { add, state } = await startDns();
    await add('www', 'CNAME', 'one.example.net');
    await add('www', 'CNAME', 'two.example.net');
    expect(state.records.size).toBe(2);
  });

  it.each(['A', 'AAAA', 'ALIAS', 'REDIRECT_URL', 'FORWARD_URL', 'SRV', 'CAA', 'SVCB', 'HTTPS'])(
    'refuses a CNAME at the apex beside %s',
    async (type) => {
      const { add } = await startDns();
      const values: Record<string, string> = { A: '192.0.2.1', AAAA: '2001:db8::1', ALIAS: 'one.example.net' };
      await add('@', type, values[type] ?? '0 value');
      await expect(add('@', 'CNAME', 'two.example.net')).rejects.toMatchObject({ code: 'DomainRecordConflict' });
    },
  );

  it('refuses an address beside a CNAME', async () => {
    const { add } = await startDns();
    await add('www', 'CNAME', 'two.example.net');
    await expect(add('www', 'AAAA', '2001:db8::1')).rejects.toMatchObject({ code: 'DomainRecordConflict' });
  });

  it('P-093: accepts a CNAME at the apex beside MX and TXT', async () => {
    const { add, state } = await startDns();
    await add('@', 'MX', 'mx.example.net', { priority: 10 });
    await add('@', 'TXT', 'v=spf1 -all');
    await add('@', 'CNAME', 'two.example.net');
    expect(state.records.size).toBe(3);
  });

  it('refuses a CNAME below the apex beside MX', async () => {
    const { add } = await startDns();
    await add('mail', 'MX', 'mx.example.net', { priority: 10 });
    await expect(add('mail', 'CNAME', 'two.example.net')).rejects.toMatchObject({ code: 'DomainRecordConflict' });
  });

  it('accepts an address on another line than the CNAME', async () => {
    const { add, state } = await startDns();
    await add('www', 'CNAME', 'two.example.net');
    await add('www', 'A', '192.0.2.1', { line: 'oversea' });
    expect(state.records.size).toBe(2);
  });

  it('throttles after 60 calls within a second', async () => {
    const { add, context } = await startDns();
    for (let index = 0; index < 60; index += 1) await add(`host-${index}`, 'A', '192.0.2.1');
    await expect(add('host-60', 'A', '192.0.2.1')).rejects.toMatchObject({ code: 'Throttling.User', statusCode: 400 });
    context.clock.advance(1000);
    await expect(add('host-60', 'A', '192.0.2.1')).resolves.not.toBe('');
  });
});

describe('AddDomainRecord: effects', () => {
  it('keeps the record with line default and TTL 600', async () => {
    const { add, state } = await startDns();
    const id = await add('@', 'CNAME', 'Alb-1.CN-Shanghai.alb.aliyuncsslb.com.');
    expect(id).toMatch(/^9\d{17}$/);
    expect(state.records.get(id)).toMatchObject({
      domainName: 'example.com',
      rr: '@',
      type: 'CNAME',
      value: 'alb-1.cn-shanghai.alb.aliyuncsslb.com',
      line: 'default',
      ttl: 600,
      status: 'ENABLE',
    });
  });

  it('is answered by the name servers a second later', async () => {
    const { add, state, context } = await startDns();
    await add('www', 'A', '192.0.2.1');
    expect(state.answered()).toHaveLength(0);
    context.clock.advance(1000);
    expect(state.answered()).toHaveLength(1);
  });
});
