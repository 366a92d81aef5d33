import { describe, expect, it } from 'vitest';
import { resourceManagerService } from '../../../local/resource-manager/index.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testEdge } from '../../support/edge.ts';
import { genericClient } from '../../support/rpc-call.ts';

const version = '2020-03-31';
const serviceName = 'alb.aliyuncs.com';

interface RoleAnswer {
  Role: Record<string, unknown>;
}

async function start() {
  const context = testContext();
  const service = resourceManagerService(context);
  const { url } = await testEdge(context, [service]);
  const call = genericClient(url, context, version);
  /** The call as a role with this one statement makes it. */
  const asRole = (statement: { Action: string; Condition?: Record<string, Record<string, string>> }) => {
    context.credentials.setRolePolicies('provisioner', [
      { Version: '1', Statement: [{ Effect: 'Allow', Resource: '*', ...statement }] },
    ]);
    return genericClient(url, context, version, context.credentials.issue('provisioner', 'load-balancer'));
  };
  return { context, state: service.state, url, call, asRole };
}

describe('CreateServiceLinkedRole: parameters', () => {
  it('refuses a service that it does not know', async () => {
    const { call } = await start();
    await expect(call('CreateServiceLinkedRole', { ServiceName: 'slb.example.com' })).rejects.toMatchObject({
      code: 'EntityNotExist.Service',
      statusCode: 404,
    });
  });

  it.each([
    ['CustomSuffix', 'InvalidParameter.CustomSuffix.NotAllowed'],
    ['Description', 'InvalidParameter.Description.NotAllowed'],
    ['ClientToken', 'InvalidParameter.ClientToken'],
  ])('refuses %s', async (name, code) => {
    const { call } = await start();
    await expect(call('CreateServiceLinkedRole', { ServiceName: serviceName, [name]: 'mine' })).rejects.toMatchObject({
      code,
      statusCode: 400,
    });
  });

  it('wants ServiceName', async () => {
    const { call } = await start();
    await expect(call('CreateServiceLinkedRole')).rejects.toMatchObject({ code: 'MissingParameter' });
  });
});

describe('CreateServiceLinkedRole: state rules', () => {
  it('P-174: answers 409 EntityAlreadyExists.Role the second time', async () => {
    const { call } = await start();
    await call('CreateServiceLinkedRole', { ServiceName: serviceName });
    await expect(call('CreateServiceLinkedRole', { ServiceName: serviceName })).rejects.toMatchObject({
      code: 'EntityAlreadyExists.Role',
      statusCode: 409,
    });
  });

  it('asks RAM for ram:CreateServiceLinkedRole with the service as condition', async () => {
    const { asRole } = await start();
    const call = asRole({
      Action: 'ram:CreateServiceLinkedRole',
      Condition: { StringEquals: { 'ram:ServiceName': serviceName } },
    });
    await expect(call('CreateServiceLinkedRole', { ServiceName: 'fc.aliyuncs.com' })).rejects.toMatchObject({
      code: 'NoPermission',
      statusCode: 403,
    });
    expect((await call<RoleAnswer>('CreateServiceLinkedRole', { ServiceName: serviceName })).Role['RoleName']).toBe(
      'AliyunServiceRoleForAlb',
    );
  });

  it('does not take resourcemanager:CreateServiceLinkedRole for it', async () => {
    const { asRole } = await start();
    const call = asRole({ Action: 'resourcemanager:CreateServiceLinkedRole' });
    await expect(call('CreateServiceLinkedRole', { ServiceName: serviceName })).rejects.toMatchObject({
      code: 'NoPermission',
    });
  });
});

describe('CreateServiceLinkedRole: effects', () => {
  it('makes the role that GetRole shows', async () => {
    const { call, context } = await start();
    const made = await call<RoleAnswer>('CreateServiceLinkedRole', { ServiceName: serviceName });
    const shown = await call<RoleAnswer>('GetRole', { RoleName: 'AliyunServiceRoleForAlb' });
    expect(shown.Role).toEqual(made.Role);
    expect(shown.Role).toMatchObject({
      IsServiceLinkedRole: true,
      Arn: `acs:ram::${context.credentials.accountId}:role/aliyunserviceroleforalb`,
    });
    expect(JSON.parse(String(shown.Role['AssumeRolePolicyDocument']))).toMatchObject({
      Statement: [{ Principal: { Service: [serviceName] } }],
    });
  });

  it('shows other services that the role is there', async () => {
    const { call, state } = await start();
    expect(state.hasRole(serviceName)).toBe(false);
    await call('CreateServiceLinkedRole', { ServiceName: serviceName });
    expect(state.hasRole(serviceName)).toBe(true);
    expect(state.hasRole('fc.aliyuncs.com')).toBe(false);
  });
});

describe('GetRole', () => {
  it('P-174: answers 404 EntityNotExist.Role for a role that is not there', async () => {
    const { call } = await start();
    await expect(call('GetRole', { RoleName: 'AliyunServiceRoleForAlb' })).rejects.toMatchObject({
      code: 'EntityNotExist.Role',
      statusCode: 404,
    });
  });

  it.each([
    ['a b', 'InvalidParameter.RoleName.InvalidChars'],
    ['a'.repeat(65), 'InvalidParameter.RoleName.Length'],
  ])('refuses the name %s', async (name, code) => {
    const { call } = await start();
    await expect(call('GetRole', { RoleName: name })).rejects.toMatchObject({ code, statusCode: 400 });
  });
});

describe('CheckServiceLinkedRoleExistence', () => {
  it('says by GET whether the role exists', async () => {
    const { call } = await start();
    const check = async () => {
      const query = { ServiceName: 'sendevent-fc.eventbridge.aliyuncs.com' };
      return (await call<{ Exists: boolean }>('CheckServiceLinkedRoleExistence', query, 'GET')).Exists;
    };
    expect(await check()).toBe(false);
    await call('CreateServiceLinkedRole', { ServiceName: 'sendevent-fc.eventbridge.aliyuncs.com' });
    expect(await check()).toBe(true);
  });
});
