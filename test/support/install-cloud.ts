import { bootstrap } from '../../cli/bootstrap.ts';
import type { EmbeddedCloud } from '../../local/cloud.ts';
import { Table } from '../../local/tablestore/state.ts';
import type { Config } from '../../shared/config.ts';

/** What an installation has, as `bootstrap` made it over the wire in the first cloud of this process. */
interface Installed {
  tables: Table[];
  queues: { name: string; attributes: object }[];
}

const installed = new Map<string, Promise<Installed>>();

async function overTheWire(cloud: EmbeddedCloud, config: Config): Promise<Installed> {
  // On a busy machine no answer comes within a time that is made for tests.
  await bootstrap({ ...config, readTimeoutMs: 10_000 }, cloud.credentials.root);
  return {
    tables: [...cloud.tablestore.tables().values()],
    queues: [...cloud.mns.queues.values()].map(({ name, attributes }) => ({ name, attributes })),
  };
}

/**
 * Queues and tables of an installation: the first time by `bootstrap`, then like those. What bootstrap itself does is shown in
 * `test/cli/account`; thirty calls before each test would show no more.
 */
export async function installInto(cloud: EmbeddedCloud, config: Config): Promise<void> {
  const kind = [config.name, config.tablestoreInstance, config.stageQueue, config.observationDays].join(' ');
  const before = installed.get(kind);
  if (before === undefined) {
    const now = overTheWire(cloud, config);
    installed.set(kind, now);
    now.catch(() => installed.delete(kind));
    await now;
    return;
  }
  const { tables, queues } = await before;
  const instance = cloud.tablestore.findInstance(config.tablestoreInstance);
  for (const { name, schema, definedColumns, settings, capacityUnit } of tables) {
    const definition = { name, schema, definedColumns, settings: { ...settings }, capacityUnit };
    instance?.tables.set(name, new Table(cloud.context.clock, definition, 0));
  }
  for (const { name, attributes } of queues) cloud.mns.state.create(name, attributes);
}
