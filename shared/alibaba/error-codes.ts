/** What an error code of the cloud means for the caller, as data: one row for each code or family of codes. */

export interface CodeClass {
  /** `wait`: not ready yet, no failure. `retry`: the same call may work later. `permanent`: repeating cannot help. */
  kind: 'wait' | 'retry' | 'permanent';
  /**
   * Whether the next attempt needs a new client token. After a definitive refusal it does, since the refusal is remembered
   * with the token; after a timeout, a throttle, a 5xx, or while the first call still runs, it must stay the same.
   */
  rotatesToken: boolean;
  /** What a person can do about it. */
  remedy?: string;
}

export interface CodeRow extends CodeClass {
  /** A code; with `*` at the start or the end any text may stand there. Compared without letter case (P-030). */
  readonly code: string;
  /** Keys of the fact sheet's sources; `ours` for codes that never came from a service, `inf` for inferences. */
  readonly source: string;
}

const wait = (code: string, source: string, rotatesToken = true): CodeRow => ({
  code,
  kind: 'wait',
  rotatesToken,
  source,
});
const tokenRuns = (code: string, source: string): CodeRow => wait(code, source, false);
const retry = (code: string, source: string, remedy?: string): CodeRow => ({
  code,
  kind: 'retry',
  rotatesToken: false,
  ...(remedy === undefined ? {} : { remedy }),
  source,
});
const permanent = (code: string, source: string, remedy?: string): CodeRow => ({
  code,
  kind: 'permanent',
  rotatesToken: true,
  ...(remedy === undefined ? {} : { remedy }),
  source,
});

const addAddresses = 'Use a vSwitch with at least 8 free addresses in each zone, or free some.';
const raiseQuota = (what: string): string =>
  `Release ${what} that are no longer needed, or ask for a higher quota in Quota Center.`;
const otherStock =
  'Ask for another instance type or another zone; a server that was stopped starts once there is stock again.';
const enableIpv6 = 'Turn IPv6 on for the VPC and its vSwitches, or let the deployment do it.';
const grant = 'Give the role of the function the permission that the message names.';
const topUp = 'Top the account up or settle the overdue bill.';
const checkCredentials = 'Check the access key, its secret and the security token of the caller.';

/** The first row that fits decides, so single codes stand before the families that they belong to. */
export const codeRows: readonly CodeRow[] = [
  // The first call with this token has not ended.
  tokenRuns('IdempotentProcessing', 'META-ECS'),
  tokenRuns('IdempotenceProcessing', 'TF-LB'),
  tokenRuns('TOKEN_PROCESSING', 'META-VPC'),
  tokenRuns('LastTokenProcessing', 'TF-VPC'),
  tokenRuns('OperationFailed.LastTokenProcessing', 'TF-VPC'),
  tokenRuns('OperationFailed.IdempotentTokenProcessing', 'TF-VSW'),

  // Busy or not ready.
  wait('IncorrectStatus*', 'TF-LB, TF-VSW'),
  wait('IncorrectBusinessStatus*', 'TF-LB'),
  wait('IncorrectVpcStatus', 'TF-VPC'),
  wait('IncorrectVSwitchStatus', 'TF-VSW'),
  wait('IncorrectRouteEntryStatus', 'META-VPC'),
  wait('InvalidStatus.RouteEntry', 'META-VPC'),
  wait('IncorrectInstanceStatus*', 'TF-ECS'),
  wait('ResourceInConfiguring*', 'TF-LSN'),
  wait('VipStatusNotSupport', 'TF-LB'),
  wait('TaskConflict', 'TF-VPC'),
  wait('OperationConflict', 'TF-VPC, TF-ENI'),
  wait('OperationDenied.OtherSubnetCreating', 'META-VPC'),
  wait('OperationDenied.OtherSubnetProcessing', 'META-VPC'),
  wait('OperationFailed.DistibuteLock', 'TF-VSW'),
  // The next look finds the one that is there.
  wait('OperationUnsupported.OnlyOneIpv6GatewayInVpc', 'META-VPC'),
  wait('InvalidOperation.InvalidEniState', 'META-ECS'),
  wait('InvalidOperation.InvalidEcsState', 'META-ECS'),
  wait('-21020', 'TF-LSN'),
  wait('-22031', 'TF-LSN'),
  wait('-22001', 'TF-LSN'),
  wait('-21013', 'TF-RUL'),
  wait('RecordForbidden.DNSChange', 'TF-DNS'),
  wait('LastOperationNotFinished', 'TF-DNS'),

  // On deletes: what depends on it goes a little later.
  {
    ...wait('DependencyViolation*', 'META-VPC, META-ECS'),
    remedy: 'Release what still uses it; the message or the console names it.',
  },
  wait('ResourceInUse.ServerGroup', 'TF-SG'),
  wait('OperationFailed.Ipv6InstanceExist', 'META-VPC'),
  wait('OperationFailed.Ipv6GatewayInUse', 'META-VPC'),
  wait('OperationFailed.IpV6VSwitchInuse', 'META-VPC'),

  // The service, or the way to it, is in trouble.
  retry('*Throttling*', 'TF-ERR, U-DNSERR'),
  retry('ServiceUnavailable*', 'TF-ERR'),
  retry('SystemBusy', 'TF-LB, TF-VPC'),
  retry('System.ServiceBusy', 'META-VPC'),
  retry('InternalError*', 'TF-DNS'),
  retry('InstanceNotReady', 'META-ECS'),
  retry('UnknownError', 'TF-VPC'),
  retry('OperationFailed.ResourceGroupStatusCheckFail', 'TF-SG'),
  retry('UnreadableAnswer', 'ours'),
  retry('ConnectionFailed', 'ours'),
  retry('Timeout', 'ours'),
  retry('UnexpectedFailure', 'ours'),

  // One of ours was given other parameters: a new token for the new ones.
  permanent(
    'IdempotentParameterMismatch',
    'U-IDEMP',
    'Retry the deployment: the next attempt uses a new client token.',
  ),
  permanent('Duplicated.ClientToken', 'META-VPC', 'Retry the deployment: the next attempt uses a new client token.'),

  // Quotas and stock.
  permanent('QuotaExceeded.Vpc', 'META-VPC', raiseQuota('VPCs')),
  permanent('QuotaExceeded.VSwitch', 'META-VPC', raiseQuota('vSwitches')),
  permanent('QuotaExceeded.LoadBalancersNum', 'META-ALB', raiseQuota('load balancers')),
  permanent('QuotaExceeded.ServerGroupsNum', 'META-ALB', raiseQuota('server groups')),
  permanent('QuotaExceeded.Record', 'META-DNS', raiseQuota('DNS records')),
  permanent(
    'QuotaExceeded.TTL',
    'META-DNS',
    'Ask for a TTL that the edition of the domain allows, 600 seconds or more for the free one.',
  ),
  permanent(
    'QuotaExceeded.TagNum',
    'META-VPC',
    'A resource takes 20 tags: take those away that are no longer needed, so that there is room for ours.',
  ),
  permanent('QuotaExceeded*', 'META-*', raiseQuota('resources')),
  permanent('ResourceQuotaExceeded*', 'META-ALB', raiseQuota('listeners, rules or servers')),
  permanent('QuotaExceed.SecurityGroup', 'META-ECS', raiseQuota('security groups')),
  permanent('QuotaExceed*', 'META-ECS', raiseQuota('resources')),
  permanent('AuthorizationLimitExceed', 'META-ECS', 'Remove security-group rules that are no longer needed.'),
  permanent('ResourceNotEnough.VSwitchIp', 'META-ALB', addAddresses),
  permanent(
    'ResourceNotEnough.Ipv6Cidr',
    'META-VPC',
    'The region has no IPv6 range left: try later or another region.',
  ),
  permanent('OperationDenied.NoStock', 'META-ECS', otherStock),
  permanent('LackResource', 'META-ECS', otherStock),
  permanent('Zone.NotOnSale', 'META-ECS', otherStock),
  permanent('InvalidInstanceType*', 'META-ECS', otherStock),
  permanent('InvalidResourceType.NotSupported', 'META-ECS', otherStock),
  permanent('InsufficientBalance*', 'META-ECS', topUp),
  permanent('InvalidAccountStatus.NotEnoughBalance', 'inf', topUp),

  // IPv6 and the network.
  permanent('OperationUnsupported.Ipv6Feature', 'META-VPC', 'The region has no IPv6: choose another one.'),
  permanent('OperationFailed.VpcIpv6Disabled', 'META-VPC', enableIpv6),
  permanent('OperationDenied.VpcNotSupportIpv6', 'META-ALB', enableIpv6),
  permanent('InvalidVSwitch.Ipv6NotTurnOn', 'META-ECS', enableIpv6),
  permanent('InvalidOperation.Ipv6NotSupport', 'META-ECS', 'Ask for an instance type that takes IPv6 addresses.'),
  permanent('MaxEniIpv6IpsCountExceeded', 'META-ECS', 'Ask for an instance type that takes IPv6 addresses.'),
  permanent(
    '*Ipv6CountExceeded',
    'META-ECS',
    'Take an IPv6 address away from the network card that is no longer needed, or ask for a larger instance type.',
  ),
  permanent(
    'OperationDenied.NonDualStackInstance',
    'META-ALB',
    'Dual-stack is fixed at creation: release the load balancer and create it anew.',
  ),
  permanent('InvalidCidrBlock.Overlapped', 'META-VPC', 'Choose a CIDR block that no other vSwitch of the VPC uses.'),
  permanent(
    'OperationFailed.Ipv6CidrBlockExisted',
    'META-VPC',
    'Choose an IPv6 subnet index that no other vSwitch of the VPC uses.',
  ),
  permanent('Mismatch.ZoneIdAndVSwitchId', 'META-ALB', 'Name for each zone a vSwitch that lies in it.'),
  permanent('DuplicatedParam.ZoneId', 'META-ALB', 'Name two different zones.'),
  permanent(
    'DuplicatedParam.BackendServer',
    'META-ALB',
    'Let no two backends have instance, address and port in common.',
  ),
  permanent(
    'Mismatch.LoadBalancerEdition*',
    'META-ALB',
    'Ask for an edition of the load balancer that takes the setting which the message names, or do without the setting.',
  ),
  permanent('Mismatch.VpcId', 'META-ALB', 'Use servers, server group and load balancer of one VPC.'),
  permanent(
    'OperationDenied.ServerGroupProtocolNotSupport',
    'META-ALB',
    'Use a server group whose protocol fits the listener.',
  ),

  // Roles, permissions, protections.
  permanent(
    'OperationDenyed.ServiceLinkedRoleNotExist',
    'META-ALB',
    'Create the service-linked role AliyunServiceRoleForAlb, or allow ram:CreateServiceLinkedRole.',
  ),
  permanent(
    'OperationDenied.DeletionProtectionEnabled',
    'META-ALB',
    'Turn the deletion protection of the load balancer off.',
  ),
  permanent('InvalidOperation.DeletionProtection', 'META-ECS', 'Turn the deletion protection of the instance off.'),
  permanent(
    'InvalidOperation.ResourceManagedByCloudProduct',
    'META-ECS',
    'It belongs to another product, which releases it itself.',
  ),
  permanent(
    'ChargeTypeViolation',
    'META-ECS',
    'Only pay-as-you-go instances can be released: release the subscription by hand.',
  ),
  permanent('Forbidden.RAM', 'META-*', grant),
  permanent('NoPermission', 'META-*', grant),
  permanent('Forbidden*', 'META-*', grant),
  permanent('AccessDenied*', 'META-*', grant),
  permanent('InvalidAccessKeyId*', 'META-*', checkCredentials),
  permanent('SignatureDoesNotMatch', 'META-*', checkCredentials),
  permanent('IncompleteSignature', 'META-*', checkCredentials),
  permanent('InvalidSecurityToken*', 'META-*', checkCredentials),
  // Signed before a long stop of the instance or the network; the repeat is signed anew.
  retry('InvalidTimeStamp.Expired', 'META-*', 'Set the clock of the machine.'),
  permanent('InvalidTimeStamp*', 'META-*', 'Set the clock of the machine.'),
  permanent('InvalidRegionId*', 'META-*', 'Use the endpoint and the id of one and the same region.'),

  // Listeners, certificates, rules.
  permanent(
    'ResourceAlreadyExist.Listener',
    'META-ALB',
    'Another listener has the port: remove it or choose another port.',
  ),
  permanent('Conflict.Priority', 'META-ALB', 'Another rule of the listener has the priority: remove it.'),
  permanent(
    'ResourceNotFound.Certificate',
    'META-ALB',
    'Use the full certificate identifier, <CertId>-<region>, of a certificate of this account.',
  ),
  permanent(
    'ResourceNotFound.SecurityPolicy',
    'META-ALB',
    'Use one of the system TLS policies, such as tls_cipher_policy_1_2.',
  ),

  // DNS.
  permanent(
    'DomainRecordConflict',
    'U-DNSCONF',
    'Remove the record that conflicts with a CNAME at this host, or choose another host.',
  ),
  permanent('DomainRecordDuplicate', 'META-DNS', 'The record exists: remove it or choose another host.'),
  permanent('DomainRecordLocked', 'META-DNS', 'Unlock the record in the DNS console.'),
  permanent('InvalidDomainName.NoExist', 'META-DNS', 'Add the domain to Alibaba Cloud DNS of this account.'),
  permanent('IncorrectDomainUser', 'META-DNS', 'Add the domain to Alibaba Cloud DNS of this account.'),
  permanent('DomainAddedByOthers', 'META-DNS', 'Another account holds the domain: retrieve it first.'),
  permanent('DomainForbidden', 'META-DNS', 'The domain is blocked: ask the registrar or the support.'),
  permanent(
    'RecordForbidden.BlackHole',
    'META-DNS',
    'The domain is under attack and blocked for now: wait until it is lifted.',
  ),

  // What asked wrongly.
  permanent(
    'InvalidAction.NotFound',
    'META-*',
    'The endpoint does not know the action: check the endpoint and the region.',
  ),
  permanent('MissingParam*', 'META-*'),
  permanent('IllegalParam*', 'META-*'),
  permanent('Invalid*', 'META-*'),
  permanent(
    'ResourceNotFound*',
    'META-ALB',
    'It was removed outside the deployment: a ready one makes it anew when it is applied; release another one and ask again.',
  ),
];

const fits = (pattern: string, code: string): boolean => {
  const core = pattern.replaceAll('*', '').toLowerCase();
  const text = code.toLowerCase();
  if (pattern.startsWith('*')) return pattern.endsWith('*') ? text.includes(core) : text.endsWith(core);
  return pattern.endsWith('*') ? text.startsWith(core) : text === core;
};

/**
 * Classifies on the code; the HTTP status decides only for codes that the table does not know (P-003, P-004): from 500 on,
 * and where there was none, the call may work later; other refusals are final.
 */
export function classifyCode(code: string, httpStatus?: number): CodeClass {
  const row = codeRows.find((candidate) => fits(candidate.code, code));
  if (row !== undefined) {
    const { kind, remedy } = row;
    const rotatesToken = row.rotatesToken && (httpStatus ?? 400) < 500;
    return remedy === undefined ? { kind, rotatesToken } : { kind, rotatesToken, remedy };
  }
  return httpStatus === undefined || httpStatus >= 500
    ? { kind: 'retry', rotatesToken: false }
    : { kind: 'permanent', rotatesToken: true };
}
