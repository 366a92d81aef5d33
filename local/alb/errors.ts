import { ApiError, errorTable, type ParamErrors } from '../action.ts';

/**
 * ALB's own errors. Sources: META-ALB = vendor API metadata of 2024-07, SDK-ALB = SDK documentation (facts of 2026-11-22);
 * `inf` = no source names a code for the case, with the reason for the one chosen.
 */
export const refuse = errorTable({
  'ResourceNotFound.LoadBalancer': row(404, 'The specified resource loadbalancer is not found.'),
  'ResourceNotFound.ServerGroup': row(404, 'The specified resource servergroup is not found.'),
  'ResourceNotFound.Listener': row(404, 'The specified resource listener is not found.'),
  'ResourceNotFound.Rule': row(404, 'The specified resource rule is not found.'),
  'ResourceNotFound.BackendServer': row(404, 'The specified resource backendserver is not found.'),
  'ResourceNotFound.Vpc': row(404, 'The specified resource vpc is not found.'),
  'ResourceNotFound.VSwitch': row(404, 'The specified resource vswitch is not found.'),
  'ResourceNotFound.Ecs': row(404, 'The specified resource ecs is not found.'),
  'ResourceNotFound.Certificate': row(404, 'The specified resource certificate is not found.'),
  'ResourceNotFound.SecurityPolicy': row(404, 'The specified resource securitypolicy is not found.'),
  'ResourceNotFound.Acl': row(404, 'The specified resource acl is not found.'),
  'ResourceNotFound.Ipv6Gateway': row(
    404,
    'The VPC has no IPv6 gateway.',
    'inf: IPv6 Internet bandwidth is a resource of the IPv6 gateway; no code is listed for its absence',
  ),
  'IncorrectStatus.LoadBalancer': row(400, 'The status of loadbalancer is incorrect.'),
  'IncorrectBusinessStatus.LoadBalancer': row(400, 'The business status of loadbalancer is incorrect.'),
  'IncorrectStatus.ServerGroup': row(400, 'The status of servergroup is incorrect.'),
  'IncorrectStatus.Listener': row(400, 'The status of listener is incorrect.'),
  'IncorrectStatus.Rule': row(400, 'The status of rule is incorrect.'),
  'IncorrectStatus.Eni': row(400, 'The status of eni is incorrect.'),
  'IncorrectStatus.Vpc': row(400, 'The status of vpc is incorrect.', 'inf: pattern of IncorrectStatus.*'),
  'IncorrectStatus.VSwitch': row(400, 'The status of vswitch is incorrect.', 'inf: pattern of IncorrectStatus.*'),
  'ResourceInConfiguring.Listener': row(
    400,
    'The specified resource of listener is being configured, please try again later.',
  ),
  'ResourceInUse.ServerGroup': row(400, 'The specified resource servergroup is in use.'),
  'ResourceInUse.LoadBalancer': row(
    400,
    'The specified resource loadbalancer is in use: it still has listeners.',
    'inf: pattern of ResourceInUse.ServerGroup and ResourceInUse.Listener; whether the real service refuses is not known',
  ),
  'ResourceNotEnough.VSwitchIp': row(400, 'The specified resource vswitchip is not enough.'),
  'QuotaExceeded.LoadBalancersNum': row(400, 'The quota of LoadBalancersNum is exceeded.'),
  'ResourceQuotaExceeded.LoadBalancerListenersNum': row(400, 'The quota of LoadBalancerListenersNum is exceeded.'),
  'ResourceQuotaExceeded.LoadBalancerRulesNum': row(400, 'The quota of LoadBalancerRulesNum is exceeded.'),
  'ResourceQuotaExceeded.ServerAddedNum': row(400, 'The quota of ServerAddedNum is exceeded.'),
  'QuotaExceeded.RuleActionsNum': row(400, 'The quota of RuleActionsNum is exceeded.'),
  'QuotaExceeded.RuleMatchEvaluationsNum': row(400, 'The quota of RuleMatchEvaluationsNum is exceeded.'),
  'QuotaExceeded.TagNum': row(400, 'A resource can have at most 20 tags.', 'inf: the code of VPC'),
  'Mismatch.ZoneIdAndVSwitchId': row(400, 'The ZoneId and VSwitchId are mismatched.'),
  'Mismatch.VpcId': row(400, 'The VpcId is mismatched.'),
  'Mismatch.ServerType': row(400, 'The ServerType is mismatched for server and servergroup.'),
  'Mismatch.LoadBalancerEditionAndConnectionDrain': row(
    400,
    'The LoadBalancerEdition is mismatched for ConnectionDrain.',
  ),
  'Mismatch.LoadBalancerEditionAndSlowStartEnable': row(
    400,
    'The LoadBalancerEdition is mismatched for SlowStartEnable.',
  ),
  'Mismatch.ServerGroupSchedulerAndSlowStartEnable': row(
    400,
    'The ServerGroupScheduler is mismatched for SlowStartEnable.',
  ),
  'Mismatch.Protocol': row(400, 'The Protocol is mismatched for redirect and listener.'),
  'DuplicatedParam.ZoneId': row(400, 'The param of ZoneId is duplicated.'),
  'DuplicatedParam.BackendServer': row(400, 'The param of BackendServer is duplicated.'),
  'Conflict.BackendServer': row(400, 'There is already a backendserver having the same configuration.'),
  'Conflict.Priority': row(400, 'There is already a rule having the same configuration with priority.'),
  'IllegalParam.ServerIp': row(400, 'The param of ServerIp is illegal.'),
  'ResourceAlreadyAssociated.Certificate': row(400, 'The specified resource certificate is already associated.'),
  'ResourceNotAssociated.Certificate': row(400, 'The specified resource certificate is not associated.'),
  'ResourceQuotaExceeded.LoadBalancerCertificatesNum': row(
    400,
    'The quota of LoadBalancerCertificatesNum is exceeded.',
  ),
  'OperationDenied.DefaultCertificateUsed': row(400, 'The operation is not allowed because of DefaultCertificateUsed.'),
  'OperationDenied.HttpListenerNotSupport': row(400, 'The operation is not allowed because of HttpListenerNotSupport.'),
  'ResourceAlreadyExist.Listener': row(400, 'The specified resource listener is already exist.'),
  'OperationDenyed.ServiceLinkedRoleNotExist': row(
    400,
    'The service linked role AliyunServiceRoleForAlb does not exist.',
  ),
  'OperationDenied.NonDualStackInstance': row(400, 'The operation is not allowed because of NonDualStackInstance.'),
  'OperationDenied.Ipv6InternetInstance': row(400, 'The operation is not allowed because of Ipv6InternetInstance.'),
  'OperationDenied.Ipv6IntranetInstance': row(400, 'The operation is not allowed because of Ipv6IntranetInstance.'),
  'OperationDenied.ConfigLastActiveZoneNotSupport': row(
    400,
    'The operation is not allowed because of ConfigLastActiveZoneNotSupport.',
  ),
  'OperationDenied.OnlyFixedAddressAllocatedModeSupported': row(
    400,
    'The operation is not allowed because of OnlyFixedAddressAllocatedModeSupported.',
  ),
  'OperationDenied.ZoneMappingsNotChanged': row(400, 'The operation is not allowed because of ZoneMappingsNotChanged.'),
  'OperationDenied.ZoneVSwitchChanged': row(400, 'The operation is not allowed because of ZoneVSwitchChanged.'),
  'OperationDenied.ZoneVSwitchNotExist': row(400, 'The operation is not allowed because of ZoneVSwitchNotExist.'),
  'OperationDenied.EniStatusNotSupport': row(400, 'The operation is not allowed because of EniStatusNotSupport.'),
  'OperationDenied.Downgrade': row(400, 'The operation is not allowed because of Downgrade.'),
  'OperationDenied.EditionNotChanged': row(400, 'The operation is not allowed because of EditionNotChanged.'),
  'OperationDenied.AddressTypeNotChanged': row(400, 'The operation is not allowed because of AddressTypeNotChanged.'),
  'OperationDenied.DeletionProtectionEnabled': row(
    400,
    'The operation is not allowed because of DeletionProtectionEnabled.',
  ),
  'OperationDenied.VpcNotSupportIpv6': row(400, 'The operation is not allowed because of VpcNotSupportIpv6.'),
  'OperationFailed.vSwitchNotSupportIpv6': row(
    400,
    'The operation failed because of vSwitchNotSupportIpv6.',
    "inf: listed for CreateLoadBalancer of the sibling product NLB (with this spelling), none is listed for ALB's",
  ),
  'OperationDenied.ServerGroupProtocolNotSupport': row(
    400,
    'The operation is not allowed because of ServerGroupProtocolNotSupport.',
  ),
  'OperationDenied.Ipv6ServerGroupNotSupport': row(
    400,
    'The operation is not allowed because of Ipv6ServerGroupNotSupport: the load balancer is not dual-stack.',
    'inf: the case is documented, its code is not',
  ),
  'UnsupportedFeature.FcServerGroup': row(400, 'Server groups of type FC are not supported.'),
  'UnsupportedFeature.NotEmulated': row(
    400,
    'The embedded cloud does not emulate this.',
    'ours: the prefix is ALB-like, the case is that of the embedded cloud',
  ),
});

function row(status: number, message: string, source = 'META-ALB') {
  return { status, message, source };
}

const lastName = (name: string): string =>
  name
    .split('.')
    .filter((part) => !/^\d+$/.test(part))
    .at(-1) ?? name;

/**
 * A missing parameter is refused by the API gateway (`ListenerId is mandatory for this action`, seen in
 * https://github.com/alibaba/alibaba-load-balancer-controller/issues/7); a wrong one by the service, in the pattern of
 * IllegalParam.ServerIp and IllegalParam.Priority [META-ALB].
 */
export const paramErrors: ParamErrors = {
  missing: (name) => new ApiError(`Missing${lastName(name)}`, 400, `${name} is mandatory for this action.`),
  invalid: (name, why) =>
    new ApiError(`IllegalParam.${lastName(name)}`, 400, `The param of ${name} is illegal: it ${why}.`),
};
