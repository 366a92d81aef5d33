import type { DeploymentRecord } from '../shared/deployment/record.ts';
import { classify } from '../shared/errors.ts';
import { observe } from '../shared/observe.ts';
import { stageNames, type StageName } from '../shared/pipeline.ts';
import type { Runtime } from '../shared/runtime.ts';
import type { Stage } from '../shared/stage.ts';

export interface Difference {
  stage: StageName;
  /** What an apply would do about it, or `none` where it can do nothing. */
  change: string;
  message: string;
  remedy?: string;
}

/**
 * What differs from the record, found by the stages themselves with a hand that stops before the first changing call.
 * A stage tells its first difference; those behind it show once it is mended.
 */
export async function findDrift(
  runtime: Runtime,
  record: DeploymentRecord,
): Promise<{ id: string; differs: boolean; differences: Difference[] }> {
  const stages = await loadStages();
  const differences: Difference[] = [];
  for (const name of stageNames) {
    if (name === 'preflight' || name === 'verify') continue;
    try {
      const seen = await observe(stages[name], record, runtime);
      if (seen !== undefined) differences.push({ stage: name, ...seen });
    } catch (error) {
      const { kind, message, remedy } = classify(error);
      if (kind !== 'permanent') throw error;
      differences.push({ stage: name, change: 'none', message, ...(remedy === undefined ? {} : { remedy }) });
    }
  }
  return { id: record.deploymentId, differs: differences.length > 0, differences };
}

/** The declarations of all stages: drift is the one thing that the API and the sweep ask of them instead of sending them a message. */
async function loadStages(): Promise<Record<StageName, Stage>> {
  const { allStages } = await import('./all-stages.ts');
  return allStages;
}
