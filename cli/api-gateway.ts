import openapiUtil from '@alicloud/openapi-util';
import type { Credential } from '../local/credentials.ts';
import type { CallFacts, WireAnswer, WireRequest, WireService } from '../local/wire.ts';

/**
 * Plain HTTP in, a signed call of the `api` function's HTTP trigger out: so `curl` works on a laptop though the trigger
 * takes signed calls only. Listens with the embedded cloud, on loopback.
 */
export class ApiGateway implements WireService {
  readonly name = 'gateway';
  readonly isDoor = true;
  readonly #options: { triggerHost: string; credential: Credential; trigger: WireService; nowMs: () => number };

  constructor(options: { triggerHost: string; credential: Credential; trigger: WireService; nowMs: () => number }) {
    this.#options = options;
  }

  accepts(request: WireRequest): boolean {
    // By a name of the vendor everything is signed: who answers for its DNS on this network has no unsigned door here.
    if (/\.(aliyuncs\.com|fcapp\.run)(:\d+)?$/i.test(request.headers['host'] ?? '')) return false;
    return /^\/(load-balancers|channels)(\/|$)/.test(request.path) && request.headers['x-acs-action'] === undefined;
  }

  describe(request: WireRequest): CallFacts {
    return { service: this.name, version: '', action: request.method, params: { path: request.path } };
  }

  refuse(_request: WireRequest, status: number, code: string, message: string): WireAnswer {
    return {
      status,
      headers: { 'content-type': 'application/problem+json' },
      body: JSON.stringify({ type: 'about:blank', status, code, detail: message }),
      code,
    };
  }

  async handle(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    const { triggerHost, credential, trigger, nowMs } = this.#options;
    const names = [...request.query.keys()];
    const doubled = names.find((name, index) => names.indexOf(name) !== index);
    if (doubled !== undefined) return this.refuse(request, 400, 'repeated-parameter', `${doubled} is given twice.`);
    const headers: Record<string, string> = {
      ...request.headers,
      host: triggerHost,
      'x-acs-date': new Date(nowMs()).toISOString(),
    };
    delete headers['authorization'];
    // As the vendor's sample signs: headers of its own and no body hash.
    const signed = { 'x-acs-date': headers['x-acs-date'] as string };
    const authorization = openapiUtil.default.getAuthorization(
      {
        method: request.method,
        pathname: request.path.replace('$', '%24'),
        headers: signed,
        query: Object.fromEntries(request.query),
      } as never,
      'ACS3-HMAC-SHA256',
      '',
      credential.accessKeyId,
      credential.accessKeySecret,
    );
    const answer = await trigger.handle({ ...request, headers: { ...headers, authorization } }, signal);
    const { 'content-disposition': _attachment, ...rest } = answer.headers;
    return { ...answer, headers: rest };
  }
}
