/**
 * Which record types may not stand at one host record and line.
 *
 * Source: https://help.aliyun.com/en/dns/pubz-dns-record-conflict-rules (U-DNSCONF): at the apex a CNAME stands beside CNAME, NS, MX and
 * TXT, and never beside an address, forwarding or service record; at other hosts not beside MX either. That TXT and NS are refused there
 * too is an inference from the page calling the apex the exception, and the rules between forwarding records and addresses are one as well.
 */
const exclusiveWithCname = ['A', 'AAAA', 'ALIAS', 'REDIRECT_URL', 'FORWARD_URL', 'SRV', 'CAA', 'SVCB', 'HTTPS'];
const exclusiveWithCnameBelowApex = [...exclusiveWithCname, 'NS', 'MX', 'TXT'];
/** Forwarding and ALIAS answer addresses of their own: nothing else may answer addresses beside them. */
const answersAddresses = ['A', 'AAAA', 'ALIAS', 'REDIRECT_URL', 'FORWARD_URL'];
const alone = ['ALIAS', 'REDIRECT_URL', 'FORWARD_URL'];

const oneWay = (rr: string, a: string, b: string): boolean => {
  if (a === 'CNAME') return (rr === '@' ? exclusiveWithCname : exclusiveWithCnameBelowApex).includes(b);
  return alone.includes(a) && answersAddresses.includes(b);
};

export const conflicts = (rr: string, a: string, b: string): boolean => oneWay(rr, a, b) || oneWay(rr, b, a);
