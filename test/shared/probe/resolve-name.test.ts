import { describe, expect, it } from 'vitest';
import type { Answer } from 'dns-packet';
import { DnsError, type DnsAnswer, type Resolver } from '../../../shared/net/resolver.ts';
import { isTrueIpv6 } from '../../../shared/probe/ipv6-only.ts';
import { resolveName } from '../../../shared/probe/resolve-name.ts';

const answer = (answers: object[], code = 'NOERROR'): DnsAnswer => ({
  code,
  answers: answers as Answer[],
  authorities: [],
});
const resolver = (byType: Partial<Record<string, DnsAnswer | DnsError>>): Resolver => ({
  resolve: (_name, type) => {
    const found = byType[type] ?? answer([]);
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  },
  ask: () => Promise.reject(new Error('nobody asks')),
});
const aaaa = (data: string) => ({ type: 'AAAA', name: 'www.example.com', data });

describe('a name', () => {
  it('gives its CNAMEs and IPv6 addresses in one spelling', async () => {
    const facts = await resolveName(
      resolver({
        AAAA: answer([{ type: 'CNAME', name: 'www.example.com', data: 'alb.example.' }, aaaa('2408:0:0::1')]),
      }),
      'www.example.com',
    );
    expect(facts).toMatchObject({
      code: 'NOERROR',
      cnames: ['alb.example'],
      ipv6Addresses: ['2408::1'],
      ipv4Addresses: [],
    });
  });

  it('that has A only has no IPv6 address', async () => {
    const facts = await resolveName(
      resolver({ A: answer([{ type: 'A', name: 'www.example.com', data: '203.0.113.4' }]) }),
      'www.example.com',
    );
    expect(facts).toMatchObject({ ipv6Addresses: [], ipv4Addresses: ['203.0.113.4'] });
  });

  it('whose AAAA is IPv4-mapped or made by DNS64 has no IPv6 address', async () => {
    const facts = await resolveName(
      resolver({ AAAA: answer([aaaa('::ffff:203.0.113.4'), aaaa('64:ff9b::cb00:7104')]) }),
      'www.example.com',
    );
    expect(facts.ipv6Addresses).toEqual([]);
    expect(facts.ipv4Addresses).toEqual(['::ffff:203.0.113.4', '64:ff9b::cb00:7104']);
  });

  it('has what its own chain leads to, and nothing else that an answer holds', async () => {
    const cname = (owner: string, data: string) => ({ type: 'CNAME', name: owner, data });
    const at = (owner: string, data: string) => ({ ...aaaa(data), name: owner });
    const facts = await resolveName(
      resolver({
        AAAA: answer([
          at('alb.example', '2408::1'),
          at('other.example', '2408::9'),
          cname('other.example', 'alb-x.example'),
          cname('edge.example.', 'ALB.example.'),
          cname('WWW.example.com', 'edge.example.'),
          // A circle ends.
          cname('alb.example', 'www.example.com'),
        ]),
      }),
      'www.example.com',
    );
    expect(facts.cnames).toEqual(['edge.example', 'ALB.example']);
    expect(facts.ipv6Addresses).toEqual(['2408::1']);
  });

  it('has no more addresses than a load balancer could', async () => {
    const many = Array.from({ length: 500 }, (_, index) => aaaa(`2408::${index + 1}`));
    const facts = await resolveName(resolver({ AAAA: answer(many) }), 'www.example.com');
    expect(facts.ipv6Addresses).toHaveLength(20);
  });

  it('that is not there says so', async () => {
    expect(await resolveName(resolver({ AAAA: answer([], 'NXDOMAIN') }), 'x.example')).toMatchObject({
      code: 'NXDOMAIN',
    });
  });

  it('that the resolver cannot find out is told apart from a resolver that does not answer', async () => {
    const facts = async (error: DnsError) => (await resolveName(resolver({ AAAA: error }), 'x.example')).code;
    expect(await facts(new DnsError('broken', { code: 'SERVFAIL' }))).toBe('SERVFAIL');
    expect(await facts(new DnsError('refused', { code: 'REFUSED' }))).toBe('NOANSWER');
    expect(await facts(new DnsError('silent'))).toBe('NOANSWER');
  });
});

it.each([
  ['2408:4005::1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', false],
  ['::ffff:7f00:1', false],
  ['64:ff9b::1', false],
  ['::7f00:1', false],
  ['127.0.0.1', false],
  ['www.example.com', false],
])('%s is IPv6 all the way: %s', (address, is) => {
  expect(isTrueIpv6(address)).toBe(is);
});
