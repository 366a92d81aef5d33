/** The full name of a host in a domain: `@` is the domain itself. */
export const domainNameOf = ({ domain, rr }: { domain: string; rr: string }): string =>
  rr === '@' ? domain : `${rr}.${domain}`;

/** Names are compared without regard to case or a final dot. */
export const sameName = (a: string, b: string): boolean =>
  a.replace(/\.$/, '').toLowerCase() === b.replace(/\.$/, '').toLowerCase();
