import type { EmbeddedCloud } from '../../local/cloud.ts';

/** How many of each thing there are. */
export interface Inventory {
  vpcs: number;
  vSwitches: number;
  ipv6Gateways: number;
  securityGroups: number;
  instances: number;
  loadBalancers: number;
  serverGroups: number;
  servers: number;
  listeners: number;
  records: number;
}

/** What one deployment of the tutorial's request has. */
export const oneOfEverything: Inventory = {
  vpcs: 1,
  vSwitches: 2,
  ipv6Gateways: 1,
  securityGroups: 1,
  instances: 2,
  loadBalancers: 1,
  serverGroups: 1,
  servers: 2,
  listeners: 1,
  records: 1,
};

/** In the network and with the instances of somebody else. */
export const oneOfEverythingInAdopted: Inventory = {
  ...oneOfEverything,
  vpcs: 0,
  vSwitches: 0,
  ipv6Gateways: 0,
  securityGroups: 0,
  instances: 0,
};

export const nothing: Inventory = {
  ...oneOfEverythingInAdopted,
  loadBalancers: 0,
  serverGroups: 0,
  servers: 0,
  listeners: 0,
  records: 0,
};

const markKey = 'dualstack-alb-deployment';

interface Tagged {
  tags: { key: string; value: string }[];
}

/** What the cloud itself holds of the deployment, by its mark; `undefined` counts what bears no mark at all. */
export function inventoryOf(cloud: EmbeddedCloud, deploymentId: string | undefined): Inventory {
  const ownerOf = ({ tags }: Tagged) => tags.find(({ key }) => key === markKey)?.value;
  const owned = <T extends Tagged>(items: T[]): T[] => items.filter((item) => ownerOf(item) === deploymentId);
  const servers = cloud.alb.serverGroups.list().flatMap((group) => group.servers);
  const loadBalancers = cloud.alb.loadBalancers.list();
  return {
    vpcs: owned(cloud.vpc.vpcs.list()).length,
    vSwitches: owned(cloud.vpc.vSwitches.list()).length,
    ipv6Gateways: owned(cloud.vpc.ipv6Gateways.list()).length,
    securityGroups: owned(cloud.ecs.securityGroups.list().filter(({ serviceManaged }) => !serviceManaged)).length,
    instances: owned(cloud.ecs.instances.list()).length,
    loadBalancers: owned(loadBalancers).length,
    serverGroups: owned(cloud.alb.serverGroups.list()).length,
    // Servers bear the mark in their description.
    servers: servers.filter(({ description }) => description.split('/')[1] === deploymentId).length,
    listeners: owned(cloud.alb.listeners.list()).length,
    // A record belongs to whom its value leads to.
    records: [...cloud.dns.records.values()].filter(({ value }) => {
      const target = loadBalancers.find(({ dnsName }) => dnsName === value);
      return (target === undefined ? undefined : ownerOf(target)) === deploymentId;
    }).length,
  };
}
