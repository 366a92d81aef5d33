import sdk from '@alicloud/alb20200616';
import { OpenApiRequest, Params } from '@alicloud/openapi-core/dist/utils.js';
import { albService } from '../../../local/alb/index.ts';
import { AlbState } from '../../../local/alb/state.ts';
import { EcsState, type Instance } from '../../../local/ecs/state.ts';
import type { LatencyName } from '../../../local/latency.ts';
import { settled } from '../../../local/lifecycle.ts';
import { VpcState, type Vpc, type VSwitch } from '../../../local/vpc/state.ts';
import { testContext } from '../../support/cloud-context.ts';
import { sdkConfig, testEdge } from '../../support/edge.ts';

export interface CloudOptions {
  latency?: LatencyName;
  ipv6?: boolean;
  cidrBlocks?: [string, string];
  hasRole?: boolean;
  certificates?: string[];
}

/** ALB behind a real socket, over a VPC with two vSwitches in zones e and g and an IPv6 gateway. */
export async function startCloud(options: CloudOptions = {}) {
  const context = testContext(options.latency ?? 'realistic');
  const vpcState = new VpcState(context);
  const ecs = new EcsState(context, vpcState);
  const state = new AlbState(context, vpcState, ecs, {
    hasServiceLinkedRole: () => options.hasRole ?? true,
    hasCertificate: (id) => options.certificates?.includes(id) ?? false,
  });
  const vpc = addVpc(vpcState, options.ipv6 ?? true);
  const [cidrE, cidrG] = options.cidrBlocks ?? ['10.0.1.0/24', '10.0.2.0/24'];
  const vSwitchE = addVSwitch(vpcState, vpc, 'cn-shanghai-e', cidrE, 1);
  const vSwitchG = addVSwitch(vpcState, vpc, 'cn-shanghai-g', cidrG, 2);
  if (options.ipv6 ?? true)
    vpcState.ipv6Gateways.add({
      ...kept(vpcState, 'ipv6gw-uf6'),
      vpcId: vpc.id,
      name: '',
      description: '',
    });
  const service = albService(state);
  const { edge, url, calls } = await testEdge(context, [service]);
  return {
    context,
    clock: context.clock,
    state,
    ecs,
    vpcState,
    vpc,
    vSwitchE,
    vSwitchG,
    edge,
    url,
    calls,
    client: new sdk.default(sdkConfig(url, context)),
  };
}

export type Cloud = Awaited<ReturnType<typeof startCloud>>;

const kept = (state: VpcState, prefix: string) => ({
  id: state.context.nextId(prefix),
  createdAtMs: state.context.clock.nowMs(),
  status: settled('Available'),
  tags: [],
});

export const addVpc = (state: VpcState, ipv6: boolean): Vpc =>
  state.vpcs.add({
    ...kept(state, 'vpc-uf6'),
    name: '',
    description: '',
    cidrBlock: '10.0.0.0/16',
    ipv6CidrBlock: ipv6 ? state.nextIpv6Block() : '',
  });

export const addVSwitch = (state: VpcState, vpc: Vpc, zoneId: string, cidrBlock: string, index: number): VSwitch =>
  state.vSwitches.add({
    ...kept(state, 'vsw-uf6'),
    vpcId: vpc.id,
    zoneId,
    name: '',
    description: '',
    cidrBlock,
    ipv6CidrBlock: vpc.ipv6CidrBlock === '' ? '' : state.ipv6Subnet(vpc, index),
    addresses: new Map(),
  });

/** An instance with an IPv6 address, Running at once unless `isPending`. */
export function launch(cloud: Cloud, vSwitch = cloud.vSwitchE, isPending = false): Instance {
  const instance = cloud.ecs.launch({
    vSwitch,
    zoneId: vSwitch.zoneId,
    instanceType: 'ecs.g7.large',
    imageId: 'aliyun_3_x64_20G_alibase.vhd',
    imageFamily: 'acs:alibaba_cloud_linux_3_2104_lts_x64',
    name: 'ECS01',
    hostName: '',
    description: '',
    securityGroupIds: [],
    ipv6AddressCount: vSwitch.ipv6CidrBlock === '' ? 0 : 1,
    ipv6Addresses: [],
    userData: '',
    internetMaxBandwidthOut: 0,
    deletionProtection: false,
    tags: [],
  });
  if (instance === undefined) throw new Error('no free address');
  if (!isPending) instance.status = settled('Running');
  return instance;
}

export const loadBalancerRequest = (cloud: Cloud, changes: object = {}) =>
  new sdk.CreateLoadBalancerRequest({
    vpcId: cloud.vpc.id,
    addressType: 'Internet',
    addressIpVersion: 'DualStack',
    loadBalancerEdition: 'Standard',
    loadBalancerName: 'front',
    loadBalancerBillingConfig: new sdk.CreateLoadBalancerRequestLoadBalancerBillingConfig({ payType: 'PostPay' }),
    zoneMappings: [zone('cn-shanghai-e', cloud.vSwitchE), zone('cn-shanghai-g', cloud.vSwitchG)],
    ...changes,
  });

export const zone = (zoneId: string, vSwitch: VSwitch) =>
  new sdk.CreateLoadBalancerRequestZoneMappings({ zoneId, vSwitchId: vSwitch.id });

/** An Active load balancer. */
export async function activeLoadBalancer(cloud: Cloud, changes: object = {}): Promise<string> {
  const { body } = await cloud.client.createLoadBalancer(loadBalancerRequest(cloud, changes));
  cloud.clock.advance(cloud.context.latency.loadBalancerMs);
  return body?.loadBalancerId ?? '';
}

export const serverGroupRequest = (cloud: Cloud, changes: object = {}) =>
  new sdk.CreateServerGroupRequest({
    serverGroupName: 'backends',
    vpcId: cloud.vpc.id,
    ipv6Enabled: true,
    healthCheckConfig: new sdk.CreateServerGroupRequestHealthCheckConfig({ healthCheckEnabled: true }),
    ...changes,
  });

/** An Available server group. */
export async function availableServerGroup(cloud: Cloud, changes: object = {}): Promise<string> {
  const { body } = await cloud.client.createServerGroup(serverGroupRequest(cloud, changes));
  cloud.clock.advance(cloud.context.latency.serverGroupMs);
  return body?.serverGroupId ?? '';
}

export const forwardTo = (...serverGroupIds: string[]) => [
  new sdk.CreateListenerRequestDefaultActions({
    type: 'ForwardGroup',
    forwardGroupConfig: new sdk.CreateListenerRequestDefaultActionsForwardGroupConfig({
      serverGroupTuples: serverGroupIds.map(
        (serverGroupId) =>
          new sdk.CreateListenerRequestDefaultActionsForwardGroupConfigServerGroupTuples({ serverGroupId }),
      ),
    }),
  }),
];

export const listenerRequest = (loadBalancerId: string, serverGroupId: string, changes: object = {}) =>
  new sdk.CreateListenerRequest({
    loadBalancerId,
    listenerProtocol: 'HTTP',
    listenerPort: 80,
    defaultActions: forwardTo(serverGroupId),
    ...changes,
  });

/** A Running listener on port 80 of a new load balancer, with a new server group. */
export async function runningListener(cloud: Cloud, changes: { edition?: string } = {}) {
  const loadBalancerId = await activeLoadBalancer(cloud, { loadBalancerEdition: changes.edition ?? 'Standard' });
  const serverGroupId = await availableServerGroup(cloud);
  const { body } = await cloud.client.createListener(listenerRequest(loadBalancerId, serverGroupId));
  cloud.clock.advance(cloud.context.latency.listenerMs);
  return { loadBalancerId, serverGroupId, listenerId: body?.listenerId ?? '' };
}

/** A call that no typed request can make: any action with any parameters. */
export async function callGeneric(cloud: Cloud, action: string, query: Record<string, string>): Promise<unknown> {
  const params = new Params({
    action,
    version: '2020-06-16',
    protocol: 'HTTP',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const runtime = {} as Parameters<typeof cloud.client.callApi>[2];
  const answer: unknown = await cloud.client.callApi(params, new OpenApiRequest({ query }), runtime);
  return (answer as { body: unknown }).body;
}
