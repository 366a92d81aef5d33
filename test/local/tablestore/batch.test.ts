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
  startTablestore,
} from '../../support/tablestore.ts';

const tableName = 'events';
const put = (id: string, condition: object = ignore()) => ({
  type: 'PUT',
  condition,
  primaryKey: [{ id }],
  attributeColumns: [{ v: long(1) }],
});

async function start() {
  const started = await startTablestore();
  await createTable(started.client, tableName);
  return {
    ...started,
    write: (rows: object[]) => started.client.batchWriteRow({ tables: [{ tableName, rows }] }),
    read: (ids: string[], more: object = {}) =>
      started.client.batchGetRow({ tables: [{ tableName, primaryKey: ids.map((id) => [{ id }]), ...more }] }),
  };
}

describe('BatchWriteRow', () => {
  it('refuses more than 200 rows', async () => {
    const { write } = await start();
    const rows = Array.from({ length: 201 }, (_, index) => put(`row${index}`));
    expect((await errorOf(write(rows))).message).toContain('Rows count exceeds the upper limit:200.');
  });

  it('refuses a table without rows', async () => {
    const { write } = await start();
    expect((await errorOf(write([]))).message).toContain("No operation is specified for table: 'events'.");
  });

  it('refuses a condition on a row that occurs twice', async () => {
    const { write, service } = await start();
    expect(await errorOf(write([put('a', mustNotExist()), put('a', mustNotExist())]))).toMatchObject({
      code: 'OTSParameterInvalid',
    });
    expect(service.rows(tableName)).toEqual([]);
  });

  it('fails as a whole for one malformed row', async () => {
    const { write, service } = await start();
    const rows = [put('a'), { ...put('b'), attributeColumns: [{ 'no-name': 'x' }] }];
    expect(await errorOf(write(rows))).toMatchObject({ code: 'OTSParameterInvalid', status: 400 });
    expect(service.rows(tableName)).toEqual([]);
  });

  it('writes the other rows when the condition of one fails', async () => {
    const { write, service } = await start();
    await write([put('b')]);
    const { tables } = await write([put('a', mustNotExist()), put('b', mustNotExist()), put('c', mustExist())]);
    expect(tables.map(({ isOk, errorCode }) => [isOk, errorCode])).toEqual([
      [true, null],
      [false, 'OTSConditionCheckFail'],
      [false, 'OTSConditionCheckFail'],
    ]);
    expect(service.rows(tableName).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('puts, updates, deletes in one call', async () => {
    const { write, service } = await start();
    await write([put('a'), put('b')]);
    await write([
      { type: 'UPDATE', condition: mustExist(), primaryKey: [{ id: 'a' }], attributeColumns: [{ PUT: [{ w: 'x' }] }] },
      { type: 'DELETE', condition: mustExist(), primaryKey: [{ id: 'b' }] },
      put('c'),
    ]);
    expect(service.rows(tableName)).toEqual([
      { id: 'a', v: 1, w: 'x' },
      { id: 'c', v: 1 },
    ]);
  });

  it('fails the rows of a table that does not exist, not the others', async () => {
    const { client } = await start();
    const { tables } = await client.batchWriteRow({
      tables: [
        { tableName, rows: [put('a')] },
        { tableName: 'nowhere', rows: [put('a')] },
      ],
    });
    expect(tables.map(({ errorCode }) => errorCode)).toEqual([null, 'OTSObjectNotExist']);
  });

  it('fails a row whose key does not fit the table', async () => {
    const { write } = await start();
    const { tables } = await write([{ ...put('a'), primaryKey: [{ key: 'a' }] }]);
    expect(tables[0]).toMatchObject({
      errorCode: 'OTSInvalidPK',
      errorMessage: 'Validate PK name fail. Input: key, Meta: id.',
    });
  });
});

describe('BatchGetRow', () => {
  it('refuses more than 100 rows', async () => {
    const { read } = await start();
    const ids = Array.from({ length: 101 }, (_, index) => `row${index}`);
    expect((await errorOf(read(ids))).message).toContain('Rows count exceeds the upper limit:100.');
  });

  it('gives rows in the order asked for, a missing one without a key', async () => {
    const { client, read } = await start();
    await putRow(client, tableName, [{ id: 'a' }], { v: long(1) });
    await putRow(client, tableName, [{ id: 'b' }], { v: long(2), w: 'x' });
    const [rows] = (await read(['b', 'missing', 'a'], { columnsToGet: ['v'] })).tables;
    expect(rows?.map(({ isOk }) => isOk)).toEqual([true, true, true]);
    expect(rows?.map(columnsOf)).toEqual([{ v: 2 }, undefined, { v: 1 }]);
  });

  it('fails rows of a table that does not exist one by one', async () => {
    const { client } = await start();
    const { tables } = await client.batchGetRow({ tables: [{ tableName: 'nowhere', primaryKey: [[{ id: 'a' }]] }] });
    expect(tables).toMatchObject([[{ isOk: false, errorCode: 'OTSObjectNotExist' }]]);
  });
});
