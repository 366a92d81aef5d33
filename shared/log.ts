export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One JSON object per line; what stands in `fields` must hold no secret. */
export interface Log {
  (level: LogLevel, message: string, fields?: Record<string, unknown>): void;
}

const order: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export const jsonLog =
  (minimum: LogLevel, common: Record<string, unknown> = {}): Log =>
  (level, message, fields = {}) => {
    if (order[level] < order[minimum]) return;
    console.log(JSON.stringify({ level, message, ...common, ...fields }));
  };

export const withFields =
  (log: Log, common: Record<string, unknown>): Log =>
  (level, message, fields = {}) =>
    log(level, message, { ...common, ...fields });
