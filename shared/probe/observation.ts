import type { ZoneState } from '../zones-in-service.ts';

/** What a probe saw, and what is made of it. Times in milliseconds, instants as epoch milliseconds. */

/** How long each phase of one request took; a phase that was not reached is absent. */
export interface Phases {
  dnsMs?: number;
  connectMs?: number;
  tlsMs?: number;
  firstByteMs?: number;
  totalMs: number;
}

/** One request over a new connection. */
export interface Sample {
  /** Address that was tried. */
  address: string;
  /** Address at the other end of the socket; absent when no connection came about. */
  remoteAddress?: string;
  status?: number;
  /** Backend that answered, where it can be told. */
  backend?: string;
  /** Fingerprint of the body, for telling answers apart. */
  bodyHash?: string;
  /** Where a redirect would lead; it is not followed. */
  location?: string;
  phases: Phases;
  /** Why there was no answer: the system's code (`ECONNREFUSED`...) and the phase it struck in. */
  error?: { code: string; phase: 'connect' | 'tls' | 'answer' };
}

/** What the name says, at most twenty of each; whoever holds the name says it. */
export interface NameFacts {
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, or `NOANSWER` when no server answered. */
  code: string;
  cnames: string[];
  ipv6Addresses: string[];
  ipv4Addresses: string[];
  dnsMs: number;
}

/** What the load balancer declares. */
export interface Declared {
  atMs: number;
  listenerStatus: string;
  /** Servers that it says are not healthy, by backend name. */
  unhealthy: { backend: string; status: string; reason: string }[];
  /** Backends that it lists as available; none where no health check looks at them. */
  available: string[];
  /** Its zones; absent where they could not be read. */
  zones?: ZoneState[];
}

export type FaultKind =
  | 'no-ipv6-route'
  | 'no-instance'
  | 'command-failed'
  | 'name-unresolved'
  | 'no-aaaa'
  | 'cname-elsewhere'
  | 'address-refused'
  | 'front-refused'
  | 'front-timeout'
  | 'listener-stopped'
  | 'tls'
  | 'wrong-status'
  | 'backend-silent'
  | 'stranger-answers'
  | 'declared-unhealthy'
  | 'healthy-but-failing'
  | 'all-unhealthy-forwarding'
  | 'address-unreached'
  | 'zone-out-of-service';

/** The one name that is given to what is wrong, with what shows it. */
export interface Fault {
  kind: FaultKind;
  /** Backend or address it is about. */
  subject?: string;
  evidence: string;
}

/** `inconclusive`: this vantage cannot tell; never a fault of a backend or the front. */
export type Verdict = 'ok' | 'fault' | 'inconclusive';

export interface Observation {
  targetId: string;
  atMs: number;
  vantage: 'function' | 'instance';
  /** From where: the Internet, or inside the VPC. */
  scope: 'internet' | 'vpc';
  /** Where the requests came from, of the vantage `instance`. */
  instanceId?: string;
  verdict: Verdict;
  fault?: Fault;
  name: NameFacts;
  /** Every IPv6 address of the name. `isExpected` is false for one of a zone out of service: nobody has to answer there. */
  addresses: { address: string; isReached: boolean; reason?: string; isExpected?: false }[];
  /** Zones of the load balancer as it declares them now; absent where that is not known. `problem`: why one gives no redundancy. */
  zones?: { zoneId: string; isInService: boolean; problem?: string }[];
  /** Per backend: answers seen, share seen, share that its weight gives. */
  shares: { backend: string; seen: number; share: number; expected: number }[];
  /**
   * Who answered by a name that no backend has, the most frequent first, as far as names are ours: a few, each as it calls
   * itself, so it may be any text. Absent in what an older version wrote.
   */
  strangers?: { name: string; seen: number }[];
  answered: number;
  asked: number;
  /** Answers that were well; absent in what an older version wrote, to which every status below 400 was well. */
  answeredWell?: number;
  /** Chance that none of the answers came from the lightest backend although it is alive. */
  missProbability: number;
  /** Median and worst of the answered requests. */
  latency?: { p50Ms: number; p95Ms: number; p99Ms: number; maxMs: number };
  /**
   * The IPv4 side, a series of its own: nothing of it counts for anything above or below. Absent in what an older version
   * wrote.
   */
  ipv4?: Ipv4Observation;
  declared?: Declared;
  /** Age of `declared` when this was written. */
  declaredAgeMs?: number;
  /** Days until the certificate ends, over TLS. */
  certificateDaysLeft?: number;
  /** Why a client that checks would not trust the certificate; no fault where the request accepts any issuer and it is that. */
  certificateProblem?: string;
  /** Requests that the weights ask for; `asked` is less where an upper bound or the time cut them short. */
  wanted?: number;
  /** The requests one by one. */
  samples?: Sample[];
  /** Each phase over the answered requests. */
  phases?: Partial<Record<keyof Phases, Quantiles>>;
  /**
   * Shares over the last ticks of the same weights. `deviates`: chance and the ways of weighted round robin hardly explain
   * it. That is shown to people, and is neither a fault nor an alert: requests of other clients stand between those of a
   * probe in each node's order, so nothing bounds how often a sound load balancer looks like that. A share of nothing is
   * another matter: the backend is silent.
   */
  window?: {
    ticks: number;
    answered: number;
    shares: { backend: string; seen: number; share: number; expected: number; deviates: boolean }[];
  };
  /** What is configured: the weights of the request, and how backends are told apart. */
  configured?: {
    port: number;
    backends: { name: string; weight: number }[];
    identifiedBy: 'header' | 'pattern' | 'answers';
    /** What was asked, and which answers are well; absent in what an older version wrote. */
    well?: {
      method: 'GET' | 'HEAD';
      host: string;
      path: string;
      /** Such as `200-299`. */
      acceptedStatus: string[];
      redirectTo?: string;
    };
  };
  /** Of a probe on demand: it is shown, and counts for nothing else. */
  isOnDemand?: boolean;
  /** Of one from the function: what `curl -6 -v` prints of the first request to each address, a few of them. */
  curl?: string[][];
}

export type Ipv4FaultKind =
  | 'not-asked'
  | 'no-ipv4-route'
  | 'name-unresolved'
  | 'no-a'
  | 'cname-elsewhere'
  | 'address-refused'
  | 'front-unreached'
  | 'address-unreached'
  | 'wrong-status';

/** What IPv4 clients meet, as far as one request to each address shows it. */
export interface Ipv4Observation {
  /** `off`: IPv4 is not asked of this load balancer; `evidence` says why. */
  verdict: Verdict | 'off';
  kind?: Ipv4FaultKind;
  /** What was seen, or why nothing was. */
  evidence: string;
  /** The addresses that were asked, each with what became of it. */
  addresses: { address: string; isReached: boolean; reason?: string }[];
  samples: Sample[];
}

export interface Quantiles {
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** Answers that were well, as far as that is kept. */
export const answeredWellOf = ({ answeredWell, samples = [] }: Observation): number =>
  answeredWell ??
  samples.filter(({ status = 0, error }) => error === undefined && status >= 200 && status < 400).length;
