import { BlockList, isIPv6 } from 'node:net';

/** IPv4 in the form of IPv6: mapped (RFC 4291), compatible (RFC 4291), translated (RFC 6052, what DNS64 makes of an A record). */
const ipv4InDisguise = new BlockList();
ipv4InDisguise.addSubnet('::ffff:0:0', 96, 'ipv6');
ipv4InDisguise.addSubnet('64:ff9b::', 96, 'ipv6');
ipv4InDisguise.addSubnet('::', 96, 'ipv6');

/** Whether traffic to this address literal is IPv6 all the way. */
export const isTrueIpv6 = (address: string): boolean =>
  isIPv6(address) && (address === '::1' || !ipv4InDisguise.check(address, 'ipv6'));
