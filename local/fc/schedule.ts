import { Cron } from 'croner';

/** When a timer trigger fires. */
export interface Schedule {
  /** The first instant after `afterMs`; undefined when there is none. */
  nextMs(afterMs: number): number | undefined;
}

/**
 * `@every <n>m`, or six fields `sec min hour day month weekday`, in UTC unless prefixed `CRON_TZ=<zone> `.
 *
 * @throws Error with the reason when the expression is not one of these.
 * @see https://www.alibabacloud.com/help/id/functioncompute/api-fc-2023-03-30-struct-timertriggerconfig (read 2026-11-22)
 */
export function parseSchedule(expression: string): Schedule {
  if (expression.startsWith('@')) {
    const minutes = /^@every ([1-9]\d*)m$/.exec(expression)?.[1];
    if (minutes === undefined) throw new Error(`"${expression}" is not "@every <n>m"`);
    return { nextMs: (afterMs) => afterMs + Number(minutes) * 60_000 };
  }
  const zoned = /^CRON_TZ=(\S+) (.*)$/.exec(expression);
  const [zone, fields] = zoned === null ? ['UTC', expression] : [zoned[1] as string, zoned[2] as string];
  if (fields.trim().split(/\s+/).length !== 6)
    throw new Error(`"${expression}" does not have the six fields second, minute, hour, day, month, weekday`);
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw new Error(`"${zone}" is not a time zone`);
  }
  const cron = new Cron(fields, { timezone: zone, paused: true });
  return { nextMs: (afterMs) => cron.nextRun(new Date(afterMs))?.getTime() };
}
