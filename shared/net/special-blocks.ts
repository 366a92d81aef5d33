import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Blocks that no address in the Internet is of, by the names of the registries. Blocks of `2001::/23` that can be reached
 * are those of protocols, none of which serves pages.
 *
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry (of 2024-10-22, and RFC 9780 of 2025)
 * @see https://www.iana.org/assignments/ipv6-address-space (multicast, and what was site-local)
 */
const special6: readonly (readonly [block: string, name: string])[] = [
  ['::1/128', 'Loopback Address'],
  ['::/128', 'Unspecified Address'],
  ['::ffff:0:0/96', 'IPv4-mapped Address'],
  ['::/96', 'IPv4-compatible Address, deprecated'],
  ['64:ff9b::/96', 'IPv4-IPv6 Translation'],
  ['64:ff9b:1::/48', 'IPv4-IPv6 Translation'],
  ['100::/64', 'Discard-Only Address Block'],
  ['100:0:0:1::/64', 'Dummy IPv6 Prefix'],
  ['2001::/23', 'IETF Protocol Assignments'],
  ['2001:db8::/32', 'Documentation'],
  ['2620:4f:8000::/48', 'Direct Delegation AS112 Service'],
  ['3fff::/20', 'Documentation'],
  ['5f00::/16', 'Segment Routing (SRv6) SIDs'],
  ['fc00::/7', 'Unique-Local'],
  ['fe80::/10', 'Link-Local Unicast'],
  ['fec0::/10', 'Site-Local Unicast, deprecated'],
  ['ff00::/8', 'Multicast'],
];

/**
 * Of IPv4, also for what 6to4 (`2002::/16`) wraps.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry (of 2024-10-22)
 * @see https://www.iana.org/assignments/multicast-addresses (224.0.0.0/4)
 */
const special4: readonly (readonly [address: string, prefix: number, name: string])[] = [
  ['0.0.0.0', 8, '"This network"'],
  ['10.0.0.0', 8, 'Private-Use'],
  ['100.64.0.0', 10, 'Shared Address Space'],
  ['127.0.0.0', 8, 'Loopback'],
  ['169.254.0.0', 16, 'Link Local'],
  ['172.16.0.0', 12, 'Private-Use'],
  ['192.0.0.0', 24, 'IETF Protocol Assignments'],
  ['192.0.2.0', 24, 'Documentation (TEST-NET-1)'],
  ['192.31.196.0', 24, 'AS112-v4'],
  ['192.52.193.0', 24, 'AMT'],
  ['192.88.99.0', 24, 'Deprecated (6to4 Relay Anycast)'],
  ['192.168.0.0', 16, 'Private-Use'],
  ['192.175.48.0', 24, 'Direct Delegation AS112 Service'],
  ['198.18.0.0', 15, 'Benchmarking'],
  ['198.51.100.0', 24, 'Documentation (TEST-NET-2)'],
  ['203.0.113.0', 24, 'Documentation (TEST-NET-3)'],
  ['224.0.0.0', 4, 'Multicast'],
  ['240.0.0.0', 4, 'Reserved'],
];

/** Where an address may be: in the Internet, or in a network of ours, which may number itself privately. */
export type Reach = 'internet' | 'vpc';

interface Special {
  block: string;
  name: string;
  holds: BlockList;
}

const specialOf = (address: string, prefix: number, name: string): Special => {
  const holds = new BlockList();
  holds.addSubnet(address, prefix, 'ipv6');
  return { block: `${address.replace(':0::', '::')}/${prefix}`, name, holds };
};

const specials: readonly Special[] = [
  ...special6.map(([block, name]) => {
    const [address = '', prefix] = block.split('/');
    return specialOf(address, Number(prefix), name);
  }),
  ...special4.map(([address, prefix, name]) => {
    const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
    const wrapped = `2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::`;
    return specialOf(wrapped, 16 + prefix, `6to4 of ${address}/${prefix}, ${name}`);
  }),
];

const ownBlock = 'fc00::/7';
/** All that is handed out as global unicast. */
const globalUnicast = specialOf('2000::', 3, 'Global Unicast');

/**
 * Returns the block of an address that no server of that reach can have, with its name: `Unique-Local (fc00::/7)`.
 * Undefined where it can.
 */
export function refusedBlock(address: string, reach: Reach): string | undefined {
  const [literal = ''] = address.split('%');
  if (!isIPv6(literal)) return 'not an IPv6 address';
  const special = specials.find(({ holds }) => holds.check(literal, 'ipv6'));
  if (special !== undefined)
    return reach === 'vpc' && special.block === ownBlock ? undefined : `${special.name} (${special.block})`;
  return globalUnicast.holds.check(literal, 'ipv6') ? undefined : 'outside of Global Unicast (2000::/3)';
}

const specials4: readonly Special[] = special4.map(([address, prefix, name]) => {
  const holds = new BlockList();
  holds.addSubnet(address, prefix, 'ipv4');
  return { block: `${address}/${prefix}`, name, holds };
});

/** Returns the block of an IPv4 address that no server in the Internet can have: `Private-Use (10.0.0.0/8)`. Undefined where it can. */
export function refusedIpv4Block(address: string): string | undefined {
  if (!isIPv4(address)) return 'not an IPv4 address';
  const special = specials4.find(({ holds }) => holds.check(address, 'ipv4'));
  return special === undefined ? undefined : `${special.name} (${special.block})`;
}
