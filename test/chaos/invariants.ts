import type { EmbeddedCloud } from '../../local/cloud.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { stageNames } from '../../shared/pipeline.ts';
import { remainsOf } from '../support/remains.ts';

/** What the tutorial's load balancer consists of, by kind. */
const ofTutorial = {
  vpc: 1,
  'v-switch': 2,
  'ipv6-gateway': 1,
  'security-group': 1,
  instance: 2,
  'load-balancer': 1,
  'server-group': 1,
  server: 2,
  listener: 1,
  rule: 0,
  record: 1,
};
export type Inventory = typeof ofTutorial;

/** Deviations from exactly one of everything, all of it ours but what is `adopted`. */
export function notExactlyOne(
  cloud: EmbeddedCloud,
  record: DeploymentRecord,
  { wanted = {}, adopted = [] }: { wanted?: Partial<Inventory>; adopted?: readonly string[] } = {},
): string[] {
  const { vpc, ecs, alb, dns } = cloud;
  const found: Inventory = {
    vpc: vpc.vpcs.list().length,
    'v-switch': vpc.vSwitches.list().length,
    'ipv6-gateway': vpc.ipv6Gateways.list().length,
    'security-group': ecs.securityGroups.list().filter(({ serviceManaged }) => !serviceManaged).length,
    instance: ecs.instances.list().length,
    'load-balancer': alb.loadBalancers.list().length,
    'server-group': alb.serverGroups.list().length,
    server: alb.serverGroups.list().reduce((sum, group) => sum + group.servers.length, 0),
    listener: alb.listeners.list().length,
    rule: alb.rules.list().length,
    record: dns.records.size,
  };
  const problems = Object.entries({ ...ofTutorial, ...wanted })
    .filter(([kind, count]) => found[kind as keyof Inventory] !== count)
    .map(([kind, count]) => `${found[kind as keyof Inventory]} ${kind} instead of ${count}`);
  const notOurs = stageNames.flatMap((name) =>
    record.stages[name].resources
      .filter(({ id, created }) => created === adopted.includes(id))
      .map(({ type, id, created }) => `${type} ${id} is ${created ? '' : 'not '}marked as created`),
  );
  const conditions = record.conditions
    .filter(({ status }) => status !== 'True')
    .map(({ type, status }) => `${type} is ${status}`);
  return [...problems, ...notOurs, ...conditions];
}

/** Everything that stands in the cloud, with what a deployment may change of what is not its own. */
export function standing(cloud: EmbeddedCloud): string[] {
  const { vpc, ecs, dns } = cloud;
  const details: object[] = [
    ...vpc.vpcs.list().map(({ id, ipv6CidrBlock, tags }) => ({ id, hasIpv6: ipv6CidrBlock !== '', tags })),
    ...vpc.vSwitches.list().map(({ id, ipv6CidrBlock, tags }) => ({ id, hasIpv6: ipv6CidrBlock !== '', tags })),
    ...ecs.instances.list().map(({ id, ipv6Addresses, securityGroupIds, tags }) => ({
      id,
      ipv6Addresses,
      securityGroupIds,
      tags,
    })),
    ...ecs.securityGroups.list().map(({ id, rules, tags }) => ({ id, rules, tags })),
    ...[...dns.records.values()].map(({ id, value, ttl, status, remark }) => ({ id, value, ttl, status, remark })),
  ];
  return [...remainsOf(cloud), ...details.map((each) => JSON.stringify(each))].sort();
}
