import { namesOf } from '../../shared/deployment/former-names.ts';
import { outputsOf } from '../../shared/deployment/record.ts';
import { isTaken } from '../../shared/dns-conflicts.ts';
import { domainNameOf, sameName } from '../../shared/domain-name.ts';
import { mapInParallel } from '../../shared/in-parallel.ts';
import type { StageContext } from '../../shared/stage.ts';
import { lookUp, recordedIds, serviceOf } from './recorded-ids.ts';

type Context = StageContext<'preflight'>;

/** Questions at once: one after the other, those about many servers would take longer than a turn has. */
const parallelQuestions = 4;

/** One question of the proof: what was asked, and the ids that were found. */
export interface Asked {
  /** Service and kind: `vpc VSwitch`. */
  what: string;
  /** `mark`, or the id or name that was looked up. */
  by: string;
  found: string[];
  /** What ought to stand there again, and does not. */
  missing?: string[];
}

/** One look at everything. */
export interface Look {
  atMs: number;
  asked: Asked[];
}

/**
 * Asks every service for what could be left: by the deployment's mark, by every recorded id, by the name in DNS; and
 * whether what the request let us change in what others own is as it was.
 */
export async function lookForRemains(context: Context): Promise<Look> {
  const asked: Asked[] = [];
  for (const ask of [askByMark, askById, askForRules, askForIpv6, askForNames]) asked.push(...(await ask(context)));
  return { atMs: context.nowMs, asked };
}

/** What a look says is wrong; empty where it proves that nothing is left. */
export function remainsIn({ asked }: Look): string[] {
  const found = asked.flatMap(({ what, found: ids }) => ids.map((id) => `${what} ${id}`));
  const missing = asked.flatMap(({ what, missing: values = [] }) => values.map((value) => `${what} ${value}`));
  return [
    ...(found.length > 0 ? [`still there: ${[...new Set(found)].join(', ')}`] : []),
    ...(missing.length > 0 ? [`not there again: ${missing.join(', ')}`] : []),
  ];
}

const boundsOf = ({ budget }: Context) => ({ limit: parallelQuestions, budget });

async function askByMark(context: Context): Promise<Asked[]> {
  const { vpc, ecs, alb, record, config } = context;
  const tags = { [`${config.name}-deployment`]: record.deploymentId };
  const { keptIpv6GatewayId } = outputsOf(record, 'network');
  const questions: [what: string, found: () => Promise<string[]>][] = [
    ['vpc VPC', async () => (await vpc.listVpcs({ tags })).map(({ vpcId }) => vpcId)],
    ['vpc VSwitch', async () => (await vpc.listVSwitches({ tags })).map(({ vSwitchId }) => vSwitchId)],
    ['vpc Ipv6Gateway', async () => (await vpc.listIpv6Gateways({ tags })).map(({ ipv6GatewayId }) => ipv6GatewayId)],
    ['ecs Instance', async () => (await ecs.listInstances({ tags })).map(({ instanceId }) => instanceId)],
    [
      'ecs SecurityGroup',
      async () => (await ecs.listSecurityGroups({ tags })).map(({ securityGroupId }) => securityGroupId),
    ],
    [
      'alb LoadBalancer',
      async () => (await alb.listLoadBalancers({ tags })).map(({ loadBalancerId }) => loadBalancerId),
    ],
    ['alb ServerGroup', async () => (await alb.listServerGroups({ tags })).map(({ serverGroupId }) => serverGroupId)],
  ];
  return await mapInParallel(questions, boundsOf(context), async ([what, question]) => ({
    what,
    by: 'mark',
    // A gateway that we added to an adopted VPC and that others use now stays, and is no remains.
    found: (await question()).filter((id) => id !== keptIpv6GatewayId),
  }));
}

async function askById(context: Context): Promise<Asked[]> {
  const asked = await mapInParallel([...recordedIds(context.record)], boundsOf(context), async ([type, ids]) => {
    const found = new Set(await lookUp(context, type, ids));
    const what = `${serviceOf(type)} ${type}`;
    return ids.map((id) => ({ what, by: id, found: found.has(id) ? [id] : [] }));
  });
  return asked.flat();
}

/** Our rules in groups that others own. */
async function askForRules({ ecs, record, config }: Context): Promise<Asked[]> {
  const { managedGroupIds = [] } = outputsOf(record, 'security-group');
  const asked: Asked[] = [];
  for (const groupId of managedGroupIds) {
    const rules = (await ecs.getSecurityGroupRules(groupId)) ?? [];
    const ours = rules.filter(({ description }) => description.startsWith(`${config.name}/${record.deploymentId}/`));
    asked.push({ what: 'ecs SecurityGroupRule', by: groupId, found: ours.map(({ ruleId }) => ruleId) });
  }
  return asked;
}

/** IPv6 that the request let us turn on in an adopted network, but for what others use now. */
async function askForIpv6({ vpc, spec, record }: Context): Promise<Asked[]> {
  if (!('vpcId' in spec.network)) return [];
  const { vpcId } = spec.network;
  const { ipv6EnabledOn = [], keptIpv6On = [] } = outputsOf(record, 'network');
  const ids = ipv6EnabledOn.filter((id) => !keptIpv6On.includes(id));
  if (ids.length === 0) return [];
  const vSwitches = await vpc.listVSwitches({ vpcId });
  const on = new Set(vSwitches.flatMap((found) => (found.ipv6CidrBlock === '' ? [] : [found.vSwitchId])));
  if (ids.includes(vpcId) && (await vpc.findVpc(vpcId))?.ipv6Enabled === true) on.add(vpcId);
  return ids.map((id) => ({ what: 'vpc IPv6', by: id, found: on.has(id) ? [id] : [] }));
}

/** The names: that none leads to our load balancer, and that what we replaced stands there again, or what others put there. */
async function askForNames({ dns, record }: Context): Promise<Asked[]> {
  const { dnsName } = outputsOf(record, 'load-balancer');
  const asked: Asked[] = [];
  for (const { name, intent } of namesOf(record)) {
    const value = intent.value ?? dnsName;
    if (value === undefined) continue;
    const records = await dns.listRecords({ domainName: name.domain, rr: name.rr });
    const ours = records.filter((found) => sameName(found.value, value));
    const by = domainNameOf(name);
    asked.push({ what: 'alidns DomainRecord', by, found: ours.map(({ recordId }) => recordId) });
    const formerly = intent.previousValue;
    if (formerly === undefined) continue;
    const missing = isTaken(records, intent.line ?? '') ? [] : [formerly];
    asked.push({ what: 'alidns former value', by, found: [], missing });
  }
  return asked;
}
