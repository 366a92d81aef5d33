import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseSpec, type SpecInput } from '../../shared/deployment/spec.ts';
import { diskCategories } from '../../shared/deployment/cloud-fields.ts';
import { StageDriver } from '../support/stage-driver.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let driver: StageDriver;
beforeAll(async () => {
  driver = await StageDriver.start({ latency: 'none', throttles: false });
  Object.assign(driver.harness.cloud.vpc.quota, { vpcs: 1000 });
});
afterAll(() => driver.close());

const letters = 'abcXYZ019'.split('');
const marks = '-/.%?#&=_;~!()*[]@$^:\'",+'.split('');
const name = fc
  .tuple(
    fc.constantFrom('a', 'Z'),
    fc.string({ unit: fc.constantFrom(...letters, '.', '_', '-'), minLength: 1, maxLength: 59 }),
  )
  .map((parts) => parts.join(''));
const edges = (least: number, most: number) =>
  fc.oneof(fc.constantFrom(least, most), fc.integer({ min: least, max: most }));

const network = fc.constantFrom(
  { cidrBlock: '10.0.0.0/8', blocks: ['10.0.0.0/16', '10.255.0.0/16'] },
  { cidrBlock: '172.16.0.0/12', blocks: ['172.31.255.240/28', '172.16.0.0/24'] },
  { cidrBlock: '192.168.0.0/16', blocks: ['192.168.0.0/17', '192.168.128.0/17'] },
  { cidrBlock: '11.1.0.0/16', blocks: ['11.1.0.0/26', '11.1.0.64/26', '11.1.0.128/26'] },
  { cidrBlock: '192.168.1.0/26', blocks: ['192.168.1.0/28', '192.168.1.16/28'] },
);

const rule = fc.oneof(
  fc.record({
    protocol: fc.constantFrom('TCP', 'udp'),
    portRange: fc.tuple(edges(1, 65_535), edges(1, 65_535)).map(([a, b]) => `${Math.min(a, b)}/${Math.max(a, b)}`),
    sourceCidr: fc.constantFrom('0.0.0.0/0', '10.1.2.3/32', '::/0', '2001:DB8:0::/32', '2001:db8::1/128'),
    priority: edges(1, 100),
  }),
  fc.record({
    protocol: fc.constantFrom('ALL', 'gre'),
    portRange: fc.constant('-1/-1'),
    sourceCidr: fc.constant('10.0.0.0/8'),
  }),
  fc.constant({ protocol: 'icmpv6', portRange: '-1/-1', sourceCidr: '::/0' }),
  fc.constant({ protocol: 'ICMP', portRange: '-1/-1', sourceCidr: '0.0.0.0/0' }),
);

const healthCheck = fc.record({
  path: fc.string({ unit: fc.constantFrom(...letters, ...marks), maxLength: 79 }).map((rest) => `/${rest}`),
  method: fc.constantFrom('HEAD', 'GET'),
  // What the servers answer at such a path.
  codes: fc.uniqueArray(fc.constantFrom('http_2xx', 'http_3xx', 'http_5xx')).map((codes) => [...codes, 'http_4xx']),
  intervalSeconds: edges(1, 50),
  timeoutSeconds: edges(1, 300),
  healthyThreshold: edges(2, 10),
  unhealthyThreshold: edges(2, 10),
});

const stickySession = fc.oneof(
  fc.constant({ enabled: false as const }),
  fc.record({
    enabled: fc.constant(true as const),
    type: fc.constant('Insert' as const),
    cookieTimeoutSeconds: edges(1, 86_400),
  }),
  fc.record({
    enabled: fc.constant(true as const),
    type: fc.constant('Server' as const),
    cookie: fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 200 }),
  }),
);

const timeouts = { requestTimeoutSeconds: edges(1, 180), idleTimeoutSeconds: edges(1, 60) };
const listener = fc.oneof(
  fc.record({ protocol: fc.constant('HTTP' as const), port: edges(1, 65_535), ...timeouts }),
  fc.record({
    protocol: fc.constant('HTTPS' as const),
    certificateIds: fc.constantFrom(['1234567-cn-shanghai'], ['7654321-cn-hangzhou', '1234567-cn-shanghai']),
    securityPolicyId: fc.constantFrom(
      'tls_cipher_policy_1_0',
      'tls_cipher_policy_1_2',
      'tls_cipher_policy_1_2_strict_with_1_3',
    ),
    ...timeouts,
  }),
);

const backends = fc
  .uniqueArray(
    fc.record({ name, family: fc.constantFrom('ipv4', 'ipv6'), port: edges(1, 65_535), weight: edges(1, 100) }),
    {
      minLength: 1,
      maxLength: 3,
      selector: (backend) => backend.name,
    },
  )
  .map((list) => list.map((backend) => ({ ...backend, page: 'page' })));

const systemDiskSizeGib = edges(20, 2048);
const instances = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      instanceType: fc.constantFrom('ecs.g6.large', 'ecs.g7.large', 'ecs.e-c1m1.large'),
      systemDiskCategory: fc.constantFrom('cloud_essd', 'cloud_auto'),
      systemDiskSizeGib,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      instanceType: fc.constantFrom('ecs.n4.small', 'ecs.g8y.large'),
      systemDiskCategory: fc.constantFrom(...diskCategories),
      systemDiskSizeGib,
    }),
  },
);

const spec = fc
  .record({
    network,
    instances,
    securityGroup: fc.record({ name, rules: fc.array(rule, { maxLength: 4 }) }),
    backends,
    loadBalancer: fc.record({
      name,
      edition: fc.constantFrom('Basic', 'Standard', 'StandardWithWaf'),
      addressType: fc.constantFrom('Internet', 'Intranet'),
    }),
    serverGroup: fc.record({ name, scheduler: fc.constantFrom('Wrr', 'Wlc', 'Sch'), healthCheck, stickySession }),
    listener,
  })
  .map(({ network: { cidrBlock, blocks }, ...rest }) => ({
    ...rest,
    network: {
      cidrBlock,
      vSwitches: blocks.map((block, index) => ({
        name: `vSwitch${index}`,
        zoneId: `cn-shanghai-${['e', 'g', 'b'][index] ?? 'b'}`,
        cidrBlock: block,
      })),
    },
  }))
  .filter((body) => 'spec' in parseSpec({ name: 'one', ...body }));

/** Stages that make things; what the servers answer then is another matter. */
const held = ['health'] as const;

it('what the request may say, no call that makes something is refused for', async () => {
  let made = 0;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(spec, async (body) => {
      run += 1;
      const { failure, stages } = await driver.provision({ name: `accepted-${run}`, ...body } as SpecInput, { held });
      // What the schema lets through and the cloud does not have is found before anything is made.
      expect(failure?.stage ?? 'preflight', failure?.message).toBe('preflight');
      if (failure === undefined) made += 1;
      for (const stage of ['listener', 'backend-servers'] as const)
        if (failure === undefined) expect(stages[stage].apply.state).toBe('done');
    }),
    { numRuns: 8, seed: 12 },
  );
  // Otherwise it would say nothing.
  expect(made).toBeGreaterThan(3);
});
