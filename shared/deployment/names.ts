import * as z from 'zod';
import { asDomainName, asHostRecord, hasOnlyChineseBesideAscii } from '../domain-name.ts';

/** A domain name in any letters and case, with or without its final dot; read as lower-case ASCII without it. */
export const domainName = z.string().transform((text, context) => {
  const name = asDomainName(text);
  if (name !== undefined) return name;
  context.addIssue({
    code: 'custom',
    message: 'must be a domain name such as example.com, of labels of at most 63 characters (counted in punycode)',
  });
  return z.NEVER;
});

/** A host record of Alibaba Cloud DNS: `@` is the domain itself, `*` and `*.dev` stand for names without records. */
export const hostRecord = z.string().transform((text, context) => {
  const rr = asHostRecord(text);
  if (rr !== undefined && hasOnlyChineseBesideAscii(rr)) return rr;
  context.addIssue({
    code: 'custom',
    message:
      rr === undefined
        ? 'must be @ for the domain itself, or what stands before the domain such as www, api.eu, * or *.dev'
        : 'has letters that Alibaba Cloud DNS does not take: it takes ASCII and Chinese ones',
  });
  return z.NEVER;
});
