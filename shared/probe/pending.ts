import type { Declared, Ipv4Observation, NameFacts } from './observation.ts';
import type { Well } from './well.ts';

/** What an instance was asked to run, and what is needed to read its output. */
export interface ProbeCommand {
  instanceId: string;
  /** Sent again as it is: a client token never meets other parameters. */
  script: string;
  /** Begins every line of the output that is the script's own. No server knows it. */
  mark: string;
  /** What the script counts its addresses by. */
  addresses: string[];
  name: NameFacts;
  /** What the function saw over IPv4. */
  ipv4?: Ipv4Observation;
  declared?: Declared;
  /** What the script asks; the request may have changed since. Absent in what an older version wrote: as the request is now. */
  well?: Well;
}

/** An observation that is on its way: its instant is known, and where it will stand. */
export interface PendingObservation {
  targetId: string;
  atMs: number;
  /** Asked for over the API: it is shown, and counts for nothing else. */
  isOnDemand?: boolean;
  /** Absent until an instance has been chosen. */
  command?: ProbeCommand;
}

/** What is not there after so long never comes: the last look at a command is over by then. */
export const longestPendingMs = 5 * 60_000;

/** Asks the probe function for a probe from an instance. The observation will be that of `atMs`. */
export const onDemandMessage = (deploymentId: string, atMs: number) =>
  ({ v: 1, kind: 'on-demand', deploymentId, atMs }) as const;
