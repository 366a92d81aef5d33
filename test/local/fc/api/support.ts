import { Readable } from 'node:stream';
import sdk from '@alicloud/fc20230330';
import util from '@darabonba/typescript';
import { onTestFinished } from 'vitest';
import { FunctionCompute, type FunctionComputeOptions } from '../../../../local/fc/function-compute.ts';
import { FunctionApi } from '../../../../local/fc/api/index.ts';
import { FunctionDirectory } from '../../../../local/fc/api/state.ts';
import { eventBridgeService } from '../../../../local/eventbridge/index.ts';
import { EventBridgeState } from '../../../../local/eventbridge/state.ts';
import { mnsService } from '../../../../local/mns/index.ts';
import { OssService } from '../../../../local/oss/index.ts';
import { OssState } from '../../../../local/oss/state.ts';
import { quotaService } from '../../../../local/quotas/index.ts';
import { QuotaState } from '../../../../local/quotas/state.ts';
import { testContext } from '../../../support/cloud-context.ts';
import { sdkConfig, testEdge } from '../../../support/edge.ts';
import { zip } from '../../../support/zip.ts';
import { accountId, regionId, workerPath } from '../support/function-compute.ts';

export { accountId, regionId };

export const echo = "exports.handler = async (event) => 'echo ' + String(event)";

/** Code of a function, inline. */
export const inline = (source: string, file = 'index.js') =>
  new sdk.InputCodeLocation({ zipFile: zip({ [file]: source }).toString('base64') });

/** The control plane over a real socket, and the vendor's SDK as root. */
export async function startApi(options: Partial<FunctionComputeOptions> = {}) {
  const context = testContext();
  const mns = mnsService(context);
  const oss = new OssState(context);
  const eventBridge = new EventBridgeState(context);
  let url = '';
  const compute = new FunctionCompute({
    clock: context.clock,
    accountId,
    regionId,
    codeDir: '/nowhere',
    workerPath: await workerPath(),
    credentials: (role, functionName) => Promise.resolve(context.credentials.issue(role, functionName)),
    revoke: (accessKeyId) => context.credentials.revoke(accessKeyId),
    route: () => Promise.resolve({ refusal: 'ENETUNREACH' }),
    credentialStore: context.credentials,
    queueClient: {
      receive: (name, _wait, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new Error(`${name}: stopped`)));
        }),
      delete: () => Promise.resolve(),
      send: () => Promise.resolve(''),
    },
    random: () => 0.5,
    ...options,
  });
  compute.start();
  const directory = new FunctionDirectory({ context, oss, compute, eventBridge, environment: { WHERE: 'here' } });
  const api = new FunctionApi(directory, () => url);
  const edge = await testEdge(context, [
    mns,
    new OssService(oss),
    api,
    compute.httpService,
    eventBridgeService(eventBridge),
    quotaService(new QuotaState(context, eventBridge)),
  ]);
  ({ url } = edge);
  onTestFinished(async () => {
    await compute.close();
    directory.close();
    mns.close();
  });
  const client = new sdk.default(sdkConfig(url, context) as never);
  return { context, clock: context.clock, compute, directory, oss, eventBridge, client, sdk, url, calls: edge.calls };
}

export type Api = Awaited<ReturnType<typeof startApi>>;

/** Makes a function by the SDK. */
export const create = async (
  { client }: Api,
  functionName: string,
  more: ConstructorParameters<typeof sdk.CreateFunctionInput>[0] = {},
) => {
  const body = new sdk.CreateFunctionInput({
    functionName,
    runtime: 'nodejs20',
    handler: 'index.handler',
    timeout: 10,
    code: inline(echo),
    ...more,
  });
  return (await client.createFunction(new sdk.CreateFunctionRequest({ body }))).body;
};

/** Code and HTTP status that the SDK throws. */
export async function refusal(work: Promise<unknown>): Promise<[string, number]> {
  try {
    await work;
  } catch (error) {
    const { code, statusCode } = error as { code: string; statusCode: number };
    return [code, statusCode];
  }
  throw new Error('was not refused');
}

/** InvokeFunction by the SDK. */
export async function invoke(
  { client }: Api,
  functionName: string,
  event: string,
  headers: ConstructorParameters<typeof sdk.InvokeFunctionHeaders>[0] = {},
) {
  const answer = await client.invokeFunctionWithOptions(
    functionName,
    new sdk.InvokeFunctionRequest({ body: Readable.from([Buffer.from(event)]) }),
    new sdk.InvokeFunctionHeaders(headers),
    new util.RuntimeOptions({}),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of answer.body as AsyncIterable<Buffer>) chunks.push(Buffer.from(chunk));
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString('utf8') };
}
