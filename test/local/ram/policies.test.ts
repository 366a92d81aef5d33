import { describe, expect, it } from 'vitest';
import { genericClient } from '../../support/rpc-call.ts';
import { allowing, start } from './start.ts';

interface PolicyAnswer {
  Policy: Record<string, unknown>;
  DefaultPolicyVersion: Record<string, unknown>;
}

describe('CreatePolicy: parameters', () => {
  it.each([
    ['a_b', 'InvalidParameter.PolicyName.InvalidChars'],
    ['a'.repeat(129), 'InvalidParameter.PolicyName.Length'],
  ])('refuses the name %s', async (name, code) => {
    const { createPolicy } = await start();
    await expect(createPolicy(name, allowing('alb:*'))).rejects.toMatchObject({ code, statusCode: 400 });
  });

  it.each([
    'not json',
    '{"Version":"2","Statement":[]}',
    '{"Version":"1","Statement":[{"Effect":"Maybe","Action":"alb:*","Resource":"*"}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","NotAction":"ram:*","Resource":"*"}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Resource":"*"}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"CreateListener","Resource":"*"}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":[],"Resource":"*"}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","Resource":"*","Principal":{"Service":["a"]}}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","NotResource":"*"}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","Resource":"loadbalancer/*"}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","Resource":"acs:alb:*"}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","Resource":"acs:alb:*:*:${acs:x}"}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","Resource":"*","Conditions":{}}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","Resource":"*","Condition":{"StringEquals":"a"}}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","Resource":"*","Condition":{"StringIs":{"k":"a"}}}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","Resource":"*","Condition":{"Bool":{"k":"yes"}}}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","Resource":"*","Condition":{"StringEquals":{"k":[]}}}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*","Resource":"*","Condition":{"IpAddress":{"k":"10.0.0.0/33"}}}]}',
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"alb:*"}]}',
  ])('refuses the document %s', async (document) => {
    const { createPolicy } = await start();
    await expect(createPolicy('read', document)).rejects.toMatchObject({ code: 'MalformedPolicyDocument' });
  });

  it.each([
    { NotAction: 'ram:*', Resource: '*' },
    { Action: ['alb:*', '*'], Resource: ['*', 'acs:mns:*:*:/queues/a:b'] },
    {
      Action: 'ram:PassRole',
      Resource: 'acs:ram::1:role/a',
      Condition: { StringEquals: { 'acs:Service': 'fc.aliyuncs.com' } },
    },
    {
      Action: 'alb:*',
      Resource: '*',
      Condition: { Bool: { 'acs:SecureTransport': true }, NumericLessThan: { k: [1, '2'] } },
    },
  ])('takes the statement %j', async (statement) => {
    const { createPolicy } = await start();
    const document = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Deny', ...statement }] });
    expect(await createPolicy('read', document)).toMatchObject({ Policy: { PolicyName: 'read' } });
  });

  it('refuses a document over 6,144 characters', async () => {
    const { createPolicy } = await start();
    await expect(createPolicy('read', allowing('alb:'.padEnd(6144, 'x')))).rejects.toMatchObject({
      code: 'InvalidParameter.PolicyDocument.Length',
    });
  });
});

describe('policies: state rules', () => {
  it.each(['read', 'AdministratorAccess'])('refuses the name %s when it is taken', async (name) => {
    const { createPolicy } = await start();
    await createPolicy('read', allowing('alb:*'));
    await expect(createPolicy(name, allowing('alb:*'))).rejects.toMatchObject({
      code: 'EntityAlreadyExists.Policy',
      statusCode: 409,
    });
  });

  it('P-174: refuses to attach twice', async () => {
    const { attach, createPolicy, createRole } = await start();
    await createRole('reader');
    await createPolicy('read', allowing('alb:*'));
    await attach('reader', 'read');
    await expect(attach('reader', 'read')).rejects.toMatchObject({
      code: 'EntityAlreadyExists.Role.Policy',
      statusCode: 409,
    });
  });

  it('refuses to attach what is not there', async () => {
    const { attach, createPolicy, createRole } = await start();
    await createRole('reader');
    await createPolicy('read', allowing('alb:*'));
    await expect(attach('reader', 'absent')).rejects.toMatchObject({ code: 'EntityNotExist.Policy' });
    await expect(attach('nobody', 'read')).rejects.toMatchObject({ code: 'EntityNotExist.Role' });
    await expect(attach('reader', 'read', 'System')).rejects.toMatchObject({ code: 'EntityNotExist.Policy' });
    await expect(attach('reader', 'read', 'Mine')).rejects.toMatchObject({ code: 'InvalidParameter.PolicyType' });
  });

  it('refuses to detach what is not attached', async () => {
    const { createPolicy, createRole, detach } = await start();
    await createRole('reader');
    await createPolicy('read', allowing('alb:*'));
    await expect(detach('reader', 'read')).rejects.toMatchObject({
      code: 'EntityNotExist.Role.Policy',
      statusCode: 404,
    });
  });

  it('deletes a policy only when it is attached nowhere', async () => {
    const { attach, call, createPolicy, createRole, detach } = await start();
    await createRole('reader');
    await createPolicy('read', allowing('alb:*'));
    await attach('reader', 'read');
    const remove = () => call('DeletePolicy', { PolicyName: 'read', CascadingDelete: 'true' });
    await expect(remove()).rejects.toMatchObject({ code: 'DeleteConflict.Role.Policy', statusCode: 409 });
    await detach('reader', 'read');
    await remove();
    await expect(remove()).rejects.toMatchObject({ code: 'EntityNotExist.Policy', statusCode: 404 });
  });

  it('deletes a policy with several versions only in cascade', async () => {
    const { call, createPolicy } = await start();
    await createPolicy('read', allowing('alb:*'));
    await call('CreatePolicyVersion', { PolicyName: 'read', PolicyDocument: allowing('ecs:*') });
    await expect(call('DeletePolicy', { PolicyName: 'read' })).rejects.toMatchObject({
      code: 'DeleteConflict.Policy.Version',
    });
    await call('DeletePolicy', { PolicyName: 'read', CascadingDelete: 'true' });
  });

  it('keeps five versions and drops the oldest other than the default when told to', async () => {
    const { call, createPolicy, state } = await start();
    await createPolicy('read', allowing('alb:*'));
    const next = (options: Record<string, string> = {}) =>
      call('CreatePolicyVersion', { PolicyName: 'read', PolicyDocument: allowing('ecs:*'), ...options });
    for (let index = 0; index < 4; index += 1) await next();
    await expect(next()).rejects.toMatchObject({ code: 'LimitExceeded.Policy.Version', statusCode: 409 });
    await next({ RotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded' });
    expect(state.policy('Custom', 'read').versions.map(({ id }) => id)).toEqual(['v1', 'v3', 'v4', 'v5', 'v6']);
  });
});

describe('policies: effects', () => {
  it('lets a role do what is attached and nothing else', async () => {
    const { attach, createPolicy, createRole, detach, may } = await start();
    await createRole('reader');
    await createPolicy('read', allowing('alb:List*', 'alb:Get*'));
    expect(may('reader', 'alb:ListListeners')).toBe(false);
    await attach('reader', 'read');
    expect(may('reader', 'alb:ListListeners')).toBe(true);
    expect(may('reader', 'alb:CreateListener')).toBe(false);
    await detach('reader', 'read');
    expect(may('reader', 'alb:ListListeners')).toBe(false);
  });

  it('changes the rights of a role with the default version of its policy', async () => {
    const { attach, call, createPolicy, createRole, may } = await start();
    await createRole('reader');
    await createPolicy('read', allowing('alb:*'));
    await attach('reader', 'read');
    const version = { PolicyName: 'read', PolicyDocument: allowing('ecs:*') };
    await call('CreatePolicyVersion', version);
    expect(may('reader', 'ecs:RunInstances')).toBe(false);
    await call('CreatePolicyVersion', { ...version, SetAsDefault: 'true' });
    expect(may('reader', 'ecs:RunInstances')).toBe(true);
    expect(may('reader', 'alb:CreateListener')).toBe(false);
  });

  it('knows the system policies of its services', async () => {
    const { attach, createRole, may } = await start();
    await createRole('network');
    await attach('network', 'AliyunVPCFullAccess', 'System');
    expect(may('network', 'vpc:CreateVpc')).toBe(true);
    expect(may('network', 'ecs:RunInstances')).toBe(false);
  });

  it('holds over the wire, from one call to the next', async () => {
    const { attach, context, createPolicy, createRole, url } = await start();
    await createRole('reader');
    await createPolicy('read', allowing('ram:GetRole'));
    const asReader = genericClient(url, context, '2015-05-01', context.credentials.issue('reader', 'status'));
    await expect(asReader('GetRole', { RoleName: 'reader' })).rejects.toMatchObject({
      code: 'NoPermission',
      statusCode: 403,
    });
    await attach('reader', 'read');
    expect(await asReader('GetRole', { RoleName: 'reader' })).toMatchObject({ Role: { RoleName: 'reader' } });
  });

  it('shows the policy with its default version', async () => {
    const { attach, call, createPolicy, createRole } = await start();
    await createRole('reader');
    await createPolicy('read', allowing('alb:*'));
    await attach('reader', 'read');
    const answer = await call<PolicyAnswer>('GetPolicy', { PolicyName: 'read', PolicyType: 'Custom' });
    expect(answer.Policy).toMatchObject({ DefaultVersion: 'v1', AttachmentCount: 1, PolicyType: 'Custom' });
    expect(answer.DefaultPolicyVersion).toMatchObject({ IsDefaultVersion: true, PolicyDocument: allowing('alb:*') });
    expect(await call('ListPoliciesForRole', { RoleName: 'reader' })).toMatchObject({
      Policies: { Policy: [{ PolicyName: 'read', PolicyType: 'Custom', DefaultVersion: 'v1' }] },
    });
  });
});
