import { OutOfTimeError } from './budget.ts';
import type { Kept } from './deployment/explicit.ts';
import type { DeploymentRecord } from './deployment/record.ts';
import { classify } from './errors.ts';
import type { Runtime } from './runtime.ts';
import type { Mending, Shown, Stage } from './stage.ts';
import { readContext } from './stage-context.ts';

/** Something that differs from what was asked for. */
export interface Seen {
  /** What an apply would do about it, or `none` where it can do nothing. */
  change: string;
  message: string;
  remedy?: string;
  /** An alert of its own reports it. */
  hasOwnAlert?: boolean;
}

/**
 * What a stage of a ready deployment would do now, without letting it. A stage that only waits has not come to see whether
 * anything differs: `undecided` says what it waits for.
 *
 * @returns besides, what was changed by hand and would be left so, and the cloud's value of every field that it compared.
 */
export async function observe(
  stage: Stage,
  record: DeploymentRecord,
  runtime: Runtime,
): Promise<{ differences: Seen[]; kept: Kept[]; found: Map<string, unknown>; undecided?: string }> {
  const differences: Seen[] = [];
  const kept: Kept[] = [];
  const found = new Map<string, unknown>();
  const see = (change: string, params: unknown): void => {
    const message = `an apply would ${change.replaceAll('-', ' ')}: ${describe(params)}`;
    differences.push({ change, message });
  };
  const seeNothingMore = (message: string, remedy: string | undefined): void => {
    differences.push({ change: 'none', message, ...(remedy === undefined ? {} : { remedy }) });
  };
  const reading = readContext(stage.name, 'apply', record, runtime, { keep: (one) => kept.push(one) });
  const context = {
    ...reading,
    choose: <T>(field: string, value: T, wanted: T): T => {
      // The redirect's listener has some of the fields too: the main one comes first.
      if (!found.has(field)) found.set(field, value);
      return reading.choose(field, value, wanted);
    },
    // As an apply that begins now; no deadline of the last one counts.
    elapsedMs: 0,
    // A stage waits for what it creates, so nobody asks for this id.
    create: (purpose: string, _type: string, params: unknown) => {
      see(`create ${purpose}`, params);
      return Promise.resolve('to-be-created');
    },
    change: (purpose: string, params: unknown) => Promise.resolve(see(purpose, params)),
    mend: (mendings: Mending[]) => {
      for (const { purpose, params } of mendings) see(purpose, params);
      return Promise.resolve(mendings[0]?.reason);
    },
    show: ({ message, remedy, hasOwnAlert }: Shown) =>
      differences.push({ change: 'none', message, remedy, ...(hasOwnAlert === undefined ? {} : { hasOwnAlert }) }),
    remember: () => Promise.resolve(),
  };
  try {
    const result = await stage.apply(context as never);
    if (result.kind === 'fail') seeNothingMore(result.reason, result.remedy);
    if (result.kind === 'wait' && differences.length === 0)
      return { differences, kept, found, undecided: result.reason };
  } catch (error) {
    if (error instanceof OutOfTimeError) return { differences, kept, found, undecided: error.message };
    const { kind, message, remedy } = classify(error);
    if (kind !== 'permanent') throw error;
    seeNothingMore(message, remedy);
  }
  return { differences, kept, found };
}

const describe = (params: unknown): string => {
  const text = JSON.stringify(params);
  return text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
};
