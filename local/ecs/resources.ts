import { resourceTable, valuesOf } from '../authorization/resources.ts';
import { valueAt } from '../dictionary.ts';
import { tagsIn } from '../lifecycle.ts';
import { vpcTagsOf } from '../vpc/resources.ts';
import type { EcsState } from './state.ts';

/**
 * Read in a public copy of the vendor's page, but for the actions that the page does not list, which then have no
 * resource-level permission here (inf): DescribeAvailableResource, DescribeInstanceTypes, DescribeZones.
 * RunInstances and AuthorizeSecurityGroup stand there with All Resources. The page marks a type as required or not; one that
 * is not required counts here when the call names it (our word). `acs:ResourceTag` and `acs:RequestTag`:
 * https://www.alibabacloud.com/help/en/ecs/user-guide/use-tags-to-control-access-to-ecs-resources (inf for RunCommand).
 */
export const ecsResources = resourceTable<EcsState>()({
  source: 'https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-ram',
  service: 'ecs',
  actions: {
    AssignIpv6Addresses: ['eni/{NetworkInterfaceId}'],
    AuthorizeSecurityGroup: '*',
    CreateSecurityGroup: ['securitygroup/*', 'vpc:vpc/{VpcId}'],
    DeleteInstance: ['instance/{InstanceId}'],
    DeleteInstances: ['instance/{InstanceId}'],
    DeleteSecurityGroup: ['securitygroup/{SecurityGroupId}'],
    DescribeAvailableResource: '*',
    DescribeCloudAssistantStatus: ['instance/{InstanceId}'],
    DescribeDisks: ['disk/{DiskIds}'],
    DescribeImages: ['image/{ImageId}'],
    DescribeInstanceTypes: '*',
    DescribeInstances: ['instance/{InstanceIds}'],
    DescribeInvocationResults: ['command/{CommandId}?', 'instance/{InstanceId}'],
    DescribeNetworkInterfaces: ['eni/{NetworkInterfaceId}'],
    DescribePrice: '*',
    DescribeSecurityGroupAttribute: ['securitygroup/{SecurityGroupId}'],
    DescribeSecurityGroups: ['securitygroup/{securityGroups}'],
    DescribeZones: '*',
    ListTagResources: '*',
    ModifySecurityGroupRule: '*',
    RevokeSecurityGroup: ['securitygroup/{SecurityGroupId}'],
    RunCommand: ['instance/{InstanceId}'],
    RunInstances: '*',
    StartInstance: ['instance/{InstanceId}'],
    StopInstance: ['instance/{InstanceId}'],
    TagResources: ['{tagged}'],
    UnassignIpv6Addresses: ['eni/{NetworkInterfaceId}'],
    UntagResources: ['{tagged}'],
  },
  passesRole: { to: 'ecs.aliyuncs.com', by: { RunInstances: 'RamRoleName' } },
  variables: {
    securityGroups: (_state, params) => [
      ...valuesOf(params, 'SecurityGroupId'),
      ...valuesOf(params, 'SecurityGroupIds'),
    ],
    tagged: (_state, params) => {
      const type = valueAt(params, 'ResourceType') ?? '';
      return valuesOf(params, 'ResourceId').map((id) => `${type}/${id}`);
    },
  },
  tagsOf: (state, type, id) => {
    switch (type) {
      case 'instance':
        return tagsIn(state.instances.find(id));
      case 'securitygroup':
        return tagsIn(state.securityGroups.find(id));
      case 'eni':
        return tagsIn(state.networkInterfaces.find(id));
      case 'disk':
        return tagsIn(state.disks.find(id));
      default:
        return vpcTagsOf(state.vpc, type, id);
    }
  },
});
