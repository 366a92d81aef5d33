/** The full name of a host in a domain: `@` is the domain itself. */
export const domainNameOf = ({ domain, rr }: { domain: string; rr: string }): string =>
  rr === '@' ? domain : `${rr}.${domain}`;

/** A name to ask for: the host's own, or any that a wildcard stands for. */
export const hostNameOf = ({ domain, rr }: { domain: string; rr: string }): string =>
  domainNameOf({ domain, rr: rr === '*' ? 'any' : rr });

/** Names are compared without regard to case or a final dot. */
export const sameName = (a: string, b: string): boolean =>
  a.replace(/\.$/, '').toLowerCase() === b.replace(/\.$/, '').toLowerCase();
