import { type ErrorRow, errorTable } from '../action.ts';

const metadata = (status: number, message: string): ErrorRow => ({ status, message, source: 'META-VPC' });

/** Sources: META-VPC = vendor API metadata of 2024-06, TF-* = Terraform provider code, SDK-VPC = SDK documentation; `inf` with the reason (read 2026-11-22). */
export const refuse = errorTable({
  // Not found
  'InvalidVpcId.NotFound': metadata(404, 'Specified VPC does not exist.'),
  'InvalidVSwitchId.NotFound': metadata(404, 'VSwitch not exist.'),
  'InvalidVswitchID.NotFound': {
    status: 404,
    message: 'Specified virtual switch does not exist.',
    source: 'TF-VSW: the second spelling that users meet; other services answer it',
  },
  'InvalidIpv6GatewayId.NotFound': {
    status: 400,
    message: 'The specified IPv6 gateway does not exist.',
    source: 'META-VPC lists it for ModifyIpv6GatewayAttribute; inf for DeleteIpv6Gateway, which lists none',
  },
  'InvalidZoneId.NotFound': metadata(404, 'Specified zone does not exist.'),

  // Parameters
  InvalidParameter: metadata(400, 'Specified CIDR block is not valid.'),
  'InvalidVpcIdNumber.NotSupported': metadata(400, 'The number of vpcIds exceeds the limit.'),
  'InvalidVpcName.Malformed': metadata(400, 'Specified VPC name is not valid.'),
  'InvalidVpcDiscription.Malformed': metadata(400, 'Specified VPC description is not valid.'),
  'InvalidVSwitchName.Malformed': metadata(400, 'Specified virtual switch name is not valid.'),
  'InvalidVSwitchDiscription.Malformed': metadata(400, 'Specified virtual switch description is not valid.'),
  'IllegalParam.Name': metadata(400, 'The param of Name is illegal.'),
  'IllegalParam.Description': metadata(400, 'The param of Description is illegal.'),
  'InvalidCidrBlock.Malformed': metadata(400, 'Specified CIDR block is not valid.'),
  'InvalidCirdrBlock.MaskLength': metadata(400, 'Specified CIDR block is not valid.'),
  'InvalidCidrBlock.Overlapped': metadata(400, 'Specified CIDR block overlapped with other subnets.'),
  'IllegalParam.Ipv6CidrBlock': metadata(400, 'The param of Ipv6CidrBlock is illegal.'),
  'IllegalParam.VpcIpv6CidrBlock': metadata(400, 'The param of VpcIpv6CidrBlock is illegal.'),
  'MissingParam.Ipv6CidrBlock': metadata(400, 'The parameter Ipv6CidrBlock is mandatory.'),
  'MissingParam.EnableIpv6': metadata(400, 'The parameter EnableIpv6 is mandatory.'),
  'ParamExclusive.DisableIpv6AndIpv6CidrBlock': metadata(400, 'DisableIpv6 and Ipv6Cidr are mutually exclusive.'),
  'UnsupportedFeature.Ipv6Isp': metadata(400, 'The Ipv6Isp feature is not supported.'),

  // Quotas
  'QuotaExceeded.Vpc': metadata(400, 'VPC quota exceeded.'),
  'QuotaExceeded.VSwitch': metadata(400, 'Virtual switch quota exceeded.'),

  // State rules
  IncorrectVpcStatus: metadata(400, 'Current VPC status does not support this operation.'),
  'IncorrectStatus.Vpc': {
    status: 400,
    message: 'The status of the VPC is incorrect.',
    source: 'TF-GW retries it; status as META-VPC lists it for CreateIpv4Gateway',
  },
  IncorrectVSwitchStatus: metadata(400, 'Some virtual switch is in middle status within the same VPC.'),
  'IncorrectStatus.VSwitch': metadata(400, 'The status of the specified VSwitch is invalid.'),
  'IncorrectStatus.Ipv6Gateway': metadata(400, 'The status of the IPv6 gateway is incorrect.'),
  TaskConflict: metadata(400, 'The operation is too frequent, TaskConflict.'),
  OperationConflict: {
    status: 400,
    message: 'The operation conflicts with another one in progress.',
    source: 'TF-VPC and TF-VSW retry it; inf: status',
  },
  'OperationDenied.OtherSubnetCreating': metadata(
    400,
    'The operation is not allowed because the other VSwitch is creating.',
  ),
  'OperationDenied.OtherSubnetProcessing': metadata(400, 'other subnet is processing.'),
  'OperationUnsupported.OnlyOneIpv6GatewayInVpc': metadata(400, 'A VPC can have only one IPv6 gateway.'),
  'OperationFailed.Ipv6CidrBlockExisted': metadata(400, 'The IPv6 CIDR block is already used in the VPC.'),
  'OperationFailed.VpcIpv6Disabled': metadata(400, 'The VPC does not have IPv6 enabled.'),
  'OperationFailed.Ipv6AlreadyEnabled': metadata(400, 'IPv6 is already enabled on the vSwitch.'),
  'OperationFailed.IPv6Disabled': metadata(400, 'Operation failed because IPv6 is not enabled for the vSwitch.'),
  'OperationFailed.Ipv6InstanceExist': metadata(400, 'Operation failed because vswitch has ipv6 instance.'),
  'OperationFailed.Ipv6GatewayInUse': metadata(400, 'The IPv6 gateway is in use.'),
  'OperationFailed.IpV6VSwitchInuse': metadata(400, 'A vSwitch of the VPC still has IPv6 enabled.'),

  // What stands in the way of a deletion
  DependencyViolation: metadata(400, 'Resources deployed in the vSwitch have not been deleted.'),
  'DependencyViolation.VSwitch': metadata(400, 'Specified object has dependent resources.'),
  'DependencyViolation.SecurityGroup': metadata(400, 'Specified object has dependent resources SecurityGroup.'),
  'DependencyViolation.Ipv6Gateway': metadata(400, 'The VPC still has an IPv6 gateway.'),
  'DependencyViolation.CloudServiceResource': metadata(400, 'The VPC still has resources of cloud services.'),
  'DependencyViolation.Ipv6InternetBandwidth': metadata(
    400,
    'The specified resource of Ipv6Gateway depends on Ipv6InternetBandwidth, so the operation cannot be completed.',
  ),

  // Tags
  'QuotaExceeded.TagNum': metadata(400, 'Custom Tags quota exceeded.'),
  'SizeLimitExceeded.TagNum': metadata(400, 'The maximum number of tags is exceeded.'),
  'SizeLimitExceeded.ResourceId': metadata(400, 'The maximum number of resource IDs is exceeded.'),
  'Forbidden.TagKeys': metadata(400, 'The request do not allow to operate the tag keys.'),
  'Forbidden.TagKey.Duplicated': metadata(400, 'The specified tag key already exists.'),
  'BothEmpty.TagsAndResources': metadata(400, 'The specified Tags and ResourcesIds are not allow to both empty.'),
  'InvalidInstanceType.NotFound': metadata(400, 'The instance type is not found.'),
  'InvalidInstanceIds.NotFound': metadata(400, 'The instanceIds are not found.'),
  InvalidTagKey: metadata(400, 'The tag keys are not valid.'),
  InvalidTagValue: metadata(400, 'The tag values are not valid.'),
  'MissingParam.Tags': metadata(400, 'You must specify the Tags parameter.'),
  'MissingParameter.TagKey': metadata(
    400,
    'The input parameter TagKey that is mandatory for processing this request is not supplied.',
  ),
});
