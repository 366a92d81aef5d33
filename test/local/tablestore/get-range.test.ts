import { describe, expect, it } from 'vitest';
import {
  columnIs,
  createTable,
  errorOf,
  ignore,
  long,
  putRow,
  sdk,
  startTablestore,
  textOf,
  type Long,
  type SdkRow,
  type SdkValue,
} from '../../support/tablestore.ts';

const tableName = 'observations';

async function start(rows: [string, number][] = []) {
  const started = await startTablestore();
  const { client } = started;
  await createTable(client, tableName, [
    { name: 'target', type: 'STRING' },
    { name: 'ts', type: 'INTEGER' },
  ]);
  for (const [target, ts] of rows)
    await putRow(client, tableName, [{ target }, { ts: long(ts) }], { ok: ts % 2 === 0 });
  return {
    ...started,
    range: (
      direction: 'FORWARD' | 'BACKWARD',
      from: [SdkValue, SdkValue],
      to: [SdkValue, SdkValue],
      more: object = {},
    ) =>
      client.getRange({
        tableName,
        direction,
        inclusiveStartPrimaryKey: [{ target: from[0] }, { ts: from[1] }],
        exclusiveEndPrimaryKey: [{ target: to[0] }, { ts: to[1] }],
        ...more,
      }),
  };
}

const keys = (rows: SdkRow[]) =>
  rows.map((row) => {
    const [target, ts] = row.primaryKey ?? [];
    return textOf(target?.value) + textOf(ts?.value);
  });

const { INF_MIN, INF_MAX } = sdk;
const sample: [string, number][] = [
  ['b', 1],
  ['a', 2],
  ['a', -1],
  ['a', 10],
  ['ab', 0],
];

describe('GetRange: parameters', () => {
  it('refuses a start behind the end', async () => {
    const { range } = await start();
    expect((await errorOf(range('FORWARD', ['b', INF_MIN], ['a', INF_MAX]))).message).toContain(
      'Begin key must less than end key in FORWARD',
    );
    expect((await errorOf(range('BACKWARD', ['a', INF_MIN], ['a', INF_MAX]))).message).toContain(
      'Begin key must more than end key in BACKWARD',
    );
  });

  it('refuses an empty range', async () => {
    const { range } = await start();
    const call = range('FORWARD', ['a', long(1)], ['a', long(1)]);
    expect(await errorOf(call)).toMatchObject({ code: 'OTSParameterInvalid', status: 400 });
  });

  it('refuses a negative limit', async () => {
    const { range } = await start();
    const call = range('FORWARD', [INF_MIN, INF_MIN], [INF_MAX, INF_MAX], { limit: -1 });
    expect((await errorOf(call)).message).toContain('The limit must be greater than 0.');
  });

  it('refuses INF_MIN as the key of a row', async () => {
    const { client } = await start();
    const call = putRow(client, tableName, [{ target: 'a' }, { ts: INF_MIN }], { ok: true });
    expect(await errorOf(call)).toMatchObject({ code: 'OTSParameterInvalid' });
  });
});

describe('GetRange: effects', () => {
  it('reads in the order of the keys: strings by bytes, integers by value', async () => {
    const { range } = await start(sample);
    const { rows, nextStartPrimaryKey } = await range('FORWARD', [INF_MIN, INF_MIN], [INF_MAX, INF_MAX]);
    expect(keys(rows)).toEqual(['a-1', 'a2', 'a10', 'ab0', 'b1']);
    expect(nextStartPrimaryKey).toBeNull();
  });

  it('reads backward', async () => {
    const { range } = await start(sample);
    const { rows } = await range('BACKWARD', ['a', INF_MAX], ['a', INF_MIN]);
    expect(keys(rows)).toEqual(['a10', 'a2', 'a-1']);
  });

  it('includes the start', async () => {
    const { range } = await start(sample);
    expect(keys((await range('FORWARD', ['a', long(2)], ['a', INF_MAX])).rows)).toEqual(['a2', 'a10']);
    expect(keys((await range('BACKWARD', ['a', long(2)], ['a', INF_MIN])).rows)).toEqual(['a2', 'a-1']);
  });

  it('excludes the end', async () => {
    const { range } = await start(sample);
    expect(keys((await range('FORWARD', ['a', INF_MIN], ['a', long(10)])).rows)).toEqual(['a-1', 'a2']);
    expect(keys((await range('BACKWARD', ['a', INF_MAX], ['a', long(2)])).rows)).toEqual(['a10']);
  });

  it('reads nothing from a range without rows', async () => {
    const { range } = await start(sample);
    const { rows, nextStartPrimaryKey } = await range('FORWARD', ['x', INF_MIN], ['x', INF_MAX]);
    expect(rows).toEqual([]);
    expect(nextStartPrimaryKey).toBeNull();
  });

  it('pages by limit until there is no next key', async () => {
    const { range } = await start(sample);
    const first = await range('FORWARD', [INF_MIN, INF_MIN], [INF_MAX, INF_MAX], { limit: 3 });
    expect(keys(first.rows)).toEqual(['a-1', 'a2', 'a10']);
    const [target, ts] = first.nextStartPrimaryKey ?? [];
    const second = await range('FORWARD', [target?.value as string, ts?.value as Long], [INF_MAX, INF_MAX], {
      limit: 3,
    });
    expect(keys(second.rows)).toEqual(['ab0', 'b1']);
    expect(second.nextStartPrimaryKey).toBeNull();
  });

  it('a page that a filter thins out has a next key', async () => {
    const { range } = await start(sample);
    const { rows, nextStartPrimaryKey } = await range('FORWARD', [INF_MIN, INF_MIN], [INF_MAX, INF_MAX], {
      limit: 2,
      columnFilter: columnIs('ok', true),
    });
    expect(keys(rows)).toEqual(['a2']);
    expect(nextStartPrimaryKey?.[0]?.value).toBe('a');
  });

  it('leaves out rows that have none of the columns asked for', async () => {
    const { range, client } = await start(sample);
    await putRow(client, tableName, [{ target: 'a' }, { ts: long(3) }], { error: 'timeout' });
    const { rows } = await range('FORWARD', ['a', INF_MIN], ['a', INF_MAX], { columnsToGet: ['error'] });
    expect(keys(rows)).toEqual(['a3']);
  });

  it('gives at most 5000 rows', async () => {
    const { range, client } = await start();
    for (let start = 0; start < 5001; start += 200)
      await client.batchWriteRow({
        tables: [
          {
            tableName,
            rows: Array.from({ length: Math.min(200, 5001 - start) }, (_, index) => ({
              type: 'PUT',
              condition: ignore(),
              primaryKey: [{ target: 'a' }, { ts: long(start + index) }],
              attributeColumns: [{ ok: true }],
            })),
          },
        ],
      });
    const { rows, nextStartPrimaryKey } = await range('FORWARD', [INF_MIN, INF_MIN], [INF_MAX, INF_MAX]);
    expect(rows).toHaveLength(5000);
    expect(textOf(nextStartPrimaryKey?.[1]?.value)).toBe('5000');
  });

  it('gives at most 4 MB', async () => {
    const { range, client } = await start();
    for (const ts of [1, 2, 3])
      await putRow(client, tableName, [{ target: 'a' }, { ts: long(ts) }], { doc: 'x'.repeat(1_500_000) });
    const { rows, nextStartPrimaryKey } = await range('FORWARD', [INF_MIN, INF_MIN], [INF_MAX, INF_MAX]);
    expect(keys(rows)).toEqual(['a1', 'a2']);
    expect(textOf(nextStartPrimaryKey?.[1]?.value)).toBe('3');
  });
});
