import type { AfterObservation } from '../probe/after-observation.ts';
import type { Runtime } from '../runtime.ts';
import { recordForAlerts } from './record-change.ts';

/** What becomes of an observation once it is stored: the alerts of its target are evaluated, and what is new is told. */
export const alertAfterObservation =
  (runtime: Runtime): AfterObservation =>
  async (observation) => {
    await recordForAlerts(runtime, observation.targetId, { type: 'observation', observation });
  };
