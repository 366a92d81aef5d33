import type { EmbeddedCloud } from '../../local/cloud.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { stageNames } from '../../shared/pipeline.ts';

/** What the tutorial's load balancer consists of, by kind. */
const wanted: Record<string, number> = {
  vpc: 1,
  'v-switch': 2,
  'ipv6-gateway': 1,
  'security-group': 1,
  instance: 2,
  'load-balancer': 1,
  'server-group': 1,
  server: 2,
  listener: 1,
  record: 1,
};

/** Deviations from exactly one of everything. */
export function notExactlyOne(cloud: EmbeddedCloud, record: DeploymentRecord): string[] {
  const { vpc, ecs, alb, dns } = cloud;
  const found: Record<string, number> = {
    vpc: vpc.vpcs.list().length,
    'v-switch': vpc.vSwitches.list().length,
    'ipv6-gateway': vpc.ipv6Gateways.list().length,
    'security-group': ecs.securityGroups.list().filter(({ serviceManaged }) => !serviceManaged).length,
    instance: ecs.instances.list().length,
    'load-balancer': alb.loadBalancers.list().length,
    'server-group': alb.serverGroups.list().length,
    server: alb.serverGroups.list().reduce((sum, group) => sum + group.servers.length, 0),
    listener: alb.listeners.list().length,
    record: dns.records.size,
  };
  const problems = Object.entries(wanted)
    .filter(([kind, count]) => found[kind] !== count)
    .map(([kind, count]) => `${found[kind]} ${kind} instead of ${count}`);
  const notOurs = stageNames.flatMap((name) =>
    record.stages[name].resources
      .filter(({ created }) => !created)
      .map(({ type, id }) => `${type} ${id} is not marked as created`),
  );
  const conditions = record.conditions
    .filter(({ status }) => status !== 'True')
    .map(({ type, status }) => `${type} is ${status}`);
  return [...problems, ...notOurs, ...conditions];
}
