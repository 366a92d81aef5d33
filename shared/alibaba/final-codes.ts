import { type CodeRow, permanent } from './code-row.ts';

const addAddresses = 'Use a vSwitch with at least 8 free addresses in each zone, or free some.';
const raiseQuota = (what: string): string =>
  `Release ${what} that are no longer needed, or ask for a higher quota in Quota Center.`;
const otherPlace = 'Ask for another region or zone, or another instance type.';
const otherStock =
  'Ask for another instance type or another zone; a server that was stopped starts once there is stock again.';
const enableIpv6 = 'Turn IPv6 on for the VPC and its vSwitches, or let the deployment do it.';
const lookWhatIsThere =
  'What the message names does not exist, or not any more: correct the request, or put it back; a ready deployment makes anew what was its own when it is applied.';
const grant = 'Give the role of the function the permission that the message names.';
const topUp = 'Top the account up or settle the overdue bill.';
const checkCredentials = 'Check the access key, its secret and the security token of the caller.';

/** Refusals that repeating cannot help, with what a person can do; the more general families come last. */
export const finalRows: readonly CodeRow[] = [
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
  permanent('Zone.NotOpen', 'META-ECS', otherPlace),
  permanent('ResourceNotAvailable*', 'META-VPC, META-ECS', otherPlace),
  permanent('OperationDenied.ZoneNotAllowed', 'META-ECS', otherPlace),
  permanent('OperationDenied.PaygNotAvailable', 'META-ECS', otherPlace),
  permanent('OperationDenied.QuotaExceed', 'META-ECS', raiseQuota('tags')),
  permanent('Account.Arrearage', 'META-ECS', topUp),
  permanent('InstanceExpired*', 'META-ECS', topUp),
  permanent('OperationFailed.UnpaidBillsExist', 'META-VPC', topUp),
  permanent('OperationFailed.NoPaymentMethod', 'META-VPC', topUp),
  permanent('InstanceLockedForSecurity', 'META-ECS', 'The vendor has locked the instance: see its security notices.'),
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
  // "Not found during access authentication": no permission is missing (META-VPC).
  permanent('Forbidden*NotFound', 'META-VPC, META-ECS', lookWhatIsThere),
  permanent('Forbidden.RAM', 'META-*', grant),
  permanent('NoPermission', 'META-*', grant),
  permanent('Forbidden*', 'META-*', grant),
  permanent('AccessDenied*', 'META-*', grant),
  permanent('InvalidAccessKeyId*', 'META-*', checkCredentials),
  permanent('SignatureDoesNotMatch', 'META-*', checkCredentials),
  permanent('IncompleteSignature', 'META-*', checkCredentials),
  permanent('InvalidSecurityToken*', 'META-*', checkCredentials),
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

  // Words of codes that pass, in codes that do not.
  permanent('IncorrectImageStatus', 'META-ECS', 'Use another image: this one is not sold any more.'),
  permanent('Unavailable.Regions', 'META-ECS', 'Use a region that the account may use.'),

  // What asked wrongly.
  permanent(
    'InvalidAction.NotFound',
    'META-*',
    'The endpoint does not know the action: check the endpoint and the region.',
  ),
  permanent('*NotFound', 'META-*', lookWhatIsThere),
  permanent('*NotExist', 'META-*', lookWhatIsThere),
  permanent('MissingParam*', 'META-*'),
  permanent('IllegalParam*', 'META-*'),
  permanent('Invalid*', 'META-*'),
  permanent(
    'ResourceNotFound*',
    'META-ALB',
    'It was removed outside the deployment: a ready one makes it anew when it is applied; release another one and ask again.',
  ),
];
