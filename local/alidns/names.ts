import { domainToASCII, domainToUnicode } from 'node:url';

/** Dots that IDNA takes for separators of labels. Source: https://www.unicode.org/reports/tr46/, section 4.5 */
const dots = /[.\u3002\uff0e\uff61]/;

/** Letters that `domainToASCII` would read as parts of a URL (it answers `a` for `a/b.com`), or decode. */
const foreignAscii = /[^a-z0-9_*@\u0080-\u{10ffff}-]/iu;

/** A label in ASCII, or an empty one; in front of a top-level domain, so that none is read as a part of an IPv4 address. */
function asciiLabel(label: string): string {
  if (foreignAscii.test(label)) return '';
  const isPlain = /^(?!xn--)[a-z0-9_*@-]*$/i.test(label);
  return isPlain ? label.toLowerCase() : domainToASCII(`${label}.example`).replace(/\.example$/, '');
}

/** A name in lower-case ASCII without the final dot; with an empty label where one has no such form. */
export const asciiName = (text: string): string => text.replace(/\.$/, '').split(dots).map(asciiLabel).join('.');

/** A name as people read it. */
export const unicodeName = (name: string): string =>
  name
    .split('.')
    .map((label) => (label.startsWith('xn--') ? domainToUnicode(label) || label : label))
    .join('.');

/**
 * Whether AliDNS takes the letters of a name: ASCII and Chinese ones only.
 *
 * Source: answers of the real service in GH-DNSControl/dnscontrol#4787 (`SubDomainInvalid.RR` for a host record in other
 * letters) and #4424 (`SubDomainInvalid.Value` for such a target).
 */
export const hasOnlyChineseBesideAscii = (name: string): boolean =>
  /^[\x20-\x7e\u3400-\u4dbf\u4e00-\u9fff]*$/.test(unicodeName(name));
