import core, { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import type { CloudContext } from '../../local/cloud-context.ts';
import type { Credential } from '../../local/credentials.ts';
import { sdkConfig } from './edge.ts';

export interface RestRequest {
  action: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  pathname: string;
  query?: Record<string, string>;
  body?: object;
}

/**
 * As `genericClient`, for services whose calls are REST with JSON bodies.
 *
 * @throws the client's error, with `code` and `statusCode`.
 */
export function genericRestClient(url: string, context: CloudContext, version: string, credential?: Credential) {
  const { accessKeyId, accessKeySecret, securityToken } = credential ?? context.credentials.root;
  const client = new core.default(
    Object.assign(sdkConfig(url, context), {
      accessKeyId,
      accessKeySecret,
      ...(securityToken === undefined ? {} : { securityToken, type: 'sts' }),
    }),
  );
  return async ({ query = {}, body, ...call }: RestRequest): Promise<Record<string, unknown>> => {
    const params = new $OpenApiUtil.Params({
      ...call,
      version,
      protocol: 'HTTP',
      authType: 'AK',
      style: 'ROA',
      reqBodyType: 'json',
      // A deletion is answered with nothing.
      bodyType: call.method === 'DELETE' ? 'none' : 'json',
    });
    const request = new $OpenApiUtil.OpenApiRequest({ query, ...(body === undefined ? {} : { body }) });
    const answer: unknown = await client.callApi(params, request, new RuntimeOptions({}));
    return (answer as { body?: Record<string, unknown> }).body ?? {};
  };
}
