import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { dialWithin } from '../../../shared/net/dial.ts';
import { type Reach, refusedBlock } from '../../../shared/net/special-blocks.ts';

describe('an address in the Internet', () => {
  it.each(['2408:4002:1000::1', '2400:3200::1', '2600::', '2a00:1450:4001::1', '2002:808:808::1'])(
    'can be %s',
    (address) => {
      expect(refusedBlock(address, 'internet')).toBeUndefined();
    },
  );

  it.each([
    ['::1', 'Loopback Address (::1/128)'],
    ['::', 'Unspecified Address (::/128)'],
    ['::ffff:10.0.0.1', 'IPv4-mapped Address (::ffff:0:0/96)'],
    ['::ffff:808:808', 'IPv4-mapped Address (::ffff:0:0/96)'],
    ['::7f00:1', 'IPv4-compatible Address, deprecated (::/96)'],
    ['64:ff9b::a00:1', 'IPv4-IPv6 Translation (64:ff9b::/96)'],
    ['64:ff9b:1::a00:1', 'IPv4-IPv6 Translation (64:ff9b:1::/48)'],
    ['100::1', 'Discard-Only Address Block (100::/64)'],
    ['2001:0:1::1', 'IETF Protocol Assignments (2001::/23)'],
    ['2001:db8::80', 'Documentation (2001:db8::/32)'],
    ['3fff:fff::1', 'Documentation (3fff::/20)'],
    ['fc00::1', 'Unique-Local (fc00::/7)'],
    ['fd12:3456::1', 'Unique-Local (fc00::/7)'],
    ['fe80::1', 'Link-Local Unicast (fe80::/10)'],
    ['fe80::1%eth0', 'Link-Local Unicast (fe80::/10)'],
    ['febf::1', 'Link-Local Unicast (fe80::/10)'],
    ['ff02::1', 'Multicast (ff00::/8)'],
    ['2002:a00:1::1', '6to4 of 10.0.0.0/8, Private-Use (2002:a00::/24)'],
    ['2002:c0a8:101::1', '6to4 of 192.168.0.0/16, Private-Use (2002:c0a8::/32)'],
    ['2002:7f00:1::', '6to4 of 127.0.0.0/8, Loopback (2002:7f00::/24)'],
    ['2002:a9fe:a9fe::1', '6to4 of 169.254.0.0/16, Link Local (2002:a9fe::/32)'],
    ['4000::1', 'outside of Global Unicast (2000::/3)'],
    ['10.0.0.1', 'not an IPv6 address'],
    ['www.example.com', 'not an IPv6 address'],
  ])('cannot be %s: %s', (address, block) => {
    expect(refusedBlock(address, 'internet')).toBe(block);
  });

  it('may be a private one in a network of ours, and no other', () => {
    expect(refusedBlock('fd00::1', 'vpc')).toBeUndefined();
    expect(refusedBlock('2408:4002:1000::1', 'vpc')).toBeUndefined();
    for (const address of ['::1', 'fe80::1', 'ff02::1', '64:ff9b:1::a00:1', '2001:db8::1'])
      expect(refusedBlock(address, 'vpc')).toBeDefined();
  });
});

describe('a dialler that stays within a reach', () => {
  const dialled: string[] = [];
  const dial = (reach: Reach, address: string): Socket =>
    dialWithin((target) => {
      dialled.push(target.address);
      return new Socket();
    }, reach)({ address, port: 80 });

  it('sends nothing to an address outside of it, and says why', async () => {
    const error = await new Promise((resolve) => dial('internet', 'fd00::1').once('error', resolve));
    expect(error).toMatchObject({
      code: 'ADDRESS_REFUSED',
      message: 'fd00::1 is not asked: Unique-Local (fc00::/7)',
    });
    expect(dialled).toEqual([]);
  });

  it('dials one within it', () => {
    dial('vpc', 'fd00::1').destroy();
    dial('internet', '2408::1').destroy();
    expect(dialled).toEqual(['fd00::1', '2408::1']);
  });
});
