import { isIPv4, isIPv6 } from 'node:net';
import { refuse } from './errors.ts';
import { asciiName, hasOnlyChineseBesideAscii } from './names.ts';
import type { Domain, RecordInput } from './state.ts';

/** Types that the SDK's texts and the conflict rules name. */
const types = [
  'A',
  'AAAA',
  'ALIAS',
  'CAA',
  'CNAME',
  'FORWARD_URL',
  'HTTPS',
  'MX',
  'NS',
  'REDIRECT_URL',
  'SRV',
  'SVCB',
  'TXT',
];

/** Lines that every edition has. `default` is documented, the others are an inference: the vendor's list (doc-detail/29807) is far longer. */
export const lines = ['default', 'telecom', 'unicom', 'mobile', 'edu', 'oversea', 'search', 'internal'];

const label = '(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)';
const hostRecord = new RegExp(`^(?:@|\\*|(?:\\*\\.)?${label}(?:\\.${label})*)$`);
const hostName = new RegExp(`^${label}(?:\\.${label})+$`);

export const maxTtl = 86_400;

/** Whether the text is a fully written domain name of two or more labels; in any letters, with or without a final dot. */
export const isDomainName = (text: string): boolean => {
  const name = asciiName(text);
  return name.length <= 253 && hostName.test(name);
};

/**
 * The record as it will be kept: names in lower-case ASCII, without the final dot.
 *
 * @throws ApiError `InvalidRR.*`, `SubDomainInvalid.*`, `QuotaExceeded.TTL`.
 */
export function checkedRecord(domain: Domain, input: RecordInput): RecordInput {
  const rr = asciiName(input.rr);
  const type = input.type.toUpperCase();
  if (!types.includes(type)) throw refuse('SubDomainInvalid.Type', type);
  if (!hostRecord.test(rr) || input.rr.endsWith('.') || rr.length + domain.name.length > 252)
    throw refuse('InvalidRR.Format', input.rr);
  if (!hasOnlyChineseBesideAscii(rr)) throw refuse('SubDomainInvalid.RR', input.rr);
  if (!lines.includes(input.line)) throw refuse('SubDomainInvalid.Line', input.line);
  if (input.ttl < domain.minTtl || input.ttl > maxTtl)
    throw refuse('QuotaExceeded.TTL', `A valid TTL must be in the range of ${domain.minTtl} to ${maxTtl}.`);
  if (type === 'MX' && input.priority === undefined) throw refuse('SubDomainInvalid.Priority');
  return {
    rr,
    type,
    value: checkedValue(type, input.value),
    line: input.line,
    ttl: input.ttl,
    ...(type === 'MX' ? { priority: input.priority } : {}),
  };
}

function checkedValue(type: string, value: string): string {
  const name = asciiName(value);
  switch (type) {
    case 'A':
      if (!isIPv4(value)) throw refuse('InvalidRR.AValue', value);
      return value;
    case 'AAAA':
      if (!isIPv6(value)) throw refuse('InvalidRR.AAAAValue', value);
      return value.toLowerCase();
    case 'CNAME':
    case 'ALIAS':
      if (!isDomainName(name)) throw refuse('InvalidRR.CNAMEValue', value);
      if (!hasOnlyChineseBesideAscii(name)) throw refuse('SubDomainInvalid.Value', value);
      return name;
    case 'MX':
      if (!isDomainName(name)) throw refuse('InvalidRR.MXValue', value);
      return name;
    case 'NS':
      if (!isDomainName(name)) throw refuse('InvalidRR.NSValue', value);
      return name;
    default:
      return value;
  }
}
