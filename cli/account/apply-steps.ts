import { codeOf, type Step, type StepState } from './step.ts';

export interface Failure {
  what: string;
  error: unknown;
}

export type Pause = (ms: number) => Promise<void>;

/** How long a new instance has no name in DNS, a new table is not ready, and a deleted queue's name is not free. */
const patience = { tries: 45, pauseMs: 4000 };

const verbs = { there: 'is there', absent: 'create', different: 'change' } satisfies Record<StepState['is'], string>;

function print(verb: string, { kind, name }: Step, what: string): void {
  const line = `  ${verb.padEnd(8)} ${kind} ${name}:`;
  console.log(line.length + 1 + what.length <= 80 ? `${line} ${what}` : `${line}\n${' '.repeat(13)}${what}`);
}

/** Goes through all steps, whatever fails, so that one list names everything. */
export async function makeAll(steps: Step[], { dryRun, pause }: { dryRun: boolean; pause: Pause }): Promise<Failure[]> {
  const failures: Failure[] = [];
  let instance: StepState['is'] | 'unknown' = 'there';
  for (const step of steps) {
    if (step.skipped !== undefined) {
      print('skip', step, step.skipped);
      continue;
    }
    // Without their instance tables cannot be looked at.
    if (step.kind === 'table' && instance !== 'there' && (dryRun || instance === 'unknown')) {
      print(dryRun ? 'create' : 'skip', step, dryRun ? step.what : 'its instance is missing');
      continue;
    }
    try {
      const isEarly = (error: unknown) => isEarlyFor(step, error, instance === 'absent');
      const state = await patiently(() => step.state(), isEarly, pause);
      if (state.is !== 'there' && !dryRun) await patiently(() => step.make(), isEarly, pause);
      if (step.kind === 'Tablestore instance') instance = state.is;
      print(verbs[state.is], step, state.is === 'different' ? `${step.what} (${state.why})` : step.what);
    } catch (error) {
      if (step.kind === 'Tablestore instance') instance = 'unknown';
      failures.push({ what: `${step.kind} ${step.name}`, error });
    }
  }
  return failures;
}

/** The same for the way back; `steps` in the order in which they go. */
export async function removeAll(steps: Step[], dryRun: boolean): Promise<Failure[]> {
  const failures: Failure[] = [];
  const isThere = async (step: Step) => (await step.state()).is !== 'absent';
  const instance = steps.find(({ kind }) => kind === 'Tablestore instance');
  const hasTables = instance === undefined || (await isThere(instance).catch(() => true));
  for (const step of steps) {
    if (step.remove === undefined || step.skipped !== undefined) {
      print('keep', step, step.skipped ?? step.what);
      continue;
    }
    try {
      const isHere = (step.kind !== 'table' || hasTables) && (await isThere(step));
      if (isHere && !dryRun) await step.remove();
      print(isHere ? 'delete' : 'is gone', step, step.what);
    } catch (error) {
      failures.push({ what: `${step.kind} ${step.name}`, error });
    }
  }
  return failures;
}

/** What passes by itself (P-110, P-136, P-137). */
function isEarlyFor({ kind }: Step, error: unknown, isNewInstance: boolean): boolean {
  if (kind === 'queue') return codeOf(error) === 'QueueDeletedRecently';
  if (kind !== 'table') return false;
  if (/^OTS(TableNotReady|PartitionUnavailable|ServerBusy)$/.test(codeOf(error))) return true;
  return isNewInstance && (codeOf(error) === 'OTSAuthFailed' || /ENOTFOUND|EAI_AGAIN/.test(String(error)));
}

async function patiently<T>(work: () => Promise<T>, isEarly: (error: unknown) => boolean, pause: Pause): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isEarly(error) || attempt >= patience.tries) throw error;
      await pause(patience.pauseMs);
    }
  }
}
