import * as z from 'zod';
import type { TablestoreService } from '../index.ts';
import { type Instance, isInstanceName } from '../state.ts';
import { refuse } from './errors.ts';

/** One operation of API 2020-12-09: JSON in, or a query; JSON out. */
export interface InstanceAction<Input = unknown> {
  /** Wire name; the RAM action is `ots:<name>`. */
  name: string;
  method: 'GET' | 'POST';
  /** After `/v2/openapi/`. */
  path: string;
  input: z.ZodType<Input>;
  apply(tablestore: TablestoreService, input: Input): object;
}

export const instanceAction = <Input>(action: InstanceAction<Input>): InstanceAction => action as InstanceAction;

export const instanceName = z.string().refine(isInstanceName, 'is not an instance name');

/** @throws NotFound */
export function instanceOf(tablestore: TablestoreService, name: string): Instance {
  const found = tablestore.findInstance(name);
  if (found === undefined) throw refuse('NotFound', name);
  return found;
}
