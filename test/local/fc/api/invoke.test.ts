import { describe, expect, it } from 'vitest';
import { until } from '../support/function-compute.ts';
import { accountId, create, inline, invoke, refusal, regionId, startApi } from './support.ts';

describe('Function Compute API: InvokeFunction', () => {
  it('P-141: answers 200 with X-Fc-Error-Type when the handler fails', async () => {
    const api = await startApi();
    await create(api, 'f', { code: inline("exports.handler = async () => { throw new TypeError('no') }") });
    const answer = await invoke(api, 'f', '');
    expect(answer.status).toBe(200);
    expect(answer.headers?.['x-fc-error-type']).toBe('UnhandledInvocationError');
    expect(JSON.parse(answer.text)).toMatchObject({ errorMessage: 'no', errorType: 'TypeError' });
  });

  it('gives the end of the log in Base64 when it is asked for', async () => {
    const api = await startApi();
    await create(api, 'f', { code: inline("exports.handler = async () => { console.log('said'); return 1 }") });
    const { headers, text } = await invoke(api, 'f', '', { xFcLogType: 'Tail' });
    const log = Buffer.from(headers?.['x-fc-log-result'] ?? '', 'base64').toString('utf8');
    expect(text).toBe('1');
    expect(log).toMatch(
      /^FC Invoke Start RequestId: (\S+)\n[\s\S]* \[info\] said\n[\s\S]*FC Invoke End RequestId: \1\n/,
    );
    expect((await invoke(api, 'f', '')).headers?.['x-fc-log-result']).toBeUndefined();
  });

  it('accepts an asynchronous request with 202 and runs it later', async () => {
    const api = await startApi();
    await create(api, 'f');
    const answer = await invoke(api, 'f', 'a', { xFcInvocationType: 'Async' });
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect(answer.headers?.['x-fc-request-id']).toBeTruthy();
    await until(() => api.compute.stats.get('f')?.invocations === 1, 'the run');
  });

  it('enforces the timeout of the function', async () => {
    const api = await startApi();
    await create(api, 'f', {
      timeout: 1,
      code: inline('exports.handler = () => new Promise(() => setInterval(() => 0, 50))'),
    });
    const answer = await invoke(api, 'f', '');
    expect(JSON.parse(answer.text)).toMatchObject({ errorMessage: 'Function timed out after 1 seconds' });
  });

  it('refuses 429 above the reserved concurrency', async () => {
    const api = await startApi();
    await create(api, 'f');
    const body = new api.sdk.PutConcurrencyInput({ reservedConcurrency: 0 });
    await api.client.putConcurrencyConfig('f', new api.sdk.PutConcurrencyConfigRequest({ body }));
    expect(await refusal(invoke(api, 'f', ''))).toEqual(['ResourceExhausted', 429]);
  });

  it('refuses an unknown way to invoke', async () => {
    const api = await startApi();
    await create(api, 'f');
    expect(await refusal(invoke(api, 'f', '', { xFcInvocationType: 'Later' }))).toEqual(['InvalidArgument', 400]);
    expect(await refusal(invoke(api, 'f', '', { xFcLogType: 'Head' }))).toEqual(['InvalidArgument', 400]);
  });
});

describe('Function Compute API: asynchronous configuration', () => {
  const arn = `acs:fc:${regionId}:${accountId}:functions/f/LATEST`;

  it('is put, shown, listed and deleted', async () => {
    const api = await startApi();
    await create(api, 'f');
    const get = () => api.client.getAsyncInvokeConfig('f', new api.sdk.GetAsyncInvokeConfigRequest({}));
    expect(await refusal(get())).toEqual(['AsyncConfigNotExists', 404]);
    const body = new api.sdk.PutAsyncInvokeConfigInput({
      maxAsyncRetryAttempts: 0,
      maxAsyncEventAgeInSeconds: 60,
      destinationConfig: new api.sdk.DestinationConfig({
        onFailure: new api.sdk.Destination({ destination: `acs:mns:${regionId}:${accountId}:/queues/q/messages` }),
      }),
    });
    await api.client.putAsyncInvokeConfig('f', new api.sdk.PutAsyncInvokeConfigRequest({ body, qualifier: 'LATEST' }));
    expect((await get()).body).toMatchObject({
      functionArn: arn,
      maxAsyncRetryAttempts: 0,
      maxAsyncEventAgeInSeconds: 60,
      asyncTask: false,
    });
    const listed = await api.client.listAsyncInvokeConfigs(new api.sdk.ListAsyncInvokeConfigsRequest({}));
    expect(listed.body?.configs?.map(({ functionArn }) => functionArn)).toEqual([arn]);
    await api.client.deleteAsyncInvokeConfig('f', new api.sdk.DeleteAsyncInvokeConfigRequest({}));
    expect(await refusal(get())).toEqual(['AsyncConfigNotExists', 404]);
  });

  it('decides how often a failing request runs', async () => {
    const api = await startApi();
    await create(api, 'f', { code: inline("exports.handler = async () => { throw new Error('no') }") });
    const body = new api.sdk.PutAsyncInvokeConfigInput({ maxAsyncRetryAttempts: 1 });
    await api.client.putAsyncInvokeConfig('f', new api.sdk.PutAsyncInvokeConfigRequest({ body }));
    await invoke(api, 'f', '', { xFcInvocationType: 'Async' });
    for (let tick = 0; tick < 5; tick += 1) {
      await until(() => api.compute.isIdle());
      api.clock.advance(60_000);
    }
    await until(() => api.compute.isIdle());
    expect(api.compute.stats.get('f')?.invocations).toBe(2);
  });

  it.each([
    ['more than 8 retries', { maxAsyncRetryAttempts: 9 }],
    ['P-149: an age above a week', { maxAsyncEventAgeInSeconds: 604_801 }],
  ])('refuses %s', async (_what, config) => {
    const api = await startApi();
    await create(api, 'f');
    const body = new api.sdk.PutAsyncInvokeConfigInput(config);
    const put = api.client.putAsyncInvokeConfig('f', new api.sdk.PutAsyncInvokeConfigRequest({ body }));
    expect(await refusal(put)).toEqual(['InvalidArgument', 400]);
  });
});

describe('Function Compute API: reserved concurrency', () => {
  it('is put, shown, listed and deleted', async () => {
    const api = await startApi();
    await create(api, 'f');
    expect(await refusal(api.client.getConcurrencyConfig('f'))).toEqual(['OnDemandConfigNotFound', 404]);
    const body = new api.sdk.PutConcurrencyInput({ reservedConcurrency: 3 });
    await api.client.putConcurrencyConfig('f', new api.sdk.PutConcurrencyConfigRequest({ body }));
    const expected = { functionArn: `acs:fc:${regionId}:${accountId}:functions/f`, reservedConcurrency: 3 };
    expect((await api.client.getConcurrencyConfig('f')).body).toMatchObject(expected);
    const listed = await api.client.listConcurrencyConfigs(new api.sdk.ListConcurrencyConfigsRequest({}));
    expect(listed.body?.configs).toEqual([expect.objectContaining(expected)]);
    await api.client.deleteConcurrencyConfig('f');
    expect(await refusal(api.client.getConcurrencyConfig('f'))).toEqual(['OnDemandConfigNotFound', 404]);
  });
});

describe('Function Compute API: what a function never got', () => {
  it('is an empty list', async () => {
    const api = await startApi();
    await create(api, 'f');
    const { client, sdk } = api;
    expect((await client.listVpcBindings('f')).body?.vpcIds ?? []).toEqual([]);
    expect((await client.listAliases('f', new sdk.ListAliasesRequest({}))).body?.aliases).toEqual([]);
    expect((await client.listFunctionVersions('f', new sdk.ListFunctionVersionsRequest({}))).body?.versions).toEqual(
      [],
    );
    expect(
      (await client.listProvisionConfigs(new sdk.ListProvisionConfigsRequest({ functionName: 'f' }))).body
        ?.provisionConfigs,
    ).toEqual([]);
  });

  it('cannot be made, and it says so', async () => {
    const api = await startApi();
    await create(api, 'f');
    const body = new api.sdk.PublishVersionInput({ description: 'd' });
    const publish = api.client.publishFunctionVersion('f', new api.sdk.PublishFunctionVersionRequest({ body }));
    expect(await refusal(publish)).toEqual(['EmbeddedCloud.NotEmulated', 501]);
  });
});

describe('Function Compute API: the role of a function', () => {
  const whoAmI = inline('exports.handler = async (event, context) => context.credentials.accessKeyId');

  it('P-161: is whose rights an instance has, and ends with it', async () => {
    const api = await startApi();
    await create(api, 'f', { role: `acs:ram::${accountId}:role/Runner`, code: whoAmI });
    const { text } = await invoke(api, 'f', '');
    const { principal } = api.context.credentials.find(text) ?? {};
    expect(principal).toMatchObject({ name: 'runner', functionName: 'f' });
    const isAllowed = (action: string) =>
      principal !== undefined && api.context.credentials.isAllowed(principal, action);
    expect(isAllowed('vpc:DescribeVpcs')).toBe(false);
    api.context.credentials.setRolePolicies('runner', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: 'vpc:DescribeVpcs', Resource: '*' }] },
    ]);
    expect([isAllowed('vpc:DescribeVpcs'), isAllowed('vpc:CreateVpc')]).toEqual([true, false]);
    await api.client.deleteFunction('f');
    await until(() => api.context.credentials.find(text) === undefined, 'the end of the key');
  });

  it('gives no credentials to a function without one', async () => {
    const api = await startApi();
    await create(api, 'f', { code: whoAmI });
    expect((await invoke(api, 'f', '')).text).toBe('');
  });

  it('may change, and the next instance has the new one', async () => {
    const api = await startApi();
    await create(api, 'f', { role: `acs:ram::${accountId}:role/a`, code: whoAmI });
    const first = (await invoke(api, 'f', '')).text;
    const body = new api.sdk.UpdateFunctionInput({ role: `acs:ram::${accountId}:role/b` });
    await api.client.updateFunction('f', new api.sdk.UpdateFunctionRequest({ body }));
    const second = (await invoke(api, 'f', '')).text;
    expect(second).not.toBe(first);
    expect(api.context.credentials.find(second)?.principal.name).toBe('b');
  });
});
