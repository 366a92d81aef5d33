import { describe, expect, it } from 'vitest';
import { classifyCode, codeRows, rowOf } from '../../../shared/alibaba/error-codes.ts';
import { documentedPairs } from './documented/pairs.ts';

/** Code, HTTP status, kind, and `new` or `same` client token for the next attempt. */
const cases: [string, number | undefined, 'wait' | 'retry' | 'permanent', 'new' | 'same'][] = [
  ['IdempotentProcessing', 403, 'wait', 'same'],
  ['IdempotenceProcessing', 400, 'wait', 'same'],
  ['TOKEN_PROCESSING', 400, 'wait', 'same'],
  ['LastTokenProcessing', 400, 'wait', 'same'],
  ['OperationFailed.LastTokenProcessing', 400, 'wait', 'same'],
  ['OperationFailed.IdempotentTokenProcessing', 400, 'wait', 'same'],
  ['IncorrectStatus.LoadBalancer', 400, 'wait', 'new'],
  ['IncorrectStatus', 400, 'wait', 'new'],
  ['IncorrectBusinessStatus.LoadBalancer', 400, 'wait', 'new'],
  ['IncorrectVpcStatus', 400, 'wait', 'new'],
  ['IncorrectVSwitchStatus', 400, 'wait', 'new'],
  ['IncorrectRouteEntryStatus', 400, 'wait', 'new'],
  ['InvalidStatus.RouteEntry', 400, 'wait', 'new'],
  ['IncorrectInstanceStatus.Initializing', 403, 'wait', 'new'],
  ['ResourceInConfiguring.Listener', 409, 'wait', 'new'],
  ['VipStatusNotSupport', 400, 'wait', 'new'],
  ['TaskConflict', 409, 'wait', 'new'],
  ['OperationConflict', 409, 'wait', 'new'],
  ['OperationDenied.OtherSubnetCreating', 400, 'wait', 'new'],
  ['OperationDenied.OtherSubnetProcessing', 400, 'wait', 'new'],
  ['OperationFailed.DistibuteLock', 400, 'wait', 'new'],
  ['OperationUnsupported.OnlyOneIpv6GatewayInVpc', 400, 'wait', 'new'],
  ['InvalidOperation.InvalidEniState', 400, 'wait', 'new'],
  ['InvalidOperation.InvalidEcsState', 400, 'wait', 'new'],
  ['-21020', 400, 'wait', 'new'],
  ['-22031', 400, 'wait', 'new'],
  ['-22001', 400, 'wait', 'new'],
  ['-21013', 400, 'wait', 'new'],
  ['RecordForbidden.DNSChange', 400, 'wait', 'new'],
  ['LastOperationNotFinished', 400, 'wait', 'new'],
  ['DependencyViolation.Ipv6InternetBandwidth', 400, 'wait', 'new'],
  ['DependencyViolation', 403, 'wait', 'new'],
  ['ResourceInUse.ServerGroup', 400, 'wait', 'new'],
  ['OperationFailed.Ipv6InstanceExist', 400, 'wait', 'new'],
  ['OperationFailed.Ipv6GatewayInUse', 400, 'wait', 'new'],
  ['OperationFailed.IpV6VSwitchInuse', 400, 'wait', 'new'],
  ['Throttling.User', 400, 'retry', 'same'],
  ['Rejected.Throttling', 403, 'retry', 'same'],
  ['ServiceUnavailable', 400, 'retry', 'same'],
  ['SystemBusy', 400, 'retry', 'same'],
  ['System.ServiceBusy', 400, 'retry', 'same'],
  ['InternalError', 500, 'retry', 'same'],
  ['InstanceNotReady', 500, 'retry', 'same'],
  ['UnknownError', 400, 'retry', 'same'],
  ['OperationFailed.ResourceGroupStatusCheckFail', 400, 'retry', 'same'],
  ['UnreadableAnswer', undefined, 'retry', 'same'],
  ['ConnectionFailed', undefined, 'retry', 'same'],
  ['Timeout', undefined, 'retry', 'same'],
  ['UnexpectedFailure', undefined, 'retry', 'same'],
  ['IdempotentParameterMismatch', 400, 'permanent', 'new'],
  ['Duplicated.ClientToken', 400, 'permanent', 'new'],
  ['QuotaExceeded.Vpc', 400, 'permanent', 'new'],
  ['QuotaExceeded.VSwitch', 400, 'permanent', 'new'],
  ['QuotaExceeded.LoadBalancersNum', 400, 'permanent', 'new'],
  ['QuotaExceeded.ServerGroupsNum', 400, 'permanent', 'new'],
  ['QuotaExceeded.Record', 400, 'permanent', 'new'],
  ['QuotaExceeded.TTL', 400, 'permanent', 'new'],
  ['QuotaExceeded.TagNum', 400, 'permanent', 'new'],
  ['QuotaExceeded.PrivateIpAddress', 400, 'permanent', 'new'],
  ['ResourceQuotaExceeded.ServerAddedNum', 400, 'permanent', 'new'],
  ['QuotaExceed.SecurityGroup', 403, 'permanent', 'new'],
  ['QuotaExceed.Tags', 403, 'permanent', 'new'],
  ['AuthorizationLimitExceed', 403, 'permanent', 'new'],
  ['ResourceNotEnough.VSwitchIp', 400, 'permanent', 'new'],
  ['ResourceNotEnough.Ipv6Cidr', 400, 'permanent', 'new'],
  ['OperationDenied.NoStock', 403, 'permanent', 'new'],
  ['LackResource', 400, 'permanent', 'new'],
  ['Zone.NotOnSale', 403, 'permanent', 'new'],
  ['InvalidInstanceType.ValueNotSupported', 400, 'permanent', 'new'],
  ['InvalidResourceType.NotSupported', 400, 'permanent', 'new'],
  ['InsufficientBalance', 400, 'permanent', 'new'],
  ['InvalidAccountStatus.NotEnoughBalance', 403, 'permanent', 'new'],
  ['OperationUnsupported.Ipv6Feature', 400, 'permanent', 'new'],
  ['OperationFailed.VpcIpv6Disabled', 400, 'permanent', 'new'],
  ['OperationDenied.VpcNotSupportIpv6', 400, 'permanent', 'new'],
  ['InvalidVSwitch.Ipv6NotTurnOn', 403, 'permanent', 'new'],
  ['InvalidOperation.Ipv6NotSupport', 403, 'permanent', 'new'],
  ['MaxEniIpv6IpsCountExceeded', 403, 'permanent', 'new'],
  ['InvalidOperation.Ipv6CountExceeded', 403, 'permanent', 'new'],
  ['OperationDenied.NonDualStackInstance', 400, 'permanent', 'new'],
  ['InvalidCidrBlock.Overlapped', 400, 'permanent', 'new'],
  ['OperationFailed.Ipv6CidrBlockExisted', 400, 'permanent', 'new'],
  ['Mismatch.ZoneIdAndVSwitchId', 400, 'permanent', 'new'],
  ['DuplicatedParam.ZoneId', 400, 'permanent', 'new'],
  ['DuplicatedParam.BackendServer', 400, 'permanent', 'new'],
  ['Mismatch.LoadBalancerEditionAndConnectionDrain', 400, 'permanent', 'new'],
  ['Mismatch.VpcId', 400, 'permanent', 'new'],
  ['OperationDenied.ServerGroupProtocolNotSupport', 400, 'permanent', 'new'],
  ['OperationDenyed.ServiceLinkedRoleNotExist', 400, 'permanent', 'new'],
  ['OperationDenied.DeletionProtectionEnabled', 400, 'permanent', 'new'],
  ['InvalidOperation.DeletionProtection', 403, 'permanent', 'new'],
  ['InvalidOperation.ResourceManagedByCloudProduct', 403, 'permanent', 'new'],
  ['ChargeTypeViolation', 403, 'permanent', 'new'],
  ['Forbidden.RAM', 403, 'permanent', 'new'],
  ['NoPermission', 403, 'permanent', 'new'],
  ['Forbidden.LoadBalancer', 403, 'permanent', 'new'],
  ['AccessDenied', 403, 'permanent', 'new'],
  ['InvalidAccessKeyId.NotFound', 404, 'permanent', 'new'],
  ['SignatureDoesNotMatch', 400, 'permanent', 'new'],
  ['IncompleteSignature', 400, 'permanent', 'new'],
  ['InvalidSecurityToken.Malformed', 400, 'permanent', 'new'],
  ['InvalidSecurityToken.Expired', 400, 'retry', 'same'],
  ['InvalidSecurityToken.Expired', 403, 'retry', 'same'],
  ['InvalidTimeStamp.Expired', 400, 'retry', 'same'],
  ['InvalidTimeStamp.Format', 400, 'permanent', 'new'],
  ['InvalidRegionId.NotFound', 404, 'permanent', 'new'],
  ['ResourceAlreadyExist.Listener', 400, 'permanent', 'new'],
  ['Conflict.Priority', 400, 'permanent', 'new'],
  ['ResourceNotFound.Certificate', 404, 'permanent', 'new'],
  ['ResourceNotFound.SecurityPolicy', 404, 'permanent', 'new'],
  ['DomainRecordConflict', 400, 'permanent', 'new'],
  ['DomainRecordDuplicate', 400, 'permanent', 'new'],
  ['DomainRecordLocked', 400, 'permanent', 'new'],
  ['InvalidDomainName.NoExist', 400, 'permanent', 'new'],
  ['IncorrectDomainUser', 400, 'permanent', 'new'],
  ['DomainAddedByOthers', 400, 'permanent', 'new'],
  ['DomainForbidden', 400, 'permanent', 'new'],
  ['RecordForbidden.BlackHole', 400, 'permanent', 'new'],
  ['InvalidAction.NotFound', 404, 'permanent', 'new'],
  ['MissingParameter', 400, 'permanent', 'new'],
  ['IllegalParam.ServerIp', 400, 'permanent', 'new'],
  ['InvalidParameter', 400, 'permanent', 'new'],
  ['ResourceNotFound.VSwitch', 404, 'permanent', 'new'],
  ['ResourceNotFound.Vpc', 404, 'permanent', 'new'],
  // Words that no documented code of ours has today.
  ['OperationFailed.TryLater', 400, 'retry', 'same'],
  ['Instance.TryAgainLater', 403, 'retry', 'same'],
  ['OperationDenied.DiskCreatingConflict', 404, 'wait', 'new'],
  ['OperationFailed.TunnelUnstable', 400, 'wait', 'new'],
  ['OperationDenied.RackRepairing', 403, 'wait', 'new'],
  ['OperationDenied.Initializing', 403, 'wait', 'new'],
  ['ResourceNotReady.Eip', 400, 'wait', 'new'],
  ['OperationDenied.TaskConflict', 409, 'wait', 'new'],
  ['OperationConflict.Listener', 409, 'wait', 'new'],
  ['Rejected.FlowControl', 400, 'retry', 'same'],
  ['TaskNotFinished', 400, 'wait', 'new'],
  ['OperationFailed.EipProcessing', 400, 'wait', 'same'],
  ['Cbn.IncorrectBandwidthStatus.Pending', 404, 'wait', 'new'],
  ['LockFailed', 400, 'retry', 'same'],
];

describe('the table of error codes', () => {
  it.each(cases)('P-003 P-004 P-067: %s with HTTP %s is %s, next with the %s token', (code, status, kind, token) => {
    expect(classifyCode({ code, httpStatus: status })).toMatchObject({ kind, rotatesToken: token === 'new' });
  });

  it('has a case for every row', () => {
    const documented = documentedPairs().map(({ action, code }) => rowOf({ action, code })?.code);
    const decided = new Set([...cases.map(([code]) => rowOf({ code })?.code), ...documented]);
    expect(codeRows.map((row) => row.code).filter((code) => !decided.has(code))).toEqual([]);
  });

  it('names a source for every row', () => {
    expect(codeRows.filter((row) => row.source === '')).toEqual([]);
  });

  it('tells what to do about everything that is permanent and no mistake of ours', () => {
    const mistakes = ['MissingParam*', 'IllegalParam*', 'Invalid*'];
    const without = codeRows.filter((row) => row.kind === 'permanent' && row.remedy === undefined);
    expect(without.map((row) => row.code)).toEqual(mistakes);
  });

  it('compares codes without letter case', () => {
    expect(classifyCode({ code: 'incorrectvswitchstatus', httpStatus: 400 }).kind).toBe('wait');
  });
});

describe('a code that the table does not know', () => {
  it('is permanent with a 4xx', () => {
    expect(classifyCode({ code: 'Something.New', httpStatus: 409 })).toEqual({ kind: 'permanent', rotatesToken: true });
  });

  it('may work later with a 429', () => {
    expect(classifyCode({ code: 'Something.New', httpStatus: 429 })).toEqual({ kind: 'retry', rotatesToken: false });
  });

  it('may work later with a 5xx', () => {
    expect(classifyCode({ code: 'Something.New', httpStatus: 503 })).toEqual({ kind: 'retry', rotatesToken: false });
  });

  it('may work later without a status', () => {
    expect(classifyCode({ code: 'Something.New' })).toEqual({ kind: 'retry', rotatesToken: false });
  });
});

describe('what the message says of a code that the table does not know', () => {
  it.each([
    'The operation failed, please try later.',
    'The resource is locked. Please try again later.',
    'Try again in a few minutes.',
    'The controller is temporarily out of order.',
    'Retry the operation later.',
  ])('may work later: %s', (message) => {
    expect(classifyCode({ code: 'Something.New', httpStatus: 403, message })).toMatchObject({ kind: 'retry' });
  });

  it.each(['Later versions of the image are needed.', 'Try another zone.', 'The entry must not be used again.'])(
    'is final: %s',
    (message) => {
      expect(classifyCode({ code: 'Something.New', httpStatus: 403, message })).toMatchObject({ kind: 'permanent' });
    },
  );

  it('does not count for one that the table knows', () => {
    const message = 'Sold out, please try again later.';
    expect(classifyCode({ code: 'OperationDenied.NoStock', httpStatus: 403, message })).toMatchObject({
      kind: 'permanent',
    });
  });
});

describe('the advice', () => {
  it.each([
    ['Forbidden.VpcNotFound', 'CreateVSwitch'],
    ['Forbidden.VRouterNotFound', 'ModifyVSwitchAttribute'],
    ['Forbidden.RegionNotFound', 'DeleteVSwitch'],
  ])('P-003: of %s does not speak of permissions', (code, action) => {
    const { remedy } = classifyCode({ code, action, httpStatus: 404 });
    expect(remedy).toContain('does not exist');
    expect(remedy).not.toContain('permission');
  });

  it('of a missing permission names it', () => {
    expect(classifyCode({ code: 'Forbidden.RAM', httpStatus: 403 }).remedy).toContain('permission');
  });
});

describe('a 5xx', () => {
  it('keeps the token also where the code would rotate it', () => {
    expect(classifyCode({ code: 'TaskConflict', httpStatus: 500 })).toMatchObject({
      kind: 'wait',
      rotatesToken: false,
    });
  });
});
