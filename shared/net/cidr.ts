import { BlockList, isIPv6 } from 'node:net';

/** One spelling for each IPv6 address (RFC 5952); IPv4 stays as it is. */
export const normalAddress = (address: string): string =>
  isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

export const normalCidr = (cidr: string): string => {
  const [address = '', prefix = ''] = cidr.split('/');
  return `${normalAddress(address)}/${prefix}`;
};

const fullLength = (address: string): string => (isIPv6(address) ? '128' : '32');

/** Whether every address of `inner` lies in `outer`; false across families. A bare address is a block of one. */
export function covers(outer: string, inner: string): boolean {
  const [network = '', prefix = fullLength(network)] = outer.split('/');
  const [address = '', innerPrefix = fullLength(address)] = inner.split('/');
  if (isIPv6(network) !== isIPv6(address) || Number(innerPrefix) < Number(prefix)) return false;
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), family);
  return block.check(address, family);
}

export const overlap = (a: string, b: string): boolean => covers(a, b) || covers(b, a);
