import { type Dial, dialIpv4 } from '../net/dial.ts';
import { noRouteCodes } from '../net/no-route.ts';
import { DnsError, type Resolver } from '../net/resolver.ts';
import { refusedIpv4Block } from '../net/special-blocks.ts';
import type { Ipv4FaultKind, Ipv4Observation, NameFacts, Sample } from './observation.ts';
import { requestTarget, type RequestLimits } from './request-target.ts';
import { resolveIpv4 } from './resolve-name.ts';
import type { Identification, Ipv4Off, Ipv4Side, ProbeTarget } from './target.ts';
import { leadsTo } from './verdict.ts';
import { type Asked, isWell, toldAnswer, toldUnwell } from './well.ts';

interface Parts {
  dial: Dial;
  resolver: Resolver;
  limits?: RequestLimits;
}

/**
 * Asks what IPv4 clients meet: one question for the name's A records, and one request to each of its addresses, however many the
 * weights want over IPv6. Which server answers is the same balancing for both families, so here the way to it counts alone.
 *
 * @returns always; undefined where nothing is known of the IPv4 side. Nothing of it may keep the IPv6 side from being seen.
 */
export async function askIpv4(parts: Parts, target: ProbeTarget): Promise<Ipv4Observation | undefined> {
  const { ipv4 } = target;
  if (ipv4 === undefined) return undefined;
  if ('off' in ipv4) return off(ipv4);
  try {
    const found = await addressesOf(parts.resolver, target, ipv4);
    if (!Array.isArray(found)) return found;
    const asked = { ...target, host: hostFor(target, found) };
    return judgeIpv4(asked, await requestsOver(parts, asked, found), found);
  } catch (error) {
    return seen('inconclusive', error instanceof DnsError ? 'name-unresolved' : 'not-asked', messageOf(error));
  }
}

const off = ({ off: evidence }: Ipv4Off): Ipv4Observation => ({ verdict: 'off', evidence, addresses: [], samples: [] });

const seen = (verdict: 'fault' | 'inconclusive', kind: Ipv4FaultKind, evidence: string): Ipv4Observation => ({
  verdict,
  kind,
  evidence,
  addresses: [],
  samples: [],
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A load balancer without a name is asked for by the address that is asked. */
const hostFor = ({ domainName, isHostGiven = false, host }: ProbeTarget, [first = host]: string[]): string =>
  domainName === undefined && !isHostGiven ? first : host;

/** Sends one request to each address. */
export async function requestsOver(
  { dial, limits }: Pick<Parts, 'dial' | 'limits'>,
  target: Asked & { identification: Identification },
  addresses: string[],
): Promise<Sample[]> {
  const { samples } = await requestTarget(
    dialIpv4(dial),
    { ...target, family: 4 },
    addresses,
    addresses.length,
    limits,
  );
  return samples;
}

/** Addresses to ask; or why there are none. */
async function addressesOf(
  resolver: Resolver,
  { domainName, expected }: ProbeTarget,
  { addresses, outOfService, isOptional = false }: Ipv4Side,
): Promise<string[] | Ipv4Observation> {
  const inService = (all: string[]): string[] => {
    const left = all.filter((address) => !outOfService.includes(address));
    return left.length > 0 ? left : all;
  };
  if (domainName === undefined) return inService(addresses);
  const name = await resolveIpv4(resolver, domainName);
  const fault = nameFault(name, expected.cname, addresses);
  if (fault === undefined) return inService(name.ipv4Addresses);
  // Somebody else holds the name: that it leads IPv6 clients here says nothing of where IPv4 clients belong.
  const isOurs = leadsTo(name.cnames, expected.cname);
  return isOptional && !isOurs ? off({ off: `the name is none for IPv4 clients: ${fault.evidence}` }) : fault;
}

function nameFault(
  { code, cnames, ipv4Addresses }: Pick<NameFacts, 'code' | 'cnames' | 'ipv4Addresses'>,
  cname: string,
  addresses: string[],
): Ipv4Observation | undefined {
  if (code !== 'NOERROR') return seen('fault', 'name-unresolved', `the name does not resolve: ${code}`);
  const isLedHere = leadsTo(cnames, cname);
  if (cnames.length > 0 && cname !== '' && !isLedHere)
    return seen('fault', 'cname-elsewhere', `the name is a CNAME to ${cnames.join(' to ')}, not to ${cname}`);
  const stray = ipv4Addresses.find((address) => !isLedHere && !addresses.includes(address));
  if (stray !== undefined)
    return seen('fault', 'cname-elsewhere', `the name leads IPv4 clients to ${stray}, which is not the load balancer`);
  const refused = ipv4Addresses.find((address) => refusedIpv4Block(address) !== undefined);
  if (refused !== undefined)
    return seen(
      'fault',
      'address-refused',
      `the name leads to ${refused}, which is no public address of a load balancer: ${refusedIpv4Block(refused)}; it is not asked`,
    );
  return ipv4Addresses.length > 0 ? undefined : seen('fault', 'no-a', 'the name has no IPv4 address');
}

/** Judges what the requests show: by address, and in all. Pure. */
export function judgeIpv4(asked: Asked, samples: Sample[], addresses: string[]): Ipv4Observation {
  const made = addresses.map((address) => madeOf(address, samples));
  const found = (
    verdict: Ipv4Observation['verdict'],
    kind: Ipv4FaultKind | undefined,
    evidence: string,
  ): Ipv4Observation => ({
    verdict,
    ...(kind === undefined ? {} : { kind }),
    evidence,
    addresses: made,
    samples,
  });
  const codes = [...new Set(samples.flatMap(({ error }) => error?.code ?? []))].join(', ');
  if (samples.length === 0) return found('inconclusive', 'not-asked', 'no request could be made over IPv4 in time');
  if (samples.every(({ error }) => error !== undefined && noRouteCodes.has(error.code)))
    return found('inconclusive', 'no-ipv4-route', `this vantage has no IPv4 route (${codes})`);
  // What there was no time to ask is no fault.
  const tried = made.filter(({ address }) => samples.some((sample) => sample.address === address));
  const told = tried.flatMap(({ address, isReached, reason }) => (isReached ? [] : [`${address} (${reason})`]));
  if (told.length === tried.length)
    return found('fault', 'front-unreached', `the load balancer does not answer over IPv4 at ${told.join(', ')}`);
  if (told.length > 0)
    return found('fault', 'address-unreached', `no answer over IPv4 at ${told.join(', ')} while others answer`);
  const bad = samples.filter((sample) => !isWell(asked, sample));
  const unwell = `${bad.length} of ${samples.length} requests over IPv4 were answered ${toldUnwell(asked, [...new Set(bad.map(toldAnswer))].join(', '))}`;
  // A part of so few is a server's, which the IPv6 side finds: the way to the servers is sound.
  if (bad.length === samples.length) return found('fault', 'wrong-status', unwell);
  return found('ok', undefined, bad.length > 0 ? unwell : `answered over IPv4 at ${addresses.join(', ')}`);
}

function madeOf(address: string, samples: Sample[]): Ipv4Observation['addresses'][number] {
  const own = samples.filter((sample) => sample.address === address);
  if (own.some(({ error }) => error === undefined)) return { address, isReached: true };
  return { address, isReached: false, reason: own[0]?.error?.code ?? 'not tried' };
}
