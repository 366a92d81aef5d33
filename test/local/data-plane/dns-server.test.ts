import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { type DecodedPacket, streamDecode, streamEncode } from 'dns-packet';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DnsState, type RecordInput } from '../../../local/alidns/state.ts';
import { DnsServer } from '../../../local/data-plane/dns-server.ts';
import { type OwnName, Zones } from '../../../local/data-plane/zones.ts';
import { testContext } from '../../support/cloud-context.ts';

const albName = 'alb-1.cn-shanghai.alb.aliyuncsslb.com';

async function start(delegatedTo?: string[]) {
  const context = testContext();
  const dns = new DnsState(context);
  const domain = dns.addDomain('example.com', delegatedTo === undefined ? {} : { delegatedTo });
  const ownNames = new Map<string, OwnName>([[albName, { a: ['47.100.1.1'], aaaa: ['2408:4002:1000::1'] }]]);
  const server = new DnsServer(new Zones(dns, (name) => ownNames.get(name)));
  await server.listen();
  onTestFinished(() => server.close());
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
  const add = (rr: string, type: string, value: string, more: Partial<RecordInput> = {}) => {
    const record = dns.addRecord(domain, { rr, type, value, line: 'default', ttl: 600, ...more });
    context.clock.advance(1000);
    return record;
  };
  return { context, dns, domain, ownNames, server, resolver, add };
}

/** One query over TCP, whole answer. */
async function ask(
  port: number,
  name: string,
  type: 'A' | 'AAAA' | 'CNAME' | 'NS' | 'SOA' | 'TXT',
): Promise<DecodedPacket> {
  const query = streamEncode({ type: 'query', id: 7, flags: 256, questions: [{ name, type }] });
  return await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(query));
    const chunks: Buffer[] = [];
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) return;
      socket.destroy();
      // The type of streamDecode leaves the flags out that it does return.
      resolve(streamDecode(all) as DecodedPacket);
    });
  });
}

describe('resolver', () => {
  it('follows a CNAME to the addresses of the load balancer', async () => {
    const { resolver, add } = await start();
    add('@', 'CNAME', albName);
    expect(await resolver.resolve6('example.com')).toEqual(['2408:4002:1000::1']);
    expect(await resolver.resolve4('example.com')).toEqual(['47.100.1.1']);
  });

  it('follows a chain of CNAMEs across zones', async () => {
    const { resolver, add, dns, context } = await start();
    add('www', 'CNAME', 'edge.example.net');
    dns.addRecord(dns.addDomain('example.net'), {
      rr: 'edge',
      type: 'CNAME',
      value: albName,
      line: 'default',
      ttl: 600,
    });
    context.clock.advance(1000);
    expect(await resolver.resolve6('www.example.com')).toEqual(['2408:4002:1000::1']);
  });

  it('fails on a loop of CNAMEs', async () => {
    const { resolver, add } = await start();
    add('a', 'CNAME', 'b.example.com');
    add('b', 'CNAME', 'a.example.com');
    await expect(resolver.resolve6('a.example.com')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  });

  it('has no AAAA for a load balancer whose IPv6 side is not in the Internet', async () => {
    const { resolver, add, ownNames } = await start();
    add('www', 'CNAME', albName);
    ownNames.set(albName, { a: ['47.100.1.1'], aaaa: [] });
    // Node's resolver answers an empty list, rather than ENODATA, when only the CNAME comes back.
    expect(await resolver.resolve6('www.example.com')).toEqual([]);
  });

  it('P-086: answers several CNAMEs at one name in turn', async () => {
    const { resolver, add } = await start();
    add('www', 'CNAME', 'one.example.net');
    add('www', 'CNAME', 'two.example.net');
    const seen = [];
    for (let index = 0; index < 4; index += 1) seen.push(...(await resolver.resolveCname('www.example.com')));
    expect(seen).toEqual(['one.example.net', 'two.example.net', 'one.example.net', 'two.example.net']);
  });

  it('tells a name that does not exist from one without this type', async () => {
    const { resolver, add } = await start();
    add('www', 'TXT', 'text');
    await expect(resolver.resolve6('www.example.com')).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(resolver.resolve6('none.example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('states in the SOA how long absence may be remembered', async () => {
    const { server } = await start();
    const { authorities } = await ask(server.port, 'none.example.com', 'A');
    expect(authorities).toEqual([
      expect.objectContaining({
        type: 'SOA',
        name: 'example.com',
        ttl: 600,
        data: expect.objectContaining({ minimum: 600 }) as object,
      }),
    ]);
  });

  it('answers SOA, MX, TXT and wildcards', async () => {
    const { resolver, add } = await start();
    add('@', 'MX', 'mx.example.net', { priority: 5 });
    add('@', 'TXT', 'x'.repeat(300));
    add('*', 'A', '192.0.2.9');
    expect((await resolver.resolveSoa('example.com')).minttl).toBe(600);
    expect(await resolver.resolveMx('example.com')).toEqual([{ exchange: 'mx.example.net', priority: 5 }]);
    expect((await resolver.resolveTxt('example.com')).flat().join('')).toHaveLength(300);
    expect(await resolver.resolve4('anything.example.com')).toEqual(['192.0.2.9']);
  });

  it('P-092: answers NS from the parent zone, with addresses for their names', async () => {
    const { resolver } = await start(['ns1.elsewhere.net', 'dns25.hichina.com']);
    expect(await resolver.resolveNs('example.com')).toEqual(['ns1.elsewhere.net', 'dns25.hichina.com']);
    expect(await resolver.resolve4('dns25.hichina.com')).toEqual(['140.205.1.25']);
    expect((await resolver.resolve4('ns1.elsewhere.net'))[0]).toMatch(/^203\.0\.113\.\d+$/);
  });

  it('finds nothing in a domain that is delegated elsewhere', async () => {
    const { resolver, add } = await start(['ns1.elsewhere.net']);
    add('www', 'A', '192.0.2.1');
    await expect(resolver.resolve4('www.example.com')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  });

  it('ignores records of other lines', async () => {
    const { resolver, add } = await start();
    add('www', 'A', '192.0.2.1', { line: 'oversea' });
    await expect(resolver.resolve4('www.example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('does not answer a record before it is visible', async () => {
    const { resolver, dns, domain, context } = await start();
    dns.addRecord(domain, { rr: 'www', type: 'A', value: '192.0.2.1', line: 'default', ttl: 600 });
    await expect(resolver.resolve4('www.example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    context.clock.advance(1000);
    expect(await resolver.resolve4('www.example.com')).toEqual(['192.0.2.1']);
  });

  it('serves large answers over TCP after a truncated one', async () => {
    const { resolver, add } = await start();
    for (let index = 0; index < 20; index += 1) add('big', 'TXT', `${index} ${'y'.repeat(120)}`);
    expect(await resolver.resolveTxt('big.example.com')).toHaveLength(20);
  });
});

describe('name server', () => {
  it('gives a CNAME without following it', async () => {
    const { server, add } = await start();
    add('www', 'CNAME', albName);
    const answer = await ask(server.authoritativePort, 'www.example.com', 'AAAA');
    expect(answer.answers?.map(({ type }) => type)).toEqual(['CNAME']);
    expect(answer).toMatchObject({ flag_aa: true, flag_ra: false });
  });

  it('answers a domain that the parent does not delegate to it', async () => {
    const { server, add } = await start(['ns1.elsewhere.net']);
    add('www', 'A', '192.0.2.1');
    const answer = await ask(server.authoritativePort, 'www.example.com', 'A');
    expect(answer.answers).toMatchObject([{ type: 'A', data: '192.0.2.1' }]);
  });

  it('refuses zones of others', async () => {
    const { server } = await start();
    expect(await ask(server.authoritativePort, 'www.example.org', 'A')).toMatchObject({ rcode: 'REFUSED' });
  });
});
