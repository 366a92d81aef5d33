import { request, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';
import type { BackendServer, Listener, LoadBalancer, Rule, ServerGroup } from '../../../local/alb/state.ts';
import { AlbState } from '../../../local/alb/state.ts';
import { DnsState } from '../../../local/alidns/state.ts';
import { DataPlane } from '../../../local/data-plane/index.ts';
import type { Instance } from '../../../local/ecs/state.ts';
import { EcsState } from '../../../local/ecs/state.ts';
import type { LatencyName } from '../../../local/latency.ts';
import { settled } from '../../../local/lifecycle.ts';
import { VpcState, type VSwitch } from '../../../local/vpc/state.ts';
import { testContext } from '../../support/cloud-context.ts';

/** User data that serves `body` with a header `X-Backend: name`. */
export const userDataFor = (name: string, body = `hello from ${name}`): string => `#cloud-config
packages:
  - nginx
write_files:
  - path: /usr/share/nginx/html/index.html
    content: ${JSON.stringify(body)}
  - path: /etc/nginx/default.d/backend.conf
    content: |
      add_header X-Backend ${name} always;
runcmd:
  - systemctl enable --now nginx
`;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A VPC with two vSwitches and two instances, ECS01 (IPv4) and ECS02 (IPv6), behind a dual-stack load balancer. */
export async function startDataPlane(latency: LatencyName = 'realistic') {
  const context = testContext(latency);
  const { clock, nextId } = context;
  const vpc = new VpcState(context);
  const ecs = new EcsState(context, vpc);
  const alb = new AlbState(context, vpc, ecs, { hasServiceLinkedRole: () => true, hasCertificate: () => true });
  const dns = new DnsState(context);
  const plane = new DataPlane(context, vpc, ecs, alb, dns);
  await plane.start();
  onTestFinished(() => plane.close());

  const kept = (prefix: string, status: string) => ({
    id: nextId(prefix),
    createdAtMs: clock.nowMs(),
    status: settled(status),
    tags: [],
    name: prefix,
    description: '',
  });
  const network = vpc.vpcs.add({
    ...kept('vpc-uf6', 'Available'),
    cidrBlock: '10.0.0.0/8',
    ipv6CidrBlock: vpc.nextIpv6Block(),
  });
  const addVSwitch = (zone: string, index: number): VSwitch =>
    vpc.vSwitches.add({
      ...kept('vsw-uf6', 'Available'),
      vpcId: network.id,
      zoneId: `cn-shanghai-${zone}`,
      cidrBlock: `10.0.${index}.0/24`,
      ipv6CidrBlock: vpc.ipv6Subnet(network, index),
      addresses: new Map(),
    });
  const vSwitches = [addVSwitch('e', 1), addVSwitch('g', 2)] as const;
  const gateway = vpc.ipv6Gateways.add({ ...kept('ipv6gw-uf6', 'Available'), vpcId: network.id });
  const group = ecs.addSecurityGroup({
    vpcId: network.id,
    name: 'web',
    description: '',
    type: 'normal',
    serviceManaged: false,
    tags: [],
  });
  const allow = (cidr: string): void => {
    const isIpv6 = cidr.includes(':');
    group.rules.push({
      id: nextId('sgr-uf6'),
      createdAtMs: clock.nowMs(),
      description: '',
      ipProtocol: 'TCP',
      portRange: '80/80',
      sourceCidrIp: isIpv6 ? '' : cidr,
      ipv6SourceCidrIp: isIpv6 ? cidr : '',
      sourceGroupId: '',
      policy: 'Accept',
      priority: 1,
    });
  };
  for (const vSwitch of vSwitches) {
    allow(vSwitch.cidrBlock);
    allow(vSwitch.ipv6CidrBlock);
  }

  const launch = (name: string, vSwitch: VSwitch, userData = userDataFor(name)): Instance => {
    const instance = ecs.launch({
      vSwitch,
      zoneId: vSwitch.zoneId,
      instanceType: 'ecs.g7.large',
      imageId: 'aliyun_3_x64_20G_alibase.vhd',
      imageFamily: 'acs:alibaba_cloud_linux_3_2104_lts_x64',
      name,
      hostName: '',
      description: '',
      securityGroupIds: [group.id],
      ipv6AddressCount: 1,
      ipv6Addresses: [],
      userData,
      internetMaxBandwidthOut: 0,
      deletionProtection: false,
      tags: [],
    });
    if (instance === undefined) throw new Error('no free address');
    return instance;
  };
  const ecs01 = launch('ecs01', vSwitches[0]);
  const ecs02 = launch('ecs02', vSwitches[1]);
  clock.advance(context.latency.instanceMs + context.latency.cloudInitMs);

  const managed = ecs.addServiceManagedSecurityGroup({ vpcId: network.id, name: 'alb' });
  const card = (vSwitch: VSwitch) => {
    const found = ecs.addServiceManagedInterface({
      vSwitchId: vSwitch.id,
      ipv6: true,
      securityGroupId: managed.id,
      description: 'alb',
    });
    if (found === undefined) throw new Error('no free address');
    return found;
  };
  const addLoadBalancer = (name = 'alb-one'): LoadBalancer =>
    alb.addLoadBalancer({
      ...kept('alb-', 'Active'),
      name,
      vpcId: network.id,
      addressType: 'Internet',
      addressAllocatedMode: 'Fixed',
      edition: 'Standard',
      addressIpVersion: 'DualStack',
      ipv6Internet: settled('Internet'),
      businessStatus: 'Normal',
      dnsName: `${nextId('alb-')}.cn-shanghai.alb.aliyuncsslb.com`,
      deletionProtection: false,
      deletionProtectedAtMs: 0,
      modificationProtection: { status: 'NonProtection', reason: '' },
      resourceGroupId: 'rg-1',
      securityGroupId: managed.id,
      zones: vSwitches.map((vSwitch) => {
        const front = card(vSwitch);
        const local = card(vSwitch);
        return {
          zoneId: vSwitch.zoneId,
          vSwitchId: vSwitch.id,
          address: alb.nextPublicAddress(),
          allocationId: 'eip-1',
          intranetAddress: front.privateIpAddress,
          ipv6Address: front.ipv6Addresses[0] as string,
          ipv4LocalAddresses: [local.privateIpAddress],
          ipv6LocalAddresses: local.ipv6Addresses,
          networkInterfaceId: front.id,
          networkInterfaceIds: [front.id, local.id],
          status: settled('Active'),
          unhealthy: { ipv4: false, ipv6: false },
        };
      }),
    });
  const addServerGroup = (more: Partial<ServerGroup> = {}): ServerGroup =>
    alb.addServerGroup({
      ...kept('sgp-', 'Available'),
      name: 'web',
      vpcId: network.id,
      protocol: 'HTTP',
      scheduler: 'Wrr',
      ipv6Enabled: true,
      upstreamKeepaliveEnabled: false,
      resourceGroupId: 'rg-1',
      serviceName: '',
      healthCheck: {
        enabled: true,
        protocol: 'HTTP',
        method: 'HEAD',
        path: '/',
        host: '',
        httpVersion: 'HTTP1.1',
        codes: ['http_2xx'],
        connectPort: 0,
        intervalSeconds: 2,
        timeoutSeconds: 5,
        healthyThreshold: 3,
        unhealthyThreshold: 3,
      },
      stickySession: { enabled: false, type: 'Insert', cookie: '', cookieTimeoutSeconds: 1000 },
      connectionDrain: { enabled: false, timeoutSeconds: 300 },
      slowStart: { enabled: false, durationSeconds: 30 },
      ...more,
    });
  const addServer = (to: ServerGroup, instance: Instance, serverIp: string, weight = 100): BackendServer => {
    const server: BackendServer = {
      serverId: instance.id,
      serverIp,
      serverType: 'Ecs',
      port: 80,
      weight,
      description: '',
      status: settled('Available'),
      addedAtMs: clock.nowMs(),
    };
    alb.addServer(to, server);
    return server;
  };
  const addListener = (of: LoadBalancer, to: ServerGroup, more: Partial<Listener> = {}): Listener =>
    alb.addListener({
      ...kept('lsn-', 'Running'),
      loadBalancerId: of.id,
      port: 80,
      protocol: 'HTTP',
      serverGroupId: to.id,
      certificateIds: [],
      securityPolicyId: '',
      requestTimeoutSeconds: 60,
      idleTimeoutSeconds: 15,
      gzipEnabled: true,
      http2Enabled: true,
      forwardedHeaders: {
        for: true,
        processingMode: 'append',
        proto: true,
        slbId: true,
        slbPort: true,
        clientSrcPort: false,
        host: false,
        clientSourceIps: false,
        clientSourceIpsTrusted: '',
      },
      ...more,
    });
  const addRule = (listener: Listener, fields: Pick<Rule, 'conditions' | 'actions'>, priority = 1): Rule =>
    alb.rules.add({ ...kept('rule-', 'Available'), listenerId: listener.id, priority, ...fields });

  const loadBalancer = addLoadBalancer();
  const serverGroup = addServerGroup();
  const server01 = addServer(serverGroup, ecs01, ecs01.privateIpAddress);
  const server02 = addServer(serverGroup, ecs02, ecs02.ipv6Addresses[0] as string);
  const ipv6 = loadBalancer.zones[0]?.ipv6Address ?? '';

  /** One request to an address of the cloud, on a connection of its own. @throws the refusal's code. */
  const fetch = async (
    address: string,
    options: { port?: number; method?: string; path?: string; headers?: Record<string, string>; vpcId?: string } = {},
  ): Promise<Answer> => {
    const { port = 80, method = 'GET', path = '/', headers = {}, vpcId } = options;
    const route = await plane.route(address, port, { vpcId });
    if ('refusal' in route) throw Object.assign(new Error(route.refusal), { code: route.refusal });
    return await new Promise((resolve, reject) => {
      const sent = request(
        { ...route, method, path, headers: { host: 'www.example.com', ...headers }, agent: false },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              body: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end();
    });
  };
  /** Moves the clock by `ms`, when nothing is under way, and lets the round of checks that is then due end. */
  const tick = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let turn = 0; turn < 3 || plane.busy > 0; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  return {
    context,
    clock,
    vpc,
    ecs,
    alb,
    dns,
    plane,
    network,
    vSwitches,
    gateway,
    group,
    ecs01,
    ecs02,
    loadBalancer,
    serverGroup,
    server01,
    server02,
    ipv6,
    allow,
    launch,
    addLoadBalancer,
    addServerGroup,
    addServer,
    addListener,
    addRule,
    fetch,
    tick,
  };
}
