import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import type { StageName } from '../../shared/pipeline.ts';
import { cloudResources, recordedResources } from '../support/cloud-resources.ts';
import { Harness } from '../support/harness.ts';
import { remainsOf } from '../support/remains.ts';
import { rareChecks } from '../support/stage-driver.ts';

/** HTTPS with a redirect: its request goes through every stage and every kind of resource. */
const event = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer-https.json', import.meta.url), 'utf8'),
) as SpecInput;

interface Refusal {
  action: string;
  code: string;
  status: number;
  message: string;
}

const refusal = (action: string, code: string, status: number, message: string): Refusal => ({
  action,
  code,
  status,
  message,
});

/** Codes, statuses and messages as in the vendor's metadata; those that the fact sheet calls fatal, by the stage that they strike. */
const refusals: [StageName, Refusal[]][] = [
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
];

interface Shown {
  status: string;
  rolledBack?: boolean;
  failure: {
    stage: string;
    action: string;
    code: string;
    message: string;
    remedy?: string;
    requestId?: string;
    at: string;
  };
  proof?: { isEmpty: boolean };
}

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
});
afterAll(() => harness.close());

/** Stages beside the failed one end what they are at. */
const isQuiet = ({ stages }: DeploymentRecord): boolean =>
  Object.values(stages).every(({ apply: { state } }) => state === 'pending' || state === 'done' || state === 'failed');

const show = async (id: string) => (await (await harness.api('GET', `/load-balancers/${id}`)).json()) as Shown;

/** The vendor's request ids of the calls that were answered with the code. */
const refusedWith = (code: string, from: number) =>
  harness.cloud.wireLog.slice(from).flatMap((entry) => (entry.code === code ? [entry.requestId] : []));

const strike = (stage: StageName, { action, code, status, message }: Refusal) => {
  harness.cloud.faults.clear();
  harness.cloud.faults.add({
    kind: 'error',
    functionName: `dualstack-alb-${stage}`,
    action,
    code,
    httpStatus: status,
    message,
  });
};

describe('a stage that is refused for good', () => {
  describe.each(refusals)('%s', (stage, list) => {
    const retained: SpecInput = { ...event, name: stage, onFailure: 'retain' };
    let id = '';

    /** The first refusal strikes a new deployment, the next ones its retries. */
    async function fail(one: Refusal, spec = retained): Promise<void> {
      strike(stage, one);
      if (id === '') id = await harness.request(spec);
      else expect((await harness.api('POST', `/load-balancers/${id}/retry`, spec)).status).toBe(202);
      await harness.runUntil(id, 'failed');
    }

    it.each(list)('$action refused with $code fails with what happened and what to do', async (one) => {
      const from = harness.cloud.wireLog.length;
      await fail(one);
      const { status, failure, rolledBack } = await show(id);
      expect(status).toBe('failed');
      expect(rolledBack).toBeUndefined();
      if (failure.code !== 'preflight.problems')
        expect(failure).toMatchObject({ stage, action: 'apply', code: one.code });
      expect(failure.message).toContain(one.message);
      expect(failure.remedy).toMatch(/^[A-Z].{20,}\.$/);
      expect(refusedWith(one.code, from)).toContain(failure.requestId);
    });

    it('keeps what was made, and has all of it in the record', async () => {
      await harness.run(async () => isQuiet(await harness.record(id)));
      const made = cloudResources(harness.cloud);
      expect(made).toEqual(recordedResources(await harness.record(id)));
      if (stage === 'preflight' || stage === 'network') return;
      expect(made.length).toBeGreaterThanOrEqual(4);
    });

    it('leaves nothing behind when it is rolled back, as it is by default, and says why afterwards', async () => {
      const [one] = list.slice(-1);
      if (one === undefined) throw new Error('no refusal');
      await fail(one, { ...event, name: stage });
      expect(remainsOf(harness.cloud)).toEqual([]);
      const { status, rolledBack, failure } = await show(id);
      expect({ status, rolledBack }).toEqual({ status: 'failed', rolledBack: true });
      expect(failure).toMatchObject({ stage, action: 'apply', code: one.code });
    });
  });
});

describe('what the cloud does rather than says', () => {
  const happenings: [what: string, code: string, request: SpecInput, happen: () => void][] = [
    [
      'a load balancer that cannot be created',
      'load-balancer.create-failed',
      { name: 'create-failed' },
      () => harness.cloud.alb.createFailed.add('create-failed'),
    ],
    [
      'P-047: an instance that vanishes after it was accepted',
      'instances.vanished',
      {},
      () => harness.cloud.ecs.lateOutOfStock.add('cn-shanghai-g/ecs.g6.large'),
    ],
    [
      'P-081: a certificate that is not there',
      'ResourceNotFound.Certificate',
      { listener: { protocol: 'HTTPS', port: 443, certificateIds: ['9999999-cn-shanghai'], redirectHttp: false } },
      () => undefined,
    ],
  ];

  it.each(happenings)('%s fails with %s and leaves nothing behind', async (_what, code, request, happen) => {
    harness.cloud.faults.clear();
    happen();
    const id = await harness.request({ name: 'happening', ...request });
    await harness.runUntil(id, 'failed');
    harness.cloud.ecs.lateOutOfStock.clear();
    const { rolledBack, failure, proof } = await show(id);
    expect(rolledBack).toBe(true);
    expect(failure.code).toBe(code);
    expect(failure.remedy).toMatch(/^[A-Z].{20,}\.$/);
    expect(proof?.isEmpty).toBe(true);
    expect(remainsOf(harness.cloud)).toEqual([]);
  });
});

describe('a release that is refused for good', () => {
  /** In the order of the release, so that each DELETE goes on to the next. */
  const inTheWay: [StageName, Refusal][] = [
    ['dns', refusal('DeleteDomainRecord', 'DomainRecordLocked', 400, 'The record is locked.')],
    ['listener', refusal('DeleteListener', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
    ['backend-servers', refusal('RemoveServersFromServerGroup', 'Forbidden.RAM', 403, 'User not authorized.')],
    ['instances', refusal('DeleteInstances', 'InvalidOperation.DeletionProtection', 403, 'It is protected.')],
    [
      'instances',
      refusal('DeleteInstances', 'ChargeTypeViolation', 403, 'Pay-As-You-Go instances can be released only.'),
    ],
    [
      'security-group',
      refusal('DeleteSecurityGroup', 'InvalidOperation.ResourceManagedByCloudProduct', 403, 'Managed.'),
    ],
    ['network', refusal('DeleteIpv6Gateway', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
    ['network', refusal('DeleteVSwitch', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
    ['network', refusal('DeleteVpc', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
    ['preflight', refusal('DescribeVpcs', 'Forbidden.RAM', 403, 'User not authorized to operate on the resource.')],
  ];
  let id = '';

  beforeAll(async () => {
    harness.cloud.faults.clear();
    id = await harness.request({ ...event, name: 'refused-release' });
    await harness.runUntil(id, 'ready');
  });

  /** What is beside the refused stage has ended too. */
  const isRefused = ({ failure, stages }: DeploymentRecord): boolean =>
    failure?.action === 'release' &&
    Object.values(stages).every(({ release: { state } }) => ['pending', 'done', 'failed'].includes(state));

  it.each(inTheWay)('%s: $action refused with $code stays releasing, with what to do', async (stage, one) => {
    strike(stage, one);
    const from = harness.cloud.wireLog.length;
    expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
    await harness.run(async () => isRefused(await harness.record(id)));
    const { status, failure } = await show(id);
    expect(status).toBe('releasing');
    expect(failure).toMatchObject({ stage, action: 'release', code: one.code });
    expect(failure.message).toContain(one.message);
    expect(failure.remedy).toMatch(/^[A-Z].{20,}\.$/);
    expect(refusedWith(one.code, from)).toContain(failure.requestId);
    // Nothing goes on by itself that was refused for good.
    const calls = harness.cloud.wireLog.length;
    await harness.sweep();
    expect(harness.cloud.wireLog.slice(calls).filter(({ action }) => action === 'SendMessage').length).toBe(0);
  });

  it('ends released by the next DELETE once it is mended', async () => {
    harness.cloud.faults.clear();
    expect((await harness.api('DELETE', `/load-balancers/${id}`)).status).toBe(202);
    await harness.runUntil(id, 'released');
    expect(remainsOf(harness.cloud)).toEqual([]);
    const { failure, proof } = await show(id);
    expect(failure).toBeUndefined();
    expect(proof?.isEmpty).toBe(true);
  });

  const rollbacks: [StageName, Refusal][] = [
    [
      'load-balancer',
      refusal(
        'DeleteLoadBalancer',
        'OperationDenied.DeletionProtectionEnabled',
        400,
        'The load balancer is protected.',
      ),
    ],
    ['server-group', refusal('DeleteServerGroup', 'Forbidden.ServerGroup', 403, 'User not authorized.')],
  ];

  it.each(rollbacks)('%s: a rollback that is refused names what it rolls back too', async (stage, one) => {
    strike(stage, one);
    harness.cloud.faults.add({ kind: 'error', action: 'CreateListener', code: 'Mismatch.VpcId', httpStatus: 400 });
    const rolledBack = await harness.request({ ...event, name: 'refused-rollback' });
    await harness.run(async () => isRefused(await harness.record(rolledBack)));
    const { status, failure } = await show(rolledBack);
    expect(status).toBe('releasing');
    expect(failure).toMatchObject({
      stage,
      action: 'release',
      code: one.code,
      rollbackOf: { stage: 'listener', action: 'apply', code: 'Mismatch.VpcId' },
    });
    await harness.api('DELETE', `/load-balancers/${rolledBack}`);
    await harness.runUntil(rolledBack, 'released');
    expect(remainsOf(harness.cloud)).toEqual([]);
  });
});
