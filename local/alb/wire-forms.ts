import type { Tag } from '../lifecycle.ts';
import type { AlbState, LoadBalancer, ServerGroup } from './state.ts';

/** `2026-11-22T08:00:00Z` */
export const isoTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

export const tagForms = (tags: Tag[]): object[] => tags.map(({ key, value }) => ({ Key: key, Value: value }));

/** A row of ListLoadBalancers, also the greater part of GetLoadBalancerAttribute. `BussinessStatus` is the wire's spelling. */
export const loadBalancerForm = (state: AlbState, loadBalancer: LoadBalancer): object => ({
  AddressAllocatedMode: loadBalancer.addressAllocatedMode,
  AddressIpVersion: loadBalancer.addressIpVersion,
  AddressType: loadBalancer.addressType,
  CreateTime: isoTime(loadBalancer.createdAtMs),
  DNSName: loadBalancer.dnsName,
  DeletionProtectionConfig: {
    Enabled: loadBalancer.deletionProtection,
    ...(loadBalancer.deletionProtection ? { EnabledTime: isoTime(loadBalancer.deletionProtectedAtMs) } : {}),
  },
  ...(loadBalancer.ipv6AddressType === '' ? {} : { Ipv6AddressType: loadBalancer.ipv6AddressType }),
  LoadBalancerBillingConfig: { PayType: 'PostPay' },
  LoadBalancerBussinessStatus: loadBalancer.businessStatus,
  LoadBalancerEdition: loadBalancer.edition,
  LoadBalancerId: loadBalancer.id,
  LoadBalancerName: loadBalancer.name,
  LoadBalancerOperationLocks: [],
  LoadBalancerStatus: state.loadBalancers.statusOf(loadBalancer),
  ModificationProtectionConfig: {
    Status: loadBalancer.modificationProtection.status,
    Reason: loadBalancer.modificationProtection.reason,
  },
  ResourceGroupId: loadBalancer.resourceGroupId,
  SecurityGroupIds: [],
  Tags: tagForms(loadBalancer.tags),
  VpcId: loadBalancer.vpcId,
});

/** Addresses are shown once the load balancer has been made (inf); their health, while the zone is Active [SDK-ALB]. */
export function zoneForms(state: AlbState, loadBalancer: LoadBalancer): object[] {
  const made = state.loadBalancers.statusOf(loadBalancer);
  const hasAddresses = made !== 'Provisioning' && made !== 'CreateFailed';
  return loadBalancer.zones.map((zone) => {
    const status = hasAddresses ? state.zoneStatus(zone) : 'Starting';
    const { ipv4, ipv6 } = zone.unhealthy;
    const health = (name: string, isUnhealthy: boolean) =>
      status === 'Active' ? { [name]: isUnhealthy ? 'Unhealthy' : 'Healthy' } : {};
    return {
      ZoneId: zone.zoneId,
      VSwitchId: zone.vSwitchId,
      Status: status,
      LoadBalancerAddresses: hasAddresses
        ? [
            {
              Address: zone.address,
              IntranetAddress: zone.intranetAddress,
              ...health('IntranetAddressHcStatus', ipv4),
              Ipv4LocalAddresses: zone.ipv4LocalAddresses,
              ...(zone.allocationId === '' ? {} : { AllocationId: zone.allocationId, EipType: 'Common' }),
              ...(zone.ipv6Address === ''
                ? {}
                : {
                    Ipv6Address: zone.ipv6Address,
                    ...health('Ipv6AddressHcStatus', ipv6),
                    Ipv6LocalAddresses: zone.ipv6LocalAddresses,
                  }),
            },
          ]
        : [],
    };
  });
}

export const serverGroupForm = (state: AlbState, group: ServerGroup): object => ({
  ConfigManagedEnabled: false,
  ConnectionDrainConfig: {
    ConnectionDrainEnabled: group.connectionDrain.enabled,
    ConnectionDrainTimeout: group.connectionDrain.timeoutSeconds,
  },
  CreateTime: isoTime(group.createdAtMs),
  CrossZoneEnabled: true,
  HealthCheckConfig: {
    HealthCheckCodes: group.healthCheck.codes,
    HealthCheckConnectPort: group.healthCheck.connectPort,
    HealthCheckEnabled: group.healthCheck.enabled,
    HealthCheckHost: group.healthCheck.host,
    HealthCheckHttpVersion: group.healthCheck.httpVersion,
    HealthCheckInterval: group.healthCheck.intervalSeconds,
    HealthCheckMethod: group.healthCheck.method,
    HealthCheckPath: group.healthCheck.path,
    HealthCheckProtocol: group.healthCheck.protocol,
    HealthCheckTimeout: group.healthCheck.timeoutSeconds,
    HealthyThreshold: group.healthCheck.healthyThreshold,
    UnhealthyThreshold: group.healthCheck.unhealthyThreshold,
  },
  Ipv6Enabled: group.ipv6Enabled,
  Protocol: group.protocol,
  RelatedLoadBalancerIds: state.usersOf(group.id),
  ResourceGroupId: group.resourceGroupId,
  Scheduler: group.scheduler,
  ServerCount: group.servers.length,
  ServerGroupId: group.id,
  ServerGroupName: group.name,
  ServerGroupStatus: state.serverGroups.statusOf(group),
  ServerGroupType: 'Instance',
  ServiceName: group.serviceName,
  SlowStartConfig: {
    SlowStartEnabled: group.slowStart.enabled,
    SlowStartDuration: group.slowStart.durationSeconds,
  },
  StickySessionConfig: {
    Cookie: group.stickySession.cookie,
    CookieTimeout: group.stickySession.cookieTimeoutSeconds,
    StickySessionEnabled: group.stickySession.enabled,
    StickySessionType: group.stickySession.type,
  },
  Tags: tagForms(group.tags),
  UpstreamKeepaliveEnabled: group.upstreamKeepaliveEnabled,
  VpcId: group.vpcId,
});
