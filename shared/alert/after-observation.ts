import type { AfterObservation } from '../probe/after-observation.ts';
import type { Runtime } from '../runtime.ts';
import { findWatched } from '../watch/watched.ts';
import { recordForAlerts } from './record-change.ts';

/**
 * What becomes of an observation once it is stored: the alerts of its target are evaluated, and what is new is told. It is
 * looked up anew: what has ended meanwhile has no alerts any more.
 */
export const alertAfterObservation =
  (runtime: Runtime): AfterObservation =>
  async (observation) => {
    const watched = await findWatched(runtime, observation.targetId);
    if (watched?.sinceMs !== undefined) await recordForAlerts(runtime, watched, { type: 'observation', observation });
  };
