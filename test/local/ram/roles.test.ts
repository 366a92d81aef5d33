import { describe, expect, it } from 'vitest';
import { allowing, start, trustPolicy } from './start.ts';

interface RoleAnswer {
  Role: Record<string, unknown>;
}

describe('CreateRole: parameters', () => {
  it.each([
    ['a_b', 'InvalidParameter.RoleName.InvalidChars'],
    ['a'.repeat(65), 'InvalidParameter.RoleName.Length'],
  ])('refuses the name %s', async (name, code) => {
    const { createRole } = await start();
    await expect(createRole(name)).rejects.toMatchObject({ code, statusCode: 400 });
  });

  it.each(['not json', '{"Version":"1"}', allowing('sts:AssumeRole')])(
    'refuses the trust policy %s',
    async (document) => {
      const { call } = await start();
      const query = { RoleName: 'reader', AssumeRolePolicyDocument: document };
      await expect(call('CreateRole', query)).rejects.toMatchObject({ code: 'MalformedPolicyDocument' });
    },
  );

  it('refuses a session shorter than an hour', async () => {
    const { call } = await start();
    const query = { RoleName: 'reader', AssumeRolePolicyDocument: trustPolicy, MaxSessionDuration: '3599' };
    await expect(call('CreateRole', query)).rejects.toMatchObject({ code: 'InvalidParameter.MaxSessionDuration' });
  });
});

describe('roles: state rules', () => {
  it('P-174: answers 409 EntityAlreadyExists.Role for a name that is taken, whatever its case', async () => {
    const { createRole } = await start();
    await createRole('reader');
    await expect(createRole('Reader')).rejects.toMatchObject({ code: 'EntityAlreadyExists.Role', statusCode: 409 });
  });

  it.each(['GetRole', 'DeleteRole', 'ListPoliciesForRole'])(
    'P-174: answers 404 EntityNotExist.Role to %s of a role that is not there',
    async (action) => {
      const { call } = await start();
      await expect(call(action, { RoleName: 'nobody' })).rejects.toMatchObject({
        code: 'EntityNotExist.Role',
        statusCode: 404,
      });
    },
  );

  it('deletes a role only when its policies are detached', async () => {
    const { attach, call, createPolicy, createRole, detach } = await start();
    await createRole('reader');
    await createPolicy('read', allowing('alb:List*'));
    await attach('reader', 'read');
    await expect(call('DeleteRole', { RoleName: 'reader' })).rejects.toMatchObject({
      code: 'DeleteConflict.Role.Policy',
      statusCode: 409,
    });
    await detach('reader', 'read');
    await call('DeleteRole', { RoleName: 'reader' });
    await expect(call('GetRole', { RoleName: 'reader' })).rejects.toMatchObject({ code: 'EntityNotExist.Role' });
  });

  it('leaves service-linked roles alone', async () => {
    const { call, callResourceManager } = await start();
    await callResourceManager('CreateServiceLinkedRole', { ServiceName: 'alb.aliyuncs.com' });
    await expect(call('DeleteRole', { RoleName: 'AliyunServiceRoleForAlb' })).rejects.toMatchObject({
      code: 'NotAllowed.ServiceLinkedRole',
    });
  });
});

describe('roles: effects', () => {
  it('shows a created role, its ARN in lower case', async () => {
    const { call, context } = await start();
    const query = { RoleName: 'Provisioner', AssumeRolePolicyDocument: trustPolicy, Description: 'makes things' };
    await call('CreateRole', query);
    const { Role: role } = await call<RoleAnswer>('GetRole', { RoleName: 'Provisioner' });
    expect(role).toMatchObject({
      RoleName: 'Provisioner',
      Arn: `acs:ram::${context.credentials.accountId}:role/provisioner`,
      AssumeRolePolicyDocument: trustPolicy,
      Description: 'makes things',
      MaxSessionDuration: 3600,
    });
  });

  it('changes the trust policy', async () => {
    const { call, createRole } = await start();
    await createRole('reader');
    const changed = trustPolicy.replace('fc.', 'ecs.');
    await call('UpdateRole', { RoleName: 'reader', NewAssumeRolePolicyDocument: changed });
    const { Role: role } = await call<RoleAnswer>('GetRole', { RoleName: 'reader' });
    expect(role['AssumeRolePolicyDocument']).toBe(changed);
  });

  it('shows service-linked roles in RAM and ordinary roles in ResourceManager', async () => {
    const { call, callResourceManager, createRole } = await start();
    await callResourceManager('CreateServiceLinkedRole', { ServiceName: 'alb.aliyuncs.com' });
    await createRole('reader');
    const linked = await call<RoleAnswer>('GetRole', { RoleName: 'AliyunServiceRoleForAlb' });
    const ordinary = await callResourceManager<RoleAnswer>('GetRole', { RoleName: 'reader' });
    expect(linked.Role['RoleName']).toBe('AliyunServiceRoleForAlb');
    expect(ordinary.Role['IsServiceLinkedRole']).toBe(false);
  });

  it('gives a seeded role the rights of its policies', async () => {
    const { may, state } = await start();
    state.seedRole('reader', {
      read: { Version: '1', Statement: [{ Effect: 'Allow', Action: 'ram:Get*', Resource: '*' }] },
    });
    expect(may('reader', 'ram:GetRole')).toBe(true);
    expect(may('reader', 'ram:CreateRole')).toBe(false);
  });
});
