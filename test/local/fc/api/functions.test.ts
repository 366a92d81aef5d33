import { describe, expect, it } from 'vitest';
import { crc64 } from '../../../../local/crc64.ts';
import { zip } from '../../../support/zip.ts';
import { accountId, create, echo, inline, invoke, refusal, regionId, startApi } from './support.ts';

describe('Function Compute API: functions', () => {
  it('makes a function that is ready at once, and shows it with the defaults of the platform', async () => {
    const api = await startApi();
    const made = await create(api, 'f', { environmentVariables: { A: '1' }, memorySize: 512 });
    const shown = (await api.client.getFunction('f', new api.sdk.GetFunctionRequest({}))).body;
    expect(shown).toMatchObject({
      functionName: 'f',
      functionArn: `acs:fc:${regionId}:${accountId}:functions/f`,
      runtime: 'nodejs20',
      handler: 'index.handler',
      memorySize: 512,
      cpu: 0.35,
      diskSize: 512,
      timeout: 10,
      instanceConcurrency: 1,
      internetAccess: true,
      environmentVariables: { A: '1' },
      state: 'Active',
      lastUpdateStatus: 'Successful',
      codeChecksum: crc64(zip({ 'index.js': echo })),
      codeSize: zip({ 'index.js': echo }).length,
    });
    expect(made?.functionId).toBe(shown?.functionId);
  });

  it('runs the archive that was sent', async () => {
    const api = await startApi();
    await create(api, 'f');
    expect((await invoke(api, 'f', 'a')).text).toBe('echo a');
  });

  it('runs the new archive after an update, and keeps what the update does not name', async () => {
    const api = await startApi();
    await create(api, 'f', { description: 'first' });
    await invoke(api, 'f', 'a');
    const body = new api.sdk.UpdateFunctionInput({ code: inline("exports.handler = async () => 'second'") });
    const updated = (await api.client.updateFunction('f', new api.sdk.UpdateFunctionRequest({ body }))).body;
    expect(updated).toMatchObject({ description: 'first', timeout: 10 });
    expect((await invoke(api, 'f', 'a')).text).toBe('second');
  });

  it('runs code of several files', async () => {
    const api = await startApi();
    const files = {
      'index.js': "exports.handler = async () => require('./lib/a.js')",
      'lib/a.js': "module.exports = 'a'",
    };
    await create(api, 'f', { code: new api.sdk.InputCodeLocation({ zipFile: zip(files).toString('base64') }) });
    expect((await invoke(api, 'f', '')).text).toBe('a');
  });

  it('runs an ES module when package.json says so', async () => {
    const api = await startApi();
    const files = { 'index.js': "export const handler = async () => 'module'", 'package.json': '{"type":"module"}' };
    await create(api, 'f', { code: new api.sdk.InputCodeLocation({ zipFile: zip(files).toString('base64') }) });
    expect((await invoke(api, 'f', '')).text).toBe('module');
  });

  it('adds to the environment where the cloud is, and does not show it', async () => {
    const api = await startApi();
    await create(api, 'f', { code: inline('exports.handler = async () => process.env.WHERE') });
    expect((await invoke(api, 'f', '')).text).toBe('here');
    const shown = (await api.client.getFunction('f', new api.sdk.GetFunctionRequest({}))).body;
    expect(shown?.environmentVariables).toEqual({});
  });

  it('gives the archive back under a signed URL', async () => {
    const api = await startApi();
    await create(api, 'f');
    const { url, checksum } =
      (await api.client.getFunctionCode('f', new api.sdk.GetFunctionCodeRequest({}))).body ?? {};
    const archive = Buffer.from(await (await fetch(url ?? '')).arrayBuffer());
    expect(archive).toEqual(zip({ 'index.js': echo }));
    expect(checksum).toBe(crc64(archive));
    expect((await fetch((url ?? '').replace(/Signature=[^&]+/, 'Signature=AAAA'))).status).toBe(403);
  });

  it('lists functions in pages, by name and prefix', async () => {
    const api = await startApi();
    for (const name of ['b1', 'a2', 'a1', 'a3']) await create(api, name);
    const page = async (more: object) =>
      (await api.client.listFunctions(new api.sdk.ListFunctionsRequest({ limit: 2, ...more }))).body;
    const first = await page({ prefix: 'a' });
    expect(first?.functions?.map(({ functionName }) => functionName)).toEqual(['a1', 'a2']);
    const second = await page({ prefix: 'a', nextToken: first?.nextToken });
    expect(second?.functions?.map(({ functionName }) => functionName)).toEqual(['a3']);
    expect(second?.nextToken).toBeUndefined();
  });

  it('lists the functions that have what is asked for', async () => {
    const api = await startApi();
    await create(api, 'one', { description: 'the first', tags: [new api.sdk.Tag({ key: 'a', value: '1' })] });
    await create(api, 'two', { description: 'the second', runtime: 'nodejs18' });
    const names = async (more: object) =>
      (await api.client.listFunctions(new api.sdk.ListFunctionsRequest(more))).body?.functions?.map(
        ({ functionName }) => functionName,
      );
    expect(await names({ runtime: 'nodejs18' })).toEqual(['two']);
    expect(await names({ functionName: 'on' })).toEqual(['one']);
    expect(await names({ description: 'the' })).toEqual(['one', 'two']);
    expect(await names({ tags: [new api.sdk.Tag({ key: 'a', value: '1' })] })).toEqual(['one']);
    expect(await names({ tags: [new api.sdk.Tag({ key: 'a', value: '2' })] })).toEqual([]);
    expect(await names({ fcVersion: 'v2' })).toEqual([]);
  });

  it('removes a function', async () => {
    const api = await startApi();
    await create(api, 'f');
    expect((await api.client.deleteFunction('f')).statusCode).toBe(204);
    expect(await refusal(api.client.getFunction('f', new api.sdk.GetFunctionRequest({})))).toEqual([
      'FunctionNotFound',
      404,
    ]);
    expect(await refusal(invoke(api, 'f', ''))).toEqual(['FunctionNotFound', 404]);
  });

  it('tags, shows and removes tags', async () => {
    const api = await startApi();
    const { functionArn = '' } = (await create(api, 'f', { tags: [new api.sdk.Tag({ key: 'a', value: '1' })] })) ?? {};
    const body = new api.sdk.TagResourcesInput({
      resourceId: [functionArn],
      resourceType: 'FUNCTION',
      tag: [new api.sdk.Tag({ key: 'b', value: '2' })],
    });
    await api.client.tagResources(new api.sdk.TagResourcesRequest({ body }));
    await api.client.untagResources(
      new api.sdk.UntagResourcesRequest({ resourceId: [functionArn], resourceType: 'function', tagKey: ['a'] }),
    );
    const shown = (await api.client.getFunction('f', new api.sdk.GetFunctionRequest({}))).body;
    expect(shown?.tags).toEqual([expect.objectContaining({ key: 'b', value: '2' })]);
    const listed = await api.client.listTagResources(
      new api.sdk.ListTagResourcesRequest({ resourceId: [functionArn], resourceType: 'function' }),
    );
    expect(listed.body?.tagResources?.map(({ tagKey }) => tagKey)).toEqual(['b']);
  });
});

describe('Function Compute API: functions that are refused', () => {
  it('refuses a second function of the name', async () => {
    const api = await startApi();
    await create(api, 'f');
    expect(await refusal(create(api, 'f'))).toEqual(['FunctionAlreadyExists', 409]);
  });

  it('refuses to update or remove what is not there', async () => {
    const api = await startApi();
    const update = new api.sdk.UpdateFunctionRequest({ body: new api.sdk.UpdateFunctionInput({ timeout: 3 }) });
    expect(await refusal(api.client.updateFunction('f', update))).toEqual(['FunctionNotFound', 404]);
    expect(await refusal(api.client.deleteFunction('f'))).toEqual(['FunctionNotFound', 404]);
  });

  it.each([
    ['a name that begins with a digit', '1f', {}],
    ['no handler', 'f', { handler: undefined }],
    ['a handler without export', 'f', { handler: 'index' }],
    ['a runtime that there is not', 'f', { runtime: 'nodejs22' }],
    ['a timeout above a day', 'f', { timeout: 86_401 }],
    ['memory that is no multiple of 64', 'f', { memorySize: 200 }],
    ['a disk of another size', 'f', { diskSize: 1024 }],
    ['CPU that is no multiple of 0.05', 'f', { cpu: 0.33, memorySize: 512 }],
    ['more vCPU than gigabytes of memory', 'f', { cpu: 0.35, memorySize: 256 }],
    ['a role that is no ARN', 'f', { role: 'runner' }],
    ['no code', 'f', { code: undefined }],
    ['code that is no archive', 'f', { code: { zipFile: Buffer.from('no archive').toString('base64') } }],
    ['an archive that is not in its bucket', 'f', { code: { ossBucketName: 'b', ossObjectName: 'o' } }],
    ['an archive with another checksum', 'f', { code: { zipFile: inline(echo).zipFile, checksum: '1' } }],
    ['a name that leads out of the archive', 'f', { code: inline(echo, '../index.js') }],
  ])('refuses %s', async (_what, name, more) => {
    const api = await startApi();
    expect(await refusal(create(api, name, more as object))).toEqual(['InvalidArgument', 400]);
  });

  it.each([
    ['another language', { runtime: 'python3.10' }],
    ['a container', { runtime: 'custom-container', customContainerConfig: { image: 'a' } }],
    ['layers', { layers: ['acs:fc:cn-shanghai:official:layers/Nodejs20/versions/1'] }],
  ])('says that %s is not emulated', async (_what, more) => {
    const api = await startApi();
    expect(await refusal(create(api, 'f', more as object))).toEqual(['EmbeddedCloud.NotEmulated', 501]);
  });

  it('knows no version but LATEST, and no alias', async () => {
    const api = await startApi();
    await create(api, 'f');
    const get = (qualifier: string) => api.client.getFunction('f', new api.sdk.GetFunctionRequest({ qualifier }));
    expect((await get('LATEST')).statusCode).toBe(200);
    expect(await refusal(get('1'))).toEqual(['VersionNotFound', 404]);
    expect(await refusal(get('prod'))).toEqual(['AliasNotFound', 404]);
  });

  it('refuses a limit out of range and a token of its own making', async () => {
    const api = await startApi();
    const list = (more: object) => api.client.listFunctions(new api.sdk.ListFunctionsRequest(more));
    expect(await refusal(list({ limit: 101 }))).toEqual(['InvalidArgument', 400]);
    expect(await refusal(list({ nextToken: '%%' }))).toEqual(['InvalidArgument', 400]);
  });
});
