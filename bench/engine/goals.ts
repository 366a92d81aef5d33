import { type Figures, fleetLimitSeconds } from './measure.ts';

export interface Goal {
  goal: string;
  /** What was measured; undefined: nothing. */
  figure?: string;
  isMissed: boolean;
}

/** Most of the CPU that a probe of another prober costs. */
export interface Limits {
  ofCurl: number;
  ofBlackbox: number;
}

export const defaultLimits: Limits = { ofCurl: 1 / 30, ofBlackbox: 0.4 };

/** What was not measured is not missed: it says so. */
export function goalsOf({ engine, curl, blackbox, fleets }: Figures, limits: Limits = defaultLimits): Goal[] {
  const part = (name: string, most: number, other?: { cpuSecondsPer1000: number }): Goal => {
    const goal = `at most ${rounded(most)} of the CPU of ${name}`;
    if (other === undefined) return { goal, isMissed: false };
    const figure = engine.cpuSecondsPer1000 / other.cpuSecondsPer1000;
    return { goal, figure: rounded(figure), isMissed: !(figure <= most) };
  };
  return [
    part('spawned curl', limits.ofCurl, curl),
    part('blackbox_exporter', limits.ofBlackbox, blackbox),
    ...fleets.map(({ targets, requestsPerTarget, probed, seconds }) => ({
      goal: `${targets} targets, ${requestsPerTarget === 1 ? '1 request' : `${requestsPerTarget} requests`} each, within ${fleetLimitSeconds} s`,
      figure: `${probed} in ${seconds.toFixed(1)} s`,
      isMissed: probed < targets || seconds > fleetLimitSeconds,
    })),
  ];
}

const rounded = (part: number): string => part.toFixed(part < 0.1 ? 4 : 2);
