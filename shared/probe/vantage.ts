import type { Observation } from './observation.ts';
import type { ProbeState } from './state.ts';
import type { ProbeTarget } from './target.ts';

/** For so long an instance stands in for a function that has no IPv6 route; then the function is tried again. */
export const standsInForMs = 15 * 60_000;

/** Whether the next probe is an instance's without the function being tried: it was asked for, or nothing else can be. */
export const isByInstance = (
  { vantage, scope }: ProbeTarget,
  { instanceUntilMs = 0 }: ProbeState,
  nowMs: number,
): boolean =>
  // A function stands outside the VPC: what is reachable inside only, it can say nothing of.
  vantage === 'instance' || (vantage === 'auto' && (scope === 'vpc' || nowMs < instanceUntilMs));

/** Whether an instance is to look instead, since the function that made this observation has no IPv6 route. */
export const needsInstance = ({ vantage }: ProbeTarget, { verdict, fault }: Observation): boolean =>
  vantage === 'auto' && verdict === 'inconclusive' && fault?.kind === 'no-ipv6-route';
