/** What stands for all ports, and for those of a protocol that has none. */
export const noPorts = '-1/-1';

export interface PortRange {
  first: number;
  last: number;
}

/** Undefined where the text is no range of ports; `-1/-1` is none. The order is as it stands. */
export function portRangeOf(text: string): PortRange | undefined {
  const [, first, last] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  return first === undefined || last === undefined ? undefined : { first: Number(first), last: Number(last) };
}

/** One spelling for each range: without leading zeros, the lower port first. What is no range stays as it is. */
export function normalPortRange(text: string): string {
  const range = portRangeOf(text);
  if (range === undefined) return text;
  const [first, last] = range.first <= range.last ? [range.first, range.last] : [range.last, range.first];
  return `${first}/${last}`;
}
