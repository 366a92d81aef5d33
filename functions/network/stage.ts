import { findOwn } from '../../shared/find-own.ts';
import { hasMark } from '../../shared/marks.ts';
import { ensureMark } from '../../shared/ownership.ts';
import { defineStage, done, fail, type StageContext, type StageResult, wait } from '../../shared/stage.ts';
import type { VSwitchOutput, StageOutputs } from '../../shared/deployment/outputs.ts';
import type { Resource } from '../../shared/deployment/record.ts';
import type { VSwitch } from '../../shared/alibaba/vpc/v-switches.ts';
import { releaseNetwork } from './release.ts';

type Context = StageContext<'network'>;
type Result = StageResult<StageOutputs['network']>;

/** A VPC with IPv6, a vSwitch in each zone, an IPv6 gateway: created, or adopted and at most switched to IPv6. */
export const network = defineStage({
  name: 'network',
  longestWaitMs: 5 * 60_000,
  apply: (context) => ('vpcId' in context.spec.network ? adopt(context) : create(context)),
  release: releaseNetwork,
});

async function create(context: Context): Promise<Result> {
  const { spec, vpc, own } = context;
  if ('vpcId' in spec.network) return fail('network.adopted', 'the network is adopted');
  const wanted = spec.network;
  const found = await findOwn(own.vpcId, vpc.findVpc, () => vpc.listVpcs({ tags: context.mark() }));
  if (found === undefined) {
    const params = { name: wanted.vpcName, cidrBlock: wanted.cidrBlock, tags: context.mark() };
    const vpcId = await context.create('vpc', 'VPC', params, (clientToken) =>
      vpc.createVpc({ ...params, clientToken }),
    );
    return wait('the VPC is being created', { own: { vpcId }, resources: [{ type: 'VPC', id: vpcId, created: true }] });
  }
  const { vpcId } = found;
  const created = await ensureMark(context, 'network', { id: vpcId, tags: found.tags }, context.mark(), () =>
    vpc.tagResource('VPC', vpcId, context.mark()),
  );
  const resources: Resource[] = [{ type: 'VPC', id: vpcId, created }];
  if (found.status !== 'Available') return wait(`the VPC is ${found.status}`, { own: { vpcId }, resources });
  if (!found.ipv6Enabled) {
    await context.change('enable-vpc-ipv6', { vpcId }, () => vpc.enableVpcIpv6(vpcId));
    return wait('IPv6 is being turned on in the VPC', { own: { vpcId }, resources });
  }

  const existing = await vpc.listVSwitches({ vpcId });
  const vSwitches: VSwitchOutput[] = [];
  // vSwitches of one VPC are made one at a time (P-027).
  for (const [index, plan] of wanted.vSwitches.entries()) {
    const mark = context.mark(plan.zoneId);
    const vSwitch =
      existing.find((candidate) => hasMark(candidate.tags, mark)) ??
      existing.find(({ vSwitchId: id }) =>
        own.vSwitches?.some((one) => one.vSwitchId === id && one.zoneId === plan.zoneId),
      );
    if (vSwitch === undefined) {
      const params = {
        vpcId,
        zoneId: plan.zoneId,
        cidrBlock: plan.cidrBlock,
        name: plan.name,
        tags: mark,
        ipv6SubnetIndex: freeSubnetIndex(existing, index),
      };
      const vSwitchId = await context.create(`v-switch-${plan.zoneId}`, 'VSwitch', params, (clientToken) =>
        vpc.createVSwitch({ ...params, clientToken }),
      );
      resources.push({ type: 'VSwitch', id: vSwitchId, created: true });
      return wait(`vSwitch ${plan.name} is being created`, {
        own: {
          vpcId,
          vSwitches: [...vSwitches, { vSwitchId, zoneId: plan.zoneId, cidrBlock: plan.cidrBlock, ipv6CidrBlock: '' }],
        },
        resources,
      });
    }
    const { vSwitchId } = vSwitch;
    const isMade = await ensureMark(context, 'network', { id: vSwitchId, tags: vSwitch.tags }, mark, () =>
      vpc.tagResource('VSWITCH', vSwitchId, mark),
    );
    resources.push({ type: 'VSwitch', id: vSwitchId, created: isMade });
    if (vSwitch.status !== 'Available')
      return wait(`vSwitch ${plan.name} is ${vSwitch.status}`, { own: { vpcId }, resources });
    if (vSwitch.ipv6CidrBlock === '') {
      const index6 = freeSubnetIndex(existing, index);
      await context.change(`enable-ipv6-${plan.zoneId}`, { id: vSwitch.vSwitchId, index6 }, () =>
        vpc.enableVSwitchIpv6(vSwitch.vSwitchId, index6),
      );
      return wait(`IPv6 is being turned on in vSwitch ${plan.name}`, { own: { vpcId }, resources });
    }
    vSwitches.push(outputOf(vSwitch));
  }

  const gateway = await ensureGateway(context, vpcId, resources);
  if ('waiting' in gateway) return wait(gateway.waiting, { own: { vpcId, vSwitches, ...gateway.own }, resources });
  // `load-balancer` deletes them once it has left their zones, and only with our mark.
  const dismissedVSwitches = existing
    .filter((vSwitch) => !wanted.vSwitches.some(({ zoneId }) => zoneId === vSwitch.zoneId))
    .filter(({ tags, zoneId }) => hasMark(tags, context.mark(zoneId)))
    .map(outputOf);
  return done(
    { vpcId, vSwitches, dismissedVSwitches, ipv6GatewayId: gateway.ipv6GatewayId, ipv6EnabledOn: [] },
    resources,
  );
}

async function adopt(context: Context): Promise<Result> {
  const { spec, vpc, own } = context;
  if (!('vpcId' in spec.network)) return fail('network.own', 'the network is to be created');
  const { vpcId, vSwitchIds, enableIpv6 } = spec.network;
  const ipv6EnabledOn = [...(own.ipv6EnabledOn ?? [])];
  const resources: Resource[] = [{ type: 'VPC', id: vpcId, created: false }];
  const found = await vpc.findVpc(vpcId);
  if (found === undefined)
    return fail('network.vpc-gone', `VPC ${vpcId} does not exist`, {
      remedy: remedyOf(context, 'Give the id of an existing VPC of this region.'),
    });
  if (found.status !== 'Available') return wait(`the VPC is ${found.status}`);
  if (!found.ipv6Enabled) {
    if (!enableIpv6)
      return fail('network.no-ipv6', `VPC ${vpcId} has no IPv6`, {
        remedy: 'Turn IPv6 on in the VPC, or set network.enableIpv6.',
      });
    await context.remember({ ipv6EnabledOn: [...new Set([...ipv6EnabledOn, vpcId])] });
    await context.change('enable-vpc-ipv6', { vpcId }, () => vpc.enableVpcIpv6(vpcId));
    return wait('IPv6 is being turned on in the VPC');
  }
  const existing = await vpc.listVSwitches({ vpcId });
  const vSwitches: VSwitchOutput[] = [];
  for (const [index, vSwitchId] of vSwitchIds.entries()) {
    const vSwitch = existing.find((candidate) => candidate.vSwitchId === vSwitchId);
    if (vSwitch === undefined)
      return fail('network.v-switch-gone', `vSwitch ${vSwitchId} does not exist in VPC ${vpcId}`, {
        remedy: remedyOf(context, 'Give ids of vSwitches of this VPC.'),
      });
    resources.push({ type: 'VSwitch', id: vSwitchId, created: false });
    if (vSwitch.status !== 'Available') return wait(`vSwitch ${vSwitchId} is ${vSwitch.status}`);
    if (vSwitch.ipv6CidrBlock === '') {
      if (!enableIpv6)
        return fail('network.no-ipv6', `vSwitch ${vSwitchId} has no IPv6`, {
          remedy: 'Turn IPv6 on in the vSwitch, or set network.enableIpv6.',
        });
      await context.remember({ ipv6EnabledOn: [...new Set([...ipv6EnabledOn, vSwitchId])] });
      const subnet = freeSubnetIndex(existing, index);
      await context.change('enable-ipv6', { vSwitchId, subnet }, () => vpc.enableVSwitchIpv6(vSwitchId, subnet));
      return wait(`IPv6 is being turned on in vSwitch ${vSwitchId}`);
    }
    vSwitches.push(outputOf(vSwitch));
  }
  if ((await vpc.findIpv6Gateway({ vpcId })) === undefined && !enableIpv6)
    return fail('network.no-ipv6-gateway', `VPC ${vpcId} has no IPv6 gateway`, {
      remedy: 'Create one, or set network.enableIpv6.',
    });
  const gateway = await ensureGateway(context, vpcId, resources);
  if ('waiting' in gateway) return wait(gateway.waiting, { own: gateway.own, resources });
  // Of others, so that only the ports that are open for them close.
  const dismissedVSwitches = [...(own.vSwitches ?? []), ...(own.dismissedVSwitches ?? [])].filter(
    (vSwitch, index, all) =>
      !vSwitchIds.includes(vSwitch.vSwitchId) && all.findIndex((one) => one.vSwitchId === vSwitch.vSwitchId) === index,
  );
  return done({ vpcId, vSwitches, dismissedVSwitches, ipv6GatewayId: gateway.ipv6GatewayId, ipv6EnabledOn }, resources);
}

/** What was given and is gone never comes back under its id, and a load balancer that has served cannot be moved. */
const remedyOf = ({ record }: Context, correction: string): string =>
  record.readyAtMs === undefined ? correction : 'Release the deployment, and ask again with a network that exists.';

/** One gateway per VPC; a VPC made by the API has none until it is created (P-026). */
async function ensureGateway(
  context: Context,
  vpcId: string,
  resources: Resource[],
): Promise<{ ipv6GatewayId: string } | { waiting: string; own: { ipv6GatewayId?: string } }> {
  const gateway = await context.vpc.findIpv6Gateway({ vpcId });
  const mark = context.mark();
  if (gateway === undefined) {
    const params = { vpcId, name: context.spec.name, tags: mark };
    const ipv6GatewayId = await context.create('ipv6-gateway', 'Ipv6Gateway', params, (clientToken) =>
      context.vpc.createIpv6Gateway({ ...params, clientToken }),
    );
    resources.push({ type: 'Ipv6Gateway', id: ipv6GatewayId, created: true });
    return { waiting: 'the IPv6 gateway is being created', own: { ipv6GatewayId } };
  }
  const id = gateway.ipv6GatewayId;
  const created = await ensureMark(context, 'network', { id, tags: gateway.tags }, mark, () =>
    context.vpc.tagResource('IPV6GATEWAY', id, mark),
  );
  resources.push({ type: 'Ipv6Gateway', id, created });
  if (gateway.status !== 'Available') return { waiting: `the IPv6 gateway is ${gateway.status}`, own: {} };
  return { ipv6GatewayId: gateway.ipv6GatewayId };
}

const outputOf = ({ vSwitchId, zoneId, cidrBlock, ipv6CidrBlock }: VSwitch): VSwitchOutput => ({
  vSwitchId,
  zoneId,
  cidrBlock,
  ipv6CidrBlock,
});

/** The subnet byte of a `/64` within the VPC's `/56`; P-028: it must be free in the VPC. */
const subnetIndexOf = (ipv6CidrBlock: string): number | undefined => {
  const fourth = ipv6CidrBlock.split('/')[0]?.split(':')[3];
  return ipv6CidrBlock === ''
    ? undefined
    : Number.parseInt(fourth === undefined || fourth === '' ? '0' : fourth, 16) % 256;
};

function freeSubnetIndex(existing: VSwitch[], preferred: number): number {
  const taken = new Set(existing.map(({ ipv6CidrBlock }) => subnetIndexOf(ipv6CidrBlock)));
  for (let step = 0; step < 256; step += 1) {
    const index = (preferred + 1 + step) % 256;
    if (!taken.has(index)) return index;
  }
  return preferred;
}
