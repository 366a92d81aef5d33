/** The part of the untyped package `tablestore` that we use. */
declare module 'tablestore' {
  namespace TableStore {
    interface Long {
      toNumber(): number;
    }
    type PrimaryKey = Record<string, unknown>[];
    interface Row {
      primaryKey?: { name: string; value: unknown }[];
      attributes?: { columnName: string; columnValue: unknown; timestamp: unknown }[];
    }
    interface Options {
      accessKeyId: string;
      secretAccessKey: string;
      stsToken?: string | undefined;
      securityToken?: string | undefined;
      endpoint: string;
      instancename: string;
      maxRetries?: number;
      httpOptions?: { timeout?: number; agent?: unknown };
    }
  }
  interface TableStoreModule {
    Client: new (options: TableStore.Options) => {
      createTable(params: object): Promise<unknown>;
      describeTable(params: object): Promise<{
        tableMeta: { primaryKey: { name: string; type: number | string }[] };
        tableOptions: { timeToLive: number };
      }>;
      updateTable(params: object): Promise<unknown>;
      deleteTable(params: object): Promise<unknown>;
      putRow(params: object): Promise<unknown>;
      getRow(params: object): Promise<{ row: TableStore.Row }>;
      deleteRow(params: object): Promise<unknown>;
      getRange(
        params: object,
      ): Promise<{ rows: TableStore.Row[]; nextStartPrimaryKey?: { name: string; value: unknown }[] | null }>;
    };
    Long: { fromNumber(value: number): TableStore.Long };
    Condition: new (existence: unknown, columnCondition: unknown) => unknown;
    SingleColumnCondition: new (name: string, value: unknown, comparator: unknown, passIfMissing: boolean) => unknown;
    RowExistenceExpectation: { IGNORE: unknown; EXPECT_EXIST: unknown; EXPECT_NOT_EXIST: unknown };
    ComparatorType: { EQUAL: unknown };
    Direction: { FORWARD: unknown; BACKWARD: unknown };
    INF_MIN: unknown;
    INF_MAX: unknown;
  }
  const TableStore: TableStoreModule;
  export default TableStore;
}
