import core from '@alicloud/openapi-core';
import { type Budget, OutOfTimeError } from '../budget.ts';
import { CloudError } from './cloud-error.ts';
import { toCloudError } from './failures.ts';
import type { Product } from './products.ts';
import { type Fields, type ModelClass, readModel, type SdkModel } from './sdk-models.ts';

export interface CloudSettings {
  regionId: string;
  /** Base URL that stands for all endpoints, such as `http://127.0.0.1:1234`; absent: the vendor's regional endpoints. */
  endpoint?: string | undefined;
  credentials: { accessKeyId: string; accessKeySecret: string; securityToken?: string | undefined };
  readTimeoutMs: number;
  connectTimeoutMs: number;
  /** No call outlives it. */
  budget: Budget;
}

/** One action with the vendor's models of its request and its answer. */
export interface Action<Request extends SdkModel, Answer> {
  /** Wire name. */
  readonly name: string;
  readonly request: ModelClass<Request>;
  readonly answer?: ModelClass<Answer>;
  /** Wire names of parameters that travel in the form body (P-017). */
  readonly inBody?: readonly string[];
}

/** Sends typed requests of one product. @throws CloudError whatever goes wrong; OutOfTimeError where the budget has ended. */
export type Call = <Request extends SdkModel, Answer>(
  action: Action<Request, Answer>,
  fields: Fields<Request>,
) => Promise<Fields<Answer>>;

/** Sends parameters that are flattened to wire form, and returns the body as answered. */
export type Send = (action: string, query: Record<string, unknown>, body?: Record<string, unknown>) => Promise<unknown>;

const isRead = (action: string): boolean => /^(Describe|Get|List)/.test(action);

/**
 * The way of every call to the cloud's OpenAPI products, through the official SDK's core client.
 *
 * A read whose connection broke is repeated once: a pooled connection does not survive the freeze of a function instance
 * (P-145). Writes are left to the caller, who repeats them with the same client token.
 */
export function createSend(settings: CloudSettings, product: Product): Send {
  const { credentials, readTimeoutMs, connectTimeoutMs, budget } = settings;
  const url = new URL(settings.endpoint ?? `https://${product.host(settings.regionId)}`);
  const client = new core.default(
    new core.$OpenApiUtil.Config({
      endpoint: url.host,
      protocol: url.protocol.slice(0, -1),
      regionId: settings.regionId,
      accessKeyId: credentials.accessKeyId,
      accessKeySecret: credentials.accessKeySecret,
      securityToken: credentials.securityToken,
      readTimeout: readTimeoutMs,
      // The SDK's HTTP client also ends a request whose socket has been silent for this long, so a shorter value would cut
      // slow answers off.
      connectTimeout: Math.max(connectTimeoutMs, readTimeoutMs),
    }),
  );
  const secrets = [credentials.accessKeySecret, credentials.securityToken ?? ''];

  const once = async (
    action: string,
    query: Record<string, unknown>,
    body: Record<string, unknown> | undefined,
  ): Promise<unknown> => {
    try {
      const answer = await budget.within(`${product.name} ${action}`, () =>
        client.callApi(
          new core.$OpenApiUtil.Params({
            action,
            version: product.version,
            protocol: 'HTTPS',
            pathname: '/',
            method: 'POST',
            authType: 'AK',
            style: 'RPC',
            reqBodyType: 'formData',
            bodyType: 'json',
          }),
          new core.$OpenApiUtil.OpenApiRequest({
            query: core.OpenApiUtil.query(query),
            ...(body === undefined ? {} : { body: core.OpenApiUtil.query(body) }),
          }),
          timeoutsWithin(budget, readTimeoutMs) as Parameters<typeof client.callApi>[2],
        ),
      );
      return answer['body'] as unknown;
    } catch (error) {
      if (error instanceof OutOfTimeError) throw error;
      throw toCloudError(product.name, action, error, secrets);
    }
  };

  return async (action, query, body) => {
    try {
      return await once(action, query, body);
    } catch (error) {
      if (isRead(action) && error instanceof CloudError && error.code === 'ConnectionFailed')
        return await once(action, query, body);
      throw error;
    }
  };
}

/** What nobody waits for any more is not to go on for long. */
const graceMs = 250;

/** The timeouts of a call where it has less time than the client's own: for the call's options. */
export const timeoutsWithin = (budget: Budget, ownMs: number): { readTimeout?: number; connectTimeout?: number } => {
  const leftMs = Math.ceil(budget.leftMs) + graceMs;
  return leftMs < ownMs ? { readTimeout: leftMs, connectTimeout: leftMs } : {};
};

/** As `createSend`, with the SDK's models for parameters and answers. Fills in `RegionId` where an action takes one. */
export function createCall(settings: CloudSettings, product: Product): Call {
  const send = createSend(settings, product);
  return async <Request extends SdkModel, Answer>(
    action: Action<Request, Answer>,
    fields: Fields<Request>,
  ): Promise<Fields<Answer>> => {
    const takesRegion = Object.hasOwn(action.request.names(), 'regionId');
    const request = new action.request({ ...(takesRegion ? { regionId: settings.regionId } : {}), ...fields });
    request.validate();
    const fieldsOf = Object.entries(request.toMap());
    const inBody = fieldsOf.filter(([name]) => action.inBody?.includes(name) === true);
    const query = fieldsOf.filter(([name]) => action.inBody?.includes(name) !== true);
    const body = inBody.length === 0 ? undefined : Object.fromEntries(inBody);
    const answer = await send(action.name, Object.fromEntries(query), body);
    return action.answer === undefined ? ({} as Fields<Answer>) : readModel(action.answer, answer);
  };
}

/**
 * The id that a create must answer.
 *
 * @throws CloudError `UnreadableAnswer`, so that the call is repeated with the same token, where the answer holds none.
 */
export function idOf(product: Product, action: { name: string }, id: string | undefined): string {
  if (id !== undefined && id !== '') return id;
  throw new CloudError({
    service: product.name,
    action: action.name,
    code: 'UnreadableAnswer',
    message: `${product.name} ${action.name} was answered without the id of what it created`,
  });
}
