import type { StageName } from '../../shared/pipeline.ts';
import { Harness } from '../support/harness.ts';
import { everything, refusals, strike } from '../support/refusals.ts';
import { remainsOf } from '../support/remains.ts';
import { rareChecks } from '../support/stage-driver.ts';

export interface RolledBack {
  name: string;
  /** Undefined: it failed with the code, was rolled back, and nothing is left. */
  problem?: string;
}

/** Every refusal of a stage strikes a deployment of its own, which is rolled back as by default. */
export async function rollBackEach(stage: StageName): Promise<RolledBack[]> {
  const harness = await Harness.start({ latency: rareChecks });
  const results: RolledBack[] = [];
  try {
    for (const one of refusals.find(([name]) => name === stage)?.[1] ?? []) {
      const name = `${stage} ${one.action} ${one.code}`;
      strike(harness, stage, one);
      const id = await harness.request({ ...everything, name: stage });
      const { rolledBack, failure, stages } = await harness.runUntil(id, 'failed');
      const found = [
        ...(failure?.code === one.code ? [] : [`failed with ${failure?.code}`]),
        ...(rolledBack === true ? [] : ['was not rolled back']),
        ...(stage === 'preflight' || stages.preflight.outputs['proof'] !== undefined ? [] : ['has no proof']),
        ...remainsOf(harness.cloud).map((remains) => `left ${remains}`),
      ];
      results.push(found.length === 0 ? { name } : { name, problem: found.join(', ') });
    }
  } catch (error) {
    results.push({ name: stage, problem: error instanceof Error ? error.message : String(error) });
  } finally {
    await harness.close();
  }
  return results;
}
