import { addServersToServerGroup } from './actions/add-servers-to-server-group.ts';
import { associateAdditionalCertificatesWithListener } from './actions/associate-additional-certificates-with-listener.ts';
import { cancelShiftLoadBalancerZones } from './actions/cancel-shift-load-balancer-zones.ts';
import { createListener } from './actions/create-listener.ts';
import { createLoadBalancer } from './actions/create-load-balancer.ts';
import { createRule } from './actions/create-rule.ts';
import { createServerGroup } from './actions/create-server-group.ts';
import { deleteListener } from './actions/delete-listener.ts';
import { deleteLoadBalancer } from './actions/delete-load-balancer.ts';
import { deleteRule } from './actions/delete-rule.ts';
import { deleteServerGroup } from './actions/delete-server-group.ts';
import { describeRegions } from './actions/describe-regions.ts';
import { describeZones } from './actions/describe-zones.ts';
import { disableDeletionProtection } from './actions/disable-deletion-protection.ts';
import { disableLoadBalancerIpv6Internet } from './actions/disable-load-balancer-ipv6-internet.ts';
import { dissociateAdditionalCertificatesFromListener } from './actions/dissociate-additional-certificates-from-listener.ts';
import { enableDeletionProtection } from './actions/enable-deletion-protection.ts';
import { enableLoadBalancerIpv6Internet } from './actions/enable-load-balancer-ipv6-internet.ts';
import { getListenerAttribute } from './actions/get-listener-attribute.ts';
import { getListenerHealthStatus } from './actions/get-listener-health-status.ts';
import { getLoadBalancerAttribute } from './actions/get-load-balancer-attribute.ts';
import { listAsynJobs } from './actions/list-asyn-jobs.ts';
import { listListenerCertificates } from './actions/list-listener-certificates.ts';
import { listListeners } from './actions/list-listeners.ts';
import { listLoadBalancers } from './actions/list-load-balancers.ts';
import { listRules } from './actions/list-rules.ts';
import { listSecurityPolicies } from './actions/list-security-policies.ts';
import { listServerGroupServers } from './actions/list-server-group-servers.ts';
import { listServerGroups } from './actions/list-server-groups.ts';
import { listSystemSecurityPolicies } from './actions/list-system-security-policies.ts';
import { listTagResources } from './actions/list-tag-resources.ts';
import { removeServersFromServerGroup } from './actions/remove-servers-from-server-group.ts';
import { startListener } from './actions/start-listener.ts';
import { startShiftLoadBalancerZones } from './actions/start-shift-load-balancer-zones.ts';
import { stopListener } from './actions/stop-listener.ts';
import { tagResources } from './actions/tag-resources.ts';
import { unTagResources } from './actions/un-tag-resources.ts';
import { updateListenerAttribute } from './actions/update-listener-attribute.ts';
import { updateLoadBalancerAddressTypeConfig } from './actions/update-load-balancer-address-type-config.ts';
import { updateLoadBalancerEdition } from './actions/update-load-balancer-edition.ts';
import { updateLoadBalancerAttribute } from './actions/update-load-balancer-attribute.ts';
import { updateLoadBalancerZones } from './actions/update-load-balancer-zones.ts';
import { updateRuleAttribute } from './actions/update-rule-attribute.ts';
import { updateServerGroupAttribute } from './actions/update-server-group-attribute.ts';
import { updateServerGroupServersAttribute } from './actions/update-server-group-servers-attribute.ts';
import { type RpcService, rpcService } from '../rpc.ts';
import { paramErrors } from './errors.ts';
import type { AlbState } from './state.ts';
import { albResources } from './resources.ts';

/** ALB 2020-06-16: wire name to action. `throttles: false` turns the rate limits off. */
export const albService = (state: AlbState, options: { throttles?: boolean } = {}): RpcService<AlbState> =>
  rpcService({
    name: 'alb',
    version: '2020-06-16',
    clock: state.context.clock,
    credentials: state.context.credentials,
    regionId: state.context.regionId,
    state,
    errors: paramErrors,
    throttles: options.throttles ?? true,
    // Terraform retries this spelling [TF-LB].
    tokenRunning: () => ({ code: 'IdempotenceProcessing', status: 400 }),
    resources: albResources,
    actions: {
      DescribeZones: describeZones,
      DescribeRegions: describeRegions,
      CreateLoadBalancer: createLoadBalancer,
      GetLoadBalancerAttribute: getLoadBalancerAttribute,
      ListLoadBalancers: listLoadBalancers,
      EnableLoadBalancerIpv6Internet: enableLoadBalancerIpv6Internet,
      DisableLoadBalancerIpv6Internet: disableLoadBalancerIpv6Internet,
      CreateServerGroup: createServerGroup,
      ListSecurityPolicies: listSecurityPolicies,
      ListServerGroups: listServerGroups,
      AddServersToServerGroup: addServersToServerGroup,
      ListServerGroupServers: listServerGroupServers,
      RemoveServersFromServerGroup: removeServersFromServerGroup,
      UpdateServerGroupServersAttribute: updateServerGroupServersAttribute,
      UpdateServerGroupAttribute: updateServerGroupAttribute,
      DeleteServerGroup: deleteServerGroup,
      CreateListener: createListener,
      GetListenerAttribute: getListenerAttribute,
      ListListeners: listListeners,
      UpdateListenerAttribute: updateListenerAttribute,
      StopListener: stopListener,
      StartListener: startListener,
      DeleteListener: deleteListener,
      AssociateAdditionalCertificatesWithListener: associateAdditionalCertificatesWithListener,
      DissociateAdditionalCertificatesFromListener: dissociateAdditionalCertificatesFromListener,
      ListListenerCertificates: listListenerCertificates,
      CreateRule: createRule,
      ListRules: listRules,
      UpdateRuleAttribute: updateRuleAttribute,
      DeleteRule: deleteRule,
      GetListenerHealthStatus: getListenerHealthStatus,
      ListAsynJobs: listAsynJobs,
      EnableDeletionProtection: enableDeletionProtection,
      DisableDeletionProtection: disableDeletionProtection,
      DeleteLoadBalancer: deleteLoadBalancer,
      UpdateLoadBalancerAttribute: updateLoadBalancerAttribute,
      UpdateLoadBalancerEdition: updateLoadBalancerEdition,
      UpdateLoadBalancerAddressTypeConfig: updateLoadBalancerAddressTypeConfig,
      UpdateLoadBalancerZones: updateLoadBalancerZones,
      StartShiftLoadBalancerZones: startShiftLoadBalancerZones,
      CancelShiftLoadBalancerZones: cancelShiftLoadBalancerZones,
      TagResources: tagResources,
      UnTagResources: unTagResources,
      ListTagResources: listTagResources,
      ListSystemSecurityPolicies: listSystemSecurityPolicies,
    },
  });
