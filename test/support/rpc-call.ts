import core, { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import type { CloudContext } from '../../local/cloud-context.ts';
import type { Credential } from '../../local/credentials.ts';
import { sdkConfig } from './edge.ts';

/**
 * Calls any action with any parameters by the official generic client: for services without an SDK here, and for
 * parameters that no typed request can send. Signs as root unless a credential is given.
 *
 * @returns the body as sent, in PascalCase.
 * @throws the client's error, with `code` and `statusCode`.
 */
export function genericClient(url: string, context: CloudContext, version: string, credential?: Credential) {
  const config = sdkConfig(url, context);
  if (credential !== undefined) {
    config.accessKeyId = credential.accessKeyId;
    config.accessKeySecret = credential.accessKeySecret;
    if (credential.securityToken !== undefined) {
      config.securityToken = credential.securityToken;
      config.type = 'sts';
    }
  }
  const client = new core.default(config);
  return async <Body = Record<string, unknown>>(
    action: string,
    query: Record<string, string> = {},
    method: 'GET' | 'POST' = 'POST',
  ): Promise<Body> => {
    const params = new $OpenApiUtil.Params({
      action,
      version,
      protocol: 'HTTP',
      pathname: '/',
      method,
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    });
    const answer: unknown = await client.callApi(
      params,
      new $OpenApiUtil.OpenApiRequest({ query }),
      new RuntimeOptions({}),
    );
    return (answer as { body: Body }).body;
  };
}
