import { answeredWellOf, type FaultKind, type Observation } from '../probe/observation.ts';
import { strangersTold } from '../probe/verdict.ts';
import type { AlertKind, AlertSettings } from './settings.ts';

/** What one observation says of one condition. What it does not speak of stays as it is. */
export interface Reading {
  kind: AlertKind;
  subject?: string;
  isBad: boolean;
  evidence: string;
}

/** The way to the servers is broken, so that nothing can be said of what lies behind it. */
const frontFaults = new Set<FaultKind>([
  'name-unresolved',
  'no-aaaa',
  'cname-elsewhere',
  'address-refused',
  'front-refused',
  'front-timeout',
  'listener-stopped',
  'tls',
  'wrong-status',
]);
const backendFaults = new Set<FaultKind>(['backend-silent', 'declared-unhealthy', 'wrong-status']);
const failingFaults = new Set<FaultKind>(['wrong-status', 'healthy-but-failing']);
const differing = new Set<FaultKind>(['healthy-but-failing', 'all-unhealthy-forwarding']);

/** A backend that was not seen is down only if a live one would hardly have been missed. */
const mostMissProbability = 1e-3;

/** Everything that the observation says, one reading per condition. */
export function readObservation(seenThen: Observation, settings: AlertSettings): Reading[] {
  const observation = withoutLoss(seenThen, settings);
  const { fault } = observation;
  const seen: Reading = { kind: 'no-observation', isBad: false, evidence: 'observed again' };
  if (observation.verdict === 'inconclusive')
    return [
      seen,
      ...ipv4(observation),
      ...zones(observation),
      {
        kind: 'vantage-without-ipv6',
        isBad: true,
        evidence: `vantage ${observation.vantage} cannot tell${fault === undefined ? '' : `: ${fault.evidence}`}`,
      },
    ];
  const isFront = fault !== undefined && frontFaults.has(fault.kind) && backendOf(observation) === undefined;
  return [
    seen,
    { kind: 'vantage-without-ipv6', isBad: false, evidence: `vantage ${observation.vantage} reaches IPv6` },
    ...(isFront
      ? [{ kind: 'front-down' as const, isBad: true, evidence: `${fault.kind}: ${fault.evidence}` }]
      : [...front(observation), ...addresses(observation, settings), ...latency(observation, settings)]),
    ...ipv4(observation),
    ...zones(observation),
    ...backends(observation, isFront),
    ...strangers(observation),
    ...declared(observation, isFront),
    ...certificate(observation, settings),
  ];
}

/** Leaves out a fault that is no more than some requests lost on the way. */
function withoutLoss(observation: Observation, { lossTolerance }: AlertSettings): Observation {
  const { fault, asked, answered, samples } = observation;
  if (fault === undefined || !failingFaults.has(fault.kind) || answered === 0) return observation;
  const failed = asked - (samples === undefined ? answered : answeredWellOf(observation));
  // None: what was answered is wrong in another way.
  if (failed === 0 || failed > asked * lossTolerance) return observation;
  const { fault: _fault, ...rest } = observation;
  return { ...rest, verdict: 'ok' };
}

/** The backend that the fault names, where it is the backend's. */
function backendOf({ fault, shares }: Observation): string | undefined {
  if (fault?.subject === undefined || !backendFaults.has(fault.kind)) return undefined;
  if (fault.kind !== 'wrong-status') return fault.subject;
  return shares.some(({ backend }) => backend === fault.subject) ? fault.subject : undefined;
}

const front = ({ answered, asked }: Observation): Reading[] =>
  answered === 0 ? [] : [{ kind: 'front-down', isBad: false, evidence: `${answered} of ${asked} requests answered` }];

/** The other family, whatever the IPv6 side is like. Where it is not asked any more, nothing is wrong with it. */
const ipv4 = ({ ipv4: side }: Observation): Reading[] =>
  side === undefined || side.verdict === 'inconclusive'
    ? []
    : [
        {
          kind: 'ipv4-down',
          isBad: side.verdict === 'fault',
          evidence: side.verdict === 'off' ? `IPv4 is not asked: ${side.evidence}` : side.evidence,
        },
      ];

/** Zones out of service owe no address: that they are missing is what `zone-out-of-service` says. */
function addresses(
  { addresses: named, zones: declaredZones = [], fault }: Observation,
  { minimumAddresses }: AlertSettings,
): Reading[] {
  const all = named.filter(({ isExpected = true }) => isExpected);
  if (all.length === 0) return [];
  const lost = all.filter(({ isReached }) => !isReached);
  const reached = all.length - lost.length;
  const outOfService = declaredZones.filter(({ isInService }) => !isInService).length;
  const wanted = Math.max(minimumAddresses - outOfService, all.length);
  const isBad = reached < wanted || fault?.kind === 'address-unreached';
  const names = lost.map(({ address, reason }) => `${address}${reason === undefined ? '' : ` (${reason})`}`);
  const evidence = `${reached} of the name's ${all.length} IPv6 addresses answer, ${wanted} should${names.length === 0 ? '' : `; silent: ${names.join(', ')}`}`;
  return [{ kind: 'address-count-low', isBad, evidence }];
}

/** What the load balancer declares of each zone; whoever probes, and whether it can tell or not. */
const zones = ({ zones: declaredZones = [] }: Observation): Reading[] =>
  declaredZones.map(({ zoneId, problem }) => ({
    kind: 'zone-out-of-service',
    subject: zoneId,
    isBad: problem !== undefined,
    evidence: problem ?? `zone ${zoneId} is in service`,
  }));

const latency = ({ latency: times }: Observation, { slowP95Ms }: AlertSettings): Reading[] =>
  times === undefined
    ? []
    : [
        {
          kind: 'slow',
          isBad: times.p95Ms > slowP95Ms,
          evidence: `95 of 100 answers within ${Math.round(times.p95Ms)} ms; the bound is ${slowP95Ms} ms`,
        },
      ];

function backends(observation: Observation, isFront: boolean): Reading[] {
  const { shares, fault, answered, asked, missProbability } = observation;
  const faulted = backendOf(observation);
  const readings: Reading[] = [];
  for (const { backend, seen, expected } of shares) {
    const isNamed = backend === faulted;
    const evidence = `${seen} of ${asked} answers came from ${backend}, ${Math.round(expected * asked)} expected`;
    // What the load balancer says of a server that answers is a difference, not a fault of the server.
    const isBad = isNamed
      ? seen === 0 || fault?.kind !== 'declared-unhealthy'
      : seen === 0 && expected > 0 && answered > 0 && missProbability <= mostMissProbability;
    if (isBad && !isFront)
      readings.push({
        kind: 'backend-down',
        subject: backend,
        isBad,
        evidence: isNamed ? (fault?.evidence ?? evidence) : `${evidence}${saidOf(observation, backend)}`,
      });
    else if (seen > 0 || (expected === 0 && !isFront))
      readings.push({ kind: 'backend-down', subject: backend, isBad: false, evidence });
  }
  // Named, though nothing is known of its share.
  if (faulted !== undefined && !isFront && !shares.some(({ backend }) => backend === faulted))
    readings.push({ kind: 'backend-down', subject: faulted, isBad: true, evidence: fault?.evidence ?? '' });
  return readings;
}

/** Whatever else is wrong. An older version did not look. */
const strangers = ({ strangers: names, answered }: Observation): Reading[] =>
  names === undefined || answered === 0
    ? []
    : [
        {
          kind: 'stranger-answers',
          isBad: names.length > 0,
          evidence: names.length > 0 ? strangersTold(names, answered) : `no stranger among ${answered} answers`,
        },
      ];

function saidOf({ declared: said }: Observation, backend: string): string {
  const found = said?.unhealthy.find((server) => server.backend === backend);
  return found === undefined ? '' : `; the load balancer says ${found.status}: ${found.reason}`;
}

function declared(observation: Observation, isFront: boolean): Reading[] {
  const { fault, shares, declared: said } = observation;
  const answers =
    fault?.kind === 'declared-unhealthy' && shares.some(({ backend, seen }) => backend === fault.subject && seen > 0);
  if (fault !== undefined && (differing.has(fault.kind) || answers))
    return [{ kind: 'declared-observed-differ', isBad: true, evidence: `${fault.kind}: ${fault.evidence}` }];
  return said === undefined || isFront
    ? []
    : [{ kind: 'declared-observed-differ', isBad: false, evidence: 'the load balancer declares what was observed' }];
}

const certificate = ({ certificateDaysLeft: days }: Observation, { certificateDays }: AlertSettings): Reading[] =>
  days === undefined
    ? []
    : [
        {
          kind: 'certificate-near-expiry',
          isBad: days < certificateDays,
          evidence: `the certificate ends in ${Math.floor(days)} days`,
        },
      ];
