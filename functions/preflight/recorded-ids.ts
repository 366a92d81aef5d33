import type { DnsRecord } from '../../shared/alibaba/dns-client.ts';
import { namesOf } from '../../shared/deployment/former-names.ts';
import { type DeploymentRecord, outputsOf } from '../../shared/deployment/record.ts';
import { sameName } from '../../shared/domain-name.ts';
import type { StageContext } from '../../shared/stage.ts';
import { valueAt } from '../../shared/dictionary.ts';

type Context = StageContext<'preflight'>;
/** @returns those of the ids that are there. */
type Look = (context: Context, ids: string[]) => Promise<string[]>;

const oneByOne =
  (find: (context: Context, id: string) => Promise<unknown>): Look =>
  async (context, ids) => {
    const found: string[] = [];
    for (const id of ids) if ((await find(context, id)) !== undefined) found.push(id);
    return found;
  };

/** How each type of what stages create is looked up by its id. */
const types: Record<string, { service: string; look: Look }> = {
  VPC: { service: 'vpc', look: oneByOne(({ vpc }, id) => vpc.findVpc(id)) },
  VSwitch: { service: 'vpc', look: oneByOne(({ vpc }, id) => vpc.findVSwitch(id)) },
  Ipv6Gateway: {
    service: 'vpc',
    look: oneByOne(({ vpc }, ipv6GatewayId) => vpc.findIpv6Gateway({ ipv6GatewayId })),
  },
  SecurityGroup: {
    service: 'ecs',
    look: async ({ ecs }, securityGroupIds) =>
      (await ecs.listSecurityGroups({ securityGroupIds })).map(({ securityGroupId }) => securityGroupId),
  },
  Instance: {
    service: 'ecs',
    look: async ({ ecs }, instanceIds) =>
      (await ecs.listInstances({ instanceIds })).map(({ instanceId }) => instanceId),
  },
  LoadBalancer: { service: 'alb', look: oneByOne(({ alb }, id) => alb.findLoadBalancer(id)) },
  ServerGroup: { service: 'alb', look: oneByOne(({ alb }, id) => alb.findServerGroup(id)) },
  Listener: { service: 'alb', look: oneByOne(({ alb }, id) => alb.getListener(id)) },
  Rule: { service: 'alb', look: oneByOne(({ alb }, id) => alb.findRule(id)) },
  // Where it leads elsewhere it is not ours any more.
  DomainRecord: {
    service: 'alidns',
    async look({ dns, record }, ids) {
      const { dnsName = '' } = outputsOf(record, 'load-balancer');
      const records: DnsRecord[] = [];
      for (const { name } of namesOf(record))
        records.push(...(await dns.listRecords({ domainName: name.domain, rr: name.rr })));
      const ours = records.filter(({ value }) => sameName(value, dnsName));
      return ours.map(({ recordId }) => recordId).filter((id) => ids.includes(id));
    },
  },
};

export const serviceOf = (type: string): string => valueAt(types, type)?.service ?? 'unknown';

/** Those of the ids that are there; of a type that cannot be looked up, all count as there. */
export const lookUp = async (context: Context, type: string, ids: string[]): Promise<string[]> =>
  (await valueAt(types, type)?.look(context, ids)) ?? ids;

/** The natural keys, by type: every id that the record or an overtaken turn knows of something that we made. */
export function recordedIds(record: DeploymentRecord): Map<string, string[]> {
  const { stages, orphans, spec } = record;
  const network = outputsOf(record, 'network');
  const listener = outputsOf(record, 'listener');
  const { ids = {}, dismissedIds = [] } = outputsOf(record, 'instances');
  const isOwnNetwork = !('vpcId' in spec.network);
  const known: { type: string; id: string | undefined }[] = [
    ...(isOwnNetwork ? [{ type: 'VPC', id: network.vpcId }] : []),
    ...(isOwnNetwork ? [...(network.vSwitches ?? []), ...(network.dismissedVSwitches ?? [])] : []).map(
      ({ vSwitchId }) => ({ type: 'VSwitch', id: vSwitchId }),
    ),
    // In an adopted network the gateway may be theirs; what our create answered is not.
    ...[isOwnNetwork ? network.ipv6GatewayId : undefined, stages.network.tokens['ipv6-gateway']?.resultId]
      .filter((id) => id !== network.keptIpv6GatewayId)
      .map((id) => ({ type: 'Ipv6Gateway', id })),
    { type: 'SecurityGroup', id: outputsOf(record, 'security-group').securityGroupId },
    ...[...Object.values(ids), ...dismissedIds].map((id) => ({ type: 'Instance', id })),
    { type: 'LoadBalancer', id: outputsOf(record, 'load-balancer').loadBalancerId },
    { type: 'ServerGroup', id: outputsOf(record, 'server-group').serverGroupId },
    ...[listener.listenerId, listener.redirectListenerId].map((id) => ({ type: 'Listener', id })),
    { type: 'Rule', id: listener.redirectRuleId },
    ...orphans,
  ];
  const byType = new Map<string, string[]>();
  for (const { type, id } of known) {
    const others = byType.get(type) ?? [];
    if (id !== undefined && !others.includes(id)) byType.set(type, [...others, id]);
  }
  return byType;
}
