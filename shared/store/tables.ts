/** Tables of an installation: name, primary key, and how long rows live. Source of truth for bootstrap and store. */
export interface TableDefinition {
  name: string;
  primaryKey: { name: string; type: 'STRING' | 'INTEGER' }[];
  /** Seconds, at least 86400; -1: for ever. */
  timeToLiveSeconds: number;
}

const forEver = -1;

export const tables = {
  /** One row per deployment; `bucket` is the month of creation, so that newest first is a backward range. */
  deployments: {
    name: 'deployments',
    primaryKey: [
      { name: 'bucket', type: 'STRING' },
      { name: 'id', type: 'STRING' },
    ],
    timeToLiveSeconds: forEver,
  },
  /** What sweep and probe walk: written before the first message, deleted when released. */
  active: {
    name: 'active',
    primaryKey: [{ name: 'id', type: 'STRING' }],
    timeToLiveSeconds: forEver,
  },
  /** History, append only. */
  events: {
    name: 'events',
    primaryKey: [
      { name: 'deployment', type: 'STRING' },
      { name: 'seq', type: 'STRING' },
    ],
    timeToLiveSeconds: 400 * 86_400,
  },
  idempotency: {
    name: 'idempotency',
    primaryKey: [{ name: 'key', type: 'STRING' }],
    timeToLiveSeconds: 7 * 86_400,
  },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof tables;
