import core from '@alicloud/openapi-core';
import { type CloudSettings, createSend, timeoutsWithin } from '../../shared/alibaba/call.ts';
import { OutOfTimeError } from '../../shared/budget.ts';
import { toCloudError } from '../../shared/alibaba/failures.ts';
import type { Product } from '../../shared/alibaba/products.ts';
import { codeOf } from './step.ts';

/** Products that only commands call, not functions. Hosts as in the vendor's API metadata of 2026-11. */
export const ramProduct: Product = { name: 'ram', version: '2015-05-01', host: () => 'ram.aliyuncs.com' };
export const stsProduct: Product = { name: 'sts', version: '2015-04-01', host: () => 'sts.aliyuncs.com' };
export const quotaProduct: Product = { name: 'quotas', version: '2020-05-10', host: () => 'quotas.aliyuncs.com' };
export const eventBridgeProduct: Product = {
  name: 'eventbridge',
  version: '2020-04-01',
  host: (regionId) => `eventbridge-console.${regionId}.aliyuncs.com`,
};
export const instanceProduct: Product = {
  name: 'tablestore',
  version: '2020-12-09',
  host: (regionId) => `tablestore.${regionId}.aliyuncs.com`,
};

export const functionProduct: Product = {
  name: 'fc',
  version: '2023-03-30',
  host: (regionId) => `fcv3.${regionId}.aliyuncs.com`,
};

type Answer = Record<string, unknown>;

/** Calls an RPC product. @throws CloudError */
export type Send = (action: string, query?: Answer, body?: Answer) => Promise<Answer>;

export function sendOf(settings: CloudSettings, product: Product): Send {
  const send = createSend(settings, product);
  return async (action, query = {}, body) => (await send(action, query, body)) as Answer;
}

/** Calls a product with REST paths and JSON bodies. @throws CloudError */
export type Rest = (
  action: string,
  method: 'GET' | 'POST',
  path: string,
  options?: { query?: Record<string, string>; body?: object },
) => Promise<Answer>;

export function restOf(settings: CloudSettings, product: Product): Rest {
  const { credentials, readTimeoutMs, connectTimeoutMs, budget } = settings;
  const url = new URL(settings.endpoint ?? `https://${product.host(settings.regionId)}`);
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const client = new core.default(
    new core.$OpenApiUtil.Config({
      endpoint: url.host,
      protocol: url.protocol.slice(0, -1),
      regionId: settings.regionId,
      accessKeyId,
      accessKeySecret,
      securityToken,
      readTimeout: readTimeoutMs,
      // As in createSend: the SDK's client also ends a request that has been silent for this long.
      connectTimeout: Math.max(connectTimeoutMs, readTimeoutMs),
    }),
  );
  return async (action, method, pathname, { query = {}, body } = {}) => {
    try {
      const answer = await budget.within(`${product.name} ${action}`, () =>
        client.callApi(
          new core.$OpenApiUtil.Params({
            action,
            version: product.version,
            protocol: 'HTTPS',
            pathname,
            method,
            authType: 'AK',
            style: 'ROA',
            reqBodyType: 'json',
            bodyType: 'json',
          }),
          new core.$OpenApiUtil.OpenApiRequest({ query, ...(body === undefined ? {} : { body }) }),
          timeoutsWithin(budget, readTimeoutMs) as Parameters<typeof client.callApi>[2],
        ),
      );
      return (answer['body'] ?? {}) as Answer;
    } catch (error) {
      if (error instanceof OutOfTimeError) throw error;
      throw toCloudError(product.name, action, error, [accessKeySecret, securityToken ?? '']);
    }
  };
}

/** `undefined` for what is not there; every other error goes on. */
export async function orAbsent<T>(work: Promise<T>, isAbsent: (code: string) => boolean): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAbsent(codeOf(error))) return undefined;
    throw error;
  }
}
