/**
 * The graph of stages: what each needs, what its release must wait for besides, and on which queue its messages travel.
 * Pure data and pure functions; a stage does not repeat any of it.
 */

interface StageNode {
  /** Stages that must be done before this one applies. Release runs these edges backwards. */
  needs: readonly StageName[];
  /** Stages whose release must be finished before this one's, besides those that need it. */
  releaseAfter?: readonly StageName[];
  /** Queue, without the installation's prefix. Several stages may share one. */
  queue: string;
}

export const stageNames = [
  'preflight',
  'network',
  'security-group',
  'server-group',
  'load-balancer',
  'instances',
  'ipv6-internet',
  'backend-servers',
  'listener',
  'health',
  'dns',
  'verify',
] as const;

export type StageName = (typeof stageNames)[number];

export const pipeline: Record<StageName, StageNode> = {
  preflight: { needs: [], queue: 'preflight' },
  network: { needs: ['preflight'], queue: 'network' },
  'security-group': { needs: ['network'], queue: 'security-group' },
  'server-group': { needs: ['network'], queue: 'server-group' },
  'load-balancer': { needs: ['network'], queue: 'load-balancer' },
  instances: { needs: ['security-group'], queue: 'instances' },
  'ipv6-internet': { needs: ['load-balancer'], queue: 'ipv6-internet' },
  // Traffic must be gone before servers leave: the listener is released first.
  'backend-servers': { needs: ['instances', 'server-group'], releaseAfter: ['listener'], queue: 'backend-servers' },
  listener: { needs: ['ipv6-internet', 'server-group'], queue: 'listener' },
  health: { needs: ['backend-servers', 'listener'], queue: 'health' },
  dns: { needs: ['health'], queue: 'dns' },
  verify: { needs: ['dns'], queue: 'verify' },
};

export type Action = 'apply' | 'release';

/** Stages that must be finished before `stage` may run `action`. */
export function prerequisites(stage: StageName, action: Action): StageName[] {
  if (action === 'apply') return [...pipeline[stage].needs];
  const dependents = stageNames.filter((name) => pipeline[name].needs.includes(stage));
  return [...new Set([...dependents, ...(pipeline[stage].releaseAfter ?? [])])];
}

/** Stages that wait for `stage` in `action`. */
export function successors(stage: StageName, action: Action): StageName[] {
  return stageNames.filter((name) => prerequisites(name, action).includes(stage));
}

/** Where a run of `action` begins: stages without prerequisites. */
export const firstStages = (action: Action): StageName[] =>
  stageNames.filter((name) => prerequisites(name, action).length === 0);

export const isStageName = (name: string): name is StageName => (stageNames as readonly string[]).includes(name);

/** Queues that are no stage's. */
export const deadLetterQueue = 'dead-letter';
export const probeQueue = 'probe';
export const alertQueue = 'alert';

/** Queue of a stage's messages: its own, or the one that all stages share where event streams are scarce. */
export const queueOf = (stage: StageName, shared?: string): string => shared ?? pipeline[stage].queue;

/** All queues of an installation, without prefix. */
export const queueNamesOf = (shared?: string): string[] => [
  ...new Set([...stageNames.map((name) => queueOf(name, shared)), deadLetterQueue, probeQueue, alertQueue]),
];
