import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../../local/authorization/policy.ts';
import { functionActions } from '../../../../local/fc/api/index.ts';
import { functionResources } from '../../../../local/fc/api/resources.ts';
import { genericRestClient, type RestRequest } from '../../../support/rest-call.ts';
import { accountId, type Api, create, inline, regionId, startApi } from './support.ts';

const functions = `acs:fc:${regionId}:*:functions`;
const role = `acs:ram::${accountId}:role/mine-api`;

function clientOf({ context, url }: Api, statements: Statement[]) {
  context.credentials.setRolePolicies('deployer', [{ Version: '1', Statement: statements }]);
  return genericRestClient(url, context, '2023-03-30', context.credentials.issue('deployer', 's'));
}

const allow = (action: string | string[], resource: string | string[], more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});

const outcome = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'served';
  } catch (error) {
    const { code = '', message = '' } = error as { code?: string; message?: string };
    return code === 'AccessDenied' ? message : `served: ${code}`;
  }
};

const at = (
  action: string,
  method: RestRequest['method'],
  path: string,
  more: Partial<RestRequest> = {},
): RestRequest => ({
  action,
  method,
  pathname: `/2023-03-30${path}`,
  ...more,
});

const code = { zipFile: inline('exports.handler = async () => 1').zipFile };
const newFunction = { functionName: 'mine-b', runtime: 'nodejs20', handler: 'index.handler', code };

describe('functions', () => {
  it('each action says what it asks permission on', () => {
    expect(Object.keys(functionResources.actions).sort()).toEqual(functionActions.map(({ name }) => name).sort());
  });

  it.each<[request: RestRequest, own: string, foreign: string]>([
    [at('CreateFunction', 'POST', '/functions', { body: newFunction }), `${functions}/mine-*`, `${functions}/yours-*`],
    [at('GetFunction', 'GET', '/functions/mine-a'), `${functions}/mine-a`, `${functions}/mine-b`],
    [at('ListFunctions', 'GET', '/functions'), `${functions}/*`, `${functions}/mine-*`],
    [at('InvokeFunction', 'POST', '/functions/mine-a/invocations'), `${functions}/mine-*`, `${functions}/mine-a/*`],
    [
      at('CreateTrigger', 'POST', '/functions/mine-a/triggers', {
        body: { triggerName: 'every', triggerType: 'timer' },
      }),
      `${functions}/mine-*/triggers/*`,
      `${functions}/mine-a`,
    ],
    [
      at('GetTrigger', 'GET', '/functions/mine-a/triggers/t'),
      `${functions}/mine-a/triggers/t`,
      `${functions}/mine-a/triggers/u`,
    ],
    [
      at('ListAsyncInvokeConfigs', 'GET', '/async-invoke-configs', { query: { functionName: 'mine-a' } }),
      `${functions}/mine-a`,
      `${functions}/yours-*`,
    ],
    [at('ListAsyncInvokeConfigs', 'GET', '/async-invoke-configs'), `${functions}/*`, `${functions}/mine-*`],
    [
      at('ListTagResources', 'GET', '/tags-v2', {
        query: { ResourceType: 'function', ResourceId: `["acs:fc:${regionId}:${accountId}:functions/mine-a"]` },
      }),
      `${functions}/mine-*`,
      `${functions}/yours-*`,
    ],
    [
      at('DeleteFunction', 'DELETE', '/functions/mine-a'),
      `${functions}/mine-*`,
      `acs:fc:${regionId}:9999999999999999:*`,
    ],
  ])('$action asks for the own one', async (request, own, foreign) => {
    const api = await startApi();
    await create(api, 'mine-a');
    const as = (resource: string) => outcome(clientOf(api, [allow(`fc:${request.action}`, resource)])(request));
    expect(await as(foreign)).toContain(`not authorized to perform 'fc:${request.action}' on resource 'acs:fc:`);
    expect(await as(own)).toMatch(/^served/);
  });

  it('a name elsewhere in the request does not stand for the one that is acted on', async () => {
    const api = await startApi();
    await create(api, 'yours-a');
    const call = clientOf(api, [allow('fc:*', `${functions}/mine-*`)]);
    const named = { query: { functionName: 'mine-a' } };
    expect(await outcome(call(at('GetFunction', 'GET', '/functions/yours-a', named)))).toContain('functions/yours-a');
    const created = at('CreateFunction', 'POST', '/functions', {
      query: { functionName: 'mine-b' },
      body: { ...newFunction, functionName: 'yours-b' },
    });
    expect(await outcome(call(created))).toContain('functions/yours-b');
  });
});

it("code in a bucket must be the caller's to read", async () => {
  const api = await startApi();
  api.oss.addBucket('archives');
  api.oss.put('archives', 'mine/f.zip', Buffer.from(code.zipFile ?? '', 'base64'));
  const inBucket = { ossBucketName: 'archives', ossObjectName: 'mine/f.zip' };
  const made = at('CreateFunction', 'POST', '/functions', { body: { ...newFunction, code: inBucket } });
  const reading = (resource: string) =>
    outcome(clientOf(api, [allow('fc:*', '*'), allow('oss:GetObject', resource)])(made));
  expect(await reading('acs:oss:*:*:archives/yours/*')).toContain(
    `'oss:GetObject' on resource 'acs:oss:*:${accountId}:archives/mine/f.zip'`,
  );
  expect(await reading('acs:oss:*:*:archives/mine/*')).toBe('served');
});

describe('ram:PassRole', () => {
  const withRole = at('CreateFunction', 'POST', '/functions', { body: { ...newFunction, role } });
  const mayCreate = allow(['fc:CreateFunction', 'fc:UpdateFunction'], `${functions}/mine-*`);
  const toFc = { Condition: { StringEquals: { 'acs:Service': 'fc.aliyuncs.com' } } };
  const refused = `not authorized to perform 'ram:PassRole' on resource 'acs:ram:*:${accountId}:role/mine-api'`;

  it.each<[passing: Statement[], refused: boolean]>([
    [[], true],
    [[allow('ram:PassRole', 'acs:ram:*:*:role/yours-*')], true],
    [[allow('ram:PassRole', 'acs:ram::9999999999999999:role/*')], true],
    [[allow('ram:PassRole', '*', { Condition: { StringEquals: { 'acs:Service': 'ecs.aliyuncs.com' } } })], true],
    [[allow('ram:PassRole', 'acs:ram:*:*:role/mine-*')], false],
    [[allow('ram:PassRole', `acs:ram::${accountId}:role/Mine-*`, toFc)], false],
  ])('with %j a function gets the role: refused %s', async (passing, isRefused) => {
    const api = await startApi();
    const text = await outcome(clientOf(api, [mayCreate, ...passing])(withRole));
    if (isRefused) expect(text).toContain(refused);
    else expect(text).toBe('served');
  });

  it('is asked for by an update that names a role, and by no other', async () => {
    const api = await startApi();
    await create(api, 'mine-a');
    const call = clientOf(api, [mayCreate]);
    const update = (body: object) => outcome(call(at('UpdateFunction', 'PUT', '/functions/mine-a', { body })));
    expect(await update({ description: 'x' })).toBe('served');
    expect(await update({ role })).toContain(refused);
  });
});
