import type { EmbeddedCloud } from '../../local/cloud.ts';

/** Everything in the emulated account that costs money or stands in the way, by kind and id; queues and tables aside. */
export function remainsOf(cloud: EmbeddedCloud): string[] {
  const { vpc, ecs, alb, dns } = cloud;
  const ids = (kind: string, list: { id: string }[]) => list.map(({ id }) => `${kind} ${id}`);
  return [
    ...ids('vpc', vpc.vpcs.list()),
    ...ids('v-switch', vpc.vSwitches.list()),
    ...ids('ipv6-gateway', vpc.ipv6Gateways.list()),
    ...ids('security-group', ecs.securityGroups.list()),
    ...ids('instance', ecs.instances.list()),
    ...ids('network-card', ecs.networkInterfaces.list()),
    ...ids('load-balancer', alb.loadBalancers.list()),
    ...ids('server-group', alb.serverGroups.list()),
    ...ids('listener', alb.listeners.list()),
    ...ids('record', [...dns.records.values()]),
  ];
}
