import { errorTable } from '../action.ts';

/** Sources: META-ECS = vendor API metadata of 2024-07, SDK-ECS = SDK documentation (facts of 2026-11-22). */
export const refuse = errorTable({
  // Missing and malformed.
  MissingParameter: { status: 400, message: 'A mandatory parameter is not supplied:', source: 'META-ECS' },
  'MissingParameter.Source': {
    status: 400,
    message:
      'One of the parameters SourceCidrIp, Ipv6SourceCidrIp, SourceGroupId or SourcePrefixListId must be specified.',
    source: 'META-ECS',
  },
  'MissingParam.InstanceId': {
    status: 400,
    message: 'The parameter instanceId is missing or empty.',
    source: 'META-ECS',
  },
  InvalidParameter: { status: 400, message: 'The specified parameter is not valid.', source: 'META-ECS' },
  'InvalidParameter.HttpTokens': {
    status: 400,
    message: 'The image does not support the specified HttpTokens.',
    source: 'inf: SDK-ECS says that v1 images cannot, and not what is answered',
  },
  'Duplicate.TagKey': { status: 400, message: 'The Tag.N.Key contain duplicate key.', source: 'META-ECS' },
  'InvalidTagKey.Malformed': { status: 400, message: 'The specified Tag.n.Key is not valid.', source: 'META-ECS' },
  'InvalidTagValue.Malformed': { status: 400, message: 'The specified Tag.n.Value is not valid.', source: 'META-ECS' },
  'InvalidParameter.TagValue': {
    status: 400,
    message: 'A tag value was given without its key.',
    source: 'SDK-ECS (facts 2, ListTagResources)',
  },
  'BothEmpty.TagsAndResources': {
    status: 403,
    message: 'The specified Tags and ResourcesIds are not allow to both empty.',
    source: 'META-ECS',
  },
  'Param.Conflict': {
    status: 403,
    message: 'The specified all is true, but the specified TagKey.N is not empty.',
    source: 'META-ECS',
  },
  'QuotaExceed.Tags': { status: 403, message: 'A resource can have at most 20 tags.', source: 'META-ECS' },
  'NotSupported.PageNumberAndPageSize': {
    status: 400,
    message:
      'The parameters PageNumber and PageSize are currently not supported, please use NextToken and MaxResults instead.',
    source: 'META-ECS',
  },
  'InValidParameter.NextToken': { status: 400, message: 'The parameter NextToken is invalid.', source: 'META-ECS' },
  'Invalid.NextToken': { status: 403, message: 'The specified NextToken is not valid.', source: 'META-ECS' },
  'InvalidParameter.NextToken': {
    status: 400,
    message: 'The specified parameter NextToken is not valid.',
    source: 'META-ECS',
  },
  // Not found.
  'InvalidInstanceId.NotFound': {
    status: 404,
    message: 'The specified InstanceId does not exist.',
    source: 'META-ECS',
  },
  'InvalidInstanceIds.NotFound': {
    status: 404,
    message: 'The specified InstanceIds does not exist.',
    source: 'META-ECS',
  },
  'InvalidInstance.NotFound': { status: 404, message: 'The specified instance does not exist.', source: 'META-ECS' },
  'InvalidInstance.NotMatch': {
    status: 400,
    message: 'The specified instance type does not match the command.',
    source: 'META-ECS',
  },
  'InvalidEniId.NotFound': {
    status: 404,
    message: 'The specified network interface does not exist.',
    source: 'META-ECS',
  },
  'InvalidSecurityGroupId.NotFound': {
    status: 404,
    message: 'The specified SecurityGroupId does not exist.',
    source: 'META-ECS',
  },
  'InvalidSecurityGroup.NotFound': {
    status: 404,
    message: 'The specified security group is not found.',
    source: 'META-ECS',
  },
  'InvalidSourceGroupId.NotFound': {
    status: 404,
    message: 'The SourceGroupId provided does not exist in our records.',
    source: 'META-ECS',
  },
  'InvalidPrefixListId.NotFound': {
    status: 404,
    message: 'The specified prefix list was not found.',
    source: 'META-ECS',
  },
  'InvalidSecurityGroupRuleId.NotFound': {
    status: 404,
    message: 'The specified SecurityGroupRuleId is not exists.',
    source: 'META-ECS',
  },
  'InvalidVpcId.NotFound': { status: 404, message: 'Specified VPC does not exist.', source: 'META-ECS' },
  'InvalidVSwitchId.NotFound': { status: 404, message: 'Specified virtual switch does not exist.', source: 'META-ECS' },
  'InvalidImageId.NotFound': { status: 404, message: 'The specified ImageId does not exist.', source: 'META-ECS' },
  'InvalidZoneId.NotFound': {
    status: 404,
    message: 'The ZoneId provided does not exist in our records.',
    source: 'META-ECS',
  },
  'InvalidKeyPairName.NotFound': {
    status: 404,
    message: 'The specified parameter KeyPairName does not exist in our records.',
    source: 'META-ECS',
  },
  'InvalidResourceId.NotFound': {
    status: 404,
    message: 'The specified ResourceIds are not found in our records.',
    source: 'META-ECS',
  },
  'InvalidResourceType.NotFound': {
    status: 404,
    message: 'The ResourceType provided does not exist in our records.',
    source: 'META-ECS',
  },
  'InvalidStatus.NotFound': { status: 404, message: 'The specified Status is not found.', source: 'META-ECS' },
  'Invalid.DestinationResource': {
    status: 404,
    message: 'The specified DestinationResource is not valid.',
    source: 'META-ECS',
  },
  PriceNotFound: {
    status: 400,
    message: 'The price of your queried resource is not available now, please try other resources.',
    source: 'META-ECS',
  },
  // RunInstances and network cards.
  'InvalidImageFamily.MissingAvailableImage': {
    status: 403,
    message: 'There is no available image related to the specified image family.',
    source: 'META-ECS',
  },
  'UnexpectedImageFamily.ImageIdSupplied': {
    status: 400,
    message: 'The input parameter ImageFamily must be null when image id is set.',
    source: 'META-ECS',
  },
  'InvalidInstanceType.ValueNotSupported': {
    status: 400,
    message: 'The specified InstanceType does not exist or beyond the permitted range.',
    source: 'META-ECS',
  },
  ImageNotSupportInstanceType: {
    status: 403,
    message: 'The specified image does not support the specified InstanceType.',
    source: 'META-ECS',
  },
  'InvalidInstanceType.NotSupportDiskCategory': {
    status: 403,
    message: 'The instanceType of the specified instance does not support this disk category.',
    source: 'META-ECS lists it for AttachDisk; that RunInstances has it is inferred from clients that expect it there',
  },
  'InvalidInstanceType.ZoneNotSupported': {
    status: 403,
    message: 'The specified zone does not support this instancetype.',
    source: 'META-ECS',
  },
  'OperationDenied.NoStock': {
    status: 403,
    message:
      'The requested resource is sold out in the specified zone; try other types of resources or other regions and zones.',
    source: 'META-ECS',
  },
  'InvalidOperation.Ipv6NotSupport': {
    status: 403,
    message: 'The instance type does not support IPv6.',
    source: 'META-ECS',
  },
  MaxEniIpv6IpsCountExceeded: {
    status: 403,
    message: 'The maximum number of IPv6 addresses of the network interface is exceeded.',
    source: 'META-ECS',
  },
  'InvalidVSwitch.Ipv6NotTurnOn': {
    status: 403,
    message: 'IPv6 is not turned on for the vSwitch.',
    source: 'META-ECS',
  },
  'InvalidParam.IpAssign': {
    status: 403,
    message: 'Ipv6Address and Ipv6AddressCount cannot be specified at the same time.',
    source: 'META-ECS',
  },
  'InvalidParam.Amount': {
    status: 403,
    message: 'Addresses can be specified for one instance only.',
    source: 'META-ECS',
  },
  'InvalidIp.IpAssigned': { status: 403, message: 'The specified IP address is already assigned.', source: 'META-ECS' },
  'InvalidIp.IpUnassigned': {
    status: 403,
    message: 'The specified IP address is not assigned to the network interface.',
    source: 'META-ECS',
  },
  'InvalidIp.IpRepeated': { status: 403, message: 'The specified IP address is repeated.', source: 'META-ECS' },
  'InvalidIp.Address': { status: 403, message: 'The specified IPv6 address is not valid.', source: 'META-ECS' },
  'InvalidVSwitchId.IpInvalid': {
    status: 403,
    message: 'The specified IP address is not in the CIDR block of the vSwitch.',
    source: 'META-ECS',
  },
  'InvalidOperation.InvalidEcsState': {
    status: 400,
    message: 'The status of the instance does not support this operation.',
    source: 'META-ECS',
  },
  'InvalidOperation.InvalidEniState': {
    status: 400,
    message: 'The status of the network interface does not support this operation.',
    source: 'META-ECS',
  },
  'InvalidOperation.EniServiceManaged': {
    status: 403,
    message: 'The network interface is managed by a cloud service.',
    source: 'META-ECS',
  },
  InvalidPrivateIpAddress: {
    status: 400,
    message: 'Specified private IP address is not in the CIDR block of virtual switch.',
    source: 'META-ECS',
  },
  'InvalidPrivateIpAddress.Duplicated': {
    status: 400,
    message: 'The specified private IP address is already in use.',
    source: 'META-ECS',
  },
  'InvalidPrivateIpAddress.Malformed': {
    status: 400,
    message: 'Specified private IP address is malformed.',
    source: 'META-ECS',
  },
  'QuotaExceeded.PrivateIpAddress': {
    status: 400,
    message: "Don't have enough private IPs in this switch.",
    source: 'META-ECS',
  },
  'InvalidUserData.Base64FormatInvalid': {
    status: 400,
    message: 'The specified UserData is not valid.',
    source: 'META-ECS',
  },
  'InvalidUserData.SizeExceeded': {
    status: 400,
    message: 'The specified parameter "UserData" exceeds the size.',
    source: 'META-ECS',
  },
  'InvalidAutoReleaseTime.Malformed': {
    status: 400,
    message: 'The specified parameter AutoReleaseTime is not valid.',
    source: 'META-ECS',
  },
  'InvalidMinAmount.Malformed': {
    status: 400,
    message: 'The specified parameter MinAmount is not valid.',
    source: 'META-ECS',
  },
  'InvalidSystemDiskCategory.ValueNotSupported': {
    status: 400,
    message: 'The specified parameter "SystemDisk.Category" is not valid.',
    source: 'META-ECS',
  },
  'InvalidSystemDiskSize.ValueNotSupported': {
    status: 400,
    message: 'The specified SystemDisk.Size is not valid.',
    source: 'META-ECS',
  },
  'InvalidSystemDiskSize.LessThanImageSize': {
    status: 404,
    message: 'The specified parameter SystemDisk.Size is less than the image size.',
    source: 'META-ECS',
  },
  'InvalidSecurityGroupId.SingleIdAndMultiIdConflict': {
    status: 400,
    message: 'SecurityGroupId and SecurityGroupIds cannot be specified at the same time.',
    source: 'META-ECS',
  },
  'InvalidSecurityGroup.VpcMismatch': {
    status: 400,
    message: 'The security group and the vSwitch are not in the same VPC.',
    source: 'META-ECS',
  },
  'InvalidParameter.SecurityGroupIdRepeated': {
    status: 400,
    message: 'The specified SecurityGroupIds are repeated.',
    source: 'META-ECS',
  },
  'InvalidParameter.VSwitchId': {
    status: 400,
    message: 'The vSwitch is not in the specified zone.',
    source: 'META-ECS',
  },
  // States and dependencies.
  IncorrectVSwitchStatus: {
    status: 400,
    message: 'The current status of virtual switch does not support this operation.',
    source: 'META-ECS',
  },
  IncorrectVpcStatus: {
    status: 400,
    message: 'Current VPC status does not support this operation.',
    source: 'META-ECS',
  },
  IncorrectInstanceStatus: {
    status: 403,
    message: 'The current status of the resource does not support this operation.',
    source: 'META-ECS',
  },
  'IncorrectInstanceStatus.Initializing': {
    status: 403,
    message: 'The specified instance status does not support this operation.',
    source: 'META-ECS',
  },
  'InvalidOperation.DeletionProtection': {
    status: 403,
    message: 'The operation is not allowed due to deletion protection.',
    source: 'META-ECS',
  },
  'InvalidOperation.ResourceManagedByCloudProduct': {
    status: 403,
    message: 'The security group is managed by a cloud product.',
    source: 'META-ECS',
  },
  DependencyViolation: {
    status: 403,
    message: 'There is still instance(s) in the specified security group.',
    source: 'META-ECS',
  },
  // Security groups and rules.
  'QuotaExceed.SecurityGroup': {
    status: 403,
    message: 'The maximum number of security groups is reached.',
    source: 'META-ECS',
  },
  AuthorizationLimitExceed: {
    status: 403,
    message: 'The limit of authorization records in the security group reaches.',
    source: 'META-ECS',
  },
  'InvalidIpProtocol.ValueNotSupported': {
    status: 400,
    message: 'The parameter IpProtocol must be specified with case insensitive TCP, UDP, ICMP, ICMPv6, GRE or All.',
    source: 'META-ECS',
  },
  'InvalidPortRange.Malformed': {
    status: 400,
    message: 'The specified parameter PortRange must set.',
    source: 'META-ECS',
  },
  'InvalidParam.PortRange': {
    status: 400,
    message: 'The specified parameter PortRange is not valid. It should be two integers less than 65535 in ?/? format.',
    source: 'META-ECS',
  },
  OperationDenied: {
    status: 400,
    message: 'The specified IpProtocol does not exist or IpProtocol and PortRange do not match.',
    source: 'META-ECS',
  },
  'InvalidPolicy.Malformed': {
    status: 400,
    message: 'The specified parameter Policy is not valid.',
    source: 'META-ECS',
  },
  'InvalidPriority.Malformed': { status: 400, message: 'The parameter Priority is invalid.', source: 'META-ECS' },
  'InvalidPriority.ValueNotSupported': {
    status: 400,
    message: 'The specified parameter Priority is invalid.',
    source: 'META-ECS',
  },
  'InvalidSecurityGroupDiscription.Malformed': {
    status: 400,
    message: 'The specified security group rule description is not valid.',
    source: 'META-ECS',
  },
  'InvalidNicType.ValueNotSupported': {
    status: 400,
    message: 'The specified NicType does not exist.',
    source: 'META-ECS',
  },
  'InvalidParam.SourceIp': {
    status: 400,
    message: 'The Parameters SourceCidrIp and Ipv6SourceCidrIp cannot be set at the same time.',
    source: 'META-ECS',
  },
  'InvalidParam.SourceCidrIp': {
    status: 400,
    message: 'The specified parameter SourceCidrIp is not valid.',
    source: 'META-ECS',
  },
  'InvalidParam.Ipv6SourceCidrIp': {
    status: 400,
    message: 'The specified parameter Ipv6SourceCidrIp is not valid.',
    source: 'META-ECS',
  },
  'InvalidParam.Ipv4ProtocolConflictWithIpv6Address': {
    status: 400,
    message: 'IPv6 address cannot be specified for IPv4-specific protocol.',
    source: 'META-ECS',
  },
  'InvalidParam.Ipv6ProtocolConflictWithIpv4Address': {
    status: 400,
    message: 'IPv4 address cannot be specified for IPv6-specific protocol.',
    source: 'META-ECS',
  },
  'InvalidParam.Permissions': {
    status: 400,
    message: 'The specified parameter Permissions cannot coexist with other parameters.',
    source: 'META-ECS',
  },
  'InvalidParam.DuplicatePermissions': {
    status: 400,
    message: 'There are duplicate permissions in the specified parameter Permissions.',
    source: 'META-ECS',
  },
  'InvalidParam.SecurityGroupRuleId': {
    status: 400,
    message: 'The specified parameter SecurityGroupRuleId is not valid.',
    source: 'META-ECS',
  },
  'InvalidParam.SecurityGroupRuleIdRepeated': {
    status: 400,
    message: 'The specified parameter SecurityGroupRuleId is repeated.',
    source: 'META-ECS',
  },
  'InvalidParam.InvalidModifyRuleRequest': {
    status: 400,
    message: 'The request parameters are illegal.',
    source: 'META-ECS',
  },
  'InvalidOperation.ModifySgRuleEntityType': {
    status: 400,
    message: 'The source or destination type of the rules cannot be modified.',
    source: 'META-ECS',
  },
  'InvalidOperation.ModifyNicType': { status: 400, message: 'NicType is not allowed to modify.', source: 'META-ECS' },
  'InvalidGroupParameter.OperationDenied': {
    status: 400,
    message:
      'The attributes Policy, SourceGroupId, DestGroupId of enterprise level security groups are not allowed to be set or modified.',
    source: 'META-ECS',
  },
  // Cloud Assistant.
  'CmdContent.DecodeError': {
    status: 400,
    message: 'The CommandContent can not be base64 decoded.',
    source: 'META-ECS',
  },
  'CmdContent.ExceedLimit': {
    status: 403,
    message: 'The length of the command content exceeds the upper limit.',
    source: 'META-ECS',
  },
  // The embedded cloud itself.
  'EmbeddedCloud.NotEmulated': {
    status: 400,
    message: 'The embedded cloud does not emulate this:',
    source: 'none: says what is missing instead of succeeding',
  },
});
