import type { Observation } from '../../shared/probe/observation.ts';

/** Instants as text; the rest as it was observed. */
export const presentObservation = ({ targetId, atMs, declared, ...rest }: Observation): object => ({
  loadBalancer: targetId,
  at: new Date(atMs).toISOString(),
  ...rest,
  ...(declared === undefined
    ? {}
    : { declared: { ...declared, atMs: undefined, at: new Date(declared.atMs).toISOString() } }),
});
