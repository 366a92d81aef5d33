import { flag, list, oneOf, required, struct, text } from '../../action.ts';
import { begin, settled } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import { readTags, resourceName, tagParams } from '../params.ts';
import type { AlbState } from '../state.ts';
import { checkZones, makeZone } from '../zones.ts';

/**
 * CreateLoadBalancer, ALB 2020-06-16. Answers without JobId; why it failed is told by ListAsynJobs alone (P-062).
 * Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-createloadbalancer (read 2026-11-22).
 */
export const createLoadBalancer = albWrite({
  params: {
    VpcId: required(text()),
    AddressType: required(oneOf('Internet', 'Intranet')),
    LoadBalancerEdition: required(oneOf('Basic', 'Standard', 'StandardWithWaf')),
    LoadBalancerBillingConfig: required(struct({ PayType: required(oneOf('PostPay')) })),
    ZoneMappings: required(list(struct({ ZoneId: required(text()), VSwitchId: required(text()) }), 10, 1)),
    AddressIpVersion: oneOf('IPv4', 'DualStack'),
    AddressAllocatedMode: oneOf('Fixed', 'Dynamic'),
    LoadBalancerName: resourceName(),
    DeletionProtectionEnabled: flag(),
    ModificationProtectionConfig: struct({
      Status: oneOf('NonProtection', 'ConsoleProtection'),
      Reason: resourceName(),
    }),
    ResourceGroupId: text(),
    Tag: tagParams(),
  },
  condition: ({ AddressType: addressType = '' }) => ({ 'alb:AddressType': addressType }),
  apply(state, params, commit) {
    const { context, ecs } = state;
    const tags = readTags(params.Tag);
    const isDualStack = params.AddressIpVersion === 'DualStack';
    if (!state.dependencies.hasServiceLinkedRole()) throw refuse('OperationDenyed.ServiceLinkedRoleNotExist');
    if (state.loadBalancers.list().length >= state.quota.loadBalancers)
      throw refuse('QuotaExceeded.LoadBalancersNum', `usage ${state.quota.loadBalancers}/${state.quota.loadBalancers}`);
    checkVpc(state, params.VpcId, isDualStack);
    const vSwitches = checkZones(state, params.VpcId, params.ZoneMappings, isDualStack);
    commit();

    const id = context.nextId('alb-');
    const name = params.LoadBalancerName ?? '';
    const willFail = state.createFailed.has(name);
    const readyMs = context.latency.loadBalancerMs;
    const securityGroup = ecs.addServiceManagedSecurityGroup({ vpcId: params.VpcId, name: `${id}-managed` });
    const zones = vSwitches.map((vSwitch) =>
      makeZone(state, vSwitch, {
        loadBalancerId: id,
        isDualStack,
        isPublic: params.AddressType === 'Internet',
        securityGroupId: securityGroup.id,
        status: settled('Active'),
      }),
    );
    state.addLoadBalancer({
      id,
      createdAtMs: context.clock.nowMs(),
      status: begin(context.clock, 'Provisioning', willFail ? 'CreateFailed' : 'Active', readyMs),
      tags,
      name,
      vpcId: params.VpcId,
      addressType: params.AddressType,
      addressAllocatedMode: params.AddressAllocatedMode ?? 'Fixed',
      edition: params.LoadBalancerEdition,
      addressIpVersion: params.AddressIpVersion ?? 'IPv4',
      ipv6Internet: settled(isDualStack ? 'Intranet' : ''),
      businessStatus: 'Normal',
      // Names given since 2024-11-15 [U-ALBINST].
      dnsName: `${id}.${context.regionId}.alb.aliyuncsslb.com`,
      deletionProtection: params.DeletionProtectionEnabled === true,
      deletionProtectedAtMs: context.clock.nowMs(),
      modificationProtection: {
        status: params.ModificationProtectionConfig?.Status ?? 'NonProtection',
        reason: params.ModificationProtectionConfig?.Reason ?? '',
      },
      resourceGroupId: params.ResourceGroupId ?? 'rg-default',
      securityGroupId: securityGroup.id,
      zones,
    });
    // Code and text are the example of SDK-ALB, ListAsynJobs.
    const error = willFail ? { code: '506', message: 'AllocateEipAddress Failed' } : undefined;
    state.jobs.begin('CreateLoadBalancer', 'loadbalancer', id, readyMs, error);
    if (willFail)
      for (const made of [...zones.flatMap((zone) => zone.networkInterfaceIds), securityGroup.id])
        ecs.removeServiceManaged(made, readyMs);
    return { LoadBalancerId: id };
  },
});

function checkVpc(state: AlbState, vpcId: string, isDualStack: boolean): void {
  const vpc = state.vpc.vpcs.find(vpcId);
  if (vpc === undefined) throw refuse('ResourceNotFound.Vpc', vpcId);
  const status = state.vpc.vpcs.statusOf(vpc);
  if (status !== 'Available') throw refuse('IncorrectStatus.Vpc', `[${vpcId}: ${status}]`);
  if (isDualStack && vpc.ipv6CidrBlock === '') throw refuse('OperationDenied.VpcNotSupportIpv6', vpcId);
}
