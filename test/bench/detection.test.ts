import { describe, expect, it } from 'vitest';
import { detect, falseAlarms, settings, troubles } from '../../bench/detection/measure.ts';
import { defaultAlertSettings } from '../../shared/alert/settings.ts';

describe('with the default settings', () => {
  it('a network that loses one request in a hundred is no alarm in twenty days', () => {
    const [usual, ...others] = falseAlarms(20, 0.01, 7);
    expect(usual).toBe(0);
    expect(others).toHaveLength(Object.keys(settings).length - 1);
    expect(Math.max(...others)).toBeGreaterThan(0);
  });

  it.each(troubles)('%s is told after two to three minutes, and that it is over after one to two', (trouble) => {
    for (const loss of [0, 0.01])
      for (let seed = 1; seed <= 20; seed += 1) {
        const { noticedMs = Infinity, overMs = Infinity } = detect(trouble, loss, defaultAlertSettings, seed);
        expect(noticedMs).toBeGreaterThan(120_000);
        expect(noticedMs).toBeLessThanOrEqual(250_000);
        expect(overMs).toBeLessThanOrEqual(190_000);
      }
  });
});
