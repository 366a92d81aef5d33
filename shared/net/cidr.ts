import { isIPv4, isIPv6 } from 'node:net';

/** An address as a number. */
interface Address {
  family: 4 | 6;
  value: bigint;
}

/** All addresses that share the first `prefix` bits of `first`. */
interface Block {
  family: 4 | 6;
  first: bigint;
  prefix: number;
}

const lengthOf = { 4: 32, 6: 128 } as const;

const numberOf = (parts: string[], base: number, bitsEach: bigint): bigint =>
  parts.reduce((sum, part) => (sum << bitsEach) | BigInt(Number.parseInt(part, base)), 0n);

/** Undefined where the text is no address, or one that holds on one link alone (`fe80::1%eth0`). */
function addressOf(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, value: numberOf(text.split('.'), 10, 8n) };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  // The URL parser turns a dotted tail into two groups.
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [front, back] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return { family: 6, value: numberOf([...front, ...zeros, ...back], 16, 16n) };
}

const dotted = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');

function textOf({ family, value }: Address): string {
  if (family === 4) return dotted(value);
  if (value >> 32n === 0xffffn) return `::ffff:${dotted(value & 0xffff_ffffn)}`;
  const groups = [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((value >> shift) & 0xffffn).toString(16));
  // The URL parser shortens the longest run of zeros, as RFC 5952 has it.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

const blockStart = ({ family, value }: Address, prefix: number): bigint => {
  const hostBits = BigInt(lengthOf[family] - prefix);
  return (value >> hostBits) << hostBits;
};

/** A bare address is a block of one. Undefined where the text is no block. */
function blockOf(text: string): Block | undefined {
  const [before = '', length, ...more] = text.split('/');
  const address = addressOf(before);
  if (address === undefined || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const { family } = address;
  const prefix = length === undefined ? lengthOf[family] : Number(length);
  return prefix > lengthOf[family] ? undefined : { family, first: blockStart(address, prefix), prefix };
}

/**
 * One spelling for each address: RFC 5952 for IPv6, with a dotted tail where it maps an IPv4 address. What is no address
 * stays as it is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5952 (sections 4 and 5)
 */
export function normalAddress(text: string): string {
  const address = addressOf(text);
  return address === undefined ? text : textOf(address);
}

/**
 * One spelling for each block: its first address in normal form, and the prefix, also where that is all of the address.
 * What is no block stays as it is.
 */
export function normalCidr(text: string): string {
  const block = blockOf(text);
  return block === undefined ? text : `${textOf({ family: block.family, value: block.first })}/${block.prefix}`;
}

/** Whether the text is a block, or an address, which is a block of one. */
export const isBlock = (text: string): boolean => blockOf(text) !== undefined;

/** Whether the text is an address, or a block whose address is not its first: `10.1.2.3/8`, where `10.0.0.0/8` is meant. */
export function hasHostBits(text: string): boolean {
  const address = addressOf(text.split('/')[0] ?? '');
  const block = blockOf(text);
  return address !== undefined && block !== undefined && address.value !== block.first;
}

/** Returns an address as a URL or a Host header has it: IPv6 in brackets. */
export const inUrl = (address: string): string => (isIPv6(address) ? `[${address}]` : address);

/** Whether the two are spellings of one address. */
export const sameAddress = (a: string, b: string): boolean => normalAddress(a) === normalAddress(b);

/** Whether every address of `inner` lies in `outer`; false across families, and where one is no block. */
export function covers(outer: string, inner: string): boolean {
  const [around, within] = [blockOf(outer), blockOf(inner)];
  if (around === undefined || within === undefined || around.family !== within.family) return false;
  return (
    within.prefix >= around.prefix &&
    blockStart({ family: within.family, value: within.first }, around.prefix) === around.first
  );
}

export const overlap = (a: string, b: string): boolean => covers(a, b) || covers(b, a);

/** The IPv4 block that an IPv6 block of mapped addresses (`::ffff:10.0.0.0/104`) stands for; undefined for any other. */
export function mappedBlock(text: string): string | undefined {
  const block = blockOf(text);
  if (block?.family !== 6 || block.prefix < 96 || block.first >> 32n !== 0xffffn) return undefined;
  return `${dotted(block.first & 0xffff_ffffn)}/${block.prefix - 96}`;
}
