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
  /** One synchronous state transition, so calls never interleave. */
  run(body: Buffer, call: OperationCall): Buffer;
}

export const operation = <Request>(
  request: Message<Request>,
  definition: {
    describe(request: Request): Record<string, string>;
    apply(call: OperationCall, request: Request): Buffer;
  },
): Operation => ({
  describe: (body) => definition.describe(request.decode(body)),
  run: (body, call) => definition.apply(call, request.decode(body)),
});
