import { describe, expect, it } from 'vitest';
import { createTable, errorOf, putRow, startTablestore } from '../../support/tablestore.ts';

describe('tables: parameters', () => {
  it('refuses a fifth primary key column', async () => {
    const { client } = await startTablestore();
    const key = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, type: 'STRING' }));
    expect(await errorOf(createTable(client, 'wide', key))).toMatchObject({ code: 'OTSParameterInvalid', status: 400 });
  });

  it('P-134: refuses a time to live below one day', async () => {
    const { client } = await startTablestore();
    const call = createTable(client, 'brief', undefined, 86_399);
    expect(await errorOf(call)).toMatchObject({ code: 'OTSParameterInvalid', status: 400 });
  });

  it('refuses two primary key columns of one name', async () => {
    const { client } = await startTablestore();
    const key = [
      { name: 'id', type: 'STRING' },
      { name: 'id', type: 'INTEGER' },
    ];
    expect((await errorOf(createTable(client, 'twice', key))).message).toContain("Duplicated primary key name: 'id'.");
  });

  it('refuses a table name with a hyphen', async () => {
    const { client } = await startTablestore();
    expect((await errorOf(createTable(client, 'my-table'))).message).toContain("Invalid table name: 'my-table'.");
  });

  it('refuses an auto-increment column, which is not emulated', async () => {
    const { client } = await startTablestore();
    const key = [
      { name: 'id', type: 'STRING' },
      { name: 'n', type: 'INTEGER', option: 'AUTO_INCREMENT' },
    ];
    expect(await errorOf(createTable(client, 'counted', key))).toMatchObject({ code: 'OTSParameterInvalid' });
  });
});

describe('tables: state rules', () => {
  it('refuses a second table of one name', async () => {
    const { client } = await startTablestore();
    await createTable(client, 'deployments');
    expect(await errorOf(createTable(client, 'deployments'))).toMatchObject({
      code: 'OTSObjectAlreadyExist',
      status: 409,
    });
  });

  it('does not know a table that was never made', async () => {
    const { client } = await startTablestore();
    expect(await errorOf(client.describeTable({ tableName: 'none' }))).toMatchObject({
      code: 'OTSObjectNotExist',
      status: 404,
    });
  });

  it('P-137: a new table refuses rows until it is ready', async () => {
    const { client, context } = await startTablestore({ tableReadyMs: 60_000 });
    await createTable(client, 'deployments');
    const write = () => putRow(client, 'deployments', [{ id: 'a' }], { status: 'queued' });
    expect(await errorOf(write())).toMatchObject({ code: 'OTSTableNotReady', status: 404 });
    expect((await client.describeTable({ tableName: 'deployments' })).tableStatus).toBe(3);
    context.clock.advance(60_000);
    await write();
    expect((await client.describeTable({ tableName: 'deployments' })).tableStatus).toBe(1);
  });

  it('refuses the 65th table of an instance', async () => {
    const { client } = await startTablestore();
    for (let index = 0; index < 64; index += 1) await createTable(client, `table_${index}`);
    expect(await errorOf(createTable(client, 'one_more'))).toMatchObject({ code: 'OTSQuotaExhausted', status: 403 });
  });
});

describe('tables: effects', () => {
  it('describes the key schema and the options', async () => {
    const { client } = await startTablestore();
    const key = [
      { name: 'bucket', type: 'STRING' },
      { name: 'at', type: 'INTEGER' },
    ];
    await createTable(client, 'events', key, 2_592_000);
    const { tableMeta, tableOptions } = await client.describeTable({ tableName: 'events' });
    expect(tableMeta.primaryKey.map(({ name, type }) => [name, type])).toEqual([
      ['bucket', 2],
      ['at', 1],
    ]);
    expect(tableOptions).toMatchObject({ timeToLive: 2_592_000, maxVersions: 1 });
  });

  it('lists tables by name', async () => {
    const { client } = await startTablestore();
    expect((await client.listTable({})).tableNames).toEqual([]);
    await createTable(client, 'zebra');
    await createTable(client, 'alert');
    expect((await client.listTable({})).tableNames).toEqual(['alert', 'zebra']);
  });

  it('changes the time to live', async () => {
    const { client } = await startTablestore();
    await createTable(client, 'events');
    const answer = await client.updateTable({ tableName: 'events', tableOptions: { timeToLive: 86_400 } });
    expect(answer.tableOptions.timeToLive).toBe(86_400);
    expect((await client.describeTable({ tableName: 'events' })).tableOptions.timeToLive).toBe(86_400);
  });

  it('deletes a table with its rows', async () => {
    const { client, service } = await startTablestore();
    await createTable(client, 'events');
    await putRow(client, 'events', [{ id: 'a' }], { v: 'x' });
    await client.deleteTable({ tableName: 'events' });
    await createTable(client, 'events');
    expect(service.rows('events')).toEqual([]);
  });

  it('keeps tables of two instances apart', async () => {
    const { client, clientOf, context, service } = await startTablestore();
    await createTable(client, 'events');
    const other = clientOf(context.credentials.root, 'other');
    expect((await other.listTable({})).tableNames).toEqual([]);
    expect([...service.tables('dualstack-alb').keys()]).toEqual(['events']);
  });
});
