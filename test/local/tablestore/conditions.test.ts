import { describe, expect, it } from 'vitest';
import {
  columnIs,
  columnsOf,
  createTable,
  errorOf,
  ignore,
  long,
  mustExist,
  putRow,
  sdk,
  startTablestore,
  type SdkKey,
} from '../../support/tablestore.ts';

const tableName = 'deployments';
const primaryKey: SdkKey = [{ id: 'a' }];

async function start() {
  const started = await startTablestore();
  const { client } = started;
  await createTable(client, tableName);
  await putRow(client, tableName, primaryKey, { v: long(3), status: 'running' });
  const updateIf = (filter: object) =>
    client.updateRow({
      tableName,
      condition: new sdk.Condition(sdk.RowExistenceExpectation.IGNORE, filter),
      primaryKey,
      updateOfAttributeColumns: [{ PUT: [{ touched: true }] }],
    });
  return {
    ...started,
    updateIf,
    passes: async (filter: object) => {
      try {
        await updateIf(filter);
        return true;
      } catch (error) {
        if (!(error as Error).message.includes('OTSConditionCheckFail')) throw error;
        return false;
      }
    },
  };
}

const composite = (operator: 'NOT' | 'AND' | 'OR', ...parts: object[]) => {
  const condition = new sdk.CompositeCondition(sdk.LogicalOperator[operator]);
  for (const part of parts) condition.addSubCondition(part);
  return condition;
};

describe('column conditions: parameters', () => {
  it('refuses AND of one condition', async () => {
    const { updateIf } = await start();
    const call = updateIf(composite('AND', columnIs('v', long(3))));
    expect((await errorOf(call)).message).toContain('the number of sub-filters must be 2.');
  });

  it('refuses more than ten conditions', async () => {
    const { updateIf } = await start();
    let filter: object = columnIs('v', long(3));
    for (let count = 1; count < 11; count += 1) filter = composite('OR', filter, columnIs('v', long(count)));
    expect((await errorOf(updateIf(filter))).message).toContain('The count of filter exceeds the max:10.');
  });

  it('refuses column pagination as a condition', async () => {
    const { updateIf } = await start();
    expect(await errorOf(updateIf(new sdk.ColumnPaginationFilter(1, 0)))).toMatchObject({
      code: 'OTSParameterInvalid',
    });
  });
});

describe('column conditions: state rules', () => {
  it('P-127: a missing column passes by default', async () => {
    const { passes } = await start();
    expect(await passes(new sdk.SingleColumnCondition('lease', 'x', sdk.ComparatorType.EQUAL))).toBe(true);
  });

  it('P-127: a missing column fails with passIfMissing false', async () => {
    const { passes } = await start();
    expect(await passes(columnIs('lease', 'x', { passIfMissing: false }))).toBe(false);
  });

  it('compares by value', async () => {
    const { passes } = await start();
    const compare = (
      comparator: 'EQUAL' | 'NOT_EQUAL' | 'GREATER_THAN' | 'GREATER_EQUAL' | 'LESS_THAN' | 'LESS_EQUAL',
    ) => Promise.all([2, 3, 4].map((value) => passes(columnIs('v', long(value), { comparator }))));
    expect(await compare('EQUAL')).toEqual([false, true, false]);
    expect(await compare('NOT_EQUAL')).toEqual([true, false, true]);
    expect(await compare('GREATER_THAN')).toEqual([true, false, false]);
    expect(await compare('GREATER_EQUAL')).toEqual([true, true, false]);
    expect(await compare('LESS_THAN')).toEqual([false, false, true]);
    expect(await compare('LESS_EQUAL')).toEqual([false, true, true]);
  });

  it('P-128: a double never equals an integer', async () => {
    const { passes } = await start();
    expect(await passes(columnIs('v', 3))).toBe(false);
  });

  it('combines conditions with NOT, AND, OR', async () => {
    const { passes } = await start();
    const yes = columnIs('v', long(3));
    const no = columnIs('status', 'ready');
    expect(await passes(composite('AND', yes, no))).toBe(false);
    expect(await passes(composite('OR', yes, no))).toBe(true);
    expect(await passes(composite('NOT', no))).toBe(true);
    expect(await passes(composite('NOT', composite('OR', yes, no)))).toBe(false);
  });

  it('a condition on a missing row sees no columns', async () => {
    const { client } = await start();
    const put = (passIfMissing: boolean) =>
      client.putRow({
        tableName,
        condition: new sdk.Condition(0, columnIs('v', long(3), { passIfMissing })),
        primaryKey: [{ id: 'b' }],
        attributeColumns: [{ v: long(1) }],
      });
    expect(await errorOf(put(false))).toMatchObject({ code: 'OTSConditionCheckFail' });
    await put(true);
  });
});

describe('column conditions: effects', () => {
  it('50 concurrent compare-and-swap updates have one winner', async () => {
    const { client, service } = await start();
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        client.updateRow({
          tableName,
          condition: mustExist(columnIs('v', long(3))),
          primaryKey,
          updateOfAttributeColumns: [{ PUT: [{ v: long(4) }, { winner: long(index) }] }],
        }),
      ),
    );
    const won = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    expect(won).toHaveLength(1);
    expect(service.rows(tableName)).toEqual([{ id: 'a', status: 'running', v: 4, winner: won[0] }]);
  });

  it('a failed condition changes nothing', async () => {
    const { updateIf, service } = await start();
    await errorOf(updateIf(columnIs('v', long(9))));
    expect(service.rows(tableName)).toEqual([{ id: 'a', status: 'running', v: 3 }]);
  });

  it('deletes under a condition', async () => {
    const { client, service } = await start();
    const remove = (version: number) =>
      client.deleteRow({ tableName, condition: mustExist(columnIs('v', long(version))), primaryKey });
    expect(await errorOf(remove(2))).toMatchObject({ code: 'OTSConditionCheckFail' });
    await remove(3);
    expect(service.rows(tableName)).toEqual([]);
  });

  it('a filter hides the row from GetRow', async () => {
    const { client } = await start();
    const read = async (columnFilter: object, more: object = {}) =>
      columnsOf((await client.getRow({ tableName, primaryKey, columnFilter, ...more })).row);
    expect(await read(columnIs('v', long(4)))).toBeUndefined();
    expect(await read(columnIs('v', long(3)))).toEqual({ status: 'running', v: 3 });
  });

  it('a filter sees only the columns asked for', async () => {
    const { client } = await start();
    const read = async (passIfMissing: boolean) =>
      columnsOf(
        (
          await client.getRow({
            tableName,
            primaryKey,
            columnsToGet: ['status'],
            columnFilter: columnIs('v', long(3), { passIfMissing }),
          })
        ).row,
      );
    expect(await read(false)).toBeUndefined();
    expect(await read(true)).toEqual({ status: 'running' });
  });

  it('pages through the columns of a row', async () => {
    const { client } = await start();
    await client.updateRow({
      tableName,
      condition: ignore(),
      primaryKey,
      updateOfAttributeColumns: [{ PUT: [{ a: 'x' }] }],
    });
    const { row } = await client.getRow({ tableName, primaryKey, columnFilter: new sdk.ColumnPaginationFilter(1, 1) });
    expect(columnsOf(row)).toEqual({ status: 'running' });
  });
});
