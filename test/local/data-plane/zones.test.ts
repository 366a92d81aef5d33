import { describe, expect, it } from 'vitest';
import { streamDecode, streamEncode } from 'dns-packet';
import { connect } from 'node:net';
import { DnsState, type Domain, type RecordInput } from '../../../local/alidns/state.ts';
import { DnsServer } from '../../../local/data-plane/dns-server.ts';
import { Zones } from '../../../local/data-plane/zones.ts';
import { testContext } from '../../support/cloud-context.ts';

function start(options: Partial<Domain> = {}) {
  const context = testContext();
  const dns = new DnsState(context);
  dns.addDomain('example.com', options);
  const zones = new Zones(dns, () => undefined);
  const add = (rr: string, type: string, value: string, more: Partial<RecordInput> & { domain?: string } = {}) => {
    const { domain = 'example.com', ...fields } = more;
    dns.addRecord(dns.domain(domain), { rr, type, value, line: 'default', ttl: 600, ...fields });
    context.clock.advance(1000);
  };
  /** What is answered: the code, and the data of each record. */
  const seen = (name: string, type = 'A', role: 'recursive' | 'authoritative' = 'recursive', line?: string): string => {
    const { rcode, answers } = zones.answer({ name, type }, role, line);
    return [rcode, ...answers.map((answer) => ('data' in answer ? JSON.stringify(answer.data) : ''))].join(' ');
  };
  return { context, dns, zones, add, seen };
}

describe('a name that NS records give to other servers', () => {
  it('is no answer of the zone above: whoever asks it is referred', () => {
    const { zones, add } = start();
    add('dev', 'NS', 'ns1.other.example');
    add('www.dev', 'A', '192.0.2.1');
    for (const name of ['dev.example.com', 'www.dev.example.com', 'a.b.dev.example.com'])
      expect(zones.answer({ name, type: 'A' }, 'authoritative')).toMatchObject({
        rcode: 'NOERROR',
        isAuthoritative: false,
        answers: [],
        authorities: [{ type: 'NS', name: 'dev.example.com', data: 'ns1.other.example' }],
      });
  });

  it('cannot be found out where those servers are not here', () => {
    const { add, seen } = start();
    add('dev', 'NS', 'ns1.other.example');
    add('www.dev', 'A', '192.0.2.1');
    expect(seen('www.dev.example.com')).toBe('SERVFAIL');
    expect(seen('dev.example.com', 'NS')).toBe('NOERROR "ns1.other.example"');
  });

  it('is answered by the zone of this account that they lead to', () => {
    const { dns, add, seen } = start();
    dns.addDomain('dev.example.com');
    add('dev', 'NS', 'dns25.hichina.com');
    add('www', 'A', '192.0.2.2', { domain: 'dev.example.com' });
    add('www.dev', 'A', '192.0.2.1');
    expect(seen('www.dev.example.com')).toBe('NOERROR "192.0.2.2"');
    expect(seen('www.dev.example.com', 'A', 'authoritative')).toBe('NOERROR "192.0.2.2"');
    expect(seen('dev.example.com', 'NS')).toBe('NOERROR "dns25.hichina.com"');
  });

  it('stays in the zone above while nothing leads to a zone of that name', () => {
    const { dns, add, seen } = start();
    dns.addDomain('dev.example.com');
    add('www', 'A', '192.0.2.2', { domain: 'dev.example.com' });
    add('www.dev', 'A', '192.0.2.1');
    expect(seen('www.dev.example.com')).toBe('NOERROR "192.0.2.1"');
  });

  it('is beyond the reach of a wildcard', () => {
    const { add, seen } = start();
    add('dev', 'NS', 'ns1.other.example');
    add('*', 'A', '192.0.2.9');
    expect(seen('x.dev.example.com')).toBe('SERVFAIL');
    expect(seen('x.example.com')).toBe('NOERROR "192.0.2.9"');
  });

  it('leaves the domain itself alone, whose NS records give away nothing', () => {
    const { add, seen } = start();
    add('@', 'NS', 'ns1.other.example');
    add('www', 'A', '192.0.2.1');
    expect(seen('www.example.com')).toBe('NOERROR "192.0.2.1"');
  });
});

/** The zone of RFC 4592, section 2.2.1, as far as AliDNS has its record types. */
describe('a wildcard', () => {
  it.each([
    ['host3.example.com', 'MX', 'NOERROR {"preference":10,"exchange":"host1.example.com"}'],
    ['host3.example.com', 'A', 'NOERROR'],
    ['foo.bar.example.com', 'TXT', 'NOERROR ["this is a wildcard"]'],
    ['host1.example.com', 'MX', 'NOERROR'],
    ['sub.*.example.com', 'MX', 'NOERROR'],
    ['_telnet._tcp.host1.example.com', 'SRV', 'NXDOMAIN'],
    ['host.subdel.example.com', 'A', 'SERVFAIL'],
    ['ghost.*.example.com', 'MX', 'NXDOMAIN'],
    ['_tcp.host1.example.com', 'A', 'NOERROR'],
    ['tcp.host1.example.com', 'A', 'NXDOMAIN'],
  ])('answers %s %s with %s', (name, type, answer) => {
    const { dns, add, seen, context } = start();
    add('*', 'TXT', 'this is a wildcard');
    add('*', 'MX', 'host1.example.com', { priority: 10 });
    add('host1', 'A', '192.0.2.1');
    add('_ssh._tcp.host1', 'A', '192.0.2.3');
    add('subdel', 'NS', 'ns.other.example');
    // AliDNS itself takes no name below an asterisk.
    const [record] = dns.records.values();
    if (record !== undefined) dns.records.set('sub', { ...record, id: 'sub', rr: 'sub.*' });
    context.clock.advance(1000);
    expect(seen(name, type)).toBe(answer);
  });

  it('below the apex leads all names below it to its CNAME', () => {
    const { add, seen } = start();
    add('*.dev', 'CNAME', 'one.elsewhere.example');
    expect(seen('a.dev.example.com', 'CNAME')).toBe('NOERROR "one.elsewhere.example"');
    expect(seen('a.b.dev.example.com', 'CNAME')).toBe('NOERROR "one.elsewhere.example"');
    expect(seen('dev.example.com', 'CNAME')).toBe('NOERROR');
  });

  it('gives way to one that is nearer', () => {
    const { add, seen } = start();
    add('*', 'A', '192.0.2.1');
    add('*.dev', 'A', '192.0.2.2');
    expect(seen('a.dev.example.com')).toBe('NOERROR "192.0.2.2"');
    expect(seen('a.eu.example.com')).toBe('NOERROR "192.0.2.1"');
  });
});

describe('a resolution line', () => {
  it('has its own records before the default ones', () => {
    const { add, seen } = start();
    add('www', 'CNAME', 'one.elsewhere.example');
    add('www', 'A', '192.0.2.7', { line: 'telecom' });
    add('other', 'A', '192.0.2.8');
    expect(seen('www.example.com', 'A', 'recursive', 'telecom')).toBe('NOERROR "192.0.2.7"');
    expect(seen('www.example.com', 'A', 'recursive', 'unicom')).toContain('one.elsewhere.example');
    expect(seen('other.example.com', 'A', 'recursive', 'telecom')).toBe('NOERROR "192.0.2.8"');
  });

  it.each([
    ['202.96.209.0', '192.0.2.7'],
    ['203.0.113.0', '192.0.2.1'],
  ])('is that of the network %s in the query, which gets %s', async (ip, address) => {
    const { zones, add } = start();
    add('www', 'A', '192.0.2.1');
    add('www', 'A', '192.0.2.7', { line: 'telecom' });
    const server = new DnsServer(zones);
    await server.listen();
    const query = streamEncode({
      type: 'query',
      id: 7,
      questions: [{ name: 'www.example.com', type: 'A' }],
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: 1232,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [{ code: 8, ip, sourcePrefixLength: 24 }],
        },
      ],
    });
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(query));
      socket.on('error', reject);
      socket.on('data', (bytes: Buffer) => {
        socket.destroy();
        resolve(bytes);
      });
    });
    await server.close();
    expect(streamDecode(answer).answers).toMatchObject([{ type: 'A', data: address }]);
  });
});
