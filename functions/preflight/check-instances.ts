import { isAdopted } from '../../shared/deployment/adopted.ts';
import { allowRemedy, mayManage } from '../../shared/deployment/manage-adopted.ts';
import { markText } from '../../shared/marks.ts';
import type { VSwitch } from '../../shared/alibaba/vpc/v-switches.ts';
import { covers, overlap } from '../../shared/net/cidr.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';

/** Existence, VPC, state and address of the servers that are given. */
export async function checkAdoptedInstances({
  spec,
  ecs,
  vpc,
  config,
  record,
}: StageContext<'preflight'>): Promise<Finding[]> {
  const adopted = spec.backends.flatMap((backend, index) => (isAdopted(backend) ? [{ backend, index }] : []));
  if (adopted.length === 0) return [];
  const found = await ecs.listInstances({
    instanceIds: [...new Set(adopted.map(({ backend }) => backend.instanceId))],
  });
  const sources =
    'vpcId' in spec.network ? await Promise.all(spec.network.vSwitchIds.map((id) => vpc.findVSwitch(id))) : [];
  const ourMark = markText(config.name, record.deploymentId, 'security-group');
  const findings: Finding[] = [];
  for (const { backend, index } of adopted) {
    const field = `backends.${index}.instanceId`;
    const instance = found.find(({ instanceId }) => instanceId === backend.instanceId);
    if (instance === undefined) {
      findings.push({
        field,
        code: 'preflight.instance',
        message: `instance ${backend.instanceId} does not exist in ${spec.regionId}`,
        remedy: 'Give the id of an existing instance.',
      });
      continue;
    }
    if ('vpcId' in spec.network && instance.vpcId !== spec.network.vpcId)
      findings.push({
        field,
        code: 'preflight.instance',
        message: `instance ${backend.instanceId} is in VPC ${instance.vpcId}, not in ${spec.network.vpcId}`,
        remedy: 'Give instances of the same VPC.',
      });
    if (instance.status !== 'Running')
      findings.push({
        field,
        code: 'preflight.instance',
        message: `instance ${backend.instanceId} is ${instance.status}`,
        remedy: 'Start the instance.',
      });
    if (backend.family === 'ipv6' && instance.ipv6Addresses.length === 0)
      findings.push({
        field,
        code: 'preflight.instance',
        message: `instance ${backend.instanceId} has no IPv6 address`,
        remedy: 'Assign an IPv6 address to its network card, or use family ipv4.',
      });
    const [groupId = ''] = instance.securityGroupIds;
    if (spec.securityGroup.manageAdopted) {
      if (mayManage(config.allowManageAdopted, { vpcId: instance.vpcId, groupId })) continue;
      findings.push({
        field,
        code: 'preflight.manage-adopted',
        message: `this installation may not add rules to security group ${groupId} of instance ${backend.instanceId}`,
        remedy: allowRemedy,
        // What it opened while that was allowed stays open.
        isWarning: await hasRulesOf(ecs, groupId, ourMark),
      });
      continue;
    }
    const families = sources
      .flatMap((vSwitch) =>
        vSwitch === undefined ? [] : [backend.family === 'ipv6' ? vSwitch.ipv6CidrBlock : vSwitch.cidrBlock],
      )
      .filter((cidr) => cidr !== '');
    const closed = await closedTo(ecs, instance.securityGroupIds, backend.port, families, ourMark);
    if (closed.length > 0)
      findings.push({
        field,
        code: 'preflight.security-group',
        message: `the security groups of instance ${backend.instanceId} do not let TCP ${backend.port} in from ${closed.join(', ')}`,
        remedy: 'Open the port for the vSwitches of the load balancer, or set securityGroup.manageAdopted: true.',
      });
  }
  return [...findings, guestFirewalls(spec, sources)];
}

/** From outside it is not to be seen; the health stage reads it once servers stay unhealthy. */
function guestFirewalls({ backends }: StageContext<'preflight'>['spec'], sources: (VSwitch | undefined)[]): Finding {
  const ports = [...new Set(backends.filter(isAdopted).map(({ port }) => port))].join(', ');
  const blocks = sources
    .flatMap((vSwitch) => (vSwitch === undefined ? [] : [vSwitch.cidrBlock, vSwitch.ipv6CidrBlock]))
    .filter((block) => block !== '');
  const from = blocks.length === 0 ? 'the blocks of the vSwitches' : blocks.join(', ');
  return {
    field: 'backends',
    code: 'preflight.guest-firewall',
    message: `iptables, nftables, firewalld or security software inside a given server may drop the health checks: they must let TCP ${ports} in from ${from}`,
    remedy:
      'Look at the firewalls inside the servers (iptables-save, ip6tables-save, nft list ruleset, firewall-cmd --list-all).',
    isWarning: true,
  };
}

const hasRulesOf = async (ecs: StageContext<'preflight'>['ecs'], groupId: string, mark: string): Promise<boolean> =>
  (await ecs.getSecurityGroupRules(groupId))?.some(({ description }) => description === mark) ?? false;

/** The sources from which no rule of the groups lets the port in. */
async function closedTo(
  ecs: StageContext<'preflight'>['ecs'],
  groupIds: string[],
  port: number,
  sources: string[],
  ourMark: string,
): Promise<string[]> {
  const rules = (await Promise.all(groupIds.map((id) => ecs.getSecurityGroupRules(id)))).flatMap((list) => list ?? []);
  const matching = rules.filter((rule) => {
    // Ours go where the request does not let us manage the group.
    if (rule.description === ourMark) return false;
    if (rule.direction !== 'ingress' || rule.sourceCidr === '') return false;
    const protocol = rule.protocol.toUpperCase();
    if (protocol === 'ALL') return true;
    const [from = 0, to = 0] = rule.portRange.split('/').map(Number);
    return protocol === 'TCP' && from <= port && port <= to;
  });
  return sources.filter((source) => {
    const priorityOf = (policy: 'accept' | 'drop') =>
      Math.min(
        ...matching
          .filter((rule) => rule.policy.toLowerCase() === policy)
          // An address of the source that is dropped is one too many; an acceptance must hold for all of it.
          .filter(({ sourceCidr }) => (policy === 'drop' ? overlap(sourceCidr, source) : covers(sourceCidr, source)))
          .map(({ priority }) => priority),
      );
    // The lower number comes first; at equal numbers the drop wins.
    const accepted = priorityOf('accept');
    return !Number.isFinite(accepted) || priorityOf('drop') <= accepted;
  });
}
