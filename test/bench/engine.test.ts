import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { goalsOf } from '../../bench/engine/goals.ts';
import type { Figures, Rate } from '../../bench/engine/measure.ts';
import { root } from '../../cli/build.mjs';

const rate = (cpuSecondsPer1000: number): Rate => ({ probes: 1000, probesPerSecond: 500, cpuSecondsPer1000 });
const fleet = { targets: 100, requestsPerTarget: 1, probed: 100, seconds: 2, cpuSeconds: 1 };
const figures: Figures = {
  machine: { cores: 2, model: 'any', node: 'v20.19.0' },
  engine: rate(0.1),
  curl: { ...rate(3.1), version: '8.0.0' },
  blackbox: { ...rate(0.26), version: '0.25.0' },
  missing: {},
  fleets: [fleet],
};
const missed = (more: Partial<Figures>) =>
  goalsOf({ ...figures, ...more })
    .filter(({ isMissed }) => isMissed)
    .map(({ goal }) => goal);

describe('the goals of the engine benchmark', () => {
  it('are met by a thirtieth of curl, two fifths of blackbox_exporter, and all targets within a minute', () => {
    expect(missed({})).toEqual([]);
  });

  it.each([
    ['more than a thirtieth of curl', { engine: rate(0.104) }, 'at most 0.0333 of the CPU of spawned curl'],
    [
      'more than two fifths of blackbox_exporter',
      { blackbox: { ...rate(0.24), version: '0.25.0' } },
      'at most 0.40 of the CPU of blackbox_exporter',
    ],
    ['a target left out', { fleets: [{ ...fleet, probed: 99 }] }, '100 targets, 1 request each, within 60 s'],
    ['more than a minute', { fleets: [{ ...fleet, seconds: 60.1 }] }, '100 targets, 1 request each, within 60 s'],
  ])('are missed by %s', (_what, more, goal) => {
    expect(missed(more)).toEqual([goal]);
  });

  it('are not missed by what was not measured', () => {
    const { curl: _curl, blackbox: _blackbox, ...rest } = figures;
    expect(goalsOf(rest).map(({ figure }) => figure === undefined)).toEqual([true, true, false]);
  });
});

describe('npm run bench:engine', () => {
  it('measures on a target of its own, and exits with 1 when a goal is missed', { timeout: 60_000 }, async () => {
    const args = ['--seconds', '0.2', '--targets', '20', '--of-curl', '0', '--of-blackbox', '1000', '--json'];
    const [status, said] = await new Promise<[unknown, string]>((resolve) => {
      execFile(process.execPath, ['bench/engine/run.mjs', ...args], { cwd: root }, (error, stdout) =>
        resolve([error?.code ?? 0, stdout]),
      );
    });
    const { goals, ...measured } = JSON.parse(said) as Figures & { goals: { figure?: string; isMissed: boolean }[] };
    expect(measured.engine.probesPerSecond).toBeGreaterThan(0);
    expect(measured.engine.cpuSecondsPer1000).toBeGreaterThan(0);
    expect(measured.fleets).toMatchObject([
      { targets: 20, requestsPerTarget: 1, probed: 20 },
      { targets: 20, requestsPerTarget: 20, probed: 20 },
    ]);
    // Without curl there is nothing to miss.
    const hasCurl = measured.curl !== undefined;
    expect(goals.map(({ isMissed }) => isMissed)).toEqual([hasCurl, false, false, false]);
    expect(status).toBe(hasCurl ? 1 : 0);
  });
});
