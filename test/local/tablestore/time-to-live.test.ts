import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  columnsOf,
  createTable,
  errorOf,
  ignore,
  mustNotExist,
  putRow,
  sdk,
  startTablestore,
  type SdkKey,
} from '../../support/tablestore.ts';

const tableName = 'idempotency';
const primaryKey: SdkKey = [{ id: 'a' }];
const dayMs = 86_400_000;

// The SDK dates its requests by `Date`, the embedded cloud by its clock: both move together here.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function start(timeToLive: number) {
  const started = await startTablestore();
  await createTable(started.client, tableName, undefined, timeToLive);
  return {
    ...started,
    advance: (ms: number) => {
      started.context.clock.advance(ms);
      vi.setSystemTime(started.context.clock.nowMs());
    },
    read: async () => columnsOf((await started.client.getRow({ tableName, primaryKey })).row),
  };
}

describe('time to live', () => {
  it('a row is gone when its cells are as old as the time to live', async () => {
    const { client, advance, read } = await start(86_400);
    await putRow(client, tableName, primaryKey, { v: 'x' });
    advance(dayMs - 1);
    expect(await read()).toEqual({ v: 'x' });
    advance(1);
    expect(await read()).toBeUndefined();
  });

  it('P-134: counts for each cell, so that a row updated in parts loses its old columns', async () => {
    const { client, advance, read } = await start(86_400);
    await putRow(client, tableName, primaryKey, { old: 'x' });
    advance(dayMs / 2);
    await client.updateRow({
      tableName,
      condition: ignore(),
      primaryKey,
      updateOfAttributeColumns: [{ PUT: [{ fresh: 'y' }] }],
    });
    expect(await read()).toEqual({ old: 'x', fresh: 'y' });
    advance(dayMs / 2);
    expect(await read()).toEqual({ fresh: 'y' });
    advance(dayMs / 2);
    expect(await read()).toBeUndefined();
  });

  it('an expired row may be created anew', async () => {
    const { client, advance, read } = await start(86_400);
    await putRow(client, tableName, primaryKey, { v: 'old' });
    const create = () =>
      client.putRow({ tableName, condition: mustNotExist(), primaryKey, attributeColumns: [{ v: 'new' }] });
    expect(await errorOf(create())).toMatchObject({ code: 'OTSConditionCheckFail' });
    advance(dayMs);
    await create();
    expect(await read()).toEqual({ v: 'new' });
  });

  it('GetRange leaves expired rows out', async () => {
    const { client, advance, service } = await start(86_400);
    await putRow(client, tableName, primaryKey, { v: 'old' });
    advance(dayMs / 2);
    await putRow(client, tableName, [{ id: 'b' }], { v: 'new' });
    advance(dayMs / 2);
    const { rows } = await client.getRange({
      tableName,
      direction: 'FORWARD',
      inclusiveStartPrimaryKey: [{ id: sdk.INF_MIN }],
      exclusiveEndPrimaryKey: [{ id: sdk.INF_MAX }],
    });
    expect(rows.map((row) => row.primaryKey?.[0]?.value)).toEqual(['b']);
    expect(service.rows(tableName)).toHaveLength(1);
  });

  it('-1 keeps rows for ever', async () => {
    const { client, advance, read } = await start(-1);
    await putRow(client, tableName, primaryKey, { v: 'x' });
    advance(1000 * dayMs);
    expect(await read()).toEqual({ v: 'x' });
  });

  it('UpdateTable shortens the life of what is stored', async () => {
    const { client, advance, read } = await start(-1);
    await putRow(client, tableName, primaryKey, { v: 'x' });
    advance(dayMs);
    await client.updateTable({ tableName, tableOptions: { timeToLive: 86_400 } });
    expect(await read()).toBeUndefined();
  });

  it('rows that nobody reads are freed in steps, by requests about any table', async () => {
    const { client, advance, service } = await start(86_400);
    await createTable(client, 'others');
    const table = service.tables().get(tableName);
    const ids = Array.from({ length: 450 }, (_, index) => `row${index}`);
    for (const from of [0, 150, 300])
      await client.batchWriteRow({
        tables: [
          {
            tableName,
            rows: ids.slice(from, from + 150).map((id) => ({
              type: 'PUT',
              condition: ignore(),
              primaryKey: [{ id }],
              attributeColumns: [{ v: 'x' }],
            })),
          },
        ],
      });
    advance(dayMs - 1);
    await client.listTable({});
    expect(table?.stored).toBe(450);
    advance(1);
    const left: (number | undefined)[] = [];
    for (let request = 0; request < 3; request += 1) {
      await putRow(client, 'others', primaryKey, { v: 'x' });
      left.push(table?.stored);
    }
    expect(left).toEqual([250, 50, 0]);
  });

  it('a row that was written again is not freed with those of its first writing', async () => {
    const { client, advance, service, read } = await start(86_400);
    await putRow(client, tableName, primaryKey, { v: 'old' });
    await putRow(client, tableName, [{ id: 'b' }], { v: 'old' });
    advance(dayMs / 2);
    await putRow(client, tableName, primaryKey, { v: 'new' });
    advance(dayMs / 2);
    expect(await read()).toEqual({ v: 'new' });
    expect(service.tables().get(tableName)?.stored).toBe(1);
  });

  it('a cell with a version of tomorrow keeps its row until then', async () => {
    const { client, advance, service, context, read } = await start(86_400);
    const timestamp = context.clock.nowMs() + dayMs / 2;
    const attributeColumns = [{ v: 'x', timestamp: sdk.Long.fromNumber(timestamp) }];
    await client.putRow({ tableName, condition: ignore(), primaryKey, attributeColumns });
    advance(dayMs);
    expect(await read()).toEqual({ v: 'x' });
    advance(dayMs / 2);
    expect(await read()).toBeUndefined();
    advance(dayMs / 2);
    await client.listTable({});
    expect(service.tables().get(tableName)?.stored).toBe(0);
  });
});
