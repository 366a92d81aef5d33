import { domainNameOf, longestName, shownName } from '../domain-name.ts';
import { covers, overlap } from '../net/cidr.ts';
import { portRangeOf } from '../net/port-range.ts';
import { ruleKeyOf } from '../rule-key.ts';
import { checkContradictions, probeContradictions } from '../probe/contradictions.ts';
import type { AdoptedBackend, OwnBackend, Problem, Spec } from './spec.ts';

type OwnNetwork = Extract<Spec['network'], { vSwitches: unknown }>;
type HttpListener = Extract<Spec['listener'], { protocol: 'HTTP' }>;
type HttpsListener = Extract<Spec['listener'], { protocol: 'HTTPS' }>;

/**
 * What of a request is well-formed, with defaults filled in; a field that is not is left out. Lists keep their places, so
 * that an index is that of the request.
 */
export interface SoundParts {
  regionId?: string | undefined;
  instances: Partial<Spec['instances']>;
  /** Of a network that is to be made. */
  vpcBlock?: string | undefined;
  /** The one or the other, by what the writer evidently meant; neither when the list is none. */
  vSwitches?: Partial<OwnNetwork['vSwitches'][number]>[] | undefined;
  vSwitchIds?: (string | undefined)[] | undefined;
  rules: Partial<Spec['securityGroup']['rules'][number]>[];
  backends: (Partial<OwnBackend> | (Partial<AdoptedBackend> & { isAdopted: true }))[];
  loadBalancer: Partial<Spec['loadBalancer']>;
  serverGroup: Partial<Spec['serverGroup']>;
  listener: Partial<HttpListener> | Partial<HttpsListener>;
  /** Undefined: the request has none. */
  dns?: Partial<NonNullable<Spec['dns']>> | undefined;
  /** Undefined: the request has none. */
  probe?: Partial<NonNullable<Spec['probe']>> | undefined;
}

/** Regions of the mainland, where a public domain needs an ICP filing: all `cn-` regions but Hong Kong. */
const needsIcpFiling = (regionId: string): boolean => regionId.startsWith('cn-') && regionId !== 'cn-hongkong';

/** Each value that is given more than once. */
const repeated = <T>(values: (T | undefined)[]): Set<T> => {
  const known = values.filter((value) => value !== undefined);
  return new Set(known.filter((value, index) => known.indexOf(value) !== index));
};

const problem = (field: string, message: string): Problem => ({ field, message });

/** Contradictions between fields that are each well-formed; what depends on an ill-formed field is left out. */
export const crossProblems = (parts: SoundParts): Problem[] => [
  ...networkProblems(parts),
  ...ruleProblems(parts),
  ...diskProblems(parts),
  ...backendProblems(parts),
  ...serverGroupProblems(parts),
  ...listenerProblems(parts),
  ...certificateProblems(parts),
  ...dnsProblems(parts),
  ...probeProblems(parts),
];

/** `cn-shanghai-e`, `ap-southeast-1a`: the region, then a letter, with or without a hyphen. */
const isZoneOf = (regionId: string, zoneId: string): boolean =>
  zoneId.startsWith(regionId) && /^-?[a-z]$/.test(zoneId.slice(regionId.length));

function* networkProblems({ regionId, vpcBlock, vSwitches = [], vSwitchIds = [] }: SoundParts): Iterable<Problem> {
  const zones = vSwitches.map(({ zoneId }) => zoneId);
  for (const zone of repeated(zones))
    yield problem('network.vSwitches', `zone ${zone} is given twice: a load balancer takes one vSwitch per zone`);
  for (const [index, zone] of zones.entries())
    if (regionId !== undefined && zone !== undefined && !isZoneOf(regionId, zone))
      yield problem(`network.vSwitches.${index}.zoneId`, `zone ${zone} is not in region ${regionId}`);
  for (const id of repeated(vSwitchIds)) yield problem('network.vSwitchIds', `${id} is given twice`);
  const blocks = vSwitches.map(({ cidrBlock }) => cidrBlock);
  for (const [index, block] of blocks.entries()) {
    if (block === undefined) continue;
    const field = `network.vSwitches.${index}.cidrBlock`;
    if (vpcBlock !== undefined && !covers(vpcBlock, block))
      yield problem(field, `${block} does not lie in the VPC's ${vpcBlock}`);
    const other = blocks.slice(0, index).find((before) => before !== undefined && overlap(before, block));
    if (other !== undefined) yield problem(field, `${block} overlaps with another vSwitch's ${other}`);
  }
}

/** Source: RunInstances, SystemDisk (as in SDK 7.11.6). */
function* diskProblems({ instances }: SoundParts): Iterable<Problem> {
  const { instanceType, systemDiskCategory, systemDiskSizeGib, systemDiskEncrypted, systemDiskKmsKeyId } = instances;
  if (systemDiskKmsKeyId !== undefined && systemDiskEncrypted !== true)
    yield problem('instances.systemDiskKmsKeyId', 'encrypts nothing without instances.systemDiskEncrypted: true');
  if (systemDiskCategory === 'cloud' && systemDiskSizeGib !== undefined && systemDiskSizeGib > 500)
    yield problem('instances.systemDiskSizeGib', 'a basic disk (cloud) has at most 500 GiB');
  if (systemDiskCategory === 'cloud_essd_entry' && instanceType !== undefined && !/^ecs\.(u1|e)-/.test(instanceType))
    yield problem(
      'instances.systemDiskCategory',
      `cloud_essd_entry is for instance types of ecs.u1 and ecs.e only, not for ${instanceType}`,
    );
}

function* ruleProblems(parts: SoundParts): Iterable<Problem> {
  const { rules } = parts;
  for (const [index, { protocol, portRange, sourceCidr }] of rules.entries()) {
    const field = `securityGroup.rules.${index}`;
    if (protocol === 'ICMP' && sourceCidr?.includes(':') === true)
      yield problem(`${field}.protocol`, 'use ICMPv6 with an IPv6 source');
    if (protocol === 'ICMPv6' && sourceCidr?.includes(':') === false)
      yield problem(`${field}.protocol`, 'use ICMP with an IPv4 source');
    if (protocol === undefined || portRange === undefined) continue;
    if (protocol !== 'TCP' && protocol !== 'UDP') {
      if (portRange !== '-1/-1') yield problem(`${field}.portRange`, `${protocol} has no ports: use -1/-1`);
      continue;
    }
    if ((portRangeOf(portRange)?.first ?? 0) < 1)
      yield problem(`${field}.portRange`, `${protocol} needs ports between 1 and 65535, such as 1/65535 for all`);
  }
  yield* repeatedRules(rules);
  yield* ruleCountProblems(parts);
}

/** Inbound rules of a group. Source: https://alibabacloud.com/help/en/ecs/api-authorizesecuritygroup (read 2026-11-30) */
const mostRules = 200;

/** Each port of a backend is opened to each vSwitch over IPv4 and IPv6, besides ICMPv6. Only a group of our own can be counted. */
function* ruleCountProblems({ rules, backends, vSwitches, vSwitchIds }: SoundParts): Iterable<Problem> {
  if (backends.every((backend) => 'isAdopted' in backend)) return;
  const ports = new Set(backends.map(({ port }) => port)).size;
  const sources = (vSwitches ?? vSwitchIds ?? []).length;
  const count = ports * sources * 2 + 1 + rules.length;
  if (count > mostRules)
    yield problem(
      'securityGroup.rules',
      `${rules.length} rules beside ${ports} ports of backends for ${sources} vSwitches make ${count}, and a security group has ${mostRules} at most`,
    );
}

/** One rule with two priorities: all rules of a request accept, so one of the two says nothing. Repeated as it is, it is read once. */
function* repeatedRules(rules: SoundParts['rules']): Iterable<Problem> {
  const keys = rules.map(({ protocol, portRange, sourceCidr }) =>
    protocol === undefined || portRange === undefined || sourceCidr === undefined
      ? undefined
      : ruleKeyOf({ protocol, portRange, sourceCidr }),
  );
  for (const [index, key] of keys.entries()) {
    const first = keys.indexOf(key);
    const [one, other] = [rules[first]?.priority, rules[index]?.priority];
    if (key !== undefined && one !== undefined && other !== undefined && one !== other)
      yield problem(
        `securityGroup.rules.${index}`,
        `is the same rule as securityGroup.rules.${first} but for its priority: leave one of them out`,
      );
  }
}

function* backendProblems({ vSwitches, vSwitchIds, backends }: SoundParts): Iterable<Problem> {
  const zones = vSwitches?.map(({ zoneId }) => zoneId);
  for (const [index, backend] of backends.entries())
    if ('isAdopted' in backend) {
      if (vSwitches !== undefined && vSwitchIds === undefined && backend.instanceId !== undefined)
        yield problem(
          `backends.${index}.instanceId`,
          'an existing instance needs its existing network: give network.vpcId and network.vSwitchIds',
        );
    } else if (
      backend.zoneId !== undefined &&
      zones !== undefined &&
      !zones.includes(undefined) &&
      !zones.includes(backend.zoneId)
    )
      yield problem(`backends.${index}.zoneId`, `no vSwitch is in zone ${backend.zoneId}`);
  for (const name of repeated(backends.map((backend) => backend.name)))
    yield problem('backends', `two backends are called ${name}`);
  const entries = backends.map((backend) =>
    'isAdopted' in backend &&
    backend.instanceId !== undefined &&
    backend.family !== undefined &&
    backend.port !== undefined
      ? `${backend.instanceId} ${backend.family} ${backend.port}`
      : undefined,
  );
  for (const entry of repeated(entries)) yield problem('backends', `${entry} is given twice`);
  if (backends.length > 0 && backends.every(({ weight }) => weight === 0))
    yield problem('backends', 'every weight is 0: no backend would get a request');
}

function* serverGroupProblems({ serverGroup, loadBalancer, listener, backends }: SoundParts): Iterable<Problem> {
  const { protocol, stickySession, scheduler, connectionDrain, slowStart } = serverGroup;
  for (const [field, setting] of Object.entries({ connectionDrain, slowStart }))
    if (setting?.enabled === true && loadBalancer.edition === 'Basic')
      yield problem(
        `serverGroup.${field}`,
        'a Basic load balancer does not have it: choose loadBalancer.edition Standard',
      );
  if (slowStart?.enabled === true && scheduler !== undefined && scheduler !== 'Wrr')
    yield problem('serverGroup.slowStart', `goes with the scheduler Wrr only, not with ${scheduler}`);
  if (stickySession?.enabled === true && stickySession.type === 'Server' && stickySession.cookie === undefined)
    yield problem(
      'serverGroup.stickySession.cookie',
      'name the cookie of the servers that the load balancer is to rewrite, or use type Insert',
    );
  if (protocol !== 'HTTPS') return;
  if (listener.protocol === 'HTTP')
    yield problem('serverGroup.protocol', 'an HTTP listener cannot forward to servers over HTTPS');
  if (listener.protocol === 'HTTPS' && listener.redirectHttp === true)
    yield problem(
      'listener.redirectHttp',
      'the HTTP listener of the redirect cannot have servers over HTTPS: use redirectHttp: false or serverGroup.protocol HTTP',
    );
  if (backends.some((backend) => !('isAdopted' in backend)))
    yield problem('serverGroup.protocol', 'the servers made here speak HTTP: use HTTPS with existing instances only');
}

/** Certificates beside the default one. Source: https://www.alibabacloud.com/help/doc-detail/198636.htm (default quotas) */
const additionalCertificates = { Basic: 10, Standard: 25, StandardWithWaf: 25 } as const;

/**
 * Suffixes of certificate ids that listeners of a region take: its own, and that of the site on which Certificate Management is.
 * Which these are is documented for the China site, and inferred for the other (P-081).
 */
const certificateRegions = (regionId: string): string[] => [
  ...new Set([regionId, 'cn-hangzhou', ...(needsIcpFiling(regionId) ? [] : ['ap-southeast-1'])]),
];

function* certificateProblems({ regionId, listener, loadBalancer }: SoundParts): Iterable<Problem> {
  if (listener.protocol !== 'HTTPS') return;
  const { certificateIds = [] } = listener;
  for (const id of repeated(certificateIds)) yield problem('listener.certificateIds', `${id} is given twice`);
  const distinct = [...new Set(certificateIds)];
  for (const number of repeated(distinct.map((id) => id.split('-')[0])))
    yield problem('listener.certificateIds', `certificate ${number} is given twice, with two regions`);
  const most = loadBalancer.edition === undefined ? undefined : additionalCertificates[loadBalancer.edition];
  if (most !== undefined && certificateIds.length > most + 1)
    yield problem(
      'listener.certificateIds',
      `a ${loadBalancer.edition} load balancer takes ${most} certificates beside the first one by its default quota, not ${certificateIds.length - 1}`,
    );
  if (regionId === undefined) return;
  for (const [index, id] of certificateIds.entries()) {
    const [number = '', ...region] = id.split('-');
    const suffix = region.join('-');
    if (!certificateRegions(regionId).includes(suffix))
      yield problem(
        `listener.certificateIds.${index}`,
        `is of ${suffix}: a load balancer in ${regionId} takes ${certificateRegions(regionId)
          .map((one) => `${number}-${one}`)
          .join(' or ')}`,
      );
  }
}

function* listenerProblems({ listener, loadBalancer }: SoundParts): Iterable<Problem> {
  if (listener.protocol !== 'HTTPS') return;
  const { port, redirectHttp, securityPolicyId } = listener;
  if (redirectHttp === true && port === 80)
    yield problem('listener.port', 'port 80 is taken by the redirect: choose another port or redirectHttp: false');
  if (redirectHttp === true && port !== undefined && port !== 443)
    yield problem('listener.redirectHttp', 'the redirect leads to port 443: use port 443 or redirectHttp: false');
  if (loadBalancer.edition === 'Basic' && /_(with|to)_1_3$/.test(securityPolicyId ?? ''))
    yield problem('listener.securityPolicyId', 'a Basic load balancer has only the system policies without TLS 1.3');
  // Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/customize-tls-policies-to-improve-website-security
  if (loadBalancer.edition === 'Basic' && securityPolicyId?.startsWith('spy-') === true)
    yield problem(
      'listener.securityPolicyId',
      'a Basic load balancer takes system policies only: choose one, or edition Standard',
    );
}

/** A host record that holds the domain too would name `www.example.com.example.com`. */
function* nameProblems({ domain, rr }: Partial<NonNullable<Spec['dns']>>): Iterable<Problem> {
  if (domain === undefined || rr === undefined) return;
  if (rr === domain || rr.endsWith(`.${domain}`)) {
    const meant = rr === domain ? '@' : rr.slice(0, -domain.length - 1);
    yield problem('dns.rr', `is what stands before ${shownName(domain)}, not the whole name: did you mean ${meant}?`);
  } else if (domainNameOf({ domain, rr }).length > longestName)
    yield problem('dns.rr', `is too long: with the domain, a name has at most ${longestName} characters in punycode`);
}

function* dnsProblems({ dns, regionId }: SoundParts): Iterable<Problem> {
  if (dns !== undefined) yield* nameProblems(dns);
  if (dns === undefined || regionId === undefined || !needsIcpFiling(regionId)) return;
  if (dns.icpFiled !== true)
    yield problem(
      'dns.icpFiled',
      `a domain served from ${regionId} needs an ICP filing: state icpFiled: true once it has one, or choose a region outside the mainland`,
    );
}

function* probeProblems({ probe, serverGroup }: SoundParts): Iterable<Problem> {
  if (probe === undefined) return;
  yield* probeContradictions(probe, probe.identifyBy);
  const { enabled, path, codes } = serverGroup.healthCheck ?? {};
  if (enabled === true && path !== undefined && codes !== undefined) yield* checkContradictions(probe, { path, codes });
}
