import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { ApiError, errorTable } from '../action.ts';
import { commonKeys } from '../authorization/request.ts';
import type { CredentialStore } from '../credentials.ts';
import { jsonAnswer } from '../edge.ts';
import type { CallFacts, WireAnswer, WireRequest, WireService } from '../wire.ts';
import { functionArn } from './arn.ts';
import type { InvokeResult } from './function-runtime.ts';
import { eventOfRequest, responseOf } from './http-event.ts';
import type { HttpTriggerSpec } from './spec.ts';
import { authenticateTrigger } from './trigger-signature.ts';

export interface HttpTriggerOptions {
  clock: Clock;
  accountId: string;
  regionId: string;
  /** For `authType: function`; without it nobody passes. */
  credentialStore: CredentialStore | undefined;
  /** Every function that has an HTTP trigger. */
  list: () => { functionName: string; trigger: HttpTriggerSpec }[];
  invoke: (
    functionName: string,
    event: Buffer,
    options: { type: 'sync' | 'async'; requestId: string; delayMs: number },
  ) => Promise<InvokeResult>;
  log: (message: string, functionName: string, requestId: string) => void;
}

/** LIMITS = https://www.alibabacloud.com/help/zh/functioncompute/fc/user-guide/http-triggers-overview (read 2026-11-22). */
const refuse = errorTable({
  DomainNameNotFound: { status: 404, message: 'The domain name does not exist.', source: 'inf' },
  InvalidArgument: { status: 400, message: 'The request exceeds a limit:', source: 'LIMITS' },
  MethodNotAllowed: { status: 405, message: 'The trigger does not accept the method', source: 'inf' },
  AccessDenied: { status: 403, message: 'Access to the public URL is disabled.', source: 'SDK: HTTPTriggerConfig' },
  Forbidden: { status: 403, message: 'The caller may not invoke the function.', source: 'inf' },
  'EmbeddedCloud.NotEmulated': { status: 501, message: 'Not emulated:', source: 'ours' },
});

/**
 * Host of a function's public URL: the name, a code that follows from account, region and name, and the region's domain.
 * The real code is random; `-vpc` after the region gives the host inside a VPC.
 */
export function triggerHost(functionName: string, regionId: string, accountId: string): string {
  const digest = createHash('sha256').update(`${accountId}/${regionId}/${functionName}`).digest();
  const code = [...digest.subarray(0, 10)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('');
  return `${functionName.toLowerCase().replaceAll('_', '-')}-${code}.${regionId}.fcapp.run`;
}

/** HTTP triggers on `*.fcapp.run`, told apart by Host. */
export class HttpTriggers implements WireService {
  readonly name = 'fc';
  readonly #options: HttpTriggerOptions;

  constructor(options: HttpTriggerOptions) {
    this.#options = options;
  }

  accepts(request: WireRequest): boolean {
    return /\.fcapp\.run(?::\d+)?$/i.test(request.headers['host'] ?? '');
  }

  describe(request: WireRequest): CallFacts {
    const accessKeyId = /Credential=([^,]+)/.exec(request.headers['authorization'] ?? '')?.[1];
    return {
      service: this.name,
      version: '2023-03-30',
      action: 'InvokeHTTPTrigger',
      params: { functionName: this.#find(request)?.functionName ?? '', method: request.method, path: request.path },
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
    };
  }

  refuse(request: WireRequest, status: number, code: string, message: string): WireAnswer {
    const body = { RequestId: request.id, Code: code, Message: message };
    return { ...this.#stamp(request, jsonAnswer(status, body)), code };
  }

  async handle(request: WireRequest): Promise<WireAnswer> {
    try {
      const { functionName, trigger } = this.#check(request);
      const { type, delayMs } = asyncOptions(request);
      const event = eventOfRequest(request, this.#options.accountId, this.#options.clock.nowMs());
      const result = await this.#options.invoke(functionName, event, { type, requestId: request.id, delayMs });
      return this.#stamp(request, this.#answer(request, functionName, trigger, result));
    } catch (error) {
      if (error instanceof ApiError) return this.refuse(request, error.httpStatus, error.code, error.message);
      throw error;
    }
  }

  #answer(request: WireRequest, functionName: string, trigger: HttpTriggerSpec, result: InvokeResult): WireAnswer {
    if (result.refusal !== undefined) return this.#refused(request, result.statusCode, result.refusal);
    if (result.statusCode === 202) return { status: 202, headers: {}, body: '' };
    if (result.error !== undefined)
      return {
        status: 502,
        headers: { 'content-type': 'application/json', 'x-fc-error-type': result.error.kind },
        body: result.body,
        code: result.error.errorType,
      };
    const mapped = responseOf(result.body);
    if (typeof mapped === 'string') {
      this.#options.log(`response of trigger ${trigger.triggerName}: ${mapped}`, functionName, request.id);
      return this.refuse(request, 502, 'InvalidResponse', `The function's response is not valid: ${mapped}`);
    }
    if (mapped.dropped.length > 0)
      this.#options.log(`response headers not passed on: ${mapped.dropped.join(', ')}`, functionName, request.id);
    return mapped.answer;
  }

  /** That a refusal for want of instances says when to come again is our word alone: no page of the platform tells. */
  #refused(request: WireRequest, statusCode: number, { code, message }: { code: string; message: string }): WireAnswer {
    const answer = this.refuse(request, statusCode, code, message);
    return statusCode === 429 ? { ...answer, headers: { ...answer.headers, 'retry-after': '1' } } : answer;
  }

  /** @throws ApiError for whatever the platform refuses before the function runs. */
  #check(request: WireRequest): { functionName: string; trigger: HttpTriggerSpec } {
    const found = this.#find(request);
    if (found === undefined) throw refuse('DomainNameNotFound');
    const config = found.trigger.triggerConfig;
    if (config.disableURLInternet && !found.isInternal) throw refuse('AccessDenied');
    const headerBytes = Object.entries(request.headers).reduce(
      (sum, [name, value]) => sum + name.length + value.length + 4,
      0,
    );
    if (headerBytes > 8192) throw refuse('InvalidArgument', 'headers of 8 KB');
    if (request.target.length > 4096) throw refuse('InvalidArgument', 'a path of 4 KB');
    if (request.body.length > 32 * 1024 * 1024) throw refuse('InvalidArgument', 'a body of 32 MB');
    if (!(config.methods as string[]).includes(request.method)) throw refuse('MethodNotAllowed', request.method);
    if (config.authType === 'jwt') throw refuse('EmbeddedCloud.NotEmulated', 'JWT authentication of HTTP triggers');
    if (config.authType === 'function') this.#authorize(request, found.functionName);
    return found;
  }

  #authorize(request: WireRequest, functionName: string): void {
    const { credentialStore, clock, regionId, accountId } = this.#options;
    if (credentialStore === undefined)
      throw refuse('EmbeddedCloud.NotEmulated', 'signatures without a credential store');
    const principal = authenticateTrigger(request, credentialStore, clock);
    const arn = functionArn(regionId, accountId, functionName);
    if (!credentialStore.isAllowed(principal, 'fc:InvokeFunction', commonKeys(request, clock), arn))
      throw refuse('Forbidden', `(fc:InvokeFunction) on ${arn}`);
  }

  #find(request: WireRequest): { functionName: string; trigger: HttpTriggerSpec; isInternal: boolean } | undefined {
    const { regionId, accountId, list } = this.#options;
    const host = (request.headers['host'] ?? '').replace(/:\d+$/, '').toLowerCase();
    for (const { functionName, trigger } of list()) {
      const publicHost = triggerHost(functionName, regionId, accountId);
      if (host === publicHost) return { functionName, trigger, isInternal: false };
      if (host === publicHost.replace(`.${regionId}.`, `.${regionId}-vpc.`))
        return { functionName, trigger, isInternal: true };
    }
    return undefined;
  }

  /** The platform's own domain makes browsers download (P-157). */
  #stamp(request: WireRequest, answer: WireAnswer): WireAnswer {
    return {
      ...answer,
      headers: {
        ...answer.headers,
        'content-disposition': 'attachment',
        'access-control-expose-headers': 'Date,x-fc-request-id',
        'x-fc-request-id': request.id,
      },
    };
  }
}

/** @throws ApiError InvalidArgument */
function asyncOptions(request: WireRequest): { type: 'sync' | 'async'; delayMs: number } {
  const type = (request.headers['x-fc-invocation-type'] ?? 'Sync').toLowerCase();
  if (type !== 'sync' && type !== 'async') throw refuse('InvalidArgument', 'x-fc-invocation-type is Sync or Async');
  const delay = request.headers['x-fc-async-delay'];
  const seconds = delay === undefined ? 0 : Number(delay);
  if (delay !== undefined && !(seconds > 0 && seconds <= 3600))
    throw refuse('InvalidArgument', 'x-fc-async-delay is in (0, 3600]');
  return { type, delayMs: seconds * 1000 };
}
