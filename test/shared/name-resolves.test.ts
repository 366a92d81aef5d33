import type { Answer } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { Budget, OutOfTimeError } from '../../shared/budget.ts';
import { toldName, toldNames } from '../../shared/domain-name.ts';
import { nameResolves } from '../../shared/name-resolves.ts';
import { DnsError, type DnsAnswer, type DnsServer, type Resolver } from '../../shared/net/resolver.ts';

const own = 'alb-1.cn-shanghai.alb.aliyuncsslb.com';
const address = '2408:4002:1000::1';
const answer = (...answers: object[]): DnsAnswer => ({
  code: 'NOERROR',
  answers: answers as Answer[],
  authorities: [],
});
const record = (type: string, name: string, data: string) => ({ type, name, data });

interface World {
  /** What is answered, by name and type. */
  resolve: Record<string, DnsAnswer>;
  ask?: (server: DnsServer) => DnsAnswer | Error;
}
const good: World['resolve'] = {
  'example.com NS': answer(
    record('NS', 'example.com', 'ns1.example.net'),
    record('NS', 'example.com', 'ns2.example.net'),
  ),
  'ns1.example.net A': answer(record('A', 'ns1.example.net', '140.205.1.1')),
  'ns2.example.net A': answer(record('A', 'ns2.example.net', '140.205.1.2')),
  'www.example.com AAAA': answer(record('CNAME', 'www.example.com', own), record('AAAA', own, address)),
};
const cname = () => answer(record('CNAME', 'www.example.com', own));

async function resolutionOf({ resolve, ask = cname }: World, budget = Budget.unlimited()) {
  const asked: string[] = [];
  const resolver: Resolver = {
    resolve: (name, type) => Promise.resolve(resolve[`${name} ${type}`] ?? answer()),
    async ask(server) {
      asked.push(server.address);
      const found = ask(server);
      if (found instanceof Error) throw found;
      return await Promise.resolve(found);
    },
  };
  const { condition } = await nameResolves({
    spec: { dns: { domain: 'example.com', rr: 'www' } },
    outputs: {
      'load-balancer': { dnsName: own },
      'ipv6-internet': { ipv6AddressType: 'Internet', zones: [{ ipv6Address: address }] },
      dns: {},
    },
    resolver,
    budget,
  } as never);
  return { ...condition, asked };
}

describe('a name', () => {
  it('leads here by its own chain', async () => {
    expect(await resolutionOf({ resolve: good })).toMatchObject({
      status: 'True',
      asked: ['140.205.1.1', '140.205.1.2'],
    });
  });

  it('is judged by records of its own chain alone', async () => {
    const resolve = {
      ...good,
      'www.example.com AAAA': answer(
        record('AAAA', 'somebody-else.example', '2600::1'),
        record('CNAME', 'www.example.com', own),
        record('AAAA', own, address),
      ),
    };
    expect(await resolutionOf({ resolve })).toMatchObject({
      status: 'True',
      message: `www.example.com leads to ${address}`,
    });
    const beside = { ...good, 'www.example.com AAAA': answer(record('AAAA', 'somebody-else.example', address)) };
    expect(await resolutionOf({ resolve: beside })).toMatchObject({ status: 'False', reason: 'no-aaaa' });
    const ask = () => answer(record('CNAME', 'somebody-else.example', own));
    expect(await resolutionOf({ resolve: good, ask })).toMatchObject({ status: 'False', reason: 'no-cname' });
  });

  it('has its name servers by records of its own domain alone', async () => {
    const resolve = { ...good, 'example.com NS': answer(record('NS', 'other.example', 'ns1.example.net')) };
    expect(await resolutionOf({ resolve })).toMatchObject({ status: 'False', reason: 'no-dns', asked: [] });
  });

  it('is asked of thirteen name servers at most, however many are named', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `ns${index}.example.net`);
    const resolve: World['resolve'] = {
      ...good,
      'example.com NS': answer(...names.map((name) => record('NS', 'example.com', name))),
    };
    for (const name of names) resolve[`${name} A`] = answer(record('A', name, '140.205.1.1'));
    expect((await resolutionOf({ resolve })).asked).toHaveLength(13);
  });

  it('is judged by the first server that says no, though a later one says nothing', async () => {
    const ask = ({ address: server }: DnsServer) => (server.endsWith('.1') ? answer() : new DnsError('silent'));
    expect(await resolutionOf({ resolve: good, ask })).toMatchObject({ reason: 'no-cname' });
    const other = ({ address: server }: DnsServer) => (server.endsWith('.2') ? answer() : new DnsError('silent'));
    expect(await resolutionOf({ resolve: good, ask: other })).toMatchObject({ reason: 'no-dns', message: 'silent' });
  });

  it('is not judged where no time was left', async () => {
    const ask = () => new OutOfTimeError('name server: no time is left');
    await expect(resolutionOf({ resolve: good, ask })).rejects.toBeInstanceOf(OutOfTimeError);
    await expect(resolutionOf({ resolve: good }, new Budget(0))).rejects.toBeInstanceOf(OutOfTimeError);
  });

  it('that leads elsewhere is told by a few of the names, which are marked where no host can have them', async () => {
    const values = [
      'cdn.example.net',
      'x\n<at id=all>\u202e',
      ...Array.from({ length: 40 }, (_, n) => `n${n}.example`),
    ];
    const ask = () => answer(...values.map((value) => record('CNAME', 'www.example.com', value)));
    expect((await resolutionOf({ resolve: good, ask })).message).toBe(
      `www.example.com is a CNAME to cdn.example.net, "x <at id=all>", n0.example, n1.example, n2.example and 37 more, not to ${own}`,
    );
  });
});

describe('a name of an answer', () => {
  it.each([
    ['www.Example.com', 'www.Example.com'],
    ['_acme.example.com', '_acme.example.com'],
    ['a b.example', '"a b.example"'],
    ['a"b', '"a\'b"'],
    [`${'a'.repeat(300)}.example`, `"${'a'.repeat(97)}…"`],
  ])('%j is told as %s', (name, expected) => {
    expect(toldName(name)).toBe(expected);
  });

  it('may be an address', () => {
    expect(toldNames(['2408::1', '10.0.0.1'])).toBe('2408::1, 10.0.0.1');
  });
});
