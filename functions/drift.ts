import type { Kept } from '../shared/deployment/explicit.ts';
import type { DeploymentRecord } from '../shared/deployment/record.ts';
import { observe, type Seen } from '../shared/observe.ts';
import { stageNames, type StageName } from '../shared/pipeline.ts';
import type { Runtime } from '../shared/runtime.ts';
import type { Stage } from '../shared/stage.ts';

export interface Drift {
  id: string;
  differs: boolean;
  differences: ({ stage: StageName } & Seen)[];
  /** What was changed by hand and an apply leaves so, since the request does not write it. No difference: nobody is alerted. */
  kept: ({ stage: StageName } & Kept)[];
  /** Stages that cannot say yet, since something of theirs is on its way: what they wait for. */
  undecided: { stage: StageName; reason: string }[];
}

/**
 * What differs from the record, found by the stages themselves with a hand that changes nothing. A stage tells what it
 * sees in one look; what it can look at only once that is mended shows then.
 */
export async function findDrift(runtime: Runtime, record: DeploymentRecord): Promise<Drift> {
  const stages = await loadStages();
  const drift: Drift = { id: record.deploymentId, differs: false, differences: [], kept: [], undecided: [] };
  for (const stage of stageNames) {
    if (stage === 'preflight' || stage === 'verify') continue;
    if (runtime.budget.isSpent) {
      drift.undecided.push({ stage, reason: noTimeLeft });
      continue;
    }
    const { differences, kept, undecided } = await observe(stages[stage], record, runtime);
    drift.differences.push(...differences.map((seen) => ({ stage, ...seen })));
    drift.kept.push(...kept.map((one) => ({ stage, ...one })));
    if (undecided !== undefined) drift.undecided.push({ stage, reason: undecided });
  }
  return { ...drift, differs: drift.differences.length > 0 };
}

const noTimeLeft = 'no time was left to look';

/** What some stages see in the cloud of the fields that they compare. */
export async function observeStages(
  runtime: Runtime,
  record: DeploymentRecord,
  names: readonly StageName[],
): Promise<{ found: Map<string, unknown>; undecided: string[] }> {
  const stages = await loadStages();
  const seen = { found: new Map<string, unknown>(), undecided: [] as string[] };
  for (const name of names) {
    const { found, undecided } = await observe(stages[name], record, runtime);
    for (const [field, value] of found) seen.found.set(field, value);
    if (undecided !== undefined) seen.undecided.push(`${name}: ${undecided}`);
  }
  return seen;
}

/** The declarations of all stages: drift is the one thing that the API and the sweep ask of them instead of sending them a message. */
async function loadStages(): Promise<Record<StageName, Stage>> {
  const { allStages } = await import('./all-stages.ts');
  return allStages;
}
