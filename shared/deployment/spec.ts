import { z } from 'zod';

/** Names that go into tags and resource names; kept to what every product accepts. */
const resourceName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9._-]{1,59}$/,
    'must be 2 to 60 letters, digits, dots, underscores or hyphens and start with a letter',
  );
const zoneId = z.string().regex(/^[a-z]{2}-[a-z0-9-]+$/, 'must be a zone id such as cn-shanghai-e');
const port = z.number().int().min(1).max(65_535);
const cidr = z.cidrv4();

const vSwitch = z.strictObject({
  zoneId,
  cidrBlock: cidr,
  name: resourceName,
});

const ownNetwork = z.strictObject({
  vpcName: resourceName.default('VPC1'),
  cidrBlock: cidr.default('192.168.0.0/16'),
  vSwitches: z
    .array(vSwitch)
    .min(2, 'a dual-stack load balancer needs vSwitches in two different zones')
    .max(10)
    .default([
      { zoneId: 'cn-shanghai-e', cidrBlock: '192.168.1.0/24', name: 'vSwitch1' },
      { zoneId: 'cn-shanghai-g', cidrBlock: '192.168.2.0/24', name: 'vSwitch2' },
    ]),
});

const adoptedNetwork = z.strictObject({
  vpcId: z.string().regex(/^vpc-[a-z0-9]+$/, 'must be a VPC id'),
  vSwitchIds: z
    .array(z.string().regex(/^vsw-[a-z0-9]+$/, 'must be a vSwitch id'))
    .min(2, 'a dual-stack load balancer needs vSwitches in two different zones')
    .max(10),
  /** Lets us turn IPv6 on where it is off, and create the IPv6 gateway where there is none. */
  enableIpv6: z.boolean().default(false),
});

const backendCommon = {
  name: resourceName,
  family: z.enum(['ipv4', 'ipv6']),
  port: port.default(80),
  weight: z.number().int().min(0).max(100).default(100),
};

const ownBackend = z.strictObject({
  ...backendCommon,
  /** Zone of the vSwitch that it is put in; default: the vSwitches in turn. */
  zoneId: zoneId.optional(),
  page: z.string().min(1).max(10_000),
});

const adoptedBackend = z.strictObject({
  ...backendCommon,
  instanceId: z.string().regex(/^i-[a-z0-9]+$/, 'must be an instance id'),
});

const rule = z
  .strictObject({
    protocol: z.enum(['TCP', 'UDP', 'ICMP', 'ICMPv6', 'GRE', 'ALL']),
    portRange: z.string().regex(/^(-1|\d{1,5})\/(-1|\d{1,5})$/, 'must be FROM/TO such as 80/80, or -1/-1'),
    sourceCidr: z.union([z.cidrv4(), z.cidrv6()], 'must be an IPv4 or IPv6 CIDR block'),
    priority: z.number().int().min(1).max(100).default(1),
  })
  .refine((value) => value.protocol !== 'ICMP' || !value.sourceCidr.includes(':'), {
    path: ['protocol'],
    message: 'use ICMPv6 with an IPv6 source',
  })
  .refine((value) => value.protocol !== 'ICMPv6' || value.sourceCidr.includes(':'), {
    path: ['protocol'],
    message: 'use ICMP with an IPv4 source',
  });

const healthCheck = z.strictObject({
  enabled: z.boolean().default(true),
  path: z.string().startsWith('/').max(80).default('/'),
  method: z.enum(['HEAD', 'GET']).default('HEAD'),
  codes: z
    .array(z.enum(['http_2xx', 'http_3xx', 'http_4xx', 'http_5xx']))
    .min(1)
    .default(['http_2xx', 'http_3xx']),
  intervalSeconds: z.number().int().min(1).max(50).default(2),
  timeoutSeconds: z.number().int().min(1).max(300).default(5),
  healthyThreshold: z.number().int().min(2).max(10).default(3),
  unhealthyThreshold: z.number().int().min(2).max(10).default(3),
});

const stickySession = z.discriminatedUnion('enabled', [
  z.strictObject({ enabled: z.literal(false) }),
  z.strictObject({
    enabled: z.literal(true),
    type: z.enum(['Insert', 'Server']).default('Insert'),
    cookie: z.string().min(1).max(200).optional(),
    cookieTimeoutSeconds: z.number().int().min(1).max(86_400).default(1000),
  }),
]);

const httpListener = z.strictObject({
  protocol: z.literal('HTTP'),
  port: port.default(80),
  requestTimeoutSeconds: z.number().int().min(1).max(180).default(60),
  idleTimeoutSeconds: z.number().int().min(1).max(60).default(15),
});

const httpsListener = z.strictObject({
  protocol: z.literal('HTTPS'),
  port: port.default(443),
  /** `<CertId>-<region>`, the form that GetUserCertificateDetail answers. */
  certificateIds: z
    .array(
      z
        .string()
        .regex(/^[0-9a-z]+-[a-z0-9-]+$/, 'must be a certificate id with its region, such as 1234567-cn-shanghai'),
    )
    .min(1)
    .max(26),
  securityPolicyId: z.string().min(1).default('tls_cipher_policy_1_2'),
  /** An HTTP listener on port 80 that redirects here. */
  redirectHttp: z.boolean().default(true),
  requestTimeoutSeconds: z.number().int().min(1).max(180).default(60),
  idleTimeoutSeconds: z.number().int().min(1).max(60).default(15),
});

/** A listener is HTTP unless it says otherwise. */
const withProtocol = (listener: unknown): unknown =>
  listener === undefined ||
  (typeof listener === 'object' && listener !== null && !Array.isArray(listener) && !('protocol' in listener))
    ? { ...listener, protocol: 'HTTP' }
    : listener;

const dns = z.strictObject({
  domain: z
    .string()
    .regex(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'must be a domain name in lower case'),
  /** `@` is the domain itself. */
  rr: z
    .string()
    .regex(
      /^(@|\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*)$/,
      'must be @ or a host prefix',
    )
    .default('@'),
  ttl: z.number().int().min(1).max(86_400).default(600),
  /** Lets us replace a CNAME of other people; release then restores it. */
  replaceExisting: z.boolean().default(false),
  /** The operator's word that the domain has an ICP filing; asked for in mainland regions. */
  icpFiled: z.boolean().optional(),
});

/** Regions of the mainland, where a public domain needs an ICP filing: all `cn-` regions but Hong Kong. */
export const needsIcpFiling = (regionId: string): boolean => regionId.startsWith('cn-') && regionId !== 'cn-hongkong';

const defaultBackends = [
  { name: 'ECS01', family: 'ipv4' as const, port: 80, weight: 100, page: 'Hello World ! this is ipv4 rs.' },
  { name: 'ECS02', family: 'ipv6' as const, port: 80, weight: 100, page: 'Hello World ! this is ipv6 rs.' },
];

const duplicates = <T>(values: T[]): T[] => values.filter((value, index) => values.indexOf(value) !== index);

/**
 * A request for a dual-stack load balancer. What is left out takes the tutorial's value; an unknown key is refused.
 * The seed: cn-shanghai, zones e and g, ECS01 over IPv4 and ECS02 over IPv6, HTTP on port 80, weight 100.
 */
export const specSchema = z
  .strictObject({
    name: resourceName.default('dualstack-alb'),
    regionId: z
      .string()
      .regex(/^[a-z]{2}-[a-z0-9-]+$/)
      .default('cn-shanghai'),
    network: z.union([ownNetwork, adoptedNetwork]).prefault({}),
    instances: z
      .strictObject({
        instanceType: z
          .string()
          .regex(/^ecs\.[a-z0-9.-]+$/, 'must be an instance type such as ecs.g6.large')
          .default('ecs.g6.large'),
        imageFamily: z.string().min(1).default('acs:alibaba_cloud_linux_3_2104_lts_x64'),
        systemDiskCategory: z.string().min(1).default('cloud_essd'),
        systemDiskSizeGib: z.number().int().min(20).max(2048).default(40),
      })
      .prefault({}),
    securityGroup: z
      .strictObject({
        name: resourceName.default('dualstack-alb'),
        /** Besides the service port from the vSwitches and ICMPv6 from everywhere. */
        rules: z.array(rule).max(90).default([]),
        /** Lets us add marked rules to the groups of adopted instances; release takes them back. */
        manageAdopted: z.boolean().default(false),
      })
      .prefault({}),
    backends: z
      .array(z.union([ownBackend, adoptedBackend]))
      .min(1)
      .max(200)
      .default(defaultBackends),
    loadBalancer: z
      .strictObject({
        name: resourceName.optional(),
        addressType: z.enum(['Internet', 'Intranet']).default('Internet'),
        edition: z.enum(['Basic', 'Standard', 'StandardWithWaf']).default('Standard'),
        deletionProtection: z.boolean().default(false),
      })
      .prefault({}),
    serverGroup: z
      .strictObject({
        name: resourceName.optional(),
        protocol: z.enum(['HTTP', 'HTTPS']).default('HTTP'),
        scheduler: z.enum(['Wrr', 'Wlc', 'Sch']).default('Wrr'),
        healthCheck: healthCheck.prefault({}),
        stickySession: stickySession.default({ enabled: false }),
      })
      .prefault({}),
    listener: z.preprocess(withProtocol, z.discriminatedUnion('protocol', [httpListener, httpsListener])),
    dns: dns.optional(),
    onFailure: z.enum(['rollback', 'retain']).default('rollback'),
  })
  .superRefine((spec, context) => {
    const problem = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if ('vSwitches' in spec.network) {
      const zones = spec.network.vSwitches.map((vSwitch) => vSwitch.zoneId);
      for (const zone of new Set(duplicates(zones)))
        problem(['network', 'vSwitches'], `zone ${zone} is given twice: a load balancer takes one vSwitch per zone`);
      zones.forEach((zone, index) => {
        if (!zone.startsWith(`${spec.regionId}-`))
          problem(['network', 'vSwitches', index, 'zoneId'], `zone ${zone} is not in region ${spec.regionId}`);
      });
      spec.backends.forEach((backend, index) => {
        if ('zoneId' in backend && backend.zoneId !== undefined && !zones.includes(backend.zoneId))
          problem(['backends', index, 'zoneId'], `no vSwitch is in zone ${backend.zoneId}`);
        if ('instanceId' in backend)
          problem(
            ['backends', index, 'instanceId'],
            'an existing instance needs its existing network: give network.vpcId and network.vSwitchIds',
          );
      });
    } else
      for (const id of new Set(duplicates(spec.network.vSwitchIds)))
        problem(['network', 'vSwitchIds'], `${id} is given twice`);
    for (const name of new Set(duplicates(spec.backends.map((backend) => backend.name))))
      problem(['backends'], `two backends are called ${name}`);
    for (const id of new Set(
      duplicates(
        spec.backends.flatMap((backend) =>
          'instanceId' in backend ? [`${backend.instanceId} ${backend.family} ${backend.port}`] : [],
        ),
      ),
    ))
      problem(['backends'], `${id} is given twice`);
    if (spec.backends.every((backend) => backend.weight === 0))
      problem(['backends'], 'every weight is 0: no backend would get a request');
    if (spec.dns !== undefined && needsIcpFiling(spec.regionId) && spec.dns.icpFiled !== true)
      problem(
        ['dns', 'icpFiled'],
        `a domain served from ${spec.regionId} needs an ICP filing: state icpFiled: true once it has one, or choose a region outside the mainland`,
      );
    if (spec.listener.protocol === 'HTTPS' && spec.listener.redirectHttp && spec.listener.port === 80)
      problem(['listener', 'port'], 'port 80 is taken by the redirect: choose another port or redirectHttp: false');
    if (spec.listener.protocol === 'HTTPS' && spec.listener.redirectHttp && spec.listener.port !== 443)
      problem(['listener', 'redirectHttp'], 'the redirect leads to port 443: use port 443 or redirectHttp: false');
    if (
      spec.loadBalancer.edition === 'Basic' &&
      spec.listener.protocol === 'HTTPS' &&
      spec.listener.securityPolicyId.includes('strict_with')
    )
      problem(['listener', 'securityPolicyId'], 'a Basic load balancer has only the system policies without TLS 1.3');
  });

export type Spec = z.infer<typeof specSchema>;
export type SpecInput = Partial<z.input<typeof specSchema>>;
export type Backend = Spec['backends'][number];
export type OwnBackend = z.infer<typeof ownBackend>;
export type AdoptedBackend = z.infer<typeof adoptedBackend>;

export const isAdopted = (backend: Backend): backend is AdoptedBackend => 'instanceId' in backend;

export interface Problem {
  /** Dotted path into the request body; empty for the body as a whole. */
  field: string;
  message: string;
}

/** The request with defaults filled in, or everything that is wrong with it at once. */
export function parseSpec(body: unknown): { spec: Spec } | { problems: Problem[] } {
  const result = specSchema.safeParse(body);
  if (result.success) return { spec: result.data };
  return { problems: result.error.issues.flatMap((issue) => describeIssue(issue)) };
}

type Issue = z.core.$ZodIssue;

const dotted = (path: readonly PropertyKey[]): string => path.map(String).join('.');

function describeIssue(issue: Issue): Problem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ field: dotted([...issue.path, key]), message: 'is not a field of the request' }));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // Of the alternatives, speak of the one that the writer evidently meant: the one with the fewest complaints.
    const [closest = []] = [...issue.errors].sort((a, b) => complaints(a) - complaints(b));
    return closest.flatMap((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [{ field: dotted(issue.path), message: issue.message }];
}

const complaints = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1), 0);
