import type { EmbeddedCloud } from '../../local/cloud.ts';
import { seedExisting } from '../../local/seed-existing.ts';
import { genericClient } from './rpc-call.ts';

export interface ForeignLoadBalancer {
  loadBalancerId: string;
  listenerId: string;
  serverGroupId: string;
  vSwitches: { zoneId: string; vSwitchId: string }[];
  vpcId: string;
  /** Ids of the servers; each names itself in the header X-Backend-Server. */
  instances: { ECS01: string; ECS02: string };
}

const vpcId = 'vpc-uf6foreign0000000001';
const vSwitches = [
  { zoneId: 'cn-shanghai-e', vSwitchId: 'vsw-uf6foreign0000000001' },
  { zoneId: 'cn-shanghai-g', vSwitchId: 'vsw-uf6foreign0000000002' },
];
const instances = { ECS01: 'i-uf6foreign00000000001', ECS02: 'i-uf6foreign00000000002' };

/** Parameters of the zones of a load balancer there. */
export const zoneMappings = (): Record<string, string> =>
  Object.fromEntries(
    vSwitches.flatMap(({ zoneId, vSwitchId }, index) => [
      [`ZoneMappings.${index + 1}.ZoneId`, zoneId],
      [`ZoneMappings.${index + 1}.VSwitchId`, vSwitchId],
    ]),
  );

/**
 * A dual-stack load balancer that somebody has made with the account's own key: HTTP on port 80, before one server over IPv4
 * and one over IPv6. `domain` leads to it. Needs a cloud in which nothing takes time.
 */
export async function addForeignLoadBalancer(
  cloud: EmbeddedCloud,
  domain = 'example.com',
): Promise<ForeignLoadBalancer> {
  seedExisting(cloud, {
    vpcId,
    vSwitches,
    instances: [
      { instanceId: instances.ECS01, name: 'ECS01', ipv6: false, page: 'Hello World ! this is ipv4 rs.' },
      { instanceId: instances.ECS02, name: 'ECS02', ipv6: true, page: 'Hello World ! this is ipv6 rs.' },
    ],
  });
  const roles = genericClient(cloud.url, cloud.context, '2020-03-31');
  await roles('CreateServiceLinkedRole', { ServiceName: 'alb.aliyuncs.com' });
  const alb = genericClient(cloud.url, cloud.context, '2020-06-16');
  const { LoadBalancerId } = await alb('CreateLoadBalancer', {
    LoadBalancerName: 'foreign',
    VpcId: vpcId,
    AddressType: 'Internet',
    AddressIpVersion: 'DualStack',
    LoadBalancerEdition: 'Basic',
    'LoadBalancerBillingConfig.PayType': 'PostPay',
    ...zoneMappings(),
  });
  const loadBalancerId = String(LoadBalancerId);
  await alb('EnableLoadBalancerIpv6Internet', { LoadBalancerId: loadBalancerId });
  const { ServerGroupId } = await alb('CreateServerGroup', {
    ServerGroupName: 'foreign',
    VpcId: vpcId,
    Ipv6Enabled: 'true',
    'HealthCheckConfig.HealthCheckEnabled': 'true',
  });
  const serverGroupId = String(ServerGroupId);
  const [ipv4, ipv6] = Object.values(instances).map((id) => cloud.ecs.instances.find(id));
  await alb('AddServersToServerGroup', {
    ServerGroupId: serverGroupId,
    ...entry(1, instances.ECS01, ipv4?.privateIpAddress),
    ...entry(2, instances.ECS02, ipv6?.ipv6Addresses[0]),
  });
  const { ListenerId } = await alb('CreateListener', {
    LoadBalancerId: loadBalancerId,
    ListenerProtocol: 'HTTP',
    ListenerPort: '80',
    'DefaultActions.1.Type': 'ForwardGroup',
    'DefaultActions.1.ForwardGroupConfig.ServerGroupTuples.1.ServerGroupId': serverGroupId,
  });
  cloud.dns.addRecord(cloud.dns.domain(domain), {
    rr: '@',
    type: 'CNAME',
    value: cloud.alb.loadBalancer(loadBalancerId).dnsName,
    line: 'default',
    ttl: 600,
  });
  return { loadBalancerId, listenerId: String(ListenerId), serverGroupId, vpcId, vSwitches, instances };
}

/** Parameters of one entry of a server group. */
export const entry = (number: number, serverId: string, serverIp = '', weight = 100): Record<string, string> => ({
  [`Servers.${number}.ServerType`]: 'Ecs',
  [`Servers.${number}.ServerId`]: serverId,
  [`Servers.${number}.ServerIp`]: serverIp,
  [`Servers.${number}.Port`]: '80',
  [`Servers.${number}.Weight`]: String(weight),
});
