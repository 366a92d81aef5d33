import type { DeploymentRecord } from './deployment/record.ts';
import type { Runtime } from './runtime.ts';
import type { Stage } from './stage.ts';
import { readContext } from './stage-context.ts';

/** Thrown where a stage would change something. */
class WouldChange extends Error {
  readonly purpose: string;
  readonly params: unknown;

  constructor(purpose: string, params: unknown) {
    super(purpose);
    this.purpose = purpose;
    this.params = params;
  }
}

/**
 * What a stage of a ready deployment would do now, without letting it: undefined when nothing differs. A stage that only
 * waits is on its way and differs in nothing that an apply would mend.
 */
export async function observe(
  stage: Stage,
  record: DeploymentRecord,
  runtime: Runtime,
): Promise<{ change: string; message: string; remedy?: string } | undefined> {
  const stop = (purpose: string, params: unknown): never => {
    throw new WouldChange(purpose, params);
  };
  const context = {
    ...readContext(stage.name, 'apply', record, runtime),
    // As an apply that begins now; no deadline of the last one counts.
    elapsedMs: 0,
    create: (purpose: string, _type: string, params: unknown) =>
      Promise.resolve().then(() => stop(`create ${purpose}`, params)),
    change: (purpose: string, params: unknown) => Promise.resolve().then(() => stop(purpose, params)),
    remember: () => Promise.resolve(),
  };
  try {
    const result = await stage.apply(context as never);
    if (result.kind === 'fail')
      return {
        change: 'none',
        message: result.reason,
        ...(result.remedy === undefined ? {} : { remedy: result.remedy }),
      };
    return undefined;
  } catch (error) {
    if (!(error instanceof WouldChange)) throw error;
    return {
      change: error.purpose,
      message: `an apply would ${error.purpose.replaceAll('-', ' ')}: ${describe(error.params)}`,
    };
  }
}

const describe = (params: unknown): string => {
  const text = JSON.stringify(params);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};
