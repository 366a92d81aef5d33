import { normalCidr } from './net/cidr.ts';
import { normalPortRange } from './net/port-range.ts';

/** The service spells protocols in several letter cases; `ICMPv6` alone is not upper case here. */
export const normalProtocol = (protocol: string): string =>
  /^icmpv6$/i.test(protocol) ? 'ICMPv6' : protocol.toUpperCase();

/**
 * One text for all spellings of what a security-group rule lets in: protocol, ports, source. Rules are compared by it and by
 * nothing else; the priority is each one's own business.
 */
export const ruleKeyOf = ({
  protocol,
  portRange,
  sourceCidr,
}: {
  protocol: string;
  portRange: string;
  sourceCidr: string;
}): string => `${protocol.toUpperCase()} ${normalPortRange(portRange)} ${normalCidr(sourceCidr)}`;
