/** What people ask of a deployment that exists: release, repair, retry, change. Pure, like all transitions. */
import { firstStages, stageNames } from '../pipeline.ts';
import { actionOf, isFinished, queueReady } from './progress.ts';
import { contradictions, fixedFields } from './made-already.ts';
import { type DeploymentRecord, freshProgress, outputsOf, type PlannedMessage, type StageRecord } from './record.ts';
import type { Spec } from './spec.ts';

export interface Started {
  record: DeploymentRecord;
  sends: PlannedMessage[];
}

/** The messages that began this epoch and may not have gone out; sending them twice is harmless. */
const openingMessages = (record: DeploymentRecord): PlannedMessage[] =>
  stageNames.flatMap((stage) => {
    const { state, turn } = record.stages[stage][actionOf(record)];
    return state === 'queued' ? [{ stage, turn, delayMs: 0 }] : [];
  });

const mapStages = (
  record: DeploymentRecord,
  change: (stage: StageRecord) => StageRecord,
): DeploymentRecord['stages'] => {
  const stages = { ...record.stages };
  for (const name of stageNames) stages[name] = change(stages[name]);
  return stages;
};

/** A new epoch in which every stage releases. Leases of applies stay: their calls may still take effect. */
export function startRelease(record: DeploymentRecord, nowMs: number, options: { begunBy?: string } = {}): Started {
  const { begunBy: _before, ...rest } = record;
  const next: DeploymentRecord = {
    ...rest,
    desired: 'released',
    status: 'releasing',
    epoch: record.epoch + 1,
    updatedAtMs: nowMs,
    stages: mapStages(record, (stage) => ({ ...stage, release: freshProgress() })),
  };
  const started = queueReady(next, firstStages('release'), 'release', nowMs);
  if (options.begunBy === undefined) return started;
  return { ...started, record: { ...started.record, begunBy: { messageId: options.begunBy, sends: started.sends } } };
}

export type Refusal = { refusal: { code: string; detail: string; field?: string } };

/**
 * Whether there may be a load balancer with the protection that the request asks for. The token of its create stands in the
 * record before the call, by compare-and-swap as the release: a release that comes first keeps the call from being made.
 */
function mayBeProtected({ spec, desired, stages }: DeploymentRecord): boolean {
  if (!spec.loadBalancer.deletionProtection) return false;
  const { resources, tokens } = stages['load-balancer'];
  const isBegun = Object.values(tokens).some(({ isSpent }) => isSpent !== true);
  return resources.length > 0 || (desired === 'ready' && isBegun);
}

/**
 * DELETE: from every state. A release that is under way goes on (its first messages are sent again); one that failed
 * begins anew.
 */
export function requestRelease(
  record: DeploymentRecord,
  nowMs: number,
  options: { liftProtection: boolean },
): Started | Refusal {
  if (record.status === 'released') return { record, sends: [] };
  if (!options.liftProtection && record.liftProtection !== true && mayBeProtected(record))
    return {
      refusal: {
        code: 'deletion-protection',
        detail:
          'The load balancer has deletion protection, or is being created with it. Repeat the call with ?liftDeletionProtection=true to lift it and release.',
      },
    };
  const lifted: DeploymentRecord = {
    ...record,
    liftProtection: options.liftProtection || (record.liftProtection ?? false),
  };
  // Rolled back and proved empty: nothing is left to release. One that failed before it touched anything has no proof yet.
  if (
    record.status === 'failed' &&
    record.rolledBack === true &&
    outputsOf(record, 'preflight').proof?.isEmpty === true
  )
    return {
      record: {
        ...lifted,
        status: 'released',
        desired: 'released',
        epoch: record.epoch + 1,
        releasedAtMs: record.releasedAtMs ?? nowMs,
      },
      sends: [],
    };
  const hasFailed = stageNames.some((name) => record.stages[name].release.state === 'failed');
  if (record.status === 'releasing' && !hasFailed)
    return { record: { ...lifted, afterRelease: 'released' }, sends: openingMessages(record) };
  const { failure: _failure, ...clean } = lifted;
  return startRelease({ ...clean, afterRelease: 'released' }, nowMs);
}

/** Apply goes through all stages again; what a turn of the last epoch holds is waited for. */
const again = (stage: StageRecord): StageRecord => ({ ...stage, apply: renewed(stage) });

const renewed = ({ apply: { lease, overtakenUntilMs } }: StageRecord): StageRecord['apply'] => ({
  ...freshProgress(),
  ...(lease === undefined ? {} : { lease }),
  ...(overtakenUntilMs === undefined ? {} : { overtakenUntilMs }),
});

/** Back to nothing: of what is gone the tokens stay, spent, so that none is used again. */
const forgotten = (stage: StageRecord): StageRecord => ({
  apply: renewed(stage),
  release: freshProgress(),
  outputs: {},
  resources: [],
  tokens: Object.fromEntries(
    Object.entries(stage.tokens).map(([purpose, { generation, hash }]) => [
      purpose,
      { generation, hash, isSpent: true },
    ]),
  ),
});

function startApply(
  record: DeploymentRecord,
  nowMs: number,
  status: 'provisioning' | 'repairing',
  stages: DeploymentRecord['stages'],
): Started {
  const {
    failure: _failure,
    begunBy: _begunBy,
    rolledBack: _rolledBack,
    releasedAtMs: _releasedAtMs,
    liftProtection: _lift,
    ...rest
  } = record;
  const next: DeploymentRecord = {
    ...rest,
    desired: 'ready',
    afterRelease: 'released',
    status,
    epoch: record.epoch + 1,
    updatedAtMs: nowMs,
    stages,
  };
  return queueReady(next, [...stageNames], 'apply', nowMs);
}

/** POST …/apply: a ready deployment looks at everything again and mends what differs. */
export function requestRepair(record: DeploymentRecord, nowMs: number): Started | Refusal {
  if (record.status === 'repairing') return { record, sends: openingMessages(record) };
  const served = record.status === 'failed' && record.readyAtMs !== undefined && record.rolledBack !== true;
  if (record.status !== 'ready' && !served)
    return {
      refusal: {
        code: 'not-ready',
        detail: `The deployment is ${record.status}; only a ready one can be repaired.${record.status === 'failed' ? ' Use retry.' : ''}`,
      },
    };
  return startApply(record, nowMs, 'repairing', mapStages(record, again));
}

/** Fields of the request by the stage that first acts on them; a field that no stage owns names what exists. */
const owners: Partial<Record<keyof Spec, (typeof stageNames)[number]>> = {
  network: 'network',
  instances: 'instances',
  backends: 'instances',
  securityGroup: 'security-group',
  loadBalancer: 'load-balancer',
  serverGroup: 'server-group',
  listener: 'listener',
  dns: 'dns',
};

/** How the load balancer is watched, and what becomes of a failure: no stage acts on it, so it changes at any time. */
const free: ReadonlySet<keyof Spec> = new Set(['alerts', 'probe', 'onFailure']);

/** Top-level fields in which two requests differ. */
export const changedFields = (before: Spec, after: Spec): (keyof Spec)[] =>
  ([...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof Spec)[]).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );

/** POST …/retry: goes on at the failed stage; after a rollback it begins anew. */
export function requestRetry(record: DeploymentRecord, spec: Spec | undefined, nowMs: number): Started | Refusal {
  if (record.status !== 'failed') {
    const isRetried = record.status === 'provisioning' || record.status === 'repairing';
    if (isRetried && (spec === undefined || changedFields(record.spec, spec).length === 0))
      return { record, sends: openingMessages(record) };
    return {
      refusal: { code: 'not-failed', detail: `The deployment is ${record.status}; only a failed one can be retried.` },
    };
  }
  const isAnew = record.rolledBack === true;
  const after = spec ?? record.spec;
  for (const field of changedFields(record.spec, after)) {
    if (free.has(field)) continue;
    const owner = owners[field];
    if (field === 'regionId' || (!isAnew && (owner === undefined || isFinished(record, owner, 'apply'))))
      return {
        refusal: {
          code: 'field-fixed',
          field,
          detail: `${field} cannot change any more: ${owner === undefined ? 'it names what exists' : `stage ${owner} is done`}. Leave it as it is, or release and ask again.`,
        },
      };
  }
  const [served] = isAnew || record.readyAtMs === undefined ? [] : fixedFields(record.spec, after);
  if (served !== undefined)
    return {
      refusal: {
        code: 'field-fixed',
        field: served,
        detail: `${served} cannot change any more: the load balancer has been ready. Leave it as it is, or release and ask again.`,
      },
    };
  const [contradiction] = isAnew ? [] : contradictions(record, after);
  if (contradiction !== undefined)
    return {
      refusal: {
        code: 'field-fixed',
        field: contradiction.field,
        detail: `${contradiction.field} cannot change any more: ${contradiction.message}. Leave it as it is, or release and ask again.`,
      },
    };
  const changed = { ...record, spec: after };
  if (isAnew) return startApply(changed, nowMs, 'provisioning', mapStages(changed, forgotten));
  const stages = mapStages(changed, (stage) => (stage.apply.state === 'done' ? stage : again(stage)));
  const fields = changedFields(record.spec, after).filter((field) => !free.has(field));
  // Preflight looks at the corrected request again, and the ports to open follow from the servers.
  if (fields.length > 0) stages.preflight = again(stages.preflight);
  if (fields.includes('backends')) stages['security-group'] = again(stages['security-group']);
  return startApply(changed, nowMs, record.readyAtMs === undefined ? 'provisioning' : 'repairing', stages);
}

/** PATCH: a ready deployment takes a changed request and mends itself into it. */
export function requestChange(record: DeploymentRecord, spec: Spec, nowMs: number): Started | Refusal {
  if (record.status !== 'ready')
    return {
      refusal: { code: 'not-ready', detail: `The deployment is ${record.status}; only a ready one can be changed.` },
    };
  return startApply({ ...record, spec }, nowMs, 'repairing', mapStages(record, again));
}
