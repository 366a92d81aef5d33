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
  /** Load balancers that are only watched; keys as above. */
  watches: {
    name: 'watches',
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
  /** Which deployments share rules of a security group that others own, one row each; and who has which name: `name/…`. */
  groups: {
    name: 'groups',
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
  /** What is known of the alerts of a target; one row each. */
  alerts: {
    name: 'alerts',
    primaryKey: [{ name: 'target', type: 'STRING' }],
    timeToLiveSeconds: forEver,
  },
  /** What is to be told (`pending`) and what has been (`sent`), so that nothing is told again. */
  notices: {
    name: 'notices',
    primaryKey: [
      { name: 'box', type: 'STRING' },
      { name: 'id', type: 'STRING' },
    ],
    timeToLiveSeconds: 30 * 86_400,
  },
  /** Where alerts go, beside the channels of the environment: one row each, written by the operator. */
  channels: {
    name: 'channels',
    primaryKey: [{ name: 'name', type: 'STRING' }],
    timeToLiveSeconds: forEver,
  },
  /** What was sent to a channel lately, and who is at it. */
  deliveries: {
    name: 'deliveries',
    primaryKey: [{ name: 'channel', type: 'STRING' }],
    timeToLiveSeconds: forEver,
  },
  /** What probes saw; how long they live is a setting of the installation. */
  observations: {
    name: 'observations',
    primaryKey: [
      { name: 'target', type: 'STRING' },
      { name: 'at', type: 'STRING' },
    ],
    timeToLiveSeconds: 30 * 86_400,
  },
  /** Sums of the observations of an hour, from which uptime and quantiles of long spans come. */
  rollups: {
    name: 'rollups',
    primaryKey: [
      { name: 'target', type: 'STRING' },
      { name: 'hour', type: 'STRING' },
    ],
    timeToLiveSeconds: 40 * 86_400,
  },
  /** What the next probe of a target needs of those before. */
  probes: {
    name: 'probes',
    primaryKey: [{ name: 'id', type: 'STRING' }],
    timeToLiveSeconds: 40 * 86_400,
  },
  /** Who works on what until when: one row for each shard of the probe. */
  leases: {
    name: 'leases',
    primaryKey: [{ name: 'name', type: 'STRING' }],
    timeToLiveSeconds: forEver,
  },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof tables;
