import { Cron } from 'croner';
import * as z from 'zod';
import { either, hasKeyOf } from '../either.ts';

const isTimeZone = (name: string): boolean => {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

const isCron = (fields: string): boolean => {
  if (![5, 6].includes(fields.trim().split(/\s+/).length)) return false;
  try {
    return new Cron(fields, { paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
};

const instant = z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-11-22T08:00:00+08:00' });

const once = z
  .strictObject({ from: instant, to: instant })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), 'must end after it begins');

const repeated = z.strictObject({
  /** When it opens: five fields `minute hour day month weekday`, or six with seconds before them. */
  cron: z
    .string()
    .max(200, { error: 'must have at most 200 characters', abort: true })
    .refine(isCron, 'must be a cron expression of five or six fields'),
  timeZone: z
    .string()
    .max(64, { error: 'must have at most 64 characters', abort: true })
    .refine(isTimeZone, 'must be a time zone such as Asia/Shanghai')
    .default('UTC'),
  minutes: z
    .number()
    .int()
    .min(1)
    .max(7 * 24 * 60),
});

export const maintenanceWindow = either(once, repeated, hasKeyOf('cron'));
export type MaintenanceWindow = z.infer<typeof maintenanceWindow>;

/** Whether the window is open; its first instant belongs to it, its last does not. */
export function isOpen(window: MaintenanceWindow, nowMs: number): boolean {
  if ('from' in window) return Date.parse(window.from) <= nowMs && nowMs < Date.parse(window.to);
  const cron = new Cron(window.cron, { timezone: window.timeZone, paused: true });
  // The next opening after the moment at which one would have had to open to be just over.
  const opensMs = cron.nextRun(new Date(nowMs - window.minutes * 60_000))?.getTime();
  return opensMs !== undefined && opensMs <= nowMs;
}

export const inMaintenance = (windows: MaintenanceWindow[], nowMs: number): boolean =>
  windows.some((window) => isOpen(window, nowMs));
