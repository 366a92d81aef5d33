import { readFileSync } from 'node:fs';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import type { StageName } from '../../shared/pipeline.ts';
import type { Harness } from './harness.ts';

/** HTTPS with a redirect: its request goes through every stage and every kind of resource. */
export const everything = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer-https.json', import.meta.url), 'utf8'),
) as SpecInput;

export interface Refusal {
  action: string;
  code: string;
  status: number;
  message: string;
}

export const refusal = (action: string, code: string, status: number, message: string): Refusal => ({
  action,
  code,
  status,
  message,
});

/** Codes, statuses and messages as in the vendor's metadata; those that the fact sheet calls fatal, by the stage that they strike. */
export const refusals: [StageName, Refusal[]][] = [
  [
    'preflight',
    [
      refusal('DescribeZones', 'Forbidden.RAM', 403, 'User not authorized to operate on the specified resource.'),
      refusal('CreateVpc', 'OperationUnsupported.Ipv6Feature', 400, 'The region does not support IPv6.'),
      refusal('DescribeDomainInfo', 'IncorrectDomainUser', 400, 'The domain name belongs to another user.'),
    ],
  ],
  [
    'network',
    [
      refusal('CreateVpc', 'QuotaExceeded.Vpc', 400, 'VPC quota exceeded.'),
      refusal('CreateVpc', 'Forbidden.RAM', 403, 'User not authorized to operate on the specified resource.'),
      refusal('CreateVpc', 'ResourceNotEnough.Ipv6Cidr', 400, 'The specified resource of IPv6 CIDR is not enough.'),
      refusal('CreateVSwitch', 'QuotaExceeded.VSwitch', 400, 'Virtual switch quota exceeded.'),
      refusal(
        'CreateVSwitch',
        'InvalidCidrBlock.Overlapped',
        400,
        'Specified CIDR block overlapped with other subnets.',
      ),
      refusal('CreateVSwitch', 'OperationFailed.Ipv6CidrBlockExisted', 400, 'The IPv6 CIDR block is already used.'),
      refusal('CreateVSwitch', 'OperationFailed.VpcIpv6Disabled', 400, 'The VPC does not have IPv6 enabled.'),
      refusal('CreateIpv6Gateway', 'QuotaExceeded.Ipv6Gateway', 400, 'The quota of IPv6 gateways is exceeded.'),
    ],
  ],
  [
    'security-group',
    [
      refusal(
        'CreateSecurityGroup',
        'QuotaExceed.SecurityGroup',
        403,
        'The maximum number of security groups is reached.',
      ),
      refusal(
        'AuthorizeSecurityGroup',
        'AuthorizationLimitExceed',
        403,
        'The limit of authorization records is exceeded.',
      ),
      refusal('AuthorizeSecurityGroup', 'InvalidParam.SourceCidrIp', 400, 'The specified SourceCidrIp is invalid.'),
    ],
  ],
  [
    'server-group',
    [
      refusal('CreateServerGroup', 'QuotaExceeded.ServerGroupsNum', 400, 'The quota of ServerGroupsNum is exceeded.'),
      refusal('CreateServerGroup', 'OperationDenied.VpcNotSupportIpv6', 400, 'The VPC does not support IPv6.'),
      refusal(
        'CreateServerGroup',
        'Mismatch.LoadBalancerEditionAndSlowStartEnable',
        400,
        'The LoadBalancerEdition and SlowStartEnable are mismatched.',
      ),
      refusal('CreateServerGroup', 'ResourceNotFound.Vpc', 404, 'The specified resource vpc is not found.'),
    ],
  ],
  [
    'load-balancer',
    [
      refusal('CreateServiceLinkedRole', 'NoPermission', 403, 'You are not authorized: ram:CreateServiceLinkedRole.'),
      refusal(
        'CreateLoadBalancer',
        'OperationDenyed.ServiceLinkedRoleNotExist',
        400,
        'The service linked role AliyunServiceRoleForAlb does not exist.',
      ),
      refusal(
        'CreateLoadBalancer',
        'ResourceNotEnough.VSwitchIp',
        400,
        'The specified resource vswitchip is not enough.',
      ),
      refusal(
        'CreateLoadBalancer',
        'QuotaExceeded.LoadBalancersNum',
        400,
        'The quota of LoadBalancersNum is exceeded.',
      ),
      refusal('CreateLoadBalancer', 'ResourceNotFound.VSwitch', 404, 'The specified resource vswitch is not found.'),
      refusal('CreateLoadBalancer', 'Mismatch.ZoneIdAndVSwitchId', 400, 'The ZoneId and VSwitchId are mismatched.'),
      refusal('CreateLoadBalancer', 'DuplicatedParam.ZoneId', 400, 'The param of ZoneId is duplicated.'),
      refusal(
        'CreateLoadBalancer',
        'InvalidAccountStatus.NotEnoughBalance',
        400,
        'Your account balance is not enough.',
      ),
    ],
  ],
  [
    'instances',
    [
      refusal(
        'RunInstances',
        'OperationDenied.NoStock',
        403,
        'The requested resource is sold out in the specified zone.',
      ),
      refusal('RunInstances', 'Zone.NotOnSale', 403, 'The specified zone is not available for purchase.'),
      refusal('RunInstances', 'InvalidInstanceType.ValueNotSupported', 403, 'The InstanceType value is not supported.'),
      refusal(
        'RunInstances',
        'QuotaExceeded.AfterpayInstance',
        403,
        'Your quota of pay-as-you-go instances is exceeded.',
      ),
      refusal('RunInstances', 'InsufficientBalance', 403, 'Your account does not have enough balance.'),
      refusal('RunInstances', 'InvalidVSwitch.Ipv6NotTurnOn', 403, 'IPv6 is not turned on for the vSwitch.'),
      refusal('RunInstances', 'InvalidOperation.Ipv6NotSupport', 403, 'The instance type does not support IPv6.'),
      refusal('RunInstances', 'MaxEniIpv6IpsCountExceeded', 403, 'The maximum number of IPv6 addresses is exceeded.'),
      refusal(
        'RunInstances',
        'IdempotentParameterMismatch',
        400,
        'The request uses the same client token as a previous one.',
      ),
    ],
  ],
  [
    'ipv6-internet',
    [
      refusal('EnableLoadBalancerIpv6Internet', 'OperationDenied.NonDualStackInstance', 400, 'It is not dual-stack.'),
      refusal(
        'EnableLoadBalancerIpv6Internet',
        'Forbidden.RAM',
        403,
        'User not authorized to operate on the resource.',
      ),
    ],
  ],
  [
    'backend-servers',
    [
      refusal('AddServersToServerGroup', 'Mismatch.VpcId', 400, 'The VpcId is mismatched.'),
      refusal(
        'AddServersToServerGroup',
        'DuplicatedParam.BackendServer',
        400,
        'The param of BackendServer is duplicated.',
      ),
      refusal('AddServersToServerGroup', 'IllegalParam.ServerIp', 400, 'The param of ServerIp is illegal.'),
      refusal('AddServersToServerGroup', 'ResourceNotFound.Ecs', 404, 'The specified resource ecs is not found.'),
      refusal(
        'AddServersToServerGroup',
        'ResourceQuotaExceeded.ServerAddedNum',
        400,
        'The quota of ServerAddedNum is exceeded.',
      ),
    ],
  ],
  [
    'listener',
    [
      refusal(
        'CreateListener',
        'ResourceAlreadyExist.Listener',
        400,
        'The specified resource listener is already exist.',
      ),
      refusal(
        'CreateListener',
        'ResourceNotFound.Certificate',
        404,
        'The specified resource certificate is not found.',
      ),
      refusal('CreateListener', 'ResourceNotFound.SecurityPolicy', 404, 'The specified securitypolicy is not found.'),
      refusal(
        'CreateListener',
        'Mismatch.LoadBalancerEditionAndConnectionDrain',
        400,
        'The LoadBalancerEdition and ConnectionDrain are mismatched.',
      ),
      refusal('CreateListener', 'Mismatch.VpcId', 400, 'The VpcId is mismatched.'),
      refusal('CreateListener', 'OperationDenied.ServerGroupProtocolNotSupport', 400, 'The operation is not allowed.'),
      refusal('CreateListener', 'ResourceQuotaExceeded.LoadBalancerListenersNum', 400, 'The quota is exceeded.'),
      refusal(
        'CreateRule',
        'Conflict.Priority',
        400,
        'There is already a rule having the same configuration with priority.',
      ),
      refusal('CreateRule', 'ResourceQuotaExceeded.LoadBalancerRulesNum', 400, 'The quota is exceeded.'),
    ],
  ],
  [
    'health',
    [refusal('GetListenerHealthStatus', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
  ],
  [
    'dns',
    [
      refusal('AddDomainRecord', 'QuotaExceeded.Record', 400, 'The number of records has reached its maximum.'),
      refusal('AddDomainRecord', 'QuotaExceeded.TTL', 400, 'The TTL is below what the edition allows.'),
      refusal('AddDomainRecord', 'DomainForbidden', 400, 'The domain is forbidden.'),
      refusal('AddDomainRecord', 'DomainRecordConflict', 400, 'The record conflicts with other records.'),
      refusal('AddDomainRecord', 'RecordForbidden.BlackHole', 400, 'The domain is in a black hole.'),
      refusal('AddDomainRecord', 'IncorrectDomainUser', 400, 'The domain name belongs to another user.'),
    ],
  ],
  [
    'verify',
    [refusal('GetListenerHealthStatus', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
  ],
];

/** Refuses the stage's next calls of the action. @param times - how often; 0: always. */
export const strike = (
  harness: Harness,
  stage: StageName,
  { action, code, status, message }: Refusal,
  times = 1,
): void => {
  harness.cloud.faults.clear();
  harness.cloud.faults.add({
    kind: 'error',
    functionName: `dualstack-alb-${stage}`,
    action,
    code,
    httpStatus: status,
    message,
    times,
  });
};
