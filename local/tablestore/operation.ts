import type { Clock } from '../../shared/clock.ts';
import type { Message } from './protobuf.ts';
import type { Instance } from './state.ts';

export interface OperationCall {
  instance: Instance;
  clock: Clock;
  /** How long a new table refuses reads and writes. */
  tableReadyMs: number;
}

/** One operation, from request body to response body. */
export interface Operation {
  /** Readable parameters for the wire log. @throws OTSParameterInvalid for a malformed body. */
  describe(body: Buffer): Record<string, string>;
  /** Names of the tables that the body is about. @throws OTSParameterInvalid for a malformed body; rows are not looked at. */
  tables(body: Buffer): string[];
  /** One synchronous state transition, so calls never interleave. */
  run(body: Buffer, call: OperationCall): Buffer;
}

/** Where requests name their tables: alone, in the table to be created, or once for each part of a batch. */
interface NamesTables {
  table_name?: string;
  table_meta?: { table_name: string };
  tables?: { table_name: string }[];
}

const tablesOf = ({ table_name: name, table_meta: meta, tables = [] }: NamesTables): string[] =>
  [name, meta?.table_name, ...tables.map((part) => part.table_name)].filter((each) => each !== undefined);

export const operation = <Request extends object>(
  request: Message<Request>,
  definition: {
    describe(request: Request): Record<string, string>;
    apply(call: OperationCall, request: Request): Buffer;
  },
): Operation => ({
  describe: (body) => definition.describe(request.decode(body)),
  tables: (body) => tablesOf(request.decode(body)),
  run: (body, call) => definition.apply(call, request.decode(body)),
});
