import type { Config } from '../shared/config.ts';
import { jsonLog } from '../shared/log.ts';
import { queueNamesOf } from '../shared/pipeline.ts';
import { createRuntime } from '../shared/runtime.ts';
import { tables } from '../shared/store/tables.ts';

/** Longer than the function's timeout with its retries; see "Numbers that belong together" in the design. */
const visibilityTimeoutSeconds = 240;
const retentionSeconds = 604_800;

/** Queues and tables of an installation. Safe to repeat. */
export async function bootstrap(
  config: Config,
  credentials: { accessKeyId: string; accessKeySecret: string },
): Promise<{ queues: number; tables: number }> {
  const runtime = createRuntime({ config, credentials, log: jsonLog('warn') });
  const created = { queues: 0, tables: 0 };
  for (const definition of Object.values(tables))
    if (
      await runtime.rows.createTable({
        ...definition,
        primaryKey: [...definition.primaryKey],
        timeToLiveSeconds:
          definition.name === 'observations' ? config.observationDays * 86_400 : definition.timeToLiveSeconds,
      })
    )
      created.tables += 1;
  for (const queue of queueNamesOf(config.stageQueue))
    if (await runtime.queues.ensure(queue, { visibilityTimeoutSeconds, retentionSeconds })) created.queues += 1;
  return created;
}
