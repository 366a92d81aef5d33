import { describe, expect, it } from 'vitest';
import {
  columnsOf,
  createTable,
  errorOf,
  ignore,
  long,
  mustExist,
  mustNotExist,
  putRow,
  sdk,
  startTablestore,
  textOf,
  type SdkKey,
  type SdkValue,
} from '../../support/tablestore.ts';

const tableName = 'deployments';
const primaryKey: SdkKey = [{ id: 'a' }];

async function start() {
  const started = await startTablestore();
  await createTable(started.client, tableName);
  const { client } = started;
  return {
    ...started,
    put: (columns: Record<string, SdkValue>, condition: object = ignore()) =>
      client.putRow({
        tableName,
        condition,
        primaryKey,
        attributeColumns: Object.entries(columns).map(([name, value]) => ({ [name]: value })),
      }),
    update: (changes: object[], more: object = {}) =>
      client.updateRow({ tableName, condition: ignore(), primaryKey, updateOfAttributeColumns: changes, ...more }),
    read: async (more: object = {}) => columnsOf((await client.getRow({ tableName, primaryKey, ...more })).row),
  };
}

describe('rows: parameters', () => {
  it('P-131: refuses a column name that is not ASCII', async () => {
    const { put, service } = await start();
    expect(await errorOf(put({ naïve: 'x' }))).toMatchObject({ code: 'OTSParameterInvalid', status: 400 });
    expect(service.rows(tableName)).toEqual([]);
  });

  it('refuses a column name with a hyphen', async () => {
    const { put } = await start();
    expect((await errorOf(put({ 'my-column': 'x' }))).message).toContain("Invalid column name: 'my-column'.");
  });

  it('refuses a column of the name of a primary key column', async () => {
    const { put } = await start();
    expect(await errorOf(put({ id: 'x' }))).toMatchObject({ code: 'OTSParameterInvalid' });
  });

  it('refuses an integer where the key is a string', async () => {
    const { client } = await start();
    const { code, status, message } = await errorOf(putRow(client, tableName, [{ id: long(1) }], { v: 'x' }));
    expect([code, status]).toEqual(['OTSInvalidPK', 400]);
    expect(message).toContain('Validate PK type fail. Input: VT_INTEGER, Meta: VT_STRING.');
  });

  it('refuses a key with other column names', async () => {
    const { client } = await start();
    const { code, message } = await errorOf(putRow(client, tableName, [{ key: 'a' }], { v: 'x' }));
    expect(code).toBe('OTSInvalidPK');
    expect(message).toContain('Validate PK name fail. Input: key, Meta: id.');
  });

  it('refuses a key with too many columns', async () => {
    const { client } = await start();
    const { message } = await errorOf(putRow(client, tableName, [{ id: 'a' }, { more: 'b' }], { v: 'x' }));
    expect(message).toContain('Validate PK size fail. Input: 2, Meta: 1.');
  });

  it('refuses a key of more than 1 KB', async () => {
    const { client } = await start();
    const call = putRow(client, tableName, [{ id: 'k'.repeat(1025) }], { v: 'x' });
    expect(await errorOf(call)).toMatchObject({ code: 'OTSParameterInvalid' });
    await putRow(client, tableName, [{ id: 'k'.repeat(1024) }], { v: 'x' });
  });

  it('refuses a value of more than 2 MB', async () => {
    const { put } = await start();
    expect(await errorOf(put({ doc: 'x'.repeat(2 * 1024 * 1024 + 1) }))).toMatchObject({ code: 'OTSParameterInvalid' });
    await put({ doc: 'x'.repeat(2 * 1024 * 1024) });
  });

  it('refuses a row of more than 4 MB', async () => {
    const { put } = await start();
    const columns = { a: 'x'.repeat(2_000_000), b: 'x'.repeat(2_000_000), c: 'x'.repeat(200_000) };
    expect((await errorOf(put(columns))).message).toContain('The total data size of PutRow request exceeds the limit');
  });

  it('refuses a request body of more than 5 MB', async () => {
    const { put } = await start();
    const columns = { a: 'x'.repeat(2_000_000), b: 'x'.repeat(2_000_000), c: 'x'.repeat(2_000_000) };
    expect(await errorOf(put(columns))).toMatchObject({ code: 'OTSRequestBodyTooLarge', status: 413 });
  });

  it('refuses more than 1024 columns in a write', async () => {
    const { put } = await start();
    const columns = Object.fromEntries(Array.from({ length: 1025 }, (_, index) => [`c${index}`, 'x']));
    expect((await errorOf(put(columns))).message).toContain('The number of attribute columns exceeds the limit');
  });

  it('refuses PutRow without columns', async () => {
    const { put } = await start();
    expect((await errorOf(put({}))).message).toContain('Attribute column is missing.');
  });

  it('refuses UpdateRow with EXPECT_NOT_EXIST', async () => {
    const { update } = await start();
    const call = update([{ PUT: [{ v: 'x' }] }], { condition: mustNotExist() });
    expect((await errorOf(call)).message).toContain('Invalid row-existence expectation: EXPECT_NOT_EXIST.');
  });

  it('refuses a version too far from the present', async () => {
    const { client, context } = await start();
    const write = (timestamp: number) =>
      client.putRow({ tableName, condition: ignore(), primaryKey, attributeColumns: [{ v: 'x', timestamp }] });
    const now = context.clock.nowMs();
    expect((await errorOf(write(now - 86_400_001))).message).toContain('Invalid timestamp. Cell:v.');
    expect((await errorOf(write(now + 86_400_000))).message).toContain('Invalid timestamp. Cell:v.');
    await write(now - 86_400_000);
  });

  it('refuses to read a negative number of versions', async () => {
    const { read } = await start();
    expect((await errorOf(read({ maxVersions: -2 }))).message).toContain('Max versions must be positive.');
  });
});

describe('rows: state rules', () => {
  it('PutRow with EXPECT_NOT_EXIST creates a row once', async () => {
    const { put, read } = await start();
    await put({ v: 'first' }, mustNotExist());
    expect(await errorOf(put({ v: 'second' }, mustNotExist()))).toMatchObject({
      code: 'OTSConditionCheckFail',
      status: 403,
    });
    expect(await read()).toEqual({ v: 'first' });
  });

  it('UpdateRow with EXPECT_EXIST refuses a missing row', async () => {
    const { update } = await start();
    const call = update([{ PUT: [{ v: 'x' }] }], { condition: mustExist() });
    expect(await errorOf(call)).toMatchObject({ code: 'OTSConditionCheckFail', status: 403 });
  });

  it('DeleteRow with EXPECT_EXIST refuses a missing row', async () => {
    const { client } = await start();
    const call = client.deleteRow({ tableName, condition: mustExist(), primaryKey });
    expect(await errorOf(call)).toMatchObject({ code: 'OTSConditionCheckFail', status: 403 });
  });

  it('P-124: the SDK gives the HTTP status for a code and buries the name in the message', async () => {
    const { client } = await start();
    const call = client.deleteRow({ tableName, condition: mustExist(), primaryKey });
    await expect(call).rejects.toMatchObject({
      code: 403,
      message: expect.stringMatching(/^\n.OTSConditionCheckFail..Condition check failed\. requestId:/s) as string,
    });
  });
});

describe('rows: effects', () => {
  it('P-129: a missing row is read as an empty object', async () => {
    const { client } = await start();
    expect((await client.getRow({ tableName, primaryKey })).row).toEqual({});
  });

  it('gives back every type as it was written', async () => {
    const { put, read, service } = await start();
    const columns = {
      blob: Buffer.from([0, 1, 255]),
      double: 1.5,
      empty: '',
      integer: long(-7),
      no: false,
      text: '双栈 ✓',
      yes: true,
    };
    await put(columns);
    expect(await read()).toEqual({ ...columns, integer: -7 });
    expect(service.rows(tableName)).toEqual([{ id: 'a', ...columns, integer: -7 }]);
  });

  it('keeps all 64 bits of an integer', async () => {
    const { put, client, service } = await start();
    await put({ n: sdk.Long.fromString('9223372036854775807') });
    const { row } = await client.getRow({ tableName, primaryKey });
    expect(textOf(row.attributes?.[0]?.columnValue)).toBe('9223372036854775807');
    expect(service.rows(tableName)[0]?.['n']).toBe(9223372036854775807n);
  });

  it('P-128: stores a plain number as a double', async () => {
    const { put, service } = await start();
    await put({ n: 1 });
    expect(service.tables().get(tableName)?.rows()[0]?.columns.get('n')?.value).toEqual({ type: 'double', value: 1 });
  });

  it('answers the time of writing as the version of each cell', async () => {
    const { put, client, context } = await start();
    await put({ v: 'x' });
    const { row } = await client.getRow({ tableName, primaryKey });
    expect(row.attributes?.[0]?.timestamp?.toNumber()).toBe(context.clock.nowMs());
  });

  it('PutRow replaces the whole row', async () => {
    const { put, read } = await start();
    await put({ a: 'x', b: 'y' });
    await put({ b: 'z' });
    expect(await read()).toEqual({ b: 'z' });
  });

  it('UpdateRow changes the named columns only', async () => {
    const { put, update, read } = await start();
    await put({ a: 'x', b: 'y' });
    await update([{ PUT: [{ b: 'z' }, { c: 'new' }] }]);
    expect(await read()).toEqual({ a: 'x', b: 'z', c: 'new' });
  });

  it('UpdateRow brings a missing row into being', async () => {
    const { update, read } = await start();
    await update([{ PUT: [{ v: 'x' }] }]);
    expect(await read()).toEqual({ v: 'x' });
  });

  it('DELETE_ALL removes a column', async () => {
    const { put, update, read } = await start();
    await put({ a: 'x', b: 'y' });
    await update([{ DELETE_ALL: ['a'] }]);
    expect(await read()).toEqual({ b: 'y' });
  });

  it('DELETE removes the cell of the given version only', async () => {
    const { put, update, read, context } = await start();
    await put({ a: 'x' });
    const now = context.clock.nowMs();
    await update([{ DELETE: [{ a: now - 1 }] }]);
    expect(await read()).toEqual({ a: 'x' });
    await update([{ DELETE: [{ a: now }] }]);
    expect(await read()).toEqual({});
  });

  it('a row exists after its last column is deleted', async () => {
    const { put, update } = await start();
    await put({ a: 'x' });
    await update([{ DELETE_ALL: ['a'] }]);
    expect(await errorOf(put({ a: 'y' }, mustNotExist()))).toMatchObject({ code: 'OTSConditionCheckFail' });
  });

  it('deleting columns of a missing row leaves it missing', async () => {
    const { update, read } = await start();
    await update([{ DELETE_ALL: ['a'] }]);
    expect(await read()).toBeUndefined();
  });

  it('INCREMENT counts from zero', async () => {
    const { update, read } = await start();
    await update([{ INCREMENT: [{ n: long(10) }] }]);
    await update([{ INCREMENT: [{ n: long(-3) }] }]);
    expect(await read()).toEqual({ n: 7 });
  });

  it('INCREMENT refuses a column that is no integer', async () => {
    const { put, update } = await start();
    await put({ n: 1 });
    expect(await errorOf(update([{ INCREMENT: [{ n: long(1) }] }]))).toMatchObject({ code: 'OTSParameterInvalid' });
  });

  it('returns the incremented column', async () => {
    const { update } = await start();
    await update([{ INCREMENT: [{ n: long(1) }] }]);
    const { row } = await update([{ INCREMENT: [{ n: long(1) }] }], {
      returnContent: { returnType: sdk.ReturnType.AfterModify, returnColumns: ['n'] },
    });
    expect(columnsOf(row)).toEqual({ n: 2 });
  });

  it('returns the primary key when asked', async () => {
    const { client } = await start();
    const { row } = await client.putRow({
      tableName,
      condition: ignore(),
      primaryKey,
      attributeColumns: [{ v: 'x' }],
      returnContent: { returnType: sdk.ReturnType.Primarykey },
    });
    expect(row).toEqual({ primaryKey: [{ name: 'id', value: 'a' }], attributes: [] });
  });

  it('DeleteRow removes the row', async () => {
    const { put, client, read } = await start();
    await put({ v: 'x' });
    await client.deleteRow({ tableName, condition: mustExist(), primaryKey });
    expect(await read()).toBeUndefined();
  });

  it('reads the columns asked for', async () => {
    const { put, read } = await start();
    await put({ a: 'x', b: 'y', c: 'z' });
    expect(await read({ columnsToGet: ['a', 'c'] })).toEqual({ a: 'x', c: 'z' });
    expect(await read({ startColumn: 'b', endColumn: 'c' })).toEqual({ b: 'y' });
  });

  it('a row without any of the columns asked for is read as missing', async () => {
    const { put, read } = await start();
    await put({ a: 'x' });
    expect(await read({ columnsToGet: ['b'] })).toBeUndefined();
  });

  it('counts a write unit per 4 KB begun', async () => {
    const { put } = await start();
    expect((await put({ doc: 'x'.repeat(4100) })).consumed.capacityUnit).toMatchObject({ read: 0, write: 2 });
  });

  it('gives a snapshot that survives JSON', async () => {
    const { put, service } = await start();
    await put({ n: long(1), blob: Buffer.from('x') });
    const snapshot = JSON.parse(JSON.stringify(service.snapshot())) as unknown;
    expect(snapshot).toEqual({
      'dualstack-alb': {
        deployments: {
          primaryKey: ['id'],
          timeToLiveSeconds: -1,
          rows: [{ id: 'a', n: 1, blob: 'eA==' }],
        },
      },
    });
  });
});
