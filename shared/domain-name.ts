import { isIP } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';
import { oneLine, shortened } from './text.ts';

/** The full name of a host in a domain: `@` is the domain itself. */
export const domainNameOf = ({ domain, rr }: { domain: string; rr: string }): string =>
  rr === '@' ? domain : `${rr}.${domain}`;

/** A name to ask for: the host's own, or one of those that a wildcard stands for. */
export const hostNameOf = ({ domain, rr }: { domain: string; rr: string }): string =>
  domainNameOf({ domain, rr: rr.replace(/^\*/, 'any') });

/** Names are compared as name servers do: without regard to case, a final dot, or the letters that stand for punycode. */
export const sameName = (a: string, b: string): boolean => comparable(a) === comparable(b);

/** Dots that IDNA takes for separators of labels. Source: https://www.unicode.org/reports/tr46/, section 4.5 */
const separators = /[.\u3002\uff0e\uff61]/;
const labelForm = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

const labelsOf = (text: string): string[] => {
  const labels = text.split(separators);
  return labels.length > 1 && labels.at(-1) === '' ? labels.slice(0, -1) : labels;
};

/**
 * A label in ASCII; undefined where it has no such form, or is not the one punycode of what it stands for.
 *
 * `domainToASCII` is made for the hosts of URLs: it cuts `a/b` down to `a`, decodes `%41`, drops tabs, reads `1.2` as an IPv4
 * address, and takes labels of any length. So it gets one label at a time, with none of those signs, before a domain in letters.
 */
function asciiLabel(label: string): string | undefined {
  if (/^(?!xn--)[a-z0-9_-]*$/i.test(label)) return label.toLowerCase();
  if (/[^a-z0-9_\u0080-\u{10ffff}-]/iu.test(label)) return undefined;
  const ascii = domainToASCII(`${label}.example`).replace(/\.?example$/, '');
  const isSound = ascii !== '' && domainToASCII(`${unicodeLabel(ascii)}.example`) === `${ascii}.example`;
  return isSound ? ascii : undefined;
}

const unicodeLabel = (label: string): string =>
  label.startsWith('xn--') ? domainToUnicode(`${label}.example`).replace(/\.?example$/, '') || label : label;

const comparable = (name: string): string =>
  labelsOf(name)
    .map((label) => asciiLabel(label) ?? label.toLowerCase())
    .join('.');

/** The labels of a name in lower-case ASCII, without the final dot; undefined where one of them cannot be in a name. */
function asciiLabels(text: string): string[] | undefined {
  const labels = labelsOf(text).map(asciiLabel);
  return labels.every((label): label is string => label !== undefined && labelForm.test(label)) ? labels : undefined;
}

/** The longest name in characters of its text form. Source: RFC 1035, section 2.3.4. */
export const longestName = 253;

/** A domain name of two labels or more in lower-case ASCII without the final dot; undefined where the text is none. */
export function asDomainName(text: string): string | undefined {
  const labels = asciiLabels(text);
  if (labels === undefined || labels.length < 2 || !/^(?:[a-z]{2,63}|xn--.+)$/.test(labels.at(-1) ?? ''))
    return undefined;
  const name = labels.join('.');
  return name.length <= longestName ? name : undefined;
}

/**
 * A name that may stand in a Host header, in lower-case ASCII without the final dot; undefined where the text is none. One that
 * ends in digits is an IPv4 address to every client, and localhost never leaves the machine.
 */
export function asHostName(text: string): string | undefined {
  const labels = asciiLabels(text);
  if (labels === undefined || /^(?:\d+|0x[\da-f]*|localhost)$/.test(labels.at(-1) ?? '')) return undefined;
  const name = labels.join('.');
  return name.length <= longestName ? name : undefined;
}

/** A host record in lower-case ASCII: `@`, labels, or a wildcard alone or before labels; undefined where the text is none. */
export function asHostRecord(text: string): string | undefined {
  if (/^[@*][.\u3002\uff0e\uff61]?$/.test(text)) return text.slice(0, 1);
  const isWildcard = /^\*[.\u3002\uff0e\uff61]/.test(text);
  const labels = asciiLabels(isWildcard ? text.slice(2) : text);
  if (labels === undefined) return undefined;
  const rr = (isWildcard ? ['*', ...labels] : labels).join('.');
  return rr.length < longestName ? rr : undefined;
}

/** A name in the letters that people read: the same one where it is plain ASCII. */
export const unicodeName = (name: string): string => name.split('.').map(unicodeLabel).join('.');

/** A name both ways where it has two, since letters of different scripts look alike: `商店.中国 (xn--czrs0t.xn--fiqs8s)`. */
export function shownName(name: string): string {
  const unicode = unicodeName(name);
  return unicode === name ? name : `${unicode} (${name})`;
}

/**
 * A name out of an answer of DNS, for people: as it is where a host can have it, else in quotes, as the beginning of one line.
 * Whoever answers may put any bytes there.
 */
export const toldName = (name: string): string =>
  name.length <= longestName && /^[\w*-]+(?:\.[\w-]+)*$/.test(name)
    ? name
    : `"${shortened(oneLine(name).replaceAll('"', "'"), 100)}"`;

/** Some names or addresses out of an answer, for people: the first few, and how many more there are. */
export function toldNames(names: readonly string[], most = 5): string {
  const told = names.slice(0, most).map(toldAnswer).join(', ');
  return names.length > most ? `${told} and ${names.length - most} more` : told;
}

const toldAnswer = (text: string): string => (isIP(text) === 0 ? toldName(text) : text);

/**
 * Whether Alibaba Cloud DNS takes a host record of these letters: besides ASCII it takes Chinese ones only.
 *
 * Source: https://github.com/DNSControl/dnscontrol/pull/4787, which met the refusal `SubDomainInvalid.RR`.
 */
export const hasOnlyChineseBesideAscii = (rr: string): boolean =>
  /^[\x20-\x7e\u3400-\u4dbf\u4e00-\u9fff]*$/.test(unicodeName(rr));

/** Names above a host that lie below its domain, the nearest first: `b.example.com` for `a.b` in `example.com`; with their host records. */
export const parentsOf = ({ domain, rr }: { domain: string; rr: string }): { rr: string; name: string }[] =>
  rr
    .split('.')
    .map((_, index, labels) => labels.slice(index).join('.'))
    .slice(1)
    .map((parent) => ({ rr: parent, name: `${parent}.${domain}` }));
