import { resourceTable, valuesOf } from '../authorization/resources.ts';
import { valueAt } from '../dictionary.ts';
import { tagsIn } from '../lifecycle.ts';
import type { AlbState } from './state.ts';

type Params = Record<string, string>;

/** The load balancers behind listeners and rules; `*` for one that does not exist. */
const ofListeners = (state: AlbState, ids: string[]): string[] =>
  ids.map((id) => state.listeners.find(id)?.loadBalancerId ?? '*');

const ofRules = (state: AlbState, ids: string[]): string[] =>
  ids.flatMap((id) => {
    const rule = state.rules.find(id);
    return rule === undefined ? ['*'] : ofListeners(state, [rule.listenerId]);
  });

/** Server groups anywhere in the actions of a listener or a rule. */
const forwardedTo = (params: Params): string[] =>
  Object.entries(params).flatMap(([name, value]) =>
    /ServerGroupTuples\.\d+\.ServerGroupId$/.test(name) ? [value] : [],
  );

/**
 * Listeners and rules are parts of their load balancer: nothing has an ARN but `loadbalancer`, `servergroup`, `acl` and
 * `securitypolicy`. Read in public copies of the API pages: CreateLoadBalancer, GetLoadBalancerAttribute, DeleteListener,
 * ListListeners, EnableDeletionProtection, CreateRules (load balancer and server group), AddServersToServerGroup (the group, and
 * servers as `acs:alb:...:ecs/...`, which count when the call names them), ListServerGroups, ListTagResources, ListAsynJobs (All Resources). inf: the other
 * rows, by the same form; the actions of zones, regions and security policies, of which no page was seen, have no
 * resource-level permission; `acs:ResourceTag` and `acs:RequestTag`, as for ECS and VPC.
 */
export const albResources = resourceTable<AlbState>()({
  source:
    'https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-ram',
  service: 'alb',
  actions: {
    CreateLoadBalancer: ['loadbalancer/*'],
    GetLoadBalancerAttribute: ['loadbalancer/{LoadBalancerId}'],
    ListLoadBalancers: ['loadbalancer/{LoadBalancerIds}'],
    UpdateLoadBalancerAttribute: ['loadbalancer/{LoadBalancerId}'],
    UpdateLoadBalancerEdition: ['loadbalancer/{LoadBalancerId}'],
    UpdateLoadBalancerAddressTypeConfig: ['loadbalancer/{LoadBalancerId}'],
    UpdateLoadBalancerZones: ['loadbalancer/{LoadBalancerId}'],
    StartShiftLoadBalancerZones: ['loadbalancer/{LoadBalancerId}'],
    CancelShiftLoadBalancerZones: ['loadbalancer/{LoadBalancerId}'],
    EnableLoadBalancerIpv6Internet: ['loadbalancer/{LoadBalancerId}'],
    DisableLoadBalancerIpv6Internet: ['loadbalancer/{LoadBalancerId}'],
    EnableDeletionProtection: ['loadbalancer/{ResourceId}'],
    DisableDeletionProtection: ['loadbalancer/{ResourceId}'],
    DeleteLoadBalancer: ['loadbalancer/{LoadBalancerId}'],
    CreateListener: ['loadbalancer/{LoadBalancerId}', 'servergroup/{forwardedTo}?'],
    GetListenerAttribute: ['loadbalancer/{ofListener}'],
    GetListenerHealthStatus: ['loadbalancer/{ofListener}'],
    ListListeners: ['loadbalancer/{ofListeners}'],
    UpdateListenerAttribute: ['loadbalancer/{ofListener}', 'servergroup/{forwardedTo}?'],
    StartListener: ['loadbalancer/{ofListener}'],
    StopListener: ['loadbalancer/{ofListener}'],
    DeleteListener: ['loadbalancer/{ofListener}'],
    ListListenerCertificates: ['loadbalancer/{ofListener}'],
    AssociateAdditionalCertificatesWithListener: ['loadbalancer/{ofListener}'],
    DissociateAdditionalCertificatesFromListener: ['loadbalancer/{ofListener}'],
    CreateRule: ['loadbalancer/{ofListener}', 'servergroup/{forwardedTo}?'],
    ListRules: ['loadbalancer/{ofRules}'],
    UpdateRuleAttribute: ['loadbalancer/{ofRule}', 'servergroup/{forwardedTo}?'],
    DeleteRule: ['loadbalancer/{ofRule}'],
    CreateServerGroup: ['servergroup/*'],
    ListServerGroups: ['servergroup/*'],
    UpdateServerGroupAttribute: ['servergroup/{ServerGroupId}'],
    DeleteServerGroup: ['servergroup/{ServerGroupId}'],
    AddServersToServerGroup: ['servergroup/{ServerGroupId}', 'ecs/{instances}?', 'eni/{networkInterfaces}?'],
    ListServerGroupServers: ['servergroup/{ServerGroupId}'],
    UpdateServerGroupServersAttribute: ['servergroup/{ServerGroupId}'],
    RemoveServersFromServerGroup: ['servergroup/{ServerGroupId}'],
    TagResources: ['{tagged}'],
    UnTagResources: ['{tagged}'],
    ListTagResources: ['{tagged}'],
    DescribeRegions: '*',
    DescribeZones: '*',
    ListAsynJobs: '*',
    ListSecurityPolicies: '*',
    ListSystemSecurityPolicies: '*',
  },
  variables: {
    ofListener: (state, params) => ofListeners(state, valuesOf(params, 'ListenerId')),
    ofListeners: (state, params) => [
      ...valuesOf(params, 'LoadBalancerIds'),
      ...ofListeners(state, valuesOf(params, 'ListenerIds')),
    ],
    ofRule: (state, params) => ofRules(state, valuesOf(params, 'RuleId')),
    ofRules: (state, params) => [
      ...valuesOf(params, 'LoadBalancerIds'),
      ...ofListeners(state, valuesOf(params, 'ListenerIds')),
      ...ofRules(state, valuesOf(params, 'RuleIds')),
    ],
    forwardedTo: (_state, params) => forwardedTo(params),
    instances: (_state, params) => serversOf(params, 'Ecs'),
    networkInterfaces: (_state, params) => serversOf(params, 'Eni'),
    tagged: (state, params) => {
      const type = valueAt(params, 'ResourceType') ?? '';
      const ids = valuesOf(params, 'ResourceId');
      // The type that Terraform tags, and no page lists.
      if (type === 'listener') return ofListeners(state, ids).map((id) => `loadbalancer/${id}`);
      return (ids.length === 0 ? ['*'] : ids).map((id) => `${type}/${id}`);
    },
  },
  tagsOf: (state, type, id) => {
    if (type === 'loadbalancer') return tagsIn(state.loadBalancers.find(id));
    return type === 'servergroup' ? tagsIn(state.serverGroups.find(id)) : undefined;
  },
});

const serversOf = (params: Params, type: string): string[] =>
  Object.entries(params).flatMap(([name, value]) => {
    const number = /^Servers\.(\d+)\.ServerType$/.exec(name)?.[1];
    const id = number === undefined || value !== type ? undefined : valueAt(params, `Servers.${number}.ServerId`);
    return id === undefined ? [] : [id];
  });
