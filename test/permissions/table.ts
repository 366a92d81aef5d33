import { isStageName, type StageName } from '../../shared/pipeline.ts';
import type { Role } from './policies.ts';
import type { ScenarioName } from './scenarios.ts';

/** An action of a policy, and a scenario that needs it. */
export interface Row {
  role: Role;
  action: string;
  scenario: ScenarioName;
  /** The stage or function that is refused, and tells it. */
  at: string;
}

const rows = (role: Role, scenario: ScenarioName, needs: Record<string, readonly string[]>): Row[] =>
  Object.entries(needs).flatMap(([at, actions]) => actions.map((action) => ({ role, action, scenario, at })));

/**
 * Every action of every policy, once for each role, in the order of a story: without it the scenario comes to the stage or
 * function, and no further. Rows of one scenario stand in the order in which the actions are first needed.
 */
export const table: readonly Row[] = [
  ...rows('provisioner', 'a first apply', {
    preflight: [
      'alb:DescribeZones',
      'vpc:DescribeVpcs',
      'vpc:CreateVpc',
      'ecs:DescribeImages',
      'ecs:DescribeInstanceTypes',
      'ecs:DescribeAvailableResource',
      'alb:ListLoadBalancers',
      'alidns:DescribeDomainInfo',
      'alidns:DescribeDomainRecords',
    ],
    network: [
      'vpc:DescribeVpcAttribute',
      'vpc:DescribeVSwitches',
      'vpc:CreateVSwitch',
      'vpc:DescribeIpv6Gateways',
      'vpc:CreateIpv6Gateway',
    ],
    'security-group': [
      'ecs:DescribeSecurityGroups',
      'ecs:CreateSecurityGroup',
      'ecs:DescribeSecurityGroupAttribute',
      'ecs:AuthorizeSecurityGroup',
    ],
    'server-group': ['alb:ListServerGroups', 'alb:CreateServerGroup'],
    'load-balancer': ['ram:CreateServiceLinkedRole', 'alb:CreateLoadBalancer', 'alb:GetLoadBalancerAttribute'],
    instances: ['ecs:DescribeInstances', 'ecs:RunInstances'],
    'ipv6-internet': ['alb:EnableLoadBalancerIpv6Internet'],
    'backend-servers': ['alb:ListServerGroupServers', 'alb:AddServersToServerGroup'],
    listener: ['alb:ListListeners', 'alb:CreateListener', 'alb:GetListenerAttribute'],
    health: ['alb:GetListenerHealthStatus'],
    dns: ['alidns:AddDomainRecord'],
  }),
  ...rows('provisioner', 'a record that gets its remark', { dns: ['alidns:UpdateDomainRecordRemark'] }),
  ...rows('provisioner', 'a first apply with HTTPS, over a network without IPv6', {
    preflight: ['alb:ListSystemSecurityPolicies', 'alb:ListSecurityPolicies', 'yundun-cert:ListUserCertificateOrder'],
    network: ['vpc:ModifyVpcAttribute', 'vpc:ModifyVSwitchAttribute'],
    listener: [
      'alb:ListListenerCertificates',
      'alb:AssociateAdditionalCertificatesWithListener',
      'alb:ListRules',
      'alb:CreateRule',
    ],
  }),
  ...rows('provisioner', 'a load balancer that cannot be made', { 'load-balancer': ['alb:ListAsynJobs'] }),
  ...rows('provisioner', 'a message', { preflight: ['ots:GetRow'] }),
  ...rows('provisioner', 'a message that is not ours', { preflight: ['mns:SendMessage'] }),
  ...rows('provisioner', 'a dead letter', { 'dead-letter': ['ots:PutRow'] }),
  ...rows('provisioner', 'a sweep', { sweep: ['ots:GetRange'] }),

  ...rows('api', 'a look for drift', {
    api: [
      'vpc:DescribeVpcAttribute',
      'vpc:DescribeVSwitches',
      'vpc:DescribeIpv6Gateways',
      'ecs:DescribeInstances',
      'ecs:DescribeSecurityGroups',
      'ecs:DescribeSecurityGroupAttribute',
      'alb:GetLoadBalancerAttribute',
      'alb:ListServerGroups',
      'alb:ListServerGroupServers',
      'alb:ListListeners',
      'alb:GetListenerAttribute',
      'alidns:DescribeDomainRecords',
    ],
  }),
  ...rows('api', 'a look for drift where the VPC is gone', { api: ['vpc:DescribeVpcs'] }),
  ...rows('api', 'a look for drift where the load balancer is gone', { api: ['alb:ListLoadBalancers'] }),
  ...rows('api', 'a look for drift with HTTPS', { api: ['alb:ListListenerCertificates', 'alb:ListRules'] }),
  ...rows('api', 'a probe at once', { api: ['alb:GetListenerHealthStatus'] }),
  ...rows('api', 'a request', { api: ['ots:GetRow', 'ots:PutRow', 'mns:SendMessage'] }),
  ...rows('api', 'a listing', { api: ['ots:GetRange'] }),
  ...rows('api', 'a release of what has left nothing', { api: ['ots:DeleteRow'] }),

  ...rows('prober', 'a tick', {
    probe: [
      'alb:GetLoadBalancerAttribute',
      'ots:GetRow',
      'ots:PutRow',
      'ots:GetRange',
      'alb:GetListenerAttribute',
      'alb:ListServerGroupServers',
      'alb:GetListenerHealthStatus',
    ],
  }),
  ...rows('prober', 'a tick at which what is only watched is looked at', {
    probe: ['alb:ListListeners', 'alb:ListServerGroups'],
  }),
  ...rows('prober', 'a tick that an instance looks at', {
    probe: ['ecs:DescribeCloudAssistantStatus', 'ecs:RunCommand', 'ecs:DescribeInvocationResults'],
  }),
  ...rows('prober', 'a tick that another instance looks at', { probe: ['ecs:DescribeInstances'] }),
  ...rows('prober', 'an observation that begins an alert', { probe: ['mns:SendMessage'] }),
  ...rows('alert', 'an alert that is told', { alert: ['ots:GetRange', 'ots:GetRow', 'ots:PutRow', 'ots:DeleteRow'] }),
  ...rows('alert', 'an alert that must wait', { alert: ['mns:SendMessage'] }),

  ...rows('provisioner', 'a change that adds a zone', { 'load-balancer': ['alb:UpdateLoadBalancerZones'] }),
  ...rows('provisioner', 'a repair of a VPC without its tags', { network: ['vpc:TagResources'] }),
  ...rows('provisioner', 'a repair of another health check', { 'server-group': ['alb:UpdateServerGroupAttribute'] }),
  ...rows('provisioner', 'a repair of a load balancer without its tags', { 'load-balancer': ['alb:TagResources'] }),
  ...rows('provisioner', 'a repair of unasked deletion protection', {
    'load-balancer': ['alb:DisableDeletionProtection'],
  }),
  ...rows('provisioner', 'a repair of lifted deletion protection', {
    'load-balancer': ['alb:EnableDeletionProtection'],
  }),
  ...rows('provisioner', 'a repair of another name', { 'load-balancer': ['alb:UpdateLoadBalancerAttribute'] }),
  ...rows('provisioner', 'a repair of a lower edition', { 'load-balancer': ['alb:UpdateLoadBalancerEdition'] }),
  ...rows('provisioner', 'a repair of a private load balancer', {
    'load-balancer': ['alb:UpdateLoadBalancerAddressTypeConfig'],
  }),
  ...rows('provisioner', 'a repair of one certificate too many', {
    listener: ['alb:DissociateAdditionalCertificatesFromListener'],
  }),
  ...rows('provisioner', 'a repair of an instance without its tags', { instances: ['ecs:TagResources'] }),
  ...rows('provisioner', 'a repair of an instance without its IPv6 address', {
    instances: ['ecs:AssignIpv6Addresses'],
  }),
  ...rows('provisioner', 'a repair of a stopped instance', { instances: ['ecs:StartInstance'] }),
  ...rows('provisioner', 'a repair of another weight', {
    'backend-servers': ['alb:UpdateServerGroupServersAttribute'],
  }),
  ...rows('provisioner', 'a repair of a changed rule', { 'backend-servers': ['ecs:RevokeSecurityGroup'] }),
  ...rows('provisioner', 'a repair of a rule of another priority', {
    'security-group': ['ecs:ModifySecurityGroupRule'],
  }),
  ...rows('provisioner', 'a repair of other time limits', { listener: ['alb:UpdateListenerAttribute'] }),
  ...rows('provisioner', 'a repair of a redirect that leads elsewhere', { listener: ['alb:UpdateRuleAttribute'] }),
  ...rows('provisioner', 'a repair of a redirect without its tags', { listener: ['alb:DeleteRule'] }),
  ...rows('provisioner', 'a repair of a stopped listener', { listener: ['alb:StartListener'] }),
  ...rows('provisioner', 'servers that stay unhealthy', {
    health: ['ecs:DescribeCloudAssistantStatus', 'ecs:RunCommand', 'ecs:DescribeInvocationResults'],
  }),
  ...rows('provisioner', 'a repair of another TTL', { dns: ['alidns:UpdateDomainRecord'] }),
  ...rows('provisioner', 'a repair of a disabled record', { dns: ['alidns:SetDomainRecordStatus'] }),

  ...rows('provisioner', 'a release', {
    dns: ['alidns:DeleteDomainRecord'],
    listener: ['alb:DeleteListener'],
    'ipv6-internet': ['alb:DisableLoadBalancerIpv6Internet'],
    'backend-servers': ['alb:RemoveServersFromServerGroup'],
    'server-group': ['alb:DeleteServerGroup'],
    'load-balancer': ['alb:DeleteLoadBalancer'],
    instances: ['ecs:DeleteInstances'],
    'security-group': ['ecs:DeleteSecurityGroup'],
    network: ['ecs:DescribeNetworkInterfaces', 'vpc:DeleteIpv6Gateway', 'vpc:DeleteVSwitch', 'vpc:DeleteVpc'],
  }),
  ...rows('provisioner', 'the end of a release', { preflight: ['ots:DeleteRow'] }),
];

/** Stages of later rows: branches that run side by side would use up what those rows are about. */
export function laterStages({ scenario, at }: Row): StageName[] {
  const stages = table.filter((row) => row.scenario === scenario).map((row) => row.at);
  return [...new Set(stages.slice(stages.lastIndexOf(at) + 1))].filter(isStageName);
}
