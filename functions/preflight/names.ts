import { shownName, unicodeName } from '../../shared/domain-name.ts';

/** A host in a domain. */
export interface Name {
  domain: string;
  rr: string;
}

/** The advice to ask for a name in another way: `Set dns.domain: example.com and dns.rr: a.b`. */
export const setInstead = ({ domain, rr }: Name): string =>
  `Set dns.domain: ${shownName(domain)} and dns.rr: ${unicodeName(rr)}`;
