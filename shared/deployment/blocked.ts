import { type StageName, stageNames } from '../pipeline.ts';
import type { DeploymentRecord, Obstacle } from './record.ts';

/** A release that cannot go on by itself for now. */
export interface Blocked extends Obstacle {
  stage: StageName;
  /** When it is tried next; absent while it is being tried. */
  nextTryAtMs?: number;
}

/** What blocks the release, of several stages the one that has been blocked longest; undefined where none is. */
export function blockedOf(record: DeploymentRecord): Blocked | undefined {
  if (record.status !== 'releasing') return undefined;
  const all = stageNames.flatMap((stage): Blocked[] => {
    const { obstacle, state, dueAtMs } = record.stages[stage].release;
    if (obstacle?.isShown !== true) return [];
    return [{ stage, ...obstacle, ...(state === 'waiting' && dueAtMs !== undefined ? { nextTryAtMs: dueAtMs } : {}) }];
  });
  return all.sort((one, other) => one.sinceMs - other.sinceMs)[0];
}
