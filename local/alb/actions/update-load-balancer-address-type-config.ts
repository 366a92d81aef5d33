import { list, oneOf, required, struct, text } from '../../action.ts';
import { albWrite } from '../alb-action.ts';
import { refuse } from '../errors.ts';
import type { AlbState, LoadBalancerZone } from '../state.ts';
import { mustBeActive } from '../status-rules.ts';

/**
 * UpdateLoadBalancerAddressTypeConfig, ALB 2020-06-16: the IPv4 side becomes public or private; the IPv6 side has calls of its own.
 * The page asks for the elastic IP addresses of the zones towards Internet; the vendor's Terraform provider, whose update of
 * `address_type` its acceptance tests run, sends none, so the service allocates them as at creation (inf). What the service has
 * allocated goes with the change to Intranet (inf).
 * Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-updateloadbalanceraddresstypeconfig
 * (read 2026-11-30); https://github.com/aliyun/terraform-provider-alicloud/pull/5648.
 */
export const updateLoadBalancerAddressTypeConfig = albWrite({
  params: {
    LoadBalancerId: required(text()),
    AddressType: required(oneOf('Internet', 'Intranet')),
    ZoneMappings: list(
      struct({ ZoneId: text(), VSwitchId: text(), AllocationId: text(), EipType: oneOf('Common', 'Anycast') }),
      10,
      1,
    ),
  },
  apply(state, params, commit) {
    const loadBalancer = state.loadBalancer(params.LoadBalancerId);
    mustBeActive(state, loadBalancer);
    if (params.ZoneMappings?.some(({ AllocationId, EipType }) => AllocationId !== undefined || EipType === 'Anycast'))
      throw refuse('UnsupportedFeature.NotEmulated', 'ZoneMappings with an address of your own');
    if (params.AddressType === loadBalancer.addressType) throw refuse('OperationDenied.AddressTypeNotChanged');
    commit();
    loadBalancer.zones = loadBalancer.zones.map((zone) => ({
      ...zone,
      ...addressOf(state, zone, params.AddressType),
    }));
    loadBalancer.addressType = params.AddressType;
    const { loadBalancerMs } = state.context.latency;
    state.configure(loadBalancer, loadBalancerMs);
    const jobId = state.jobs.begin(
      'UpdateLoadBalancerAddressTypeConfig',
      'loadbalancer',
      loadBalancer.id,
      loadBalancerMs,
    );
    return { JobId: jobId };
  },
});

const addressOf = (
  state: AlbState,
  zone: LoadBalancerZone,
  type: 'Internet' | 'Intranet',
): Pick<LoadBalancerZone, 'address' | 'allocationId'> =>
  type === 'Internet'
    ? { address: state.nextPublicAddress(), allocationId: state.context.nextId('eip-') }
    : { address: zone.intranetAddress, allocationId: '' };
