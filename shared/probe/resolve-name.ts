import { followed, mostOfEach } from '../net/follow-chain.ts';
import { DnsError, dataOf, type DnsAnswer, type Resolver } from '../net/resolver.ts';
import { toldName } from '../domain-name.ts';
import { normalAddress } from '../net/cidr.ts';
import { isTrueIpv6 } from './ipv6-only.ts';
import type { NameFacts } from './observation.ts';

/**
 * Asks for AAAA, and for A only to say what there is instead. An AAAA answer that is IPv4 in disguise (mapped, or made up by
 * DNS64) counts among the IPv4 addresses.
 */
export async function resolveName(resolver: Resolver, name: string): Promise<NameFacts> {
  const startMs = performance.now();
  const facts = {
    code: 'NOERROR',
    cnames: [] as string[],
    ipv6Addresses: [] as string[],
    ipv4Addresses: [] as string[],
  };
  const done = (): NameFacts => ({ ...facts, dnsMs: Math.round((performance.now() - startMs) * 1000) / 1000 });
  let answer: DnsAnswer;
  try {
    answer = await resolver.resolve(name, 'AAAA');
  } catch (error) {
    if (!(error instanceof DnsError)) throw error;
    // A resolver that refuses says nothing of the name; one that cannot find out says that the name is broken.
    facts.code = error.code === 'SERVFAIL' ? 'SERVFAIL' : 'NOANSWER';
    return done();
  }
  facts.code = answer.code;
  const { cnames, answers } = followed(answer, name);
  facts.cnames = cnames.map(toldName);
  const addresses = [...new Set(dataOf({ ...answer, answers }, 'AAAA').map(normalAddress))].slice(0, mostOfEach);
  facts.ipv6Addresses = addresses.filter(isTrueIpv6);
  facts.ipv4Addresses = addresses.filter((address) => !isTrueIpv6(address));
  if (facts.ipv6Addresses.length > 0 || answer.code !== 'NOERROR') return done();
  const timed = done();
  try {
    const other = await resolver.resolve(name, 'A');
    const { answers: ofName } = followed(other, name);
    facts.ipv4Addresses.push(...dataOf({ ...other, answers: ofName }, 'A').slice(0, mostOfEach));
  } catch (error) {
    if (!(error instanceof DnsError)) throw error;
  }
  return { ...timed, ipv4Addresses: facts.ipv4Addresses };
}

/** Asks for A alone. @throws DnsError when no server answers. */
export async function resolveIpv4(
  resolver: Resolver,
  name: string,
): Promise<Pick<NameFacts, 'code' | 'cnames' | 'ipv4Addresses'>> {
  const answer = await resolver.resolve(name, 'A');
  const { cnames, answers } = followed(answer, name);
  const addresses = new Set(dataOf({ ...answer, answers }, 'A'));
  return { code: answer.code, cnames: cnames.map(toldName), ipv4Addresses: [...addresses].slice(0, mostOfEach) };
}
