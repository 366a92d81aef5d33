import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import { outputsOf, type DeploymentRecord, type Failure, type Progress } from '../../shared/deployment/record.ts';
import { unicodeName } from '../../shared/domain-name.ts';
import { blockedOf } from '../../shared/deployment/blocked.ts';
import { actionOf } from '../../shared/deployment/progress.ts';
import { pipeline, stageNames } from '../../shared/pipeline.ts';
import { presentBlocked } from './present-blocked.ts';

const instant = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

/** A name in other letters is shown both ways: as name servers know it, and as people read it. */
export function presentName(domainName: string | undefined): { domainName?: string; domainNameUnicode?: string } {
  if (domainName === undefined) return {};
  const unicode = unicodeName(domainName);
  return { domainName, ...(unicode === domainName ? {} : { domainNameUnicode: unicode }) };
}

const presentProgress = (progress: Progress) => ({
  status: progress.state,
  startedAt: instant(progress.startedAtMs),
  finishedAt: instant(progress.finishedAtMs),
  attempts: progress.turn - progress.waits,
  waits: progress.waits,
  reason: progress.reason,
});

/** What the API shows of a deployment: no leases, no tokens. Absent fields are left out. */
export function present(record: DeploymentRecord): object {
  const action = actionOf(record);
  return {
    id: record.deploymentId,
    name: record.spec.name,
    status: record.status,
    desired: record.desired,
    createdAt: instant(record.createdAtMs),
    updatedAt: instant(record.updatedAtMs),
    readyAt: instant(record.readyAtMs),
    readyAfterMs: record.readyAtMs === undefined ? undefined : record.readyAtMs - record.createdAtMs,
    releasedAt: instant(record.releasedAtMs),
    failure: presentFailure(record.failure),
    blocked: presentBlocked(blockedOf(record)),
    rolledBack: record.rolledBack,
    proof: presentProof(record),
    // They are of what serves: of what is released, or on the way there, nothing holds any more.
    conditions:
      record.desired === 'released' || record.rolledBack === true
        ? []
        : record.conditions.map(({ atMs, ...condition }) => ({ ...condition, at: instant(atMs) })),
    dnsName: record.stages['load-balancer'].outputs['dnsName'],
    ...presentName(outputsOf(record, 'dns').domainName),
    warnings: record.stages.preflight.outputs['warnings'],
    stages: stageNames.map((name) => ({
      name,
      needs: pipeline[name].needs,
      action,
      ...presentProgress(record.stages[name][action]),
      // How it got as far as it did, beside how that is taken back.
      ...(action === 'release' ? { applied: presentProgress(record.stages[name].apply) } : {}),
    })),
    resources: stageNames.flatMap((stage) =>
      record.stages[stage].resources.map((resource) => ({ stage, ...resource })),
    ),
    explicit: record.explicit,
    kept: stageNames.flatMap((stage) => (record.stages[stage].kept ?? []).map((kept) => ({ stage, ...kept }))),
    addresses: record.stages['ipv6-internet'].outputs['zones'],
    spec: record.spec,
  };
}

const presentFailure = (failure: Failure | undefined): object | undefined =>
  failure && {
    ...failure,
    atMs: undefined,
    at: instant(failure.atMs),
    rollbackOf: presentFailure(failure.rollbackOf),
  };

/** What the release asked for at its end and what it found. */
function presentProof(record: DeploymentRecord): object | undefined {
  const proof = record.stages.preflight.outputs['proof'] as StageOutputs['preflight']['proof'];
  if (proof === undefined) return undefined;
  return { isEmpty: proof.isEmpty, looks: proof.looks.map(({ atMs, asked }) => ({ at: instant(atMs), asked })) };
}
