import { ApiError } from '../../action.ts';
import type { Access } from '../../authorization/policy.ts';
import { setAt } from '../../dictionary.ts';
import { jsonAnswer } from '../../edge.ts';
import type { CallFacts, WireAnswer, WireRequest, WireService } from '../../wire.ts';
import { type FcAction, type FcCall, isWireAnswer } from './action.ts';
import { absentActions } from './actions/absent.ts';
import {
  deleteAsyncInvokeConfig,
  getAsyncInvokeConfig,
  listAsyncInvokeConfigs,
  putAsyncInvokeConfig,
} from './actions/async-invoke.ts';
import {
  deleteConcurrencyConfig,
  getConcurrencyConfig,
  listConcurrencyConfigs,
  putConcurrencyConfig,
} from './actions/concurrency.ts';
import {
  createFunction,
  deleteFunction,
  getFunction,
  getFunctionCode,
  listFunctions,
  updateFunction,
} from './actions/functions.ts';
import { invokeFunction } from './actions/invoke-function.ts';
import { listTagResources, tagResources, untagResources } from './actions/tags.ts';
import { createTrigger, deleteTrigger, getTrigger, listTriggers, updateTrigger } from './actions/triggers.ts';
import { commonKeys } from '../../authorization/request.ts';
import { accessesOf, printedArn } from '../../authorization/resources.ts';
import { refuse } from './errors.ts';
import { codeAccess, functionResources } from './resources.ts';
import { authenticateApi, authenticateFc2 } from './signature.ts';
import type { FunctionDirectory } from './state.ts';
import { tempBucketToken } from './temp-bucket.ts';

const version = '2023-03-30';
const oldVersion = '2016-08-15';

export const functionActions: FcAction[] = [
  createFunction,
  getFunction,
  updateFunction,
  listFunctions,
  deleteFunction,
  getFunctionCode,
  invokeFunction,
  createTrigger,
  getTrigger,
  updateTrigger,
  listTriggers,
  deleteTrigger,
  putAsyncInvokeConfig,
  getAsyncInvokeConfig,
  deleteAsyncInvokeConfig,
  listAsyncInvokeConfigs,
  putConcurrencyConfig,
  getConcurrencyConfig,
  deleteConcurrencyConfig,
  listConcurrencyConfigs,
  tagResources,
  untagResources,
  listTagResources,
  ...absentActions,
];

const routes = functionActions.map((action) => ({
  action,
  pattern: new RegExp(`^/${version}${action.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

interface Route {
  /** Undefined for a path or method that the embedded cloud does not know. */
  action: FcAction | undefined;
  path: FcCall['path'];
}

/** The control plane of Function Compute: API 2023-03-30, and of API 2016-08-15 the call that fc3 uploads with. */
export class FunctionApi implements WireService {
  readonly name = 'fc';
  readonly api = {
    version,
    actions: functionActions.filter(({ isRefused }) => isRefused !== true).map(({ name }) => name),
  };
  readonly directory: FunctionDirectory;
  readonly #baseUrl: () => string;

  /** @param baseUrl - of the embedded cloud, for the URL of a function's archive. */
  constructor(directory: FunctionDirectory, baseUrl: () => string) {
    this.directory = directory;
    this.#baseUrl = baseUrl;
  }

  accepts({ path }: WireRequest): boolean {
    return path.startsWith(`/${version}/`) || path.startsWith(`/${oldVersion}/`);
  }

  describe(request: WireRequest): CallFacts {
    const authorization = request.headers['authorization'] ?? '';
    const accessKeyId = /Credential=([^,]+)/.exec(authorization)?.[1] ?? /^FC ([^:]+):/.exec(authorization)?.[1];
    const isOld = request.path.startsWith(`/${oldVersion}/`);
    const { action, path } = this.#route(request);
    return {
      service: this.name,
      version: isOld ? oldVersion : version,
      action: isOld ? request.path.slice(oldVersion.length + 2) : (action?.name ?? `${request.method} ${request.path}`),
      params: { ...Object.fromEntries(request.query), ...withoutEmpty(path), ...this.#bodyFacts(request, action) },
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
    };
  }

  refuse(request: WireRequest, status: number, code: string, message: string): WireAnswer {
    const body = request.path.startsWith(`/${oldVersion}/`)
      ? { ErrorCode: code, ErrorMessage: message }
      : { RequestId: request.id, Code: code, Message: message };
    return this.#stamp(request, { ...jsonAnswer(status, body), code });
  }

  async handle(request: WireRequest): Promise<WireAnswer> {
    try {
      return this.#stamp(request, await this.#serve(request));
    } catch (error) {
      if (error instanceof ApiError) return this.refuse(request, error.httpStatus, error.code, error.message);
      throw error;
    }
  }

  async #serve(request: WireRequest): Promise<WireAnswer> {
    const { directory } = this;
    const { context } = directory.options;
    if (request.path.startsWith(`/${oldVersion}/`)) {
      const caller = authenticateFc2(request, context);
      if (request.method !== 'GET' || request.path !== `/${oldVersion}/tempBucketToken`) throw notSupported(request);
      this.#authorizeUpload(request, caller);
      return jsonAnswer(200, tempBucketToken(directory));
    }
    const principal = authenticateApi(request, context);
    const { action, path } = this.#route(request);
    if (action === undefined) throw notSupported(request);
    this.#authorize(request, principal, action.name, path);
    const result = await action.apply({ directory, request, principal, path, baseUrl: this.#baseUrl() });
    if (result === undefined) return { status: 204, headers: {}, body: '' };
    return isWireAnswer(result) ? result : jsonAnswer(200, result);
  }

  /** @throws AccessDenied */
  #authorize(request: WireRequest, principal: FcCall['principal'], name: string, path: FcCall['path']): void {
    const { credentials, clock, regionId } = this.directory.options.context;
    const place = { regionId, accountId: credentials.accountId };
    const keys = commonKeys(request, clock);
    // From where the action itself reads its names, so that no other place can say it acts on something else.
    const body = namedInBody.has(name) ? objectIn(request.body) : {};
    const named = namedInBody.has(name) ? textsIn(body) : firstOf(request.query);
    const params = { ...named, ...withoutEmpty(path) };
    const accesses = accessesOf(functionResources, name, { state: undefined, params, place, keys });
    const refused = credentials.refusedOf(principal, [...accesses, ...codeAccess(body['code'], place, keys)]);
    if (refused !== undefined) throw notAuthorized(refused);
  }

  /** The call names no function: whoever may create one may upload (our word). @throws AccessDenied */
  #authorizeUpload(request: WireRequest, caller: FcCall['principal']): void {
    const { credentials, clock } = this.directory.options.context;
    const keys = commonKeys(request, clock);
    if (!credentials.isAllowedSomewhere(caller, 'fc:CreateFunction', keys))
      throw notAuthorized({ action: 'fc:CreateFunction', arn: this.directory.arnOf('*'), keys });
  }

  #route({ method, path }: WireRequest): Route {
    for (const { action, pattern } of routes) {
      const match = action.method === method ? pattern.exec(path) : null;
      if (match === null) continue;
      const { functionName = '', triggerName = '' } = match.groups ?? {};
      return {
        action,
        path: { functionName: decodeURIComponent(functionName), triggerName: decodeURIComponent(triggerName) },
      };
    }
    return { action: undefined, path: { functionName: '', triggerName: '' } };
  }

  /** What the wire log shows of a body: no archives, no payloads. */
  #bodyFacts(request: WireRequest, action: FcAction | undefined): Record<string, unknown> {
    if (action === undefined || action.name === 'InvokeFunction' || request.body.length === 0) return {};
    try {
      const body = JSON.parse(request.body.toString('utf8')) as { code?: { zipFile?: string } };
      if (body.code?.zipFile !== undefined) body.code.zipFile = `${body.code.zipFile.length} characters`;
      return body as Record<string, unknown>;
    } catch {
      return {};
    }
  }

  #stamp(request: WireRequest, answer: WireAnswer): WireAnswer {
    return { ...answer, headers: { ...answer.headers, 'x-fc-request-id': request.id } };
  }
}

const notSupported = ({ method, path }: WireRequest): ApiError =>
  refuse('PathNotSupported', `'${path}' against '${method}' is not supported`);

/** Text: RAM's own in public reports of refused calls (`AccessDeniedDetail` left out). */
const notAuthorized = ({ action, arn }: Access): ApiError =>
  refuse('AccessDenied', `the caller is not authorized to perform '${action}' on resource '${printedArn(arn)}'`);

/** Actions that name a resource or a role in the body; what stands in the path goes before. */
const namedInBody: ReadonlySet<string> = new Set(['CreateFunction', 'UpdateFunction', 'CreateTrigger', 'TagResources']);

/** Takes the first of a parameter that is given twice, as `URLSearchParams.get` has it. */
const firstOf = (query: URLSearchParams): Record<string, string> => Object.fromEntries([...query].reverse());

/** The body as JSON; empty for any other. */
function objectIn(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

/** Lists what of a body names resources: texts, and lists of texts as `Name.1`. */
function textsIn(body: Record<string, unknown>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(body))
    if (typeof value === 'string') setAt(texts, name, value);
    else if (Array.isArray(value))
      for (const [index, each] of value.entries())
        if (typeof each === 'string') setAt(texts, `${name}.${index + 1}`, each);
  return texts;
}

const withoutEmpty = (path: FcCall['path']): Record<string, string> =>
  Object.fromEntries(Object.entries(path).filter(([, value]) => value !== ''));
