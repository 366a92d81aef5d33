import type { EmbeddedCloud } from '../../local/cloud.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { StageName } from '../../shared/pipeline.ts';
import { normalAddress } from '../../shared/net/cidr.ts';

/** Types of what a stage creates, as the record names them. */
export const typesOf: Partial<Record<StageName, readonly string[]>> = {
  network: ['VPC', 'VSwitch', 'Ipv6Gateway'],
  'security-group': ['SecurityGroup'],
  'server-group': ['ServerGroup'],
  'load-balancer': ['LoadBalancer'],
  instances: ['Instance'],
  'backend-servers': ['BackendServer'],
  listener: ['Listener', 'Rule'],
  dns: ['DomainRecord'],
};

/** What the tutorial's request makes in the cloud: exactly one of everything. */
export const oneOfEverything: Partial<Record<StageName, readonly string[]>> = {
  network: ['Ipv6Gateway', 'VPC', 'VSwitch', 'VSwitch'],
  'security-group': ['SecurityGroup'],
  'server-group': ['ServerGroup'],
  'load-balancer': ['LoadBalancer'],
  instances: ['Instance', 'Instance'],
  'backend-servers': ['BackendServer', 'BackendServer'],
  listener: ['Listener'],
  dns: ['DomainRecord'],
};

/** `type id` of everything in the cloud that a deployment can make, sorted. What a service manages itself is left out. */
export function cloudResources(cloud: EmbeddedCloud): string[] {
  const { vpc, ecs, alb, dns } = cloud;
  const ids = (type: string, items: readonly { id: string }[]) => items.map(({ id }) => `${type} ${id}`);
  return [
    ...ids('VPC', vpc.vpcs.list()),
    ...ids('VSwitch', vpc.vSwitches.list()),
    ...ids('Ipv6Gateway', vpc.ipv6Gateways.list()),
    ...ids(
      'SecurityGroup',
      ecs.securityGroups.list().filter(({ serviceManaged }) => !serviceManaged),
    ),
    ...ids('Instance', ecs.instances.list()),
    ...ids('LoadBalancer', alb.loadBalancers.list()),
    ...ids('ServerGroup', alb.serverGroups.list()),
    ...ids('Listener', alb.listeners.list()),
    ...ids('Rule', alb.rules.list()),
    ...alb.serverGroups
      .list()
      .flatMap(({ servers }) =>
        servers.map(({ serverId, serverIp, port }) => `BackendServer ${serverId} ${normalAddress(serverIp)} ${port}`),
      ),
    ...ids('DomainRecord', [...dns.records.values()]),
  ].sort();
}

/** `type id` of all that the record says the deployment has created, sorted. */
export const recordedResources = (record: DeploymentRecord, stage?: StageName): string[] =>
  Object.entries(record.stages)
    .filter(([name]) => stage === undefined || name === stage)
    .flatMap(([, { resources }]) => resources)
    .filter(({ created }) => created)
    .map(({ type, id }) => `${type} ${id}`)
    .sort();

/** Those of `resources` that are of a type which the stage creates. */
export const ofStage = (resources: readonly string[], stage: StageName): string[] =>
  resources.filter((resource) => typesOf[stage]?.includes(resource.split(' ')[0] ?? '') === true);

export const typesIn = (resources: readonly string[]): string[] =>
  resources.map((resource) => resource.split(' ')[0] ?? '').sort();
