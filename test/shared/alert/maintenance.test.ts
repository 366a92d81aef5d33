import { describe, expect, it } from 'vitest';
import { isOpen, maintenanceWindow } from '../../../shared/alert/maintenance.ts';

const at = (instant: string): number => Date.parse(instant);
const read = (window: unknown) => maintenanceWindow.parse(window);

describe('a maintenance window', () => {
  it('of one time is open from its first instant to before its last', () => {
    const window = read({ from: '2026-11-22T22:00:00+08:00', to: '2026-11-22T23:00:00+08:00' });
    expect(isOpen(window, at('2026-11-22T13:59:59Z'))).toBe(false);
    expect(isOpen(window, at('2026-11-22T14:00:00Z'))).toBe(true);
    expect(isOpen(window, at('2026-11-22T14:59:59Z'))).toBe(true);
    expect(isOpen(window, at('2026-11-22T15:00:00Z'))).toBe(false);
  });

  it('that repeats opens by the clock of its zone', () => {
    const window = read({ cron: '30 2 * * *', timeZone: 'Asia/Shanghai', minutes: 60 });
    expect(isOpen(window, at('2026-11-22T18:29:59Z'))).toBe(false);
    expect(isOpen(window, at('2026-11-22T18:30:00Z'))).toBe(true);
    expect(isOpen(window, at('2026-11-22T19:29:59Z'))).toBe(true);
    expect(isOpen(window, at('2026-11-22T19:30:00Z'))).toBe(false);
  });

  it('keeps to local time when summer time ends', () => {
    const window = read({ cron: '0 4 * * SUN', timeZone: 'Europe/Berlin', minutes: 30 });
    expect(isOpen(window, at('2026-10-18T02:10:00Z'))).toBe(true);
    expect(isOpen(window, at('2026-10-25T02:10:00Z'))).toBe(false);
    expect(isOpen(window, at('2026-10-25T03:10:00Z'))).toBe(true);
  });

  it('may be longer than the time to its next opening', () => {
    const window = read({ cron: '0 * * * *', minutes: 90 });
    expect(isOpen(window, at('2026-11-22T08:59:00Z'))).toBe(true);
  });

  it.each([
    [{ from: '2026-11-22T08:00:00Z', to: '2026-11-22T08:00:00Z' }],
    [{ from: 'tomorrow', to: '2026-11-22T08:00:00Z' }],
    [{ cron: 'every day', minutes: 5 }],
    [{ cron: '0 0 32 1 *', minutes: 5 }],
    [{ cron: `${Array.from({ length: 100 }, (_, at) => at % 60).join(',')} * * * *`, minutes: 5 }],
    [{ cron: '0 2 * * *', minutes: 5, timeZone: 'A'.repeat(65) }],
    [{ cron: '0 2 * * *', minutes: 5, timeZone: 'Mars/Base' }],
    [{ cron: '0 2 * * *', minutes: 0 }],
    [{ cron: '0 2 * * *', minutes: 5, until: 'x' }],
  ])('is refused: %j', (window) => {
    expect(maintenanceWindow.safeParse(window).success).toBe(false);
  });
});
