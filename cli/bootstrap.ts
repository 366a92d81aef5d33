import type { Config } from '../shared/config.ts';
import { jsonLog } from '../shared/log.ts';
import { queueNamesOf } from '../shared/pipeline.ts';
import { createRuntime } from '../shared/runtime.ts';
import { type TableDefinition, tables } from '../shared/store/tables.ts';

/** Invisible for longer than the function's timeout with its retries; see "Numbers that belong together" in the design. */
export const queueAttributes = { visibilityTimeoutSeconds: 240, retentionSeconds: 604_800 };

/** Tables as this installation wants them. */
export const tableDefinitions = ({ observationDays }: Config): TableDefinition[] =>
  Object.values(tables).map((table) => ({
    ...table,
    primaryKey: [...table.primaryKey],
    timeToLiveSeconds: table.name === 'observations' ? observationDays * 86_400 : table.timeToLiveSeconds,
  }));

/** Queues and tables of an installation. Safe to repeat. */
export async function bootstrap(
  config: Config,
  credentials: { accessKeyId: string; accessKeySecret: string },
): Promise<{ queues: number; tables: number }> {
  const runtime = createRuntime({ config, credentials, log: jsonLog('warn') });
  const created = { queues: 0, tables: 0 };
  for (const definition of tableDefinitions(config))
    if (await runtime.rows.createTable(definition)) created.tables += 1;
  for (const queue of queueNamesOf(config.stageQueue))
    if (await runtime.queues.ensure(queue, queueAttributes)) created.queues += 1;
  return created;
}
