import { oneOf, text } from '../../action.ts';
import { albRead } from '../alb-action.ts';
import { ids, paging, tagFilter, takePage, wanted } from '../params.ts';
import { loadBalancerForm } from '../wire-forms.ts';

const isWanted = (filter: string | undefined, value: string): boolean => filter === undefined || filter === value;
const isAmong = (filter: string[] | undefined, value: string): boolean => filter?.includes(value) ?? true;

/** ListLoadBalancers, ALB 2020-06-16. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-listloadbalancers (read 2026-11-22). */
export const listLoadBalancers = albRead({
  params: {
    ...paging(),
    LoadBalancerIds: ids(20),
    LoadBalancerNames: ids(10),
    VpcIds: ids(10),
    ZoneId: text(),
    LoadBalancerStatus: oneOf('Inactive', 'Active', 'Provisioning', 'Configuring', 'CreateFailed'),
    LoadBalancerBussinessStatus: oneOf('Normal', 'Abnormal'),
    AddressType: oneOf('Internet', 'Intranet'),
    AddressIpVersion: oneOf('IPv4', 'DualStack'),
    Ipv6AddressType: oneOf('Internet', 'Intranet'),
    PayType: oneOf('PostPay'),
    ResourceGroupId: text(),
    DNSName: text(),
    Tag: tagFilter(20),
  },
  apply(state, params) {
    const found = state.loadBalancers
      .listByTags(wanted(params.Tag))
      .filter(
        (loadBalancer) =>
          isAmong(params.LoadBalancerIds, loadBalancer.id) &&
          isAmong(params.LoadBalancerNames, loadBalancer.name) &&
          isAmong(params.VpcIds, loadBalancer.vpcId) &&
          (params.ZoneId === undefined || loadBalancer.zones.some((zone) => zone.zoneId === params.ZoneId)) &&
          isWanted(params.LoadBalancerStatus, state.loadBalancers.statusOf(loadBalancer)) &&
          isWanted(params.LoadBalancerBussinessStatus, loadBalancer.businessStatus) &&
          isWanted(params.AddressType, loadBalancer.addressType) &&
          isWanted(params.AddressIpVersion, loadBalancer.addressIpVersion) &&
          isWanted(params.Ipv6AddressType, loadBalancer.ipv6AddressType) &&
          isWanted(params.ResourceGroupId, loadBalancer.resourceGroupId) &&
          isWanted(params.DNSName, loadBalancer.dnsName),
      );
    const { rows, tail } = takePage(found, params);
    return { LoadBalancers: rows.map((loadBalancer) => loadBalancerForm(state, loadBalancer)), ...tail };
  },
});
