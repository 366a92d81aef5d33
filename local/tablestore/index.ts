import { ApiError } from '../action.ts';
import type { CloudContext } from '../cloud-context.ts';
import type { CallFacts, WireAnswer, WireRequest, WireService } from '../wire.ts';
import { batchGetRow } from './actions/batch-get-row.ts';
import { batchWriteRow } from './actions/batch-write-row.ts';
import { createTable } from './actions/create-table.ts';
import { deleteRow } from './actions/delete-row.ts';
import { deleteTable } from './actions/delete-table.ts';
import { describeTable } from './actions/describe-table.ts';
import { getRange } from './actions/get-range.ts';
import { getRow } from './actions/get-row.ts';
import { listTable } from './actions/list-table.ts';
import { putRow } from './actions/put-row.ts';
import { updateRow } from './actions/update-row.ts';
import { updateTable } from './actions/update-table.ts';
import { answerHeaders, authenticate } from './auth.ts';
import { commonKeys } from '../authorization/request.ts';
import { accessesOf } from '../authorization/resources.ts';
import type { Principal } from '../credentials.ts';
import { inOwnWords, invalid, refuse } from './errors.ts';
import { accessParams, tablestoreResources } from './resources.ts';
import { errorMessage } from './messages.ts';
import type { Operation } from './operation.ts';
import { Instance, isInstanceName, plainRow, type PlainRow, type Table } from './state.ts';
import { valueAt } from '../dictionary.ts';

export interface TablestoreOptions {
  /** How long a new table answers OTSTableNotReady to reads and writes; default 0. The real one takes seconds to a minute. */
  tableReadyMs?: number;
  /** The account's instances at first; the control plane makes more. Default: every well-formed name is one. */
  instanceNames?: string[];
}

const operations: Record<string, Operation> = {
  CreateTable: createTable,
  DescribeTable: describeTable,
  ListTable: listTable,
  UpdateTable: updateTable,
  DeleteTable: deleteTable,
  PutRow: putRow,
  GetRow: getRow,
  UpdateRow: updateRow,
  DeleteRow: deleteRow,
  GetRange: getRange,
  BatchGetRow: batchGetRow,
  BatchWriteRow: batchWriteRow,
};

const findOperation = (path: string): Operation | undefined => valueAt(operations, path.slice(1));

const maxBodyBytes = 5 * 1024 * 1024;

export interface TablestoreSnapshot {
  [instance: string]: {
    [table: string]: {
      primaryKey: string[];
      timeToLiveSeconds: number;
      /** Integers beyond 2^53 and binaries as text (decimal and base64). */
      rows: Record<string, string | number | boolean>[];
    };
  };
}

/** Tablestore's data plane, API version 2015-12-31: protobuf over HTTP, rows in PlainBuffer. */
export class TablestoreService implements WireService {
  readonly name = 'tablestore';
  readonly api = { version: '2015-12-31', actions: Object.keys(operations) };
  readonly instances = new Map<string, Instance>();
  readonly #context: CloudContext;
  readonly #options: TablestoreOptions;

  constructor(context: CloudContext, options: TablestoreOptions = {}) {
    this.#context = context;
    this.#options = options;
    for (const name of options.instanceNames ?? []) this.addInstance({ name });
  }

  findInstance(name: string): Instance | undefined {
    return this.instances.get(name.toLowerCase());
  }

  addInstance({
    name,
    clusterType = 'SSD',
    description = '',
  }: Pick<Instance, 'name'> & Partial<Pick<Instance, 'clusterType' | 'description'>>): Instance {
    const instance = new Instance({ name, clusterType, description, createdAtMs: this.#context.clock.nowMs() });
    this.instances.set(name.toLowerCase(), instance);
    return instance;
  }

  removeInstance(name: string): void {
    this.instances.delete(name.toLowerCase());
  }

  /** Tables of an instance by name; without a name those of all instances. */
  tables(instanceName?: string): Map<string, Table> {
    if (instanceName !== undefined) return this.instances.get(instanceName)?.tables ?? new Map();
    return new Map([...this.instances.values()].flatMap((instance) => [...instance.tables]));
  }

  /** Live rows in order of the primary key, as `{column: value}`; none when the table does not exist. */
  rows(tableName: string, instanceName?: string): PlainRow[] {
    return (this.tables(instanceName).get(tableName)?.rows() ?? []).map(plainRow);
  }

  /** All tables with their rows, fit for JSON. */
  snapshot(): TablestoreSnapshot {
    const text = (value: PlainRow[string]) =>
      Buffer.isBuffer(value) ? value.toString('base64') : typeof value === 'bigint' ? String(value) : value;
    return Object.fromEntries(
      [...this.instances].map(([instanceName, { tables }]) => [
        instanceName,
        Object.fromEntries(
          [...tables].map(([tableName, table]) => [
            tableName,
            {
              primaryKey: table.schema.map(({ name }) => name),
              timeToLiveSeconds: table.settings.timeToLive,
              rows: table
                .rows()
                .map((row) => Object.fromEntries(Object.entries(plainRow(row)).map(([k, v]) => [k, text(v)]))),
            },
          ]),
        ),
      ]),
    );
  }

  accepts(request: WireRequest): boolean {
    return request.headers['x-ots-apiversion'] !== undefined;
  }

  describe(request: WireRequest): CallFacts {
    const accessKeyId = request.headers['x-ots-accesskeyid'];
    const action = request.path.slice(1);
    let params: Record<string, string> = {};
    try {
      params = findOperation(request.path)?.describe(request.body) ?? {};
    } catch (error) {
      // `handle` refuses it, once it knows who asks.
      if (!(error instanceof ApiError)) throw error;
    }
    return {
      service: this.name,
      version: request.headers['x-ots-apiversion'] ?? '',
      action,
      params,
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
    };
  }

  async handle(request: WireRequest): Promise<WireAnswer> {
    try {
      const body = this.#run(request);
      return { status: 200, headers: this.#headers(request, body), body };
    } catch (error) {
      if (error instanceof ApiError) return this.#error(request, error.httpStatus, error.code, error.message);
      throw error;
    }
  }

  refuse(request: WireRequest, status: number, code: string, message: string): WireAnswer {
    const own = inOwnWords(status, code, message);
    return this.#error(request, own.status, own.code, own.message);
  }

  #run(request: WireRequest): Buffer {
    if (request.method !== 'POST') throw refuse('OTSMethodNotAllowed');
    if (request.body.length > maxBodyBytes) throw refuse('OTSRequestBodyTooLarge');
    const { principal } = authenticate(request, this.#context.credentials, this.#context.clock);
    for (const each of this.instances.values()) for (const table of each.tables.values()) table.free();
    const instance = this.#instance(request.headers['x-ots-instancename']);
    const name = request.path.slice(1);
    const operation = findOperation(request.path);
    if (operation === undefined) throw invalid(`Unsupported operation: '${name}'.`);
    this.#authorize(request, principal, name, instance, tablesIn(operation, request));
    return operation.run(request.body, {
      instance,
      clock: this.#context.clock,
      tableReadyMs: this.#options.tableReadyMs ?? 0,
    });
  }

  /** The service names neither action nor resource. @throws OTSNoPermissionAccess */
  #authorize(request: WireRequest, principal: Principal, name: string, instance: Instance, tables: string[]): void {
    const { credentials, clock, regionId } = this.#context;
    const accesses = accessesOf(tablestoreResources, name, {
      state: undefined,
      params: accessParams(instance.name, tables),
      place: { regionId, accountId: credentials.accountId },
      keys: commonKeys(request, clock),
    });
    if (credentials.refusedOf(principal, accesses) !== undefined) throw refuse('OTSNoPermissionAccess');
  }

  #instance(name: string | undefined): Instance {
    if (name === undefined || name === '') throw invalid("Missing header: 'x-ots-instancename'.");
    if (!isInstanceName(name)) throw invalid(`Invalid instance name: '${name}'.`);
    const instance = this.findInstance(name);
    if (instance !== undefined) return instance;
    if (this.#options.instanceNames !== undefined) throw refuse('OTSAuthFailed', 'The instance is not found.');
    return this.addInstance({ name });
  }

  #error(request: WireRequest, status: number, code: string, message: string): WireAnswer {
    const body = errorMessage.encode({ code, message });
    return { status, headers: this.#headers(request, body), body, code };
  }

  #headers(request: WireRequest, body: Buffer): Record<string, string> {
    const credential = this.#context.credentials.find(request.headers['x-ots-accesskeyid'] ?? '');
    return answerHeaders(request, body, credential, this.#context.clock);
  }
}

/** None of a malformed body, which the operation refuses once it is known who asks. */
function tablesIn(operation: Operation, { body }: WireRequest): string[] {
  try {
    return operation.tables(body);
  } catch (error) {
    if (error instanceof ApiError) return [];
    throw error;
  }
}

export const tablestoreService = (context: CloudContext, options: TablestoreOptions = {}): TablestoreService =>
  new TablestoreService(context, options);
