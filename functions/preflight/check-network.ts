import { isAdopted } from '../../shared/deployment/adopted.ts';
import { outputsOf } from '../../shared/deployment/record.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';
import { valueAt } from '../../shared/dictionary.ts';

/** Addresses that a load balancer takes in a vSwitch, and how many it should find (P-031). */
const neededAddresses = 3;
const advisedAddresses = 8;

/** Zones that offer ALB, and the network: what is given must fit, what is to be made must be possible. */
export async function checkNetwork(context: StageContext<'preflight'>): Promise<Finding[]> {
  const albZones = await context.alb.listZoneIds();
  return 'vpcId' in context.spec.network ? await checkAdopted(context, albZones) : await checkOwn(context, albZones);
}

const zoneFinding = (field: string, zoneId: string, albZones: string[]): Finding[] =>
  albZones.includes(zoneId)
    ? []
    : [
        {
          field,
          code: 'preflight.zone',
          message: `zone ${zoneId} does not offer ALB`,
          remedy: `Choose two of ${albZones.join(', ')}.`,
        },
      ];

async function checkOwn(
  { spec, vpc, record, config, mark }: StageContext<'preflight'>,
  albZones: string[],
): Promise<Finding[]> {
  if ('vpcId' in spec.network) return [];
  const { cidrBlock, vSwitches, vpcName } = spec.network;
  const findings: Finding[] = [];
  for (const [index, vSwitch] of vSwitches.entries()) {
    const field = `network.vSwitches.${index}`;
    findings.push(...zoneFinding(`${field}.zoneId`, vSwitch.zoneId, albZones));
    const planned = spec.backends.filter(
      (backend, position) =>
        !isAdopted(backend) && (backend.zoneId ?? vSwitches[position % vSwitches.length]?.zoneId) === vSwitch.zoneId,
    ).length;
    const addresses = 2 ** (32 - Number(vSwitch.cidrBlock.split('/')[1]));
    findings.push(...addressFinding(field, vSwitch.cidrBlock, addresses - 4 - planned));
  }
  if (record.stages.network.outputs['vpcId'] !== undefined) return findings;
  const vpcs = await vpc.listVpcs();
  if (!vpcs.some(({ tags }) => valueAt(tags, `${config.name}-deployment`) === record.deploymentId) && vpcs.length >= 10)
    findings.push({
      field: 'network',
      code: 'QuotaExceeded.Vpc',
      message: `the region has ${vpcs.length} VPCs, and 10 are allowed`,
      remedy: 'Give an existing network, delete a VPC, or have the quota raised.',
    });
  else if (findings.length === 0)
    await vpc.createVpc({ name: vpcName, cidrBlock, tags: mark(), clientToken: record.deploymentId, dryRun: true });
  return findings;
}

function addressFinding(field: string, name: string, free: number): Finding[] {
  if (free < neededAddresses)
    return [
      {
        field,
        code: 'preflight.addresses',
        message: `${name} has ${Math.max(0, free)} free addresses for the load balancer, which needs ${neededAddresses}`,
        remedy: 'Use a larger vSwitch or free addresses in it.',
      },
    ];
  if (free < advisedAddresses)
    return [
      {
        field,
        code: 'preflight.addresses',
        message: `${name} has ${free} free addresses for the load balancer; ${advisedAddresses} are advised`,
        remedy: '',
        isWarning: true,
      },
    ];
  return [];
}

async function checkAdopted({ spec, vpc, record }: StageContext<'preflight'>, albZones: string[]): Promise<Finding[]> {
  if (!('vpcId' in spec.network)) return [];
  const { vpcId, vSwitchIds, enableIpv6 } = spec.network;
  const found = await vpc.findVpc(vpcId);
  if (found === undefined)
    return [
      {
        field: 'network.vpcId',
        code: 'preflight.vpc',
        message: `VPC ${vpcId} does not exist in ${spec.regionId}`,
        remedy: 'Give the id of an existing VPC of this region.',
      },
    ];
  const findings: Finding[] = [];
  if (!found.ipv6Enabled && !enableIpv6)
    findings.push({
      field: 'network.vpcId',
      code: 'preflight.vpc-ipv6',
      message: `VPC ${vpcId} has no IPv6`,
      remedy: 'Turn IPv6 on in the VPC, or set network.enableIpv6: true.',
    });
  if (found.ipv6Enabled && !enableIpv6 && (await vpc.findIpv6Gateway({ vpcId })) === undefined)
    findings.push({
      field: 'network.vpcId',
      code: 'preflight.ipv6-gateway',
      message: `VPC ${vpcId} has no IPv6 gateway`,
      remedy: 'Create an IPv6 gateway, or set network.enableIpv6: true.',
    });
  const zones = new Map<string, string>();
  for (const [index, vSwitchId] of vSwitchIds.entries()) {
    const field = `network.vSwitchIds.${index}`;
    const vSwitch = await vpc.findVSwitch(vSwitchId);
    if (vSwitch === undefined) {
      findings.push({
        field,
        code: 'preflight.v-switch',
        message: `vSwitch ${vSwitchId} does not exist in ${spec.regionId}`,
        remedy: 'Give the id of an existing vSwitch.',
      });
      continue;
    }
    if (vSwitch.vpcId !== vpcId) {
      findings.push({
        field,
        code: 'preflight.v-switch',
        message: `vSwitch ${vSwitchId} belongs to VPC ${vSwitch.vpcId}, not to ${vpcId}`,
        remedy: 'Give vSwitches of the same VPC.',
      });
      continue;
    }
    findings.push(...zoneFinding(field, vSwitch.zoneId, albZones));
    const twin = zones.get(vSwitch.zoneId);
    if (twin !== undefined)
      findings.push({
        field,
        code: 'preflight.zone',
        message: `vSwitches ${twin} and ${vSwitchId} are both in zone ${vSwitch.zoneId}`,
        remedy: 'Give vSwitches in different zones.',
      });
    zones.set(vSwitch.zoneId, vSwitchId);
    const { loadBalancerId, zones: standing = [] } = outputsOf(record, 'load-balancer');
    const held = standing.find(({ zoneId }) => zoneId === vSwitch.zoneId);
    if (held !== undefined && held.vSwitchId !== vSwitchId)
      findings.push({
        field,
        code: 'preflight.zone-v-switch',
        message: `the load balancer stands in zone ${vSwitch.zoneId} with vSwitch ${held.vSwitchId}, which cannot change while it stays in the zone`,
        remedy: 'Take the zone out first, with two others in its place, then add it with the other vSwitch.',
      });
    if (vSwitch.ipv6CidrBlock === '' && !enableIpv6)
      findings.push({
        field,
        code: 'preflight.v-switch-ipv6',
        message: `vSwitch ${vSwitchId} has no IPv6`,
        remedy: 'Turn IPv6 on in the vSwitch, or set network.enableIpv6: true.',
      });
    // Its addresses are taken already.
    if (held !== undefined || (loadBalancerId !== undefined && standing.length === 0)) continue;
    const planned = spec.backends.filter(
      (backend, position) =>
        !isAdopted(backend) &&
        (backend.zoneId === undefined ? position % vSwitchIds.length === index : backend.zoneId === vSwitch.zoneId),
    ).length;
    findings.push(...addressFinding(field, `vSwitch ${vSwitchId}`, vSwitch.availableIpAddressCount - planned));
  }
  for (const [index, backend] of spec.backends.entries())
    if (!isAdopted(backend) && backend.zoneId !== undefined && !zones.has(backend.zoneId))
      findings.push({
        field: `backends.${index}.zoneId`,
        code: 'preflight.zone',
        message: `no given vSwitch is in zone ${backend.zoneId}`,
        remedy: 'Choose the zone of one of network.vSwitchIds.',
      });
  return findings;
}
