/**
 * Reads by our clients over the wire: always from the embedded cloud, and from the vendor's endpoints when
 * ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are set, with DUALSTACK_ALB_REGION and
 * DUALSTACK_ALB_ACCOUNT_ID. Nothing is changed. Names that nobody has show what "there is none" looks like.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedCloud } from '../../local/cloud.ts';
import { VirtualClock } from '../../shared/clock.ts';
import { loadConfig } from '../../shared/config.ts';
import { createRuntime, type Runtime } from '../../shared/runtime.ts';

const { env } = process;
const region = env['DUALSTACK_ALB_REGION'] ?? 'cn-shanghai';
const accessKeyId = env['ALIBABA_CLOUD_ACCESS_KEY_ID'];
const accessKeySecret = env['ALIBABA_CLOUD_ACCESS_KEY_SECRET'];
const hasCredentials = accessKeyId !== undefined && accessKeySecret !== undefined;
if (!hasCredentials) console.log('reads from the real endpoints: NOT RUN, no credentials in the environment');

interface Side {
  runtime: Runtime;
  close: () => Promise<void>;
}

async function embedded(): Promise<Side> {
  const cloud = new EmbeddedCloud({ clock: new VirtualClock(Date.now()), latency: 'none' });
  const url = await cloud.start();
  const config = loadConfig({
    DUALSTACK_ALB_REGION: cloud.context.regionId,
    DUALSTACK_ALB_ACCOUNT_ID: cloud.credentials.accountId,
    DUALSTACK_ALB_ENDPOINT: url,
  });
  const runtime = createRuntime({
    config,
    credentials: cloud.credentials.root,
    clock: cloud.clock,
    log: () => undefined,
    pause: async () => undefined,
  });
  return { runtime, close: () => cloud.close() };
}

const real = (): Promise<Side> => {
  const config = loadConfig({
    DUALSTACK_ALB_REGION: region,
    DUALSTACK_ALB_ACCOUNT_ID: env['DUALSTACK_ALB_ACCOUNT_ID'],
    DUALSTACK_ALB_MNS_ENDPOINT: `https://${env['DUALSTACK_ALB_ACCOUNT_ID']}.mns.${region}.aliyuncs.com`,
  });
  const credentials = {
    accessKeyId: accessKeyId ?? '',
    accessKeySecret: accessKeySecret ?? '',
    securityToken: env['ALIBABA_CLOUD_SECURITY_TOKEN'],
  };
  return Promise.resolve({
    runtime: createRuntime({ config, credentials, log: () => undefined }),
    close: () => Promise.resolve(),
  });
};

const sides: [string, () => Promise<Side>][] = [
  ['the embedded cloud', embedded],
  ...(hasCredentials ? [['the real endpoints', real] as [string, () => Promise<Side>]] : []),
];

const tags = { 'dualstack-alb:nobody': 'nobody' };

describe.each(sides)('reads from %s', (_, start) => {
  let side: Side;
  beforeAll(async () => {
    side = await start();
  });
  afterAll(async () => {
    await side.close();
  });
  const clouds = () => side.runtime.clouds;

  it('finds no network that nobody has', async () => {
    const { vpc } = clouds();
    expect(await vpc.findVpc('vpc-uf6nobody0000000000001')).toBeUndefined();
    expect(await vpc.findVSwitch('vsw-uf6nobody0000000000001')).toBeUndefined();
    expect(await vpc.listVpcs({ tags })).toEqual([]);
    expect(await vpc.listVSwitches({ tags })).toEqual([]);
    expect(await vpc.listIpv6Gateways({ tags })).toEqual([]);
  });

  it('knows the catalogue of servers', async () => {
    const { ecs } = clouds();
    expect(await ecs.findImage('acs:alibaba_cloud_linux_3_2104_lts_x64')).toMatchObject({ architecture: 'x86_64' });
    expect(await ecs.findImage('acs:nobodys_linux')).toBeUndefined();
    expect(await ecs.findInstanceType('ecs.g6.large')).toMatchObject({ cpuArchitecture: 'X86' });
    expect(await ecs.findInstanceType('ecs.nobody.large')).toBeUndefined();
    const [zoneId = ''] = await clouds().alb.listZoneIds();
    expect(typeof (await ecs.isInstanceTypeAvailable({ zoneId, instanceType: 'ecs.g6.large' }))).toBe('boolean');
    expect(await ecs.listSystemDisks({ zoneId, instanceType: 'ecs.g6.large' })).toBeInstanceOf(Array);
  });

  it('finds no server and no group that nobody has', async () => {
    const { ecs } = clouds();
    expect(await ecs.listInstances({ tags })).toEqual([]);
    expect(await ecs.listInstances({ instanceIds: ['i-uf6nobody0000000000001'] })).toEqual([]);
    expect(await ecs.listSecurityGroups({ tags })).toEqual([]);
    expect(await ecs.getSecurityGroupRules('sg-uf6nobody000000000001')).toBeUndefined();
  });

  it('finds zones for load balancers, and none of what nobody has', async () => {
    const { alb } = clouds();
    expect((await alb.listZoneIds()).length).toBeGreaterThanOrEqual(2);
    expect(await alb.countLoadBalancers()).toBeGreaterThanOrEqual(0);
    expect(await alb.findLoadBalancer('alb-nobody00000000001')).toBeUndefined();
    expect(await alb.listLoadBalancers({ tags })).toEqual([]);
    expect(await alb.findServerGroup('sgp-nobody00000000001')).toBeUndefined();
    expect(await alb.listServerGroups({ tags })).toEqual([]);
    expect(await alb.listSystemSecurityPolicies()).toContain('tls_cipher_policy_1_2');
    expect(await alb.hasSecurityPolicy('spy-nobody0000000000')).toBe(false);
  });

  it('lists certificates by their numbers', async () => {
    for (const number of await clouds().certificates.listCertificateNumbers()) expect(number).toBeGreaterThan(0);
  });

  it('finds no domain that nobody has', async () => {
    expect(await clouds().dns.findDomain('nobody-has-this-domain.example')).toBeUndefined();
  });
});
