import { ApiError } from '../../action.ts';
import type { CloudContext } from '../../cloud-context.ts';
import { jsonAnswer } from '../../edge.ts';
import { authenticateAcs3 } from '../../acs3.ts';
import type { CallFacts, WireAnswer, WireRequest, WireService } from '../../wire.ts';
import type { TablestoreService } from '../index.ts';
import type { InstanceAction } from './action.ts';
import { createInstance } from './actions/create-instance.ts';
import { deleteInstance } from './actions/delete-instance.ts';
import { getInstance } from './actions/get-instance.ts';
import { refuse } from './errors.ts';
import { instanceResources } from './resources.ts';
import { commonKeys } from '../../authorization/request.ts';
import { accessesOf, printedArn } from '../../authorization/resources.ts';
import { schemaWords } from '../../schema-words.ts';

const base = '/v2/openapi/';
const version = '2020-12-09';

const actions: InstanceAction[] = [createInstance, getInstance, deleteInstance];

/** Tablestore's control plane, API version 2020-12-09: instances, by REST with JSON bodies and ACS3 signatures. */
export class InstanceApi implements WireService {
  readonly name = 'tablestore-control';
  readonly api = { version, actions: actions.map(({ name }) => name) };
  readonly #context: CloudContext;
  readonly #tablestore: TablestoreService;

  constructor(context: CloudContext, tablestore: TablestoreService) {
    this.#context = context;
    this.#tablestore = tablestore;
  }

  accepts({ path }: WireRequest): boolean {
    return path.startsWith(base);
  }

  describe(request: WireRequest): CallFacts {
    const accessKeyId = /Credential=([^,]+)/.exec(request.headers['authorization'] ?? '')?.[1];
    return {
      service: this.name,
      version,
      action: actionOf(request)?.name ?? `${request.method} ${request.path}`,
      params: { ...Object.fromEntries(request.query), ...bodyOf(request) },
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
    };
  }

  refuse(request: WireRequest, status: number, code: string, message: string): WireAnswer {
    return { ...jsonAnswer(status, { RequestId: request.id, Code: code, Message: message }), code };
  }

  handle(request: WireRequest): Promise<WireAnswer> {
    try {
      return Promise.resolve(jsonAnswer(200, { RequestId: request.id, ...this.#serve(request) }));
    } catch (error) {
      if (!(error instanceof ApiError)) return Promise.reject(error as Error);
      return Promise.resolve(this.refuse(request, error.httpStatus, error.code, error.message));
    }
  }

  #serve(request: WireRequest): object {
    const { credentials, clock, regionId } = this.#context;
    const principal = authenticateAcs3(request, credentials, clock);
    const action = actionOf(request);
    if (action === undefined) throw refuse('PathNotFound', `${request.method} ${request.path}.`);
    const input = action.method === 'GET' ? Object.fromEntries(request.query) : bodyOf(request);
    const { InstanceName: name } = { ...input } as { InstanceName?: unknown };
    const accesses = accessesOf(instanceResources, action.name, {
      state: undefined,
      params: typeof name === 'string' ? { InstanceName: name } : {},
      place: { regionId, accountId: credentials.accountId },
      keys: commonKeys(request, clock),
    });
    const refused = credentials.refusedOf(principal, accesses);
    if (refused !== undefined) throw refuse('AuthFailed', `(${refused.action}) on ${printedArn(refused.arn)}`);
    const parsed = action.input.safeParse(input, { error: schemaWords });
    if (parsed.success) return action.apply(this.#tablestore, parsed.data);
    const problems = parsed.error.issues.map(({ path, message }) => [...path.map(String), message].join(': '));
    throw refuse('InvalidParameter', problems.join('; '));
  }
}

const actionOf = ({ method, path }: WireRequest): InstanceAction | undefined =>
  actions.find((action) => action.method === method && path === `${base}${action.path}`);

/** Undefined for a body that is no JSON object, which no action takes. */
function bodyOf({ body }: WireRequest): object | undefined {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
