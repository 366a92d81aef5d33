import { errorTable } from '../action.ts';

/** Sources: META-VPC = vendor API metadata of 2024-07, TF-* = Terraform provider code, SDK-VPC = SDK documentation (facts of 2026-11-22). */
export const refuse = errorTable({
  'InvalidVpcId.NotFound': { status: 404, message: 'Specified VPC does not exist.', source: 'META-VPC' },
  'InvalidVswitchID.NotFound': { status: 404, message: 'Specified vSwitch does not exist.', source: 'META-VPC' },
  'ResourceNotFound.Ipv6Gateway': { status: 404, message: 'The specified IPv6 gateway does not exist.', source: 'inf' },
  'QuotaExceeded.Vpc': { status: 400, message: 'VPC quota exceeded.', source: 'META-VPC' },
  'QuotaExceeded.VSwitch': { status: 400, message: 'vSwitch quota exceeded.', source: 'META-VPC' },
  'InvalidCidrBlock.Malformed': { status: 400, message: 'Specified CIDR block is not valid.', source: 'META-VPC' },
  'InvalidCidrBlock.Overlapped': {
    status: 400,
    message: 'Specified CIDR block overlapped with other subnets.',
    source: 'META-VPC',
  },
  'OperationFailed.Ipv6CidrBlockExisted': {
    status: 400,
    message: 'The IPv6 CIDR block is already used in the VPC.',
    source: 'META-VPC',
  },
  'OperationFailed.VpcIpv6Disabled': {
    status: 400,
    message: 'The VPC does not have IPv6 enabled.',
    source: 'META-VPC',
  },
  'OperationFailed.Ipv6AlreadyEnabled': {
    status: 400,
    message: 'IPv6 is already enabled on the vSwitch.',
    source: 'META-VPC',
  },
  'OperationFailed.Ipv6GatewayInUse': { status: 400, message: 'The VPC has an IPv6 gateway.', source: 'META-VPC' },
  IncorrectVpcStatus: {
    status: 400,
    message: 'Current VPC status does not support this operation.',
    source: 'META-VPC',
  },
  IncorrectVSwitchStatus: {
    status: 400,
    message: 'Current vSwitch status does not support this operation.',
    source: 'META-VPC',
  },
  TaskConflict: {
    status: 409,
    message: 'The operation is too frequent, please wait a moment and try again.',
    source: 'META-VPC',
  },
  'OperationDenied.OtherSubnetCreating': {
    status: 400,
    message: 'Another vSwitch of the VPC is being created.',
    source: 'META-VPC',
  },
  'OperationDenied.OtherSubnetProcessing': {
    status: 400,
    message: 'Another vSwitch of the VPC is being processed.',
    source: 'META-VPC',
  },
  'OperationUnsupported.OnlyOneIpv6GatewayInVpc': {
    status: 400,
    message: 'A VPC can have only one IPv6 gateway.',
    source: 'META-VPC',
  },
  'IncorrectStatus.Vpc': { status: 400, message: 'The status of the VPC is incorrect.', source: 'META-VPC' },
  'IncorrectStatus.Ipv6Gateway': {
    status: 400,
    message: 'The status of the IPv6 gateway is incorrect.',
    source: 'inf: same pattern as IncorrectStatus.Vpc',
  },
  DependencyViolation: { status: 400, message: 'The specified resource still has dependents.', source: 'META-VPC' },
  'DependencyViolation.VSwitch': { status: 400, message: 'The VPC still has vSwitches.', source: 'META-VPC' },
  'DependencyViolation.SecurityGroup': {
    status: 400,
    message: 'The VPC still has security groups.',
    source: 'META-VPC',
  },
  'DependencyViolation.Ipv6Gateway': { status: 400, message: 'The VPC still has an IPv6 gateway.', source: 'META-VPC' },
  'DependencyViolation.CloudServiceResource': {
    status: 400,
    message: 'The VPC still has resources of cloud services.',
    source: 'META-VPC',
  },
  'DependencyViolation.CloudService': {
    status: 400,
    message: 'The vSwitch still has resources of cloud services.',
    source: 'META-VPC',
  },
  'DependencyViolation.Ipv6InternetBandwidth': {
    status: 400,
    message: 'The IPv6 gateway still has IPv6 Internet bandwidth.',
    source: 'META-VPC',
  },
  'QuotaExceeded.TagNum': { status: 400, message: 'A resource can have at most 20 tags.', source: 'META-VPC' },
  'Forbidden.TagKeys': { status: 400, message: 'The tag key has a reserved prefix.', source: 'META-VPC' },
  'BothEmpty.TagsAndResources': { status: 400, message: 'Tags and resource ids are both empty.', source: 'META-VPC' },
  'InvalidInstanceType.NotFound': { status: 400, message: 'The resource type does not exist.', source: 'META-VPC' },
  'InvalidInstanceIds.NotFound': { status: 404, message: 'A specified resource does not exist.', source: 'META-VPC' },
  InvalidTagKey: { status: 400, message: 'The tag key is not valid.', source: 'META-VPC' },
  InvalidTagValue: { status: 400, message: 'A tag value was given without its key.', source: 'META-VPC' },
});
