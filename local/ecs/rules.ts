import { isIPv4, isIPv6 } from 'node:net';
import { isInCidr, parseIpv4Cidr } from '../addresses.ts';
import { refuse } from './errors.ts';

export interface SecurityGroupRule {
  readonly id: string;
  readonly createdAtMs: number;
  description: string;
  ipProtocol: 'TCP' | 'UDP' | 'ICMP' | 'ICMPv6' | 'GRE' | 'ALL';
  /** `first/last`, `-1/-1` where the protocol has no ports. */
  portRange: string;
  /** Exactly one of the three sources is set, the others are empty. */
  sourceCidrIp: string;
  ipv6SourceCidrIp: string;
  sourceGroupId: string;
  policy: 'Accept' | 'Drop';
  /** 1 to 100, the smaller the stronger. */
  priority: number;
}

export interface Traffic {
  protocol: 'TCP' | 'UDP' | 'ICMP' | 'ICMPv6';
  port?: number;
  source: string;
}

/** A rule as it comes in a request: all text, nothing checked. */
export interface Permission {
  IpProtocol?: string | undefined;
  PortRange?: string | undefined;
  SourceCidrIp?: string | undefined;
  Ipv6SourceCidrIp?: string | undefined;
  SourceGroupId?: string | undefined;
  SourcePrefixListId?: string | undefined;
  Policy?: string | undefined;
  Priority?: string | undefined;
  Description?: string | undefined;
  NicType?: string | undefined;
}

export type RuleValues = Omit<SecurityGroupRule, 'id' | 'createdAtMs'>;

const protocols = ['TCP', 'UDP', 'ICMP', 'ICMPv6', 'GRE', 'ALL'] as const;

/** One spelling for each IPv6 address, so that equal rules compare equal. */
const canonicalIpv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

const ipv6Bits = (address: string): bigint => {
  const [head = '', tail] = canonicalIpv6(address).split('::');
  const parts = (text: string) => (text === '' ? [] : text.split(':'));
  const front = parts(head);
  const back = parts(tail ?? '');
  const words = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back];
  return words.reduce((sum, word) => (sum << 16n) | BigInt(Number.parseInt(word, 16)), 0n);
};

/**
 * `a.b.c.d` or `a.b.c.d/n` without host bits; undefined otherwise. That host bits are refused, here and with IPv6, is our word
 * alone: the vendor's pages say nothing.
 */
export const ipv4Source = (text: string): string | undefined =>
  isIPv4(text) || parseIpv4Cidr(text) !== undefined ? text : undefined;

/**
 * An IPv6 address or CIDR block without host bits in its canonical spelling; undefined otherwise. Any address with `/0` is
 * answered as `::/0`, by tests against the real service: https://github.com/aliyun/terraform-provider-alicloud/pull/5988
 * (read 2026-11-30). That it answers all blocks in canonical spelling is inferred from it.
 */
export function ipv6Source(text: string): string | undefined {
  const [address = '', length, ...more] = text.split('/');
  if (!isIPv6(address) || address.includes('%') || more.length > 0) return undefined;
  if (length === undefined) return canonicalIpv6(address);
  if (!/^\d{1,3}$/.test(length) || Number(length) > 128) return undefined;
  if (Number(length) === 0) return '::/0';
  const hostBits = 128n - BigInt(length);
  if ((ipv6Bits(address) & ((1n << hostBits) - 1n)) !== 0n) return undefined;
  return `${canonicalIpv6(address)}/${Number(length)}`;
}

const withPrefix = (source: string): string =>
  source.includes('/') ? source : `${source}/${isIPv6(source) ? 128 : 32}`;

export function readProtocol(text: string | undefined): SecurityGroupRule['ipProtocol'] {
  if (text === undefined) throw refuse('MissingParameter', 'IpProtocol');
  const found = protocols.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
  if (found === undefined) throw refuse('InvalidIpProtocol.ValueNotSupported', text);
  return found;
}

export function readPortRange(text: string | undefined, protocol: SecurityGroupRule['ipProtocol']): string {
  if (text === undefined) throw refuse('InvalidPortRange.Malformed');
  if (protocol !== 'TCP' && protocol !== 'UDP') {
    if (text !== '-1/-1') throw refuse('OperationDenied');
    return text;
  }
  const ports = /^(\d{1,5})\/(\d{1,5})$/.exec(text);
  const [first, last] = [Number(ports?.[1]), Number(ports?.[2])];
  if (ports === null || first < 1 || last > 65_535 || first > last) throw refuse('InvalidParam.PortRange', text);
  return `${first}/${last}`;
}

export function readPolicy(text: string | undefined): 'Accept' | 'Drop' {
  const policy = (text ?? 'accept').toLowerCase();
  if (policy !== 'accept' && policy !== 'drop') throw refuse('InvalidPolicy.Malformed');
  return policy === 'accept' ? 'Accept' : 'Drop';
}

export function readPriority(text: string | undefined): number {
  if (text === undefined) return 1;
  if (!/^\d+$/.test(text)) throw refuse('InvalidPriority.Malformed');
  const priority = Number(text);
  if (priority < 1 || priority > 100) throw refuse('InvalidPriority.ValueNotSupported', text);
  return priority;
}

export function readDescription(text: string | undefined): string {
  if (text !== undefined && (text.length > 512 || /^https?:\/\//.test(text)))
    throw refuse('InvalidSecurityGroupDiscription.Malformed');
  return text ?? '';
}

/** Refuses a protocol of one address family beside a source of the other. */
export function matchFamilies(values: RuleValues): void {
  if (values.ipProtocol === 'ICMP' && values.ipv6SourceCidrIp !== '')
    throw refuse('InvalidParam.Ipv4ProtocolConflictWithIpv6Address');
  if (values.ipProtocol === 'ICMPv6' && values.sourceCidrIp !== '')
    throw refuse('InvalidParam.Ipv6ProtocolConflictWithIpv4Address');
}

export function readSources(
  permission: Permission,
): Pick<RuleValues, 'sourceCidrIp' | 'ipv6SourceCidrIp' | 'sourceGroupId'> {
  const { SourceCidrIp: ipv4, Ipv6SourceCidrIp: ipv6, SourceGroupId: groupId } = permission;
  if (permission.SourcePrefixListId !== undefined)
    throw refuse('InvalidPrefixListId.NotFound', permission.SourcePrefixListId);
  if (ipv4 !== undefined && ipv6 !== undefined) throw refuse('InvalidParam.SourceIp');
  const sourceCidrIp = ipv4 === undefined ? '' : ipv4Source(ipv4);
  if (sourceCidrIp === undefined) throw refuse('InvalidParam.SourceCidrIp', ipv4);
  const ipv6SourceCidrIp = ipv6 === undefined ? '' : ipv6Source(ipv6);
  if (ipv6SourceCidrIp === undefined) throw refuse('InvalidParam.Ipv6SourceCidrIp', ipv6);
  // With both a group and a CIDR block the CIDR block counts (documented for AuthorizeSecurityGroup).
  const sourceGroupId = sourceCidrIp === '' && ipv6SourceCidrIp === '' ? (groupId ?? '') : '';
  return { sourceCidrIp, ipv6SourceCidrIp, sourceGroupId };
}

/** @throws the refusals of AuthorizeSecurityGroup. */
export function readRule(permission: Permission): RuleValues {
  const ipProtocol = readProtocol(permission.IpProtocol);
  const sources = readSources(permission);
  if (sources.sourceCidrIp === '' && sources.ipv6SourceCidrIp === '' && sources.sourceGroupId === '')
    throw refuse('MissingParameter.Source');
  if (permission.NicType !== undefined && !['intranet', 'internet'].includes(permission.NicType))
    throw refuse('InvalidNicType.ValueNotSupported');
  const values: RuleValues = {
    ipProtocol,
    portRange: readPortRange(permission.PortRange, ipProtocol),
    ...sources,
    policy: readPolicy(permission.Policy),
    priority: readPriority(permission.Priority),
    description: readDescription(permission.Description),
  };
  matchFamilies(values);
  return values;
}

/** What makes two rules one: everything but the description. That the priority belongs to it is an inference. */
export const identityOf = (rule: RuleValues): string =>
  [
    rule.ipProtocol,
    rule.portRange,
    rule.sourceGroupId === ''
      ? withPrefix(rule.sourceCidrIp === '' ? rule.ipv6SourceCidrIp : rule.sourceCidrIp)
      : rule.sourceGroupId,
    rule.policy,
    rule.priority,
  ].join(' ');

/**
 * What the strongest matching rule says; undefined when none matches. At equal priority drop wins.
 * Source: https://www.alibabacloud.com/help/en/ecs/user-guide/security-group-rules (facts 2, SDK-ECS).
 */
export function decide(
  rules: SecurityGroupRule[],
  traffic: Traffic,
  isMember: (address: string, securityGroupId: string) => boolean,
): 'Accept' | 'Drop' | undefined {
  const matching = rules.filter((rule) => {
    if (rule.ipProtocol !== 'ALL' && rule.ipProtocol !== traffic.protocol) return false;
    if (rule.ipProtocol === 'TCP' || rule.ipProtocol === 'UDP') {
      const [first = 0, last = 0] = rule.portRange.split('/').map(Number);
      if (traffic.port === undefined || traffic.port < first || traffic.port > last) return false;
    }
    if (rule.sourceGroupId !== '') return isMember(traffic.source, rule.sourceGroupId);
    return isInCidr(traffic.source, withPrefix(rule.sourceCidrIp === '' ? rule.ipv6SourceCidrIp : rule.sourceCidrIp));
  });
  if (matching.length === 0) return undefined;
  const strongest = Math.min(...matching.map((rule) => rule.priority));
  return matching.some((rule) => rule.priority === strongest && rule.policy === 'Drop') ? 'Drop' : 'Accept';
}
