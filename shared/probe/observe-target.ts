import { type Dial, dialWithin } from '../net/dial.ts';
import type { Resolver } from '../net/resolver.ts';
import { refusedBlock } from '../net/special-blocks.ts';
import { askIpv4 } from './ask-ipv4.ts';
import { makeObservation } from './make-observation.ts';
import type { Declared, NameFacts, Observation } from './observation.ts';
import { type RequestHooks, type RequestLimits, requestTarget } from './request-target.ts';
import { resolveName } from './resolve-name.ts';
import { sampleSize } from './sample-size.ts';
import type { TickShares } from './shares.ts';
import type { ProbeTarget } from './target.ts';
import { leadsTo } from './verdict.ts';

/** Requests to each address at least, however few the weights ask for. */
const leastPerAddress = 2;

/** What the name says now; of a target without a name, the load balancer's own addresses. */
export const nameFactsOf = async (resolver: Resolver, target: ProbeTarget): Promise<NameFacts> =>
  target.domainName === undefined
    ? { code: 'NOERROR', cnames: [], ipv6Addresses: target.expected.addresses, ipv4Addresses: [], dnsMs: 0 }
    : await resolveName(resolver, target.domainName);

/** Requests for this many addresses: what the weights ask for, spread over them. */
export const countFor = (target: ProbeTarget, addresses: number): number =>
  Math.max(
    sampleSize(
      target.backends.map(({ weight }) => weight),
      target.mostRequests,
    ).count,
    leastPerAddress * addresses,
  );

/**
 * Addresses of the name that are the load balancer's, without those of zones out of service, which caches may still hold,
 * unless the name leads to no others. A private IPv6 side may have none in public DNS: where the name leads to the load
 * balancer, they are those that it has. None that no load balancer of that scope can have, whatever DNS says.
 */
export function ownAddresses(name: NameFacts, target: ProbeTarget): string[] {
  const own = leadingHere(name, target).filter((address) => refusedBlock(address, target.scope) === undefined);
  const { outOfService = [] } = target.expected;
  const inService = own.filter((address) => !outOfService.includes(address));
  return inService.length > 0 ? inService : own;
}

function leadingHere(name: NameFacts, { expected, scope }: ProbeTarget): string[] {
  const isLedHere = leadsTo(name.cnames, expected.cname);
  if (scope === 'vpc' && isLedHere && name.ipv6Addresses.length === 0) return expected.addresses;
  return expected.addresses.length === 0 || isLedHere
    ? name.ipv6Addresses
    : name.ipv6Addresses.filter((address) => expected.addresses.includes(address));
}

/** Probes a target from here: over IPv6, and beside that, for a series of its own, over IPv4. */
export async function observeTarget(
  parts: {
    dial: Dial;
    resolver: Resolver;
    limits?: RequestLimits;
    /** Called with each answer over IPv6. */
    onAnswer?: RequestHooks['onAnswer'];
  },
  target: ProbeTarget,
  known: {
    /** Read meanwhile. */
    declared: Promise<Declared | undefined>;
    ticks: TickShares[];
    nowMs: number;
  },
): Promise<{ observation: Observation; tick: TickShares }> {
  const { dial, resolver, limits, onAnswer } = parts;
  const overIpv4 = askIpv4(parts, target);
  const name = await nameFactsOf(resolver, target);
  // A name that leads elsewhere is not followed there: what it names need not be the load balancer's.
  const own = ownAddresses(name, target);
  const { samples, certificate } =
    own.length === 0 || target.scope === 'vpc'
      ? { samples: [] }
      : await requestTarget(
          dialWithin(dial, target.scope),
          target,
          own,
          countFor(target, own.length),
          limits,
          onAnswer === undefined ? {} : { onAnswer },
        );
  for (const sample of samples) sample.phases.dnsMs = name.dnsMs;
  return makeObservation(
    target,
    {
      vantage: 'function',
      scope: 'internet',
      name,
      samples,
      certificate,
      ipv4: await overIpv4,
      declared: await known.declared,
      ticks: known.ticks,
    },
    known.nowMs,
  );
}
