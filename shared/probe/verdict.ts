import { noRouteCodes } from '../net/no-route.ts';
import { refusedBlock } from '../net/special-blocks.ts';
import type { Declared, Fault, FaultKind, NameFacts, Observation, Sample, Verdict } from './observation.ts';
import { missedAtMost } from './sample-size.ts';
import { answeredWithout, mostStrangers, type TickShares } from './shares.ts';
import { zoneProblem, zonesInService, type ZoneState } from '../zones-in-service.ts';
import { type Asked, isWell, toldAnswer, toldUnwell } from './well.ts';

export interface Evidence {
  name: NameFacts;
  samples: Sample[];
  /** What was asked, and which answers are well. */
  asked: Asked;
  declared?: Declared;
  /** Backends of the request, with their weights. */
  backends: { name: string; weight: number }[];
  /** Whether an answer says which of `backends` gave it. */
  areBackendsNamed: boolean;
  /** Who answered by a name that no backend has; none where names are not ours. */
  strangers?: Observation['strangers'];
  /** With the scheduler Sch a client meets one server only. */
  isOneServerPerClient: boolean;
  /** The load balancer's own name and addresses; empty where they are not known. */
  expected: { cname: string; addresses: string[] };
  /** Its IPv6 side is reached from the VPC only, and need not be in public DNS. */
  isPrivate?: boolean;
  /** The ticks before over the same weights, oldest first, as far as they are remembered. */
  before: Pick<TickShares, 'answered' | 'seen'>[];
  /** Days until the certificate ends, over TLS. */
  certificateDaysLeft?: number;
  /** Why clients refuse the certificate. */
  certificateProblem?: string;
  /** Why there are no samples, where that is known. */
  unable?: Fault;
}

export interface Judgement {
  verdict: Verdict;
  fault?: Fault;
}

const sameName = (a: string, b: string): boolean =>
  a.replace(/\.$/, '').toLowerCase() === b.replace(/\.$/, '').toLowerCase();

const fault = (kind: FaultKind, evidence: string, subject?: string): Judgement => ({
  verdict: 'fault',
  fault: { kind, evidence, ...(subject === undefined ? {} : { subject }) },
});
const inconclusive = (kind: FaultKind, evidence: string): Judgement => ({
  verdict: 'inconclusive',
  fault: { kind, evidence },
});

/**
 * Names the fault, from the outside in: the vantage, the name, the front, the listener, TLS, the addresses, and then the
 * answers beside what the load balancer declares; last, redundancy that is lost though all is answered well. The first that
 * explains what was seen is the name.
 */
export function judge(evidence: Evidence): Judgement {
  const front = judgeName(evidence) ?? judgeFront(evidence);
  if (front !== undefined) return withZones(front, evidence.declared?.zones ?? []);
  return judgeBackends(evidence) ?? judgeZones(evidence) ?? { verdict: 'ok' };
}

/** What the load balancer declares of its zones may explain what is wrong with its front. */
function withZones(judgement: Judgement, zones: ZoneState[]): Judgement {
  const { fault: seen } = judgement;
  if (judgement.verdict !== 'fault' || seen === undefined) return judgement;
  const here = zones.find(({ ipv6Address }) => ipv6Address !== '' && ipv6Address === seen.subject);
  const areAllBad = zones.length > 0 && zones.every((zone) => zoneProblem(zone) !== undefined);
  const why = areAllBad ? zonesInService(zones).message : here === undefined ? undefined : zoneProblem(here);
  return why === undefined ? judgement : { ...judgement, fault: { ...seen, evidence: `${seen.evidence}; ${why}` } };
}

/** Below every outage: users are served, by fewer zones than were made. */
function judgeZones({ declared }: Evidence): Judgement | undefined {
  const { zones = [] } = declared ?? {};
  const bad = zones.filter((zone) => zoneProblem(zone) !== undefined);
  const [first, second] = bad;
  if (first === undefined) return undefined;
  return fault('zone-out-of-service', zonesInService(zones).message, second === undefined ? first.zoneId : undefined);
}

/** Whether the chain of a name goes through this one. */
export const leadsTo = (cnames: string[], wanted: string): boolean =>
  wanted !== '' && cnames.some((cname) => sameName(cname, wanted));

function judgeName({ name, expected, isPrivate = false }: Evidence): Judgement | undefined {
  if (name.code === 'NOANSWER') return inconclusive('name-unresolved', 'no DNS server answered at this vantage');
  if (name.code !== 'NOERROR') return fault('name-unresolved', `the name does not resolve: ${name.code}`);
  const isLedHere = leadsTo(name.cnames, expected.cname);
  if (name.cnames.length > 0 && expected.cname !== '' && !isLedHere)
    return fault('cname-elsewhere', `the name is a CNAME to ${name.cnames.join(' to ')}, not to ${expected.cname}`);
  // What the load balancer's own name leads to is its own: it may get other addresses when it grows.
  const stray = name.ipv6Addresses.find(
    (address) => !isLedHere && expected.addresses.length > 0 && !expected.addresses.includes(address),
  );
  const reach = isPrivate ? 'vpc' : 'internet';
  if (stray !== undefined) {
    const block = refusedBlock(stray, reach);
    const what = block === undefined ? '' : ` (${block})`;
    return fault('cname-elsewhere', `the name leads to ${stray}${what}, which is not the load balancer`);
  }
  const refused = name.ipv6Addresses.find((address) => refusedBlock(address, reach) !== undefined);
  if (refused !== undefined)
    return fault(
      'address-refused',
      `the name leads to ${refused}, which is no address of a load balancer: ${refusedBlock(refused, reach)}; it is not asked`,
      refused,
    );
  if (name.ipv6Addresses.length > 0 || (isPrivate && isLedHere)) return undefined;
  return fault(
    'no-aaaa',
    name.ipv4Addresses.length === 0
      ? 'the name has no IPv6 address'
      : `the name has IPv4 addresses only (${name.ipv4Addresses.join(', ')})`,
  );
}

const isAnswered = ({ status, error }: Sample): boolean => status !== undefined && error === undefined;

function judgeFront(evidence: Evidence): Judgement | undefined {
  const { samples, asked, declared, certificateDaysLeft, certificateProblem, unable } = evidence;
  const errors = samples.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (samples.length === 0)
    return unable === undefined
      ? inconclusive('no-ipv6-route', 'no request could be made from this vantage')
      : { verdict: 'inconclusive', fault: unable };
  const answered = samples.filter(isAnswered);
  if (answered.length === 0) {
    const codes = listed(errors.map(({ code }) => code));
    if (errors.every(({ code }) => noRouteCodes.has(code)))
      return inconclusive('no-ipv6-route', `this vantage has no IPv6 route (${codes})`);
    if (declared !== undefined && !['Running', 'Configuring', ''].includes(declared.listenerStatus))
      return fault('listener-stopped', `the listener is ${declared.listenerStatus} (connections: ${codes})`);
    if (errors.every(({ phase }) => phase === 'tls')) return fault('tls', `no TLS connection comes about (${codes})`);
    // Connected, and then no proper answer: what is behind the front does not work.
    if (errors.every(({ phase }) => phase === 'answer')) return failing(samples, asked, declared);
    if (errors.some(({ code }) => code === 'ECONNREFUSED'))
      return fault('front-refused', `connections to the load balancer are refused (${codes})`);
    return fault('front-timeout', `the load balancer does not answer (${codes})`);
  }
  const dead = deadAddress(samples);
  if (dead !== undefined)
    return fault(
      'address-unreached',
      `address ${dead.address} does not answer (${dead.codes}) while others do`,
      dead.address,
    );
  if (certificateDaysLeft !== undefined && certificateDaysLeft < 0)
    return fault('tls', `the certificate ended ${Math.ceil(-certificateDaysLeft)} days ago`);
  if (certificateProblem !== undefined) return fault('tls', `clients refuse the certificate: ${certificateProblem}`);
  return undefined;
}

function judgeBackends(evidence: Evidence): Judgement | undefined {
  const { samples, asked, declared, backends, strangers = [] } = evidence;
  const answered = samples.filter(isAnswered);
  const bad = answered.filter((sample) => !isWell(asked, sample));
  const names = new Set(strangers.map(({ name }) => name));
  const isByStranger = ({ backend }: Sample): boolean => backend !== undefined && names.has(backend);
  const weighing = backends.filter(({ weight }) => weight > 0);
  const unhealthy = declared?.unhealthy ?? [];
  const toldUnhealthy = unhealthy.map(
    ({ backend, status, reason }) => `${backend} ${status}${reason === '' ? '' : ` (${reason})`}`,
  );
  const areAllUnhealthy =
    weighing.length > 0 && weighing.every(({ name }) => unhealthy.some(({ backend }) => backend === name));
  if (areAllUnhealthy && bad.length < answered.length)
    return fault(
      'all-unhealthy-forwarding',
      `the load balancer declares every server unhealthy and forwards all the same: ${toldUnhealthy.join(', ')}`,
    );
  const [sick] = unhealthy;
  if (sick !== undefined) {
    const seen = evidence.areBackendsNamed
      ? `; it answered ${answered.filter(({ backend }) => backend === sick.backend).length} of ${answered.length} requests`
      : '';
    return areAllUnhealthy && weighing.length > 1
      ? fault(
          'declared-unhealthy',
          `the load balancer declares every server unhealthy: ${toldUnhealthy.join(', ')}; requests are answered ${toldUnwell(asked, listed(bad.map(toldAnswer)))}`,
        )
      : fault('declared-unhealthy', `the load balancer declares ${toldUnhealthy.join(', ')}${seen}`, sick.backend);
  }
  // What strangers answer says nothing of the backends, well or not.
  if (!bad.every(isByStranger) || answered.length < samples.length) return failing(samples, asked, declared);
  if (strangers.length > 0 && answered.every(isByStranger)) return strangersAnswer(strangers, answered.length);
  return (
    silentBackend(evidence, weighing, answered) ??
    (strangers.length > 0 ? strangersAnswer(strangers, answered.length) : undefined)
  );
}

/** Somebody else stands behind the front, or between it and us. */
function strangersAnswer(strangers: NonNullable<Observation['strangers']>, answered: number): Judgement {
  const [first, second] = strangers;
  return fault('stranger-answers', strangersTold(strangers, answered), second === undefined ? first?.name : undefined);
}

/** In quotes: these are the words of whoever answered. */
export const strangersTold = (strangers: NonNullable<Observation['strangers']>, answered: number): string =>
  `${strangers
    .slice(0, mostStrangers)
    .map(({ name, seen }) => `${JSON.stringify(name)} (${seen})`)
    .join(', ')} gave answers, of ${answered} in all, and no backend has such a name`;

/** Requests that fail, although the front is there: by their answers, or beside health checks that pass. */
function failing(samples: Sample[], asked: Asked, declared: Declared | undefined): Judgement {
  const bad = samples.filter((sample) => isAnswered(sample) && !isWell(asked, sample));
  const broken = samples.filter((sample) => !isAnswered(sample));
  const what = [
    ...(bad.length === 0
      ? []
      : [
          `${bad.length} of ${samples.length} requests were answered ${toldUnwell(asked, listed(bad.map(toldAnswer)))}`,
        ]),
    ...(broken.length === 0
      ? []
      : [`${broken.length} of ${samples.length} requests failed (${listed(broken.map(({ error }) => error?.code))})`]),
  ].join(', ');
  const culprits = new Set(bad.map(({ backend }) => backend));
  const [culprit] = culprits;
  const subject = culprits.size === 1 && broken.length === 0 ? culprit : undefined;
  const isDeclaredHealthy = declared !== undefined && declared.unhealthy.length === 0 && declared.available.length > 0;
  if (isDeclaredHealthy) return fault('healthy-but-failing', `${what}, though every health check passes`, subject);
  return fault('wrong-status', what, subject);
}

function silentBackend(
  { areBackendsNamed, isOneServerPerClient, before, declared }: Evidence,
  weighing: { name: string; weight: number }[],
  answered: Sample[],
): Judgement | undefined {
  if (!areBackendsNamed || isOneServerPerClient || weighing.length < 2) return undefined;
  const sum = weighing.reduce((total, { weight }) => total + weight, 0);
  for (const { name, weight } of weighing) {
    if (answered.some(({ backend }) => backend === name)) continue;
    // Where one probe is too short for the weight, those since the backend's last answer count too.
    const earlier = answeredWithout(name, before);
    const missed = (1 - weight / sum) ** (answered.length + earlier);
    if (missed > missedAtMost) continue;
    const declaredSo = declared?.available.includes(name) === true ? ', though its health check passes' : '';
    const over = earlier === 0 ? '' : ` and none of ${earlier} before`;
    return fault('backend-silent', `${name} answered none of ${answered.length} requests${over}${declaredSo}`, name);
  }
  return undefined;
}

/** An address none of whose requests was answered, while those of others were. */
function deadAddress(samples: Sample[]): { address: string; codes: string } | undefined {
  for (const address of new Set(samples.map((sample) => sample.address))) {
    const own = samples.filter((sample) => sample.address === address);
    if (own.every((sample) => sample.remoteAddress === undefined || sample.error?.phase === 'tls'))
      return { address, codes: listed(own.map(({ error }) => error?.code)) };
  }
  return undefined;
}

const listed = (values: (string | number | undefined)[]): string =>
  [...new Set(values.filter((value) => value !== undefined))].slice(0, 5).join(', ');
