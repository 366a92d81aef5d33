import type { ResourceTable } from '../authorization/resources.ts';

/**
 * Read in a public copy of the page: `acs:ots:[region]:[user_id]:instance/[instance_name]/table/[table_name]`; names of instances
 * do not differ by letter case, and policies spell them in lower case. A batch asks for each of its tables. inf: ListTable asks
 * for `table/*`.
 */
export const tablestoreResources: ResourceTable = {
  source: 'https://www.alibabacloud.com/help/en/tablestore/configure-user-permissions',
  service: 'ots',
  actions: {
    CreateTable: ['instance/{table}'],
    DescribeTable: ['instance/{table}'],
    ListTable: ['instance/{table}'],
    UpdateTable: ['instance/{table}'],
    DeleteTable: ['instance/{table}'],
    PutRow: ['instance/{table}'],
    GetRow: ['instance/{table}'],
    UpdateRow: ['instance/{table}'],
    DeleteRow: ['instance/{table}'],
    GetRange: ['instance/{table}'],
    BatchGetRow: ['instance/{table}'],
    BatchWriteRow: ['instance/{table}'],
  },
  variables: {
    table: (_state, { instance = '', ...tables }) =>
      (Object.keys(tables).length === 0 ? ['*'] : Object.values(tables)).map((table) => `${instance}/table/${table}`),
  },
};

/** Returns what the variable `table` reads. */
export const accessParams = (instance: string, tables: string[]): Record<string, string> => ({
  ...Object.fromEntries([...new Set(tables)].map((table, index) => [`table.${index + 1}`, table])),
  instance: instance.toLowerCase(),
});
