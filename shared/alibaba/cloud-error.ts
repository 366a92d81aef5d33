/** A refused or unanswered call, in the words of the service where it had any. Holds no secret. */
export class CloudError extends Error {
  override readonly name = 'CloudError';
  /** `vpc`, `ecs`, `alb`, `alidns`, `cas`, `resourcemanager`. */
  readonly service: string;
  /** Wire name of the action. */
  readonly action: string;
  /** The service's error code, or `UnreadableAnswer`, `ConnectionFailed`, `Timeout`. */
  readonly code: string;
  readonly httpStatus: number | undefined;
  readonly requestId: string | undefined;
  /** The service's own hint on when to call again. */
  readonly retryAfterMs: number | undefined;

  constructor(facts: {
    service: string;
    action: string;
    code: string;
    message: string;
    httpStatus?: number | undefined;
    requestId?: string | undefined;
    retryAfterMs?: number | undefined;
    cause?: unknown;
  }) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.service = facts.service;
    this.action = facts.action;
    this.code = facts.code;
    this.httpStatus = facts.httpStatus;
    this.requestId = facts.requestId;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** Whether the service refused with one of the codes, in any letter case: the same code is spelt in two ways (P-030). */
export const hasCode = (error: unknown, codes: readonly string[]): error is CloudError =>
  error instanceof CloudError && codes.some((code) => code.toLowerCase() === error.code.toLowerCase());

/** Runs a call for which some refusals are an answer: "not found" is what a delete wants to hear. */
export async function expecting<T, Instead>(
  codes: readonly string[],
  instead: Instead,
  call: () => Promise<T>,
): Promise<T | Instead> {
  try {
    return await call();
  } catch (error) {
    if (hasCode(error, codes)) return instead;
    throw error;
  }
}
