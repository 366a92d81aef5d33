import { findInstanceType, images } from './catalog.ts';
import type { EcsState, Instance, NetworkInterface, SecurityGroup, SecurityGroupRule } from './state.ts';
import { tagSet } from './tagging.ts';

/** `2026-11-22T08:00:00Z` */
export const seconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** `2026-11-22T08:00Z`, the form of DescribeInstances. */
export const minutes = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;

const ipv6Set = (addresses: string[]) => ({ Ipv6Set: addresses.map((address) => ({ Ipv6Address: address })) });
const privateIpSet = (address: string) => ({ PrivateIpSet: [{ PrivateIpAddress: address, Primary: true }] });

export function instanceForm(state: EcsState, instance: Instance): object {
  const type = findInstanceType(instance.instanceType);
  const image = images.find((candidate) => candidate.id === instance.imageId);
  const card = state.networkInterfaces.find(instance.networkInterfaceId);
  const status = state.instances.statusOf(instance);
  return {
    InstanceId: instance.id,
    InstanceName: instance.name,
    HostName: instance.hostName,
    Description: instance.description,
    SerialNumber: instance.id,
    Status: status,
    RegionId: state.context.regionId,
    ZoneId: instance.zoneId,
    InstanceType: instance.instanceType,
    InstanceTypeFamily: type?.family ?? '',
    Cpu: type?.cpu ?? 0,
    Memory: type?.memoryMiB ?? 0,
    ImageId: instance.imageId,
    OSType: 'linux',
    OSName: image?.osName ?? '',
    OSNameEn: image?.osNameEn ?? '',
    InstanceChargeType: 'PostPaid',
    InternetChargeType: 'PayByTraffic',
    InternetMaxBandwidthIn: instance.internetMaxBandwidthOut > 10 ? instance.internetMaxBandwidthOut : 10,
    InternetMaxBandwidthOut: instance.internetMaxBandwidthOut,
    InstanceNetworkType: 'vpc',
    IoOptimized: true,
    DeletionProtection: instance.deletionProtection,
    StoppedMode: status === 'Stopped' || status === 'Stopping' ? instance.stoppedMode : 'Not-applicable',
    SpotStrategy: 'NoSpot',
    DeviceAvailable: true,
    Recyclable: false,
    CreationTime: minutes(instance.createdAtMs),
    StartTime: minutes(instance.startedAtMs),
    ExpiredTime: '2099-12-31T15:59Z',
    AutoReleaseTime: instance.autoReleaseAtMs === undefined ? '' : minutes(instance.autoReleaseAtMs),
    MetadataOptions: {
      HttpEndpoint: instance.metadata?.endpoint ?? 'enabled',
      HttpTokens: instance.metadata?.tokens ?? 'optional',
      HttpPutResponseHopLimit: 0,
    },
    ResourceGroupId: '',
    KeyPairName: '',
    SecurityGroupIds: { SecurityGroupId: instance.securityGroupIds },
    PublicIpAddress: { IpAddress: instance.publicIpAddress === '' ? [] : [instance.publicIpAddress] },
    InnerIpAddress: { IpAddress: [] },
    RdmaIpAddress: { IpAddress: [] },
    EipAddress: { AllocationId: '', IpAddress: '', InternetChargeType: '' },
    VpcAttributes: {
      VpcId: instance.vpcId,
      VSwitchId: instance.vSwitchId,
      NatIpAddress: '',
      PrivateIpAddress: { IpAddress: [instance.privateIpAddress] },
    },
    NetworkInterfaces: {
      NetworkInterface: [
        {
          NetworkInterfaceId: instance.networkInterfaceId,
          Type: 'Primary',
          MacAddress: card?.macAddress ?? '',
          PrimaryIpAddress: instance.privateIpAddress,
          PrivateIpSets: privateIpSet(instance.privateIpAddress),
          Ipv6Sets: ipv6Set(instance.ipv6Addresses),
          Ipv4PrefixSets: { Ipv4PrefixSet: [] },
          Ipv6PrefixSets: { Ipv6PrefixSet: [] },
        },
      ],
    },
    OperationLocks: { LockReason: [] },
    Tags: tagSet(instance.tags),
  };
}

export const networkInterfaceForm = (state: EcsState, card: NetworkInterface): object => ({
  NetworkInterfaceId: card.id,
  NetworkInterfaceName: card.name,
  Description: card.description,
  Status: state.networkInterfaces.statusOf(card),
  Type: card.instanceId === '' ? 'Secondary' : 'Primary',
  VpcId: card.vpcId,
  VSwitchId: card.vSwitchId,
  ZoneId: card.zoneId,
  InstanceId: card.instanceId,
  MacAddress: card.macAddress,
  PrivateIpAddress: card.privateIpAddress,
  PrivateIpSets: privateIpSet(card.privateIpAddress),
  Ipv6Sets: ipv6Set(card.ipv6Addresses),
  Ipv4PrefixSets: { Ipv4PrefixSet: [] },
  Ipv6PrefixSets: { Ipv6PrefixSet: [] },
  SecurityGroupIds: { SecurityGroupId: card.securityGroupIds },
  ServiceManaged: card.serviceManaged,
  ServiceID: 0,
  OwnerId: state.context.credentials.accountId,
  CreationTime: seconds(card.createdAtMs),
  DeleteOnRelease: true,
  Attachment: card.instanceId === '' ? {} : { InstanceId: card.instanceId, DeviceIndex: 0 },
  ResourceGroupId: '',
  Tags: tagSet(card.tags),
});

export const securityGroupForm = (group: SecurityGroup, ecsCount: number): object => ({
  SecurityGroupId: group.id,
  SecurityGroupName: group.name,
  Description: group.description,
  SecurityGroupType: group.type,
  VpcId: group.vpcId,
  CreationTime: seconds(group.createdAtMs),
  EcsCount: ecsCount,
  RuleCount: group.rules.length,
  ResourceGroupId: '',
  ServiceID: 0,
  ServiceManaged: group.serviceManaged,
  Tags: tagSet(group.tags),
});

export const ruleForm = (rule: SecurityGroupRule): object => ({
  SecurityGroupRuleId: rule.id,
  Direction: 'ingress',
  Description: rule.description,
  IpProtocol: rule.ipProtocol,
  PortRange: rule.portRange,
  SourcePortRange: '',
  SourceCidrIp: rule.sourceCidrIp,
  Ipv6SourceCidrIp: rule.ipv6SourceCidrIp,
  SourceGroupId: rule.sourceGroupId,
  SourceGroupName: '',
  SourceGroupOwnerAccount: '',
  SourcePrefixListId: '',
  SourcePrefixListName: '',
  DestCidrIp: '',
  Ipv6DestCidrIp: '',
  DestGroupId: '',
  DestGroupName: '',
  DestGroupOwnerAccount: '',
  DestPrefixListId: '',
  DestPrefixListName: '',
  Policy: rule.policy,
  Priority: String(rule.priority),
  NicType: 'intranet',
  CreateTime: seconds(rule.createdAtMs),
});
