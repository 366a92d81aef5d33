/** What people ask of a deployment that exists: release, repair, retry, change. Pure, like all transitions. */
import { firstStages, type StageName, stageNames } from '../pipeline.ts';
import { type Difference, differencesOf, refusalOf } from './changes/differences.ts';
import { changeOf } from './changes/table.ts';
import { withNameOf } from './former-names.ts';
import { actionOf, isFinished, queueReady, withProgress } from './progress.ts';
import { standing } from './standing.ts';
import { leftInZones } from './leaving-zones.ts';
import { contradictions } from './made-already.ts';
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
    stages: mapStages(record, ({ changes: _changes, ...stage }) => ({ ...stage, release: freshProgress() })),
  };
  const started = queueReady(next, firstStages('release'), 'release', nowMs);
  if (options.begunBy === undefined) return started;
  return { ...started, record: { ...started.record, begunBy: { messageId: options.begunBy, sends: started.sends } } };
}

export type Refusal = { refusal: { code: string; detail: string; field?: string } };

/**
 * Whether there may be a load balancer with the protection that the request asks for, or that was kept. The token of its create stands in the
 * record before the call, by compare-and-swap as the release: a release that comes first keeps the call from being made.
 */
function mayBeProtected(record: DeploymentRecord): boolean {
  const { desired, stages } = record;
  if (!standing(record).loadBalancer.deletionProtection) return false;
  const { resources, tokens } = stages['load-balancer'];
  const isBegun = Object.values(tokens).some(({ isSpent }) => isSpent !== true);
  return resources.length > 0 || (desired === 'ready' && isBegun);
}

/** Stages whose release is kept from going on are tried at once; the message that comes later then finds its turn served. */
function tryNow(record: DeploymentRecord, nowMs: number): Started {
  let next = record;
  const sends = openingMessages(record);
  for (const stage of stageNames) {
    const { state, obstacle, turn } = record.stages[stage].release;
    if (state !== 'waiting' || obstacle === undefined) continue;
    next = withProgress(next, stage, 'release', { dueAtMs: nowMs });
    sends.push({ stage, turn, delayMs: 0 });
  }
  return { record: next, sends };
}

/**
 * DELETE: from every state. A release that is under way goes on: its first messages are sent again, and what is blocked is
 * tried at once. One that a former version let fail begins anew.
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
  if (record.status === 'releasing' && !hasFailed) return tryNow({ ...lifted, afterRelease: 'released' }, nowMs);
  const { failure: _failure, ...clean } = lifted;
  return startRelease({ ...clean, afterRelease: 'released' }, nowMs);
}

/** Apply goes through all stages again; what a turn of the last epoch holds is waited for. */
const again = ({ changes: _changes, ...stage }: StageRecord): StageRecord => ({ ...stage, apply: renewed(stage) });

const renewed = ({ apply: { lease, overtakenUntilMs } }: Pick<StageRecord, 'apply'>): StageRecord['apply'] => ({
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

/** Whether there is something that serves, or did until a repair failed. */
const canRepair = ({ status, readyAtMs, rolledBack }: DeploymentRecord): boolean =>
  status === 'ready' || (status === 'failed' && readyAtMs !== undefined && rolledBack !== true);

/**
 * POST …/apply: a ready deployment looks at everything again and repairs what differs.
 *
 * @param adopted - the request with values of the cloud in it.
 */
export function requestRepair(record: DeploymentRecord, nowMs: number, adopted?: Asked): Started | Refusal {
  if (record.status === 'repairing' && adopted === undefined) return { record, sends: openingMessages(record) };
  if (!canRepair(record))
    return {
      refusal: {
        code: 'not-ready',
        detail: `The deployment is ${record.status}; only a ready one can be repaired.${record.status === 'failed' ? ' Use retry.' : ''}`,
      },
    };
  const taken = adopted === undefined ? record : withRequest(record, adopted);
  return startApply(taken, nowMs, 'repairing', mapStages(taken, again));
}

/** A request and the fields that it wrote; without those it wrote what the one before it did. */
export interface Asked {
  spec: Spec;
  explicit?: string[] | undefined;
}

/** Takes another request. What it changes is enforced until the deployment is ready with it. */
function withRequest(record: DeploymentRecord, { spec, explicit = record.explicit }: Asked): DeploymentRecord {
  const changed = differencesOf(record.spec, spec).map(({ path }) => path);
  const unsettled = [...new Set([...(record.unsettled ?? []), ...changed])];
  return {
    ...record,
    spec,
    stages: withNameOf(record, spec),
    ...(explicit === undefined ? {} : { explicit }),
    ...(unsettled.length === 0 ? {} : { unsettled }),
  };
}

const stagesOf = ({ path }: Difference): readonly StageName[] => changeOf(path)?.stages ?? [];

/** Whether what the field names stands: then it changes as docs/changes.md says, and not otherwise. */
function stands(record: DeploymentRecord, change: Difference): boolean {
  const [maker] = stagesOf(change);
  if (change.path === 'regionId') return true;
  if (record.rolledBack === true) return false;
  return record.readyAtMs !== undefined || maker === undefined || isFinished(record, maker, 'apply');
}

/** POST …/retry: goes on at the failed stage; after a rollback it begins anew. */
export function requestRetry(record: DeploymentRecord, asked: Asked | undefined, nowMs: number): Started | Refusal {
  const after = asked?.spec ?? record.spec;
  const changes = differencesOf(record.spec, after);
  if (record.status !== 'failed') {
    const isRetried = record.status === 'provisioning' || record.status === 'repairing';
    if (isRetried && changes.length === 0) return { record, sends: openingMessages(record) };
    return {
      refusal: { code: 'not-failed', detail: `The deployment is ${record.status}; only a failed one can be retried.` },
    };
  }
  const isAnew = record.rolledBack === true;
  const refused = changes.flatMap((change) => {
    const message = stands(record, change) ? refusalOf(change) : undefined;
    return message === undefined ? [] : [{ field: change.field, message }];
  });
  const [first] = [...refused, ...(isAnew ? [] : contradictions(record, after))];
  if (first !== undefined)
    return { refusal: { code: 'field-fixed', field: first.field, detail: `${first.field}: ${first.message}` } };
  const changed = asked === undefined ? record : withRequest(record, asked);
  if (isAnew) return startApply(changed, nowMs, 'provisioning', mapStages(changed, forgotten));
  const stages = mapStages(changed, (stage) => (stage.apply.state === 'done' ? stage : again(stage)));
  // Preflight looks at the corrected request again, and so does every stage that acts on a changed field.
  const touched = new Set(changes.flatMap(stagesOf));
  if (touched.size > 0) touched.add('preflight');
  for (const name of touched) stages[name] = again(stages[name]);
  return startApply(changed, nowMs, record.readyAtMs === undefined ? 'provisioning' : 'repairing', stages);
}

/** PATCH: a deployment that serves takes a changed request and repairs itself into it, also where the last one could not be met. */
export function requestChange(record: DeploymentRecord, asked: Asked, nowMs: number): Started | Refusal {
  if (!canRepair(record))
    return {
      refusal: {
        code: 'not-ready',
        detail: `The deployment is ${record.status}; only a ready one can be changed.${record.status === 'failed' ? ' Use retry with the corrected request.' : ''}`,
      },
    };
  const [left] = leftInZones(record, asked.spec);
  if (left !== undefined)
    return { refusal: { code: 'field-fixed', field: left.field, detail: `${left.field}: ${left.message}` } };
  const changed = withRequest(record, asked);
  return startApply(changed, nowMs, 'repairing', mapStages(changed, again));
}
