import { BlockList, isIPv6 } from 'node:net';

/** IPv4 as an unsigned number. */
export const ipv4ToNumber = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

export const numberToIpv4 = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

export interface Ipv4Range {
  first: number;
  last: number;
  prefix: number;
}

/** Undefined unless `a.b.c.d/n` with all host bits zero. */
export function parseIpv4Cidr(cidr: string): Ipv4Range | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (parts === null) return undefined;
  const prefix = Number(parts[5]);
  if (prefix > 32 || parts.slice(1, 5).some((part) => Number(part) > 255)) return undefined;
  const size = 2 ** (32 - prefix);
  const first = ipv4ToNumber(cidr.split('/')[0] as string);
  return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined;
}

export const rangesOverlap = (a: Ipv4Range, b: Ipv4Range): boolean => a.first <= b.last && b.first <= a.last;
export const rangeContains = (outer: Ipv4Range, inner: Ipv4Range): boolean =>
  outer.first <= inner.first && inner.last <= outer.last;

/** Whether `address` (IPv4 or IPv6) lies in `cidr` of the same family; false for the other family. */
export function isInCidr(address: string, cidr: string): boolean {
  const [network = '', prefix = '0'] = cidr.split('/');
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  if ((isIPv6(address) ? 'ipv6' : 'ipv4') !== family) return false;
  const range = new BlockList();
  range.addSubnet(network, Number(prefix), family);
  return range.check(address, family);
}

/** One spelling for each address, so that equal addresses compare equal. */
export const canonical = (address: string): string =>
  isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
