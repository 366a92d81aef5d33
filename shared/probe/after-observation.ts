import type { Observation } from './observation.ts';

/** What is done once an observation stands in the store: alerts are evaluated here. It may be called twice for one observation. */
export type AfterObservation = (observation: Observation) => Promise<void>;

/** Does nothing. */
export const ignoreObservation: AfterObservation = async () => {};
