import { CloudError } from './alibaba/cloud-error.ts';
import { classifyCode } from './alibaba/error-codes.ts';
import { OutOfTimeError } from './budget.ts';

/** The same call may work later. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Repeating cannot help. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  readonly code: string;
  readonly remedy: string | undefined;
  readonly requestId: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; remedy?: string | undefined; requestId?: string | undefined } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.requestId = options.requestId;
  }
}

/** What was changed does not show yet: the next look will tell. */
export class NotShownError extends Error {
  override readonly name = 'NotShownError';
}

/** The deployment moved on while a turn was under way: nothing more may be created. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

export interface Classified {
  kind: 'wait' | 'retry' | 'permanent';
  code: string;
  message: string;
  requestId?: string;
  remedy?: string;
  /** The server's hint. */
  retryAfterMs?: number;
  /** A repeat needs a new client token: with the old one the refusal would be repeated. */
  rotatesToken: boolean;
}

const defined = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as never;

/** What an error means for the turn in which it was thrown. An unknown error may work later. */
export function classify(error: unknown): Classified {
  if (error instanceof CloudError) {
    const { kind, rotatesToken, remedy } = classifyCode(error);
    const { code, message, requestId, retryAfterMs } = error;
    return defined({ kind, code, message, requestId, remedy, retryAfterMs, rotatesToken }) as Classified;
  }
  if (error instanceof PermanentError) {
    const { code, message, requestId, remedy } = error;
    return defined({ kind: 'permanent' as const, code, message, requestId, remedy, rotatesToken: true }) as Classified;
  }
  if (error instanceof RetryableError) {
    const { code, message, retryAfterMs } = error;
    return defined({ kind: 'retry' as const, code, message, retryAfterMs, rotatesToken: false }) as Classified;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof OutOfTimeError) return { kind: 'retry', code: 'OutOfTime', message, rotatesToken: false };
  if (error instanceof NotShownError) return { kind: 'wait', code: 'change.not-shown', message, rotatesToken: false };
  return { kind: 'retry', code: 'UnexpectedError', message, rotatesToken: false };
}
