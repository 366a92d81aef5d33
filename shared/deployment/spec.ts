import * as z from 'zod';
import { alertSettingsSchema } from '../alert/settings.ts';
import { either, hasKeyOf } from '../either.ts';
import { isRecord } from '../is-record.ts';
import { patternProblem } from '../probe/pattern.ts';
import { wellFields } from '../probe/well-schema.ts';
import { quoteForUserData } from '../user-data.ts';
import {
  certificateId,
  cookieName,
  diskCategory,
  healthCheckCodes,
  healthCheckPath,
  imageFamily,
  instanceType,
  kmsKeyId,
  regionId,
  securityPolicyId,
  zoneId,
} from './cloud-fields.ts';
import { crossProblems, type SoundParts } from './cross-checks.ts';
import { domainName, hostRecord } from './names.ts';
import { distinctRules, rulePorts, ruleProtocol, ruleSource, vpcBlock, vSwitchBlock } from './network-fields.ts';
import { check, type Problem, problemsOf } from './problems.ts';
import { setAt, valueAt } from '../dictionary.ts';

export type { Problem } from './problems.ts';

/** Names that go into tags and resource names; kept to what every product accepts. */
export const resourceName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9._-]{1,59}$/,
    'must be 2 to 60 letters, digits, dots, underscores or hyphens and start with a letter',
  );
export const port = z.number().int().min(1).max(65_535);

const vSwitch = z.strictObject({
  zoneId,
  cidrBlock: vSwitchBlock,
  name: resourceName,
});

const ownNetwork = z.strictObject({
  vpcName: resourceName.default('VPC1'),
  cidrBlock: vpcBlock.default('192.168.0.0/16'),
  vSwitches: z
    .array(vSwitch)
    .min(2, 'a dual-stack load balancer needs vSwitches in two different zones')
    .max(10)
    .default([
      { zoneId: 'cn-shanghai-e', cidrBlock: '192.168.1.0/24', name: 'vSwitch1' },
      { zoneId: 'cn-shanghai-g', cidrBlock: '192.168.2.0/24', name: 'vSwitch2' },
    ]),
});

const vSwitchId = z.string().regex(/^vsw-[a-z0-9]+$/, 'must be a vSwitch id');

const adoptedNetwork = z.strictObject({
  vpcId: z.string().regex(/^vpc-[a-z0-9]+$/, 'must be a VPC id'),
  vSwitchIds: z.array(vSwitchId).min(2, 'a dual-stack load balancer needs vSwitches in two different zones').max(10),
  /** Lets us turn IPv6 on where it is off, and create the IPv6 gateway where there is none. */
  enableIpv6: z.boolean().default(false),
});

const backendCommon = {
  name: resourceName,
  family: z.enum(['ipv4', 'ipv6']),
  port: port.default(80),
  weight: z.number().int().min(0).max(100).default(100),
};

/** User data may have 32 KB, and holds the page as a JSON string besides about 1 KB of our own. */
const mostPageBytes = 30_000;

const ownBackend = z.strictObject({
  ...backendCommon,
  /** Zone of the vSwitch that it is put in; default: the vSwitches in turn. */
  zoneId: zoneId.optional(),
  page: z
    .string()
    .min(1)
    .refine(
      (page) => Buffer.byteLength(quoteForUserData(page)) <= mostPageBytes,
      `is too long for a server's user data: at most ${mostPageBytes} bytes, escaped as in JSON`,
    )
    .refine(
      (page) => page.isWellFormed(),
      'holds half of a surrogate pair (U+D800 to U+DFFF), which UTF-8 cannot write: send the whole character',
    ),
});

const adoptedBackend = z.strictObject({
  ...backendCommon,
  instanceId: z.string().regex(/^i-[a-z0-9]+$/, 'must be an instance id'),
});

const isAdoptingNetwork = hasKeyOf('vpcId', 'vSwitchIds', 'enableIpv6');
const isAdoptingBackend = hasKeyOf('instanceId');

const network = either(ownNetwork, adoptedNetwork, isAdoptingNetwork);
const backend = either(ownBackend, adoptedBackend, isAdoptingBackend);

const rule = z.strictObject({
  protocol: ruleProtocol,
  portRange: rulePorts,
  sourceCidr: ruleSource,
  priority: z.number().int().min(1).max(100).default(1),
});

const healthCheck = z.strictObject({
  enabled: z.boolean().default(true),
  path: healthCheckPath.default('/'),
  method: z.enum(['HEAD', 'GET']).default('HEAD'),
  codes: healthCheckCodes.default(['http_2xx', 'http_3xx']),
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
    cookie: cookieName.optional(),
    cookieTimeoutSeconds: z.number().int().min(1).max(86_400).default(1000),
  }),
]);

const instances = z.strictObject({
  instanceType: instanceType.default('ecs.g6.large'),
  imageFamily: imageFamily.default('acs:alibaba_cloud_linux_3_2104_lts_x64'),
  systemDiskCategory: diskCategory.default('cloud_essd'),
  systemDiskSizeGib: z.number().int().min(20).max(2048).default(40),
  /** Default: as the account has it for its region, which is not encrypted. */
  systemDiskEncrypted: z.boolean().optional(),
  /** Default: the service key, or that which the account has chosen for the region. */
  systemDiskKmsKeyId: kmsKeyId.optional(),
  metadata: z
    .strictObject({
      /** `required`: a server gives its metadata, user data included, to holders of a token only. Old images cannot ask for one. */
      httpTokens: z.enum(['optional', 'required']).default('optional'),
    })
    .optional(),
  /** Lets `health` set IPv6 up inside a server that has no IPv6 address there, by the vendor's tool. */
  configureIpv6: z.boolean().default(false),
});

const loadBalancerFields = z.strictObject({
  name: resourceName.optional(),
  addressType: z.enum(['Internet', 'Intranet']).default('Internet'),
  edition: z.enum(['Basic', 'Standard', 'StandardWithWaf']).default('Standard'),
  deletionProtection: z.boolean().default(false),
});

const serverGroupFields = z.strictObject({
  name: resourceName.optional(),
  protocol: z.enum(['HTTP', 'HTTPS']).default('HTTP'),
  scheduler: z.enum(['Wrr', 'Wlc', 'Sch']).default('Wrr'),
  healthCheck: healthCheck.prefault({}),
  stickySession: stickySession.default({ enabled: false }),
  /** Lets a server that leaves, or is found unhealthy, finish what it has. */
  connectionDrain: z
    .strictObject({
      enabled: z.boolean().default(true),
      timeoutSeconds: z.number().int().min(0).max(900).default(300),
    })
    .optional(),
  /** Gives a new server its share little by little. */
  slowStart: z
    .strictObject({
      enabled: z.boolean().default(true),
      durationSeconds: z.number().int().min(30).max(900).default(30),
    })
    .optional(),
});

const httpListener = z.strictObject({
  protocol: z.literal('HTTP'),
  port: port.default(80),
  requestTimeoutSeconds: z.number().int().min(1).max(180).default(60),
  idleTimeoutSeconds: z.number().int().min(1).max(60).default(15),
});

const httpsListener = z.strictObject({
  protocol: z.literal('HTTPS'),
  port: port.default(443),
  certificateIds: z.array(certificateId).min(1).max(26),
  securityPolicyId: securityPolicyId.default('tls_cipher_policy_1_2'),
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
  domain: domainName,
  /** `@` is the domain itself. */
  rr: hostRecord.default('@'),
  ttl: z.number().int().min(1).max(86_400).default(600),
  /** Lets us replace a CNAME of other people; release then restores it. */
  replaceExisting: z.boolean().default(false),
  /** The operator's word that the domain has an ICP filing; asked for in mainland regions. */
  icpFiled: z.boolean().optional(),
});

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'must be the name of a response header');

/** How it is probed once it is ready. */
export const probeFields = z.strictObject({
  ...wellFields,
  /** From where: the function itself, an instance with IPv6 by Cloud Assistant, or the latter where the former has no IPv6. */
  vantage: z.enum(['function', 'instance', 'auto']).default('auto'),
  /** How answers are told apart; default: the header that servers of ours send, else by different answers. */
  identifyBy: z
    .discriminatedUnion('by', [
      z.strictObject({ by: z.literal('header'), header: headerName }),
      z.strictObject({
        by: z.literal('pattern'),
        /** In the syntax of RE2 (https://github.com/google/re2/wiki/Syntax). */
        pattern: z
          .string()
          .min(1)
          .max(200)
          .superRefine((text, context) => {
            const problem = patternProblem(text);
            if (problem !== undefined)
              context.addIssue({ code: 'custom', message: `must be a regular expression of RE2: ${problem}` });
          }),
        /** The pattern is looked for in this header; default: in the body. */
        header: headerName.optional(),
      }),
      z.strictObject({ by: z.literal('answers') }),
    ])
    .optional(),
  /** No fault when the certificate is self-signed or of a private authority. That it is for the name, and valid now, is looked at all the same. */
  acceptAnyIssuer: z.boolean().default(false),
  /** Whether the IPv4 side is asked too; default: where it is public. */
  ipv4: z.boolean().optional(),
  /** Upper bound of the requests of one probe; where it is below what the weights ask for, the chance of a miss is shown. */
  mostRequests: z.number().int().min(1).max(200).default(200),
});

const defaultBackends = [
  { name: 'ECS01', family: 'ipv4' as const, port: 80, weight: 100, page: 'Hello World ! this is ipv4 rs.' },
  { name: 'ECS02', family: 'ipv6' as const, port: 80, weight: 100, page: 'Hello World ! this is ipv6 rs.' },
];

/**
 * A request for a dual-stack load balancer. What is left out takes the tutorial's value; an unknown key is refused.
 * The seed: cn-shanghai, zones e and g, ECS01 over IPv4 and ECS02 over IPv6, HTTP on port 80, weight 100.
 */
export const specSchema = z.strictObject({
  /** Unique among those that are not released. */
  name: resourceName,
  regionId: regionId.default('cn-shanghai'),
  network: network.prefault({}),
  instances: instances.prefault({}),
  securityGroup: z
    .strictObject({
      name: resourceName.default('dualstack-alb'),
      /** Besides the service port from the vSwitches and ICMPv6 from everywhere. */
      rules: z.array(rule).max(90).default([]).transform(distinctRules),
      /** Lets us add marked rules to the groups of adopted instances; release takes them back. */
      manageAdopted: z.boolean().default(false),
    })
    .prefault({}),
  backends: z.array(backend).min(1).max(200).default(defaultBackends),
  loadBalancer: loadBalancerFields.prefault({}),
  serverGroup: serverGroupFields.prefault({}),
  listener: z.preprocess(withProtocol, z.discriminatedUnion('protocol', [httpListener, httpsListener])),
  dns: dns.optional(),
  onFailure: z.enum(['rollback', 'retain']).default('rollback'),
  /** How its alerts behave; what it leaves out is as in shared/alert/settings.ts. */
  alerts: alertSettingsSchema.optional(),
  probe: probeFields.optional(),
});

export type Spec = z.infer<typeof specSchema>;
export type SpecInput = Partial<z.input<typeof specSchema>>;
export type Backend = Spec['backends'][number];
export type OwnBackend = z.infer<typeof ownBackend>;
export type AdoptedBackend = z.infer<typeof adoptedBackend>;

/**
 * The request with defaults filled in, or everything that is wrong with it at once: ill-formed fields, and contradictions
 * between those that are well-formed.
 */
export function parseSpec(body: unknown): { spec: Spec } | { problems: Problem[] } {
  const result = check(specSchema, body);
  const shape = result.success ? [] : problemsOf(result.error, body);
  const illFormed = new Set(shape.map(({ field }) => field));
  const cross = crossProblems(soundParts(body)).filter(
    ({ field }) => field !== 'dns.icpFiled' || !illFormed.has(field),
  );
  const problems = [...shape, ...cross];
  return result.success && problems.length === 0 ? { spec: result.data } : { problems };
}

type Fields = Record<string, unknown>;

/** Well-formed fields of an object, each judged by itself. */
function soundFields<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  raw: unknown,
): Partial<z.output<z.ZodObject<Shape>>> {
  if (!isRecord(raw)) return {};
  const found: Fields = {};
  for (const [key, field] of Object.entries(schema.shape)) {
    const result = z.safeParse(field, valueAt(raw, key));
    if (result.success && result.data !== undefined) setAt(found, key, result.data);
  }
  return found as Partial<z.output<z.ZodObject<Shape>>>;
}

const listOf = (raw: unknown): unknown[] => (Array.isArray(raw) ? raw : []);

function soundParts(body: unknown): SoundParts {
  const raw: Fields = isRecord(body) ? body : {};
  const { network = {}, securityGroup = {}, loadBalancer = {}, serverGroup = {} } = raw;
  return {
    ...soundNetwork(network),
    regionId: soundFields(specSchema.pick({ regionId: true }), raw).regionId,
    instances: soundFields(instances, raw['instances'] ?? {}),
    rules: isRecord(securityGroup) ? listOf(securityGroup['rules']).map((one) => soundFields(rule, one)) : [],
    backends: listOf(raw['backends'] ?? defaultBackends).map((one) =>
      isAdoptingBackend(one)
        ? { ...soundFields(adoptedBackend, one), isAdopted: true as const }
        : soundFields(ownBackend, one),
    ),
    loadBalancer: soundFields(loadBalancerFields, loadBalancer),
    serverGroup: soundFields(serverGroupFields, serverGroup),
    listener: soundListener(withProtocol(raw['listener'])),
    dns: isRecord(raw['dns']) ? soundFields(dns, raw['dns']) : undefined,
    probe: isRecord(raw['probe']) ? soundFields(probeFields, raw['probe']) : undefined,
  };
}

function soundNetwork(raw: unknown): Pick<SoundParts, 'vpcBlock' | 'vSwitches' | 'vSwitchIds'> {
  if (!isRecord(raw)) return {};
  if (isAdoptingNetwork(raw))
    return { vSwitchIds: listOf(raw['vSwitchIds']).map((id) => vSwitchId.safeParse(id).data) };
  const { cidrBlock: vpcBlock } = soundFields(ownNetwork.pick({ cidrBlock: true }), raw);
  if (raw['vSwitches'] === undefined) return { vpcBlock, vSwitches: ownNetwork.parse({}).vSwitches };
  return Array.isArray(raw['vSwitches'])
    ? { vpcBlock, vSwitches: raw['vSwitches'].map((one) => soundFields(vSwitch, one)) }
    : {};
}

function soundListener(raw: unknown): SoundParts['listener'] {
  if (!isRecord(raw)) return {};
  if (raw['protocol'] === 'HTTP') return soundFields(httpListener, raw);
  return raw['protocol'] === 'HTTPS' ? soundFields(httpsListener, raw) : {};
}
