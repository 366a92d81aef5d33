import type { CloudContext } from '../cloud-context.ts';
import { type RpcService, rpcService } from '../rpc.ts';
import type { VpcState } from '../vpc/state.ts';
import { assignIpv6Addresses } from './actions/assign-ipv6-addresses.ts';
import { authorizeSecurityGroup } from './actions/authorize-security-group.ts';
import { createSecurityGroup } from './actions/create-security-group.ts';
import { deleteInstance } from './actions/delete-instance.ts';
import { deleteInstances } from './actions/delete-instances.ts';
import { deleteSecurityGroup } from './actions/delete-security-group.ts';
import { describeAvailableResource } from './actions/describe-available-resource.ts';
import { describeCloudAssistantStatus } from './actions/describe-cloud-assistant-status.ts';
import { describeDisks } from './actions/describe-disks.ts';
import { describeImages } from './actions/describe-images.ts';
import { describeInstanceTypes } from './actions/describe-instance-types.ts';
import { describeInstances } from './actions/describe-instances.ts';
import { describeInvocationResults } from './actions/describe-invocation-results.ts';
import { describeNetworkInterfaces } from './actions/describe-network-interfaces.ts';
import { describePrice } from './actions/describe-price.ts';
import { describeSecurityGroupAttribute } from './actions/describe-security-group-attribute.ts';
import { describeSecurityGroups } from './actions/describe-security-groups.ts';
import { describeZones } from './actions/describe-zones.ts';
import { listTagResources } from './actions/list-tag-resources.ts';
import { modifySecurityGroupRule } from './actions/modify-security-group-rule.ts';
import { revokeSecurityGroup } from './actions/revoke-security-group.ts';
import { runCommand } from './actions/run-command.ts';
import { runInstances } from './actions/run-instances.ts';
import { startInstance } from './actions/start-instance.ts';
import { stopInstance } from './actions/stop-instance.ts';
import { tagResources } from './actions/tag-resources.ts';
import { unassignIpv6Addresses } from './actions/unassign-ipv6-addresses.ts';
import { untagResources } from './actions/untag-resources.ts';
import { paramErrors } from './param-errors.ts';
import { EcsState } from './state.ts';
import { ecsResources } from './resources.ts';

/** ECS 2014-05-26: wire name to action. */
export const ecsService = (
  context: CloudContext,
  vpc: VpcState,
  state = new EcsState(context, vpc),
): RpcService<EcsState> =>
  rpcService({
    name: 'ecs',
    version: '2014-05-26',
    clock: context.clock,
    credentials: context.credentials,
    regionId: context.regionId,
    state,
    errors: paramErrors,
    tokenMismatch: () => ({ code: 'IdempotentParameterMismatch', status: 403 }),
    tokenRunning: () => ({ code: 'IdempotentProcessing', status: 403 }),
    dryRunCode: (action) => (action === 'DeleteInstances' ? 'DRYRUN.SUCCESS' : 'DryRunOperation'),
    resources: ecsResources,
    actions: {
      AssignIpv6Addresses: assignIpv6Addresses,
      AuthorizeSecurityGroup: authorizeSecurityGroup,
      CreateSecurityGroup: createSecurityGroup,
      DeleteInstance: deleteInstance,
      DeleteInstances: deleteInstances,
      DeleteSecurityGroup: deleteSecurityGroup,
      DescribeAvailableResource: describeAvailableResource,
      DescribeCloudAssistantStatus: describeCloudAssistantStatus,
      DescribeDisks: describeDisks,
      DescribeImages: describeImages,
      DescribeInstanceTypes: describeInstanceTypes,
      DescribeInstances: describeInstances,
      DescribeInvocationResults: describeInvocationResults,
      DescribeNetworkInterfaces: describeNetworkInterfaces,
      DescribePrice: describePrice,
      DescribeSecurityGroupAttribute: describeSecurityGroupAttribute,
      DescribeSecurityGroups: describeSecurityGroups,
      DescribeZones: describeZones,
      ListTagResources: listTagResources,
      ModifySecurityGroupRule: modifySecurityGroupRule,
      RevokeSecurityGroup: revokeSecurityGroup,
      RunCommand: runCommand,
      RunInstances: runInstances,
      StartInstance: startInstance,
      StopInstance: stopInstance,
      TagResources: tagResources,
      UnassignIpv6Addresses: unassignIpv6Addresses,
      UntagResources: untagResources,
    },
  });
