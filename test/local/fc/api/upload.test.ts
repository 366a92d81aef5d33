import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { crc64 } from '../../../../local/crc64.ts';
import { zip } from '../../../support/zip.ts';
import { accountId, type Api, create, inline, invoke, refusal, regionId, startApi } from './support.ts';

interface Token {
  credentials: { AccessKeyId: string; AccessKeySecret: string; SecurityToken: string };
  ossBucket: string;
  objectName: string;
}

interface OldClient {
  getTempBucketToken(): Promise<{ data: Token; headers: Record<string, string> }>;
}

// It has no types.
const OldSdk = createRequire(import.meta.url)('@alicloud/fc2') as new (account: string, config: object) => OldClient;

function oldClient({ url, context }: Api, change: object = {}): OldClient {
  const { accessKeyId, accessKeySecret } = context.credentials.root;
  return new OldSdk(accountId, {
    accessKeyID: accessKeyId,
    accessKeySecret,
    region: regionId,
    endpoint: url,
    ...change,
  });
}

/** A request to OSS, signed in the header as the vendor's SDK does it. */
async function oss(
  { url }: Api,
  method: string,
  bucket: string,
  object: string,
  key: { id: string; secret: string; token?: string },
  options: { body?: Buffer; date?: string; resource?: string; headers?: Record<string, string> } = {},
) {
  const date = options.date ?? new Date().toUTCString();
  const headers: Record<string, string> = {
    date,
    'content-type': 'application/zip',
    host: `${bucket}.oss-${regionId}.aliyuncs.com`,
    ...(key.token === undefined ? {} : { 'x-oss-security-token': key.token }),
    ...options.headers,
  };
  const own = Object.keys(headers)
    .filter((name) => name.startsWith('x-oss-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join('');
  const text = `${method}\n${headers['content-md5'] ?? ''}\napplication/zip\n${date}\n${own}${options.resource ?? `/${bucket}/${object}`}`;
  headers['authorization'] = `OSS ${key.id}:${createHmac('sha1', key.secret).update(text).digest('base64')}`;
  return await new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((resolve, reject) => {
    const outgoing = httpRequest(`${url}/${object}`, { method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: body, headers: response.headers }));
    });
    outgoing.on('error', reject).end(options.body);
  });
}

const codeOf = (text: string): string => /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? '';
const keyOf = ({ credentials }: Token) => ({
  id: credentials.AccessKeyId,
  secret: credentials.AccessKeySecret,
  token: credentials.SecurityToken,
});

describe('the way of an archive from s deploy to the function', () => {
  it('goes by tempBucketToken, OSS and CreateFunction, and what was uploaded is what runs', async () => {
    const api = await startApi();
    const { data } = await oldClient(api).getTempBucketToken();
    const object = `${accountId}/${data.objectName}`;
    const archive = zip({ 'index.js': "exports.handler = async () => 'uploaded'" });
    const put = await oss(api, 'PUT', data.ossBucket, object, keyOf(data), { body: archive });
    expect([put.status, put.headers['x-oss-hash-crc64ecma']]).toEqual([200, crc64(archive)]);
    const code = new api.sdk.InputCodeLocation({ ossBucketName: data.ossBucket, ossObjectName: object });
    const made = await create(api, 'f', { code });
    expect(made?.codeChecksum).toBe(crc64(archive));
    expect((await invoke(api, 'f', '')).text).toBe('uploaded');
  });

  it('is open to whoever may create some function', async () => {
    const api = await startApi();
    const { credentials } = api.context;
    const ask = async (Effect: 'Allow' | 'Deny', Action: string, Resource: string): Promise<boolean> => {
      credentials.setRolePolicies('r', [
        {
          Version: '1',
          Statement: [
            { Effect: 'Allow', Action: 'fc:CreateFunction', Resource: `acs:fc:*:*:functions/mine-*` },
            { Effect, Action, Resource },
          ],
        },
      ]);
      const { accessKeyId: accessKeyID, accessKeySecret, securityToken } = credentials.issue('r', 's');
      try {
        await oldClient(api, { accessKeyID, accessKeySecret, securityToken }).getTempBucketToken();
        return true;
      } catch {
        return false;
      }
    };
    expect(await ask('Allow', 'fc:GetFunction', '*')).toBe(true);
    expect(await ask('Deny', 'fc:CreateFunction', 'acs:fc:*:*:functions/yours-*')).toBe(true);
    expect(await ask('Deny', 'fc:*', '*')).toBe(false);
  });

  it('gives a key for one object and nothing else', async () => {
    const api = await startApi();
    const first = (await oldClient(api).getTempBucketToken()).data;
    const second = (await oldClient(api).getTempBucketToken()).data;
    expect(second.objectName).not.toBe(first.objectName);
    const other = await oss(api, 'PUT', first.ossBucket, `${accountId}/${second.objectName}`, keyOf(first), {
      body: Buffer.from('x'),
    });
    expect([other.status, codeOf(other.text)]).toEqual([403, 'AccessDenied']);
  });

  it.each([
    ['another secret', { accessKeySecret: 'wrong' }, 'SignatureNotMatch'],
    ['an unknown key', { accessKeyID: 'nobody' }, 'InvalidAccessKeyID'],
    ['an old date', { headers: { date: new Date(Date.now() - 16 * 60_000).toUTCString() } }, 'RequestTimeTooSkewed'],
  ])('refuses tempBucketToken signed with %s', async (_what, change, code) => {
    const api = await startApi();
    await expect(oldClient(api, change).getTempBucketToken()).rejects.toMatchObject({ code });
  });

  it('knows no other call of the old API', async () => {
    const api = await startApi();
    const client = oldClient(api) as unknown as { listServices(): Promise<unknown> };
    await expect(client.listServices()).rejects.toMatchObject({ code: 'PathNotSupported' });
  });
});

describe('OSS: objects', () => {
  const body = Buffer.from('text');

  async function start() {
    const api = await startApi();
    const { accessKeyId, accessKeySecret } = api.context.credentials.root;
    api.oss.addBucket('b');
    return { api, root: { id: accessKeyId, secret: accessKeySecret } };
  }

  it('are put, read, looked at and removed', async () => {
    const { api, root } = await start();
    expect((await oss(api, 'PUT', 'b', 'a/x', root, { body })).status).toBe(200);
    const read = await oss(api, 'GET', 'b', 'a/x', root);
    expect([read.text, read.headers['content-type']]).toEqual(['text', 'application/zip']);
    expect((await oss(api, 'HEAD', 'b', 'a/x', root)).headers['etag']).toBe('"1CB251EC0D568DE6A929B520C4AED8D1"');
    expect((await oss(api, 'DELETE', 'b', 'a/x', root)).status).toBe(204);
    const gone = await oss(api, 'GET', 'b', 'a/x', root);
    expect([gone.status, codeOf(gone.text)]).toEqual([404, 'NoSuchKey']);
  });

  it.each([
    ['another resource than signed', { resource: '/b/y' }, 403, 'SignatureDoesNotMatch'],
    ['a date 16 minutes old', { date: new Date(Date.now() - 16 * 60_000).toUTCString() }, 403, 'RequestTimeTooSkewed'],
    ['another body than its MD5', { headers: { 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' } }, 400, 'BadDigest'],
  ])('refuses %s', async (_what, options, status, code) => {
    const { api, root } = await start();
    const answer = await oss(api, 'PUT', 'b', 'x', root, { body, ...options });
    expect([answer.status, codeOf(answer.text)]).toEqual([status, code]);
  });

  it('refuses an unknown key, a missing token and an unknown bucket', async () => {
    const { api, root } = await start();
    const role = api.context.credentials.issue('r', 'f');
    const codes = [
      await oss(api, 'GET', 'b', 'x', { id: 'nobody', secret: 's' }),
      await oss(api, 'GET', 'b', 'x', { id: role.accessKeyId, secret: role.accessKeySecret }),
      await oss(api, 'GET', 'c', 'x', root),
    ].map(({ status, text }) => [status, codeOf(text)]);
    expect(codes).toEqual([
      [403, 'InvalidAccessKeyId'],
      [403, 'InvalidSecurityToken'],
      [404, 'NoSuchBucket'],
    ]);
  });

  it('refuses credentials that have expired', async () => {
    const { api } = await start();
    const { accessKeyId, accessKeySecret, securityToken } = api.context.credentials.issue('r', 'f', 60_000);
    api.context.clock.advance(60_000);
    const { status, text } = await oss(api, 'GET', 'b', 'x', {
      id: accessKeyId,
      secret: accessKeySecret,
      token: securityToken,
    });
    expect([status, codeOf(text)]).toEqual([403, 'SecurityTokenExpired']);
  });

  it('asks RAM for the rights of a role', async () => {
    const { api } = await start();
    const { accessKeyId, accessKeySecret, securityToken } = api.context.credentials.issue('r', 'f');
    const role = { id: accessKeyId, secret: accessKeySecret, token: securityToken };
    expect(codeOf((await oss(api, 'PUT', 'b', 'x', role, { body })).text)).toBe('AccessDenied');
    api.context.credentials.setRolePolicies('r', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: 'oss:PutObject', Resource: 'acs:oss:*:*:b/x*' }] },
    ]);
    expect(codeOf((await oss(api, 'PUT', 'b', 'y', role, { body })).text)).toBe('AccessDenied');
    expect(codeOf((await oss(api, 'PUT', 'c', 'x', role, { body })).text)).toBe('AccessDenied');
    expect((await oss(api, 'PUT', 'b', 'x', role, { body })).status).toBe(200);
  });
});

describe('Function Compute API: who may call', () => {
  const roleClient = (api: Api, actions: string[]) => {
    const { credentials } = api.context;
    credentials.setRolePolicies('r', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] },
    ]);
    const { accessKeyId, accessKeySecret, securityToken } = credentials.issue('r', 'caller');
    return new api.sdk.default({
      endpoint: new URL(api.url).host,
      protocol: 'http',
      accessKeyId,
      accessKeySecret,
      securityToken,
    } as never);
  };

  it('lets a role do what its policy says, and names what it lacks', async () => {
    const api = await startApi();
    await create(api, 'f');
    const client = roleClient(api, ['fc:GetFunction']);
    expect((await client.getFunction('f', new api.sdk.GetFunctionRequest({}))).statusCode).toBe(200);
    const refused = client.deleteFunction('f');
    await expect(refused).rejects.toThrow(
      `the caller is not authorized to perform 'fc:DeleteFunction' on resource 'acs:fc:${regionId}:${accountId}:functions/f'`,
    );
    expect(await refusal(client.deleteFunction('f'))).toEqual(['AccessDenied', 403]);
  });

  it.each([
    ['another secret', { accessKeySecret: 'wrong' }, 'SignatureNotMatch'],
    ['an unknown key', { accessKeyId: 'nobody' }, 'InvalidAccessKeyID'],
    ['a token that it was not given', { securityToken: 'made up' }, 'InvalidSecurityToken'],
  ])('refuses a call signed with %s', async (_what, change, code) => {
    const api = await startApi();
    const { accessKeyId, accessKeySecret, securityToken } = api.context.credentials.issue('r', 'f');
    const client = new api.sdk.default({
      endpoint: new URL(api.url).host,
      protocol: 'http',
      accessKeyId,
      accessKeySecret,
      securityToken,
      ...change,
    } as never);
    expect(await refusal(client.listFunctions(new api.sdk.ListFunctionsRequest({})))).toEqual([code, 403]);
  });

  it('refuses credentials that have expired', async () => {
    const api = await startApi();
    const credential = api.context.credentials.issue('r', 'f', 60_000);
    api.context.clock.advance(60_000);
    const client = new api.sdk.default({
      endpoint: new URL(api.url).host,
      protocol: 'http',
      accessKeyId: credential.accessKeyId,
      accessKeySecret: credential.accessKeySecret,
      securityToken: credential.securityToken,
    } as never);
    const call = client.listFunctions(new api.sdk.ListFunctionsRequest({}));
    expect(await refusal(call)).toEqual(['InvalidSecurityToken', 403]);
  });

  it('refuses what is not signed, what is too old, and a path that there is not', async () => {
    const api = await startApi();
    const answer = await fetch(`${api.url}/2023-03-30/functions`);
    expect([answer.status, ((await answer.json()) as { Code: string }).Code]).toEqual([400, 'MissingRequiredHeader']);
    api.clock.advance(16 * 60_000);
    expect(await refusal(api.client.listFunctions(new api.sdk.ListFunctionsRequest({})))).toEqual([
      'RequestTimeTooSkewed',
      403,
    ]);
  });

  it('keeps archives and payloads out of the wire log', async () => {
    const api = await startApi();
    await create(api, 'f', { code: inline('exports.handler = async () => 1') });
    await invoke(api, 'f', 'secret');
    expect(api.calls.map(({ action }) => action)).toEqual(['CreateFunction', 'InvokeFunction']);
    expect(api.calls[0]?.params).toMatchObject({
      functionName: 'f',
      code: { zipFile: expect.stringMatching(/^\d+ char/) as string },
    });
    expect(JSON.stringify(api.calls)).not.toContain('secret');
  });
});
