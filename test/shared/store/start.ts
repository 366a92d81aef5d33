import type { FaultRule } from '../../../local/faults.ts';
import { tablestoreService, type TablestoreOptions } from '../../../local/tablestore/index.ts';
import { Budget } from '../../../shared/budget.ts';
import { RowStore, type StoreSettings } from '../../../shared/store/rows.ts';
import { tables } from '../../../shared/store/tables.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testEdge } from '../../support/edge.ts';

const instance = 'dualstack-alb';

/** An embedded Tablestore with the tables of an installation, and our store over it; waits of the store take no time. */
export async function startStore(options: TablestoreOptions & Partial<StoreSettings> = {}) {
  const context = testContext('none');
  const service = tablestoreService(context, options);
  const { edge, url, calls } = await testEdge(context, [service]);
  const pauses: number[] = [];
  const storeOf = (overrides: Partial<StoreSettings> = {}) =>
    new RowStore({
      endpoint: url,
      instance,
      prefix: 'dualstack_alb',
      credentials: context.credentials.root,
      timeoutMs: 2000,
      budget: Budget.unlimited(),
      pause: async (ms) => {
        pauses.push(ms);
      },
      ...options,
      ...overrides,
    });
  const rows = storeOf();
  for (const definition of Object.values(tables))
    await rows.createTable({ ...definition, primaryKey: [...definition.primaryKey] });
  calls.length = 0;
  return {
    context,
    service,
    edge,
    url,
    rows,
    storeOf,
    /** Waits that the store asked for. */
    pauses,
    /** Wire log since the tables are there. */
    calls,
    count: (action: string) => calls.filter((call) => call.action === action).length,
    fault: (...rules: FaultRule[]) =>
      edge.faults.add(...rules.map((rule): FaultRule => ({ service: 'tablestore', ...rule }))),
    /** Live rows as the service holds them. */
    stored: (table: keyof typeof tables) => service.rows(`dualstack_alb_${table}`),
  };
}

export type StartedStore = Awaited<ReturnType<typeof startStore>>;
