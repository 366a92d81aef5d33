import sdk from '@alicloud/alidns20150109';
import { describe, expect, it } from 'vitest';
import { startDns } from './start.ts';

const update = (recordId: string, value: string, more: Record<string, unknown> = {}) =>
  new sdk.UpdateDomainRecordRequest({ recordId, RR: 'www', type: 'CNAME', value, ...more });

describe('UpdateDomainRecord: parameters', () => {
  it('refuses a TTL below the floor of the edition', async () => {
    const { add, client } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    await expect(client.updateDomainRecord(update(id, 'one.example.net', { TTL: 60 }))).rejects.toMatchObject({
      code: 'QuotaExceeded.TTL',
    });
  });
});

describe('UpdateDomainRecord: state rules', () => {
  it('P-088: refuses an update that changes nothing', async () => {
    const { add, client } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    await expect(client.updateDomainRecord(update(id, 'one.example.net'))).rejects.toMatchObject({
      code: 'DomainRecordDuplicate',
    });
  });

  it('refuses to become equal to another record', async () => {
    const { add, client } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    await add('www', 'CNAME', 'two.example.net');
    await expect(client.updateDomainRecord(update(id, 'two.example.net'))).rejects.toMatchObject({
      code: 'DomainRecordDuplicate',
    });
  });

  it('refuses to become a type that conflicts with another record', async () => {
    const { add, client } = await startDns();
    await add('www', 'A', '192.0.2.1');
    const id = await add('www', 'A', '192.0.2.2');
    await expect(client.updateDomainRecord(update(id, 'two.example.net'))).rejects.toMatchObject({
      code: 'DomainRecordConflict',
    });
  });

  it('refuses an unknown record', async () => {
    const { client } = await startDns();
    await expect(client.updateDomainRecord(update('999', 'two.example.net'))).rejects.toMatchObject({
      code: 'DomainRecordNotBelongToUser',
      statusCode: 400,
    });
  });

  it('refuses a locked record', async () => {
    const { add, client, state } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    state.record(id).locked = true;
    await expect(client.updateDomainRecord(update(id, 'two.example.net'))).rejects.toMatchObject({
      code: 'DomainRecordLocked',
    });
  });
});

describe('UpdateDomainRecord: effects', () => {
  it('changes the TTL alone', async () => {
    const { add, client, state } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    await client.updateDomainRecord(update(id, 'one.example.net', { TTL: 1200 }));
    expect(state.record(id).ttl).toBe(1200);
  });

  it('leaves the old value with the name servers for a second', async () => {
    const { add, client, state, context } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    context.clock.advance(1000);
    await client.updateDomainRecord(update(id, 'two.example.net'));
    expect(state.answered().map(({ value }) => value)).toEqual(['one.example.net']);
    context.clock.advance(1000);
    expect(state.answered().map(({ value }) => value)).toEqual(['two.example.net']);
  });
});

describe('UpdateDomainRecordRemark', () => {
  it('P-091: sets the remark of an existing record', async () => {
    const { add, client, state } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    await client.updateDomainRecordRemark(new sdk.UpdateDomainRecordRemarkRequest({ recordId: id, remark: 'ours' }));
    expect(state.record(id).remark).toBe('ours');
  });

  it('deletes the remark when it is left empty', async () => {
    const { add, client, state } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    state.record(id).remark = 'ours';
    await client.updateDomainRecordRemark(new sdk.UpdateDomainRecordRemarkRequest({ recordId: id }));
    expect(state.record(id).remark).toBe('');
  });

  it('refuses an unknown record', async () => {
    const { client } = await startDns();
    const request = new sdk.UpdateDomainRecordRemarkRequest({ recordId: '999', remark: 'ours' });
    await expect(client.updateDomainRecordRemark(request)).rejects.toMatchObject({
      code: 'DomainRecordNotBelongToUser',
    });
  });
});

describe('DeleteDomainRecord', () => {
  it('answers the id of the deleted record', async () => {
    const { add, client, state } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    const { body } = await client.deleteDomainRecord(new sdk.DeleteDomainRecordRequest({ recordId: id }));
    expect(body?.recordId).toBe(id);
    expect(state.records.size).toBe(0);
  });

  it('P-094: refuses a record that is already gone', async () => {
    const { add, client } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    const request = new sdk.DeleteDomainRecordRequest({ recordId: id });
    await client.deleteDomainRecord(request);
    await expect(client.deleteDomainRecord(request)).rejects.toMatchObject({ code: 'DomainRecordNotBelongToUser' });
  });

  it('refuses a locked record', async () => {
    const { add, client, state } = await startDns();
    const id = await add('www', 'CNAME', 'one.example.net');
    state.record(id).locked = true;
    await expect(client.deleteDomainRecord(new sdk.DeleteDomainRecordRequest({ recordId: id }))).rejects.toMatchObject({
      code: 'DomainRecordLocked',
    });
  });
});

describe('SetDomainRecordStatus', () => {
  it('refuses a status that does not exist', async () => {
    const { add, client } = await startDns();
    const recordId = await add('www', 'CNAME', 'one.example.net');
    const request = new sdk.SetDomainRecordStatusRequest({ recordId, status: 'DISABLE' });
    await expect(client.setDomainRecordStatus(request)).rejects.toMatchObject({ code: 'InvalidParameter' });
  });

  it('takes a disabled record away from the name servers', async () => {
    const { add, client, state, context } = await startDns();
    const recordId = await add('www', 'CNAME', 'one.example.net');
    context.clock.advance(1000);
    const request = new sdk.SetDomainRecordStatusRequest({ recordId, status: 'Disable' });
    const { body } = await client.setDomainRecordStatus(request);
    expect(body?.status).toBe('Disable');
    context.clock.advance(1000);
    expect(state.answered()).toHaveLength(0);
  });
});
