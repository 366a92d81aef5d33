import type { StageContext } from '../../shared/stage.ts';
import { domainNameOf, sameName } from '../../shared/domain-name.ts';

/** One question of the proof: what was asked, and the ids that were found. */
export interface Asked {
  /** Service and kind: `vpc VSwitch`. */
  what: string;
  /** `mark`, or the id or name that was looked up. */
  by: string;
  found: string[];
}

/** One look at everything. */
export interface Look {
  atMs: number;
  asked: Asked[];
}

/** Asks every service for what could be left: by the deployment's mark, by every recorded id, and by the name in DNS. */
export async function lookForRemains(context: StageContext<'preflight'>): Promise<Look> {
  const { vpc, ecs, alb, dns, record, config, spec } = context;
  const tags = { [`${config.name}-deployment`]: record.deploymentId };
  const asked: Asked[] = [];
  const ask = async (what: string, by: string, question: () => Promise<string[]>) => {
    asked.push({ what, by, found: await question() });
  };
  await ask('vpc VPC', 'mark', async () => (await vpc.listVpcs({ tags })).map(({ vpcId }) => vpcId));
  await ask('vpc VSwitch', 'mark', async () => (await vpc.listVSwitches({ tags })).map(({ vSwitchId }) => vSwitchId));
  await ask('vpc Ipv6Gateway', 'mark', async () =>
    (await vpc.listIpv6Gateways({ tags }))
      .filter((found) => !isKept(context, found.ipv6GatewayId))
      .map(({ ipv6GatewayId }) => ipv6GatewayId),
  );
  await ask('ecs Instance', 'mark', async () =>
    (await ecs.listInstances({ tags })).map(({ instanceId }) => instanceId),
  );
  await ask('ecs SecurityGroup', 'mark', async () =>
    (await ecs.listSecurityGroups({ tags })).map(({ securityGroupId }) => securityGroupId),
  );
  await ask('alb LoadBalancer', 'mark', async () =>
    (await alb.listLoadBalancers({ tags })).map(({ loadBalancerId }) => loadBalancerId),
  );
  await ask('alb ServerGroup', 'mark', async () =>
    (await alb.listServerGroups({ tags })).map(({ serverGroupId }) => serverGroupId),
  );
  for (const groupId of adoptedGroups(context))
    await ask('ecs SecurityGroupRule', groupId, async () =>
      ((await ecs.getSecurityGroupRules(groupId)) ?? [])
        .filter(({ description }) => description.startsWith(`${config.name}/${record.deploymentId}/`))
        .map(({ ruleId }) => ruleId),
    );
  for (const { type, id } of recordedIds(context))
    await ask(`${serviceOf[type] ?? ''} ${type}`.trim(), id, () => lookUp(context, type, id));
  const { dnsName } = record.stages['load-balancer'].outputs as { dnsName?: string };
  if (spec.dns !== undefined && dnsName !== undefined) {
    const { domain, rr } = spec.dns;
    await ask('alidns DomainRecord', domainNameOf(spec.dns), async () =>
      (await dns.listRecords({ domainName: domain, rr }))
        .filter(({ value }) => sameName(value, dnsName))
        .map(({ recordId }) => recordId),
    );
  }
  return { atMs: context.nowMs, asked };
}

const serviceOf: Record<string, string> = {
  VPC: 'vpc',
  Instance: 'ecs',
  SecurityGroup: 'ecs',
  LoadBalancer: 'alb',
  ServerGroup: 'alb',
  Listener: 'alb',
  VSwitch: 'vpc',
};

/** The natural keys: every id that the record or an overtaken turn knows of something of ours. */
function recordedIds({ record }: StageContext<'preflight'>): { type: string; id: string }[] {
  const { stages, orphans, spec } = record;
  const out = (stage: keyof typeof stages, key: string): string | undefined =>
    stages[stage].outputs[key] as string | undefined;
  const ids: { type: string; id: string | undefined }[] = [
    ...('vpcId' in spec.network ? [] : [{ type: 'VPC', id: out('network', 'vpcId') }]),
    { type: 'LoadBalancer', id: out('load-balancer', 'loadBalancerId') },
    { type: 'ServerGroup', id: out('server-group', 'serverGroupId') },
    { type: 'Listener', id: out('listener', 'listenerId') },
    { type: 'SecurityGroup', id: out('security-group', 'securityGroupId') },
    ...[
      ...Object.values((stages.instances.outputs['ids'] ?? {}) as Record<string, string>),
      ...((stages.instances.outputs['dismissedIds'] ?? []) as string[]),
    ].map((id) => ({ type: 'Instance', id })),
    ...orphans.filter(({ type }) => type in serviceOf),
  ];
  const known = ids.filter((entry): entry is { type: string; id: string } => entry.id !== undefined);
  return [...new Map(known.map((entry) => [`${entry.type} ${entry.id}`, entry])).values()];
}

async function lookUp({ vpc, ecs, alb }: StageContext<'preflight'>, type: string, id: string): Promise<string[]> {
  switch (type) {
    case 'VPC':
      return (await vpc.findVpc(id)) === undefined ? [] : [id];
    case 'VSwitch':
      return (await vpc.findVSwitch(id)) === undefined ? [] : [id];
    case 'LoadBalancer':
      return (await alb.findLoadBalancer(id)) === undefined ? [] : [id];
    case 'ServerGroup':
      return (await alb.findServerGroup(id)) === undefined ? [] : [id];
    case 'Listener':
      return (await alb.getListener(id)) === undefined ? [] : [id];
    case 'SecurityGroup':
      return (await ecs.listSecurityGroups({ securityGroupIds: [id] })).map(({ securityGroupId }) => securityGroupId);
    case 'Instance':
      return (await ecs.listInstances({ instanceIds: [id] })).map(({ instanceId }) => instanceId);
    default:
      return [];
  }
}

const adoptedGroups = ({ record }: StageContext<'preflight'>): string[] =>
  (record.stages['security-group'].outputs['managedGroupIds'] ?? []) as string[];

/** A gateway that we added to an adopted VPC and that others use now stays, and is no remains. */
const isKept = ({ record }: StageContext<'preflight'>, id: string): boolean =>
  record.stages.network.outputs['keptIpv6GatewayId'] === id;
