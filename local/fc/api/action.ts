import type { Principal } from '../../credentials.ts';
import type { WireAnswer, WireRequest } from '../../wire.ts';
import type { FunctionDirectory } from './state.ts';

export interface FcCall {
  directory: FunctionDirectory;
  request: WireRequest;
  principal: Principal;
  /** What stands in the path, decoded. */
  path: { functionName: string; triggerName: string };
  /** Where the caller reached the embedded cloud. */
  baseUrl: string;
}

/** One operation of API 2023-03-30. */
export interface FcAction {
  /** Wire name; the RAM action is `fc:<name>`. */
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After `/2023-03-30`, with `{functionName}` and `{triggerName}`. */
  path: string;
  /** Known, so that it is refused by its own name. */
  isRefused?: boolean;
  /** An object becomes JSON with status 200; undefined is 204. */
  apply(call: FcCall): Promise<FcResult> | FcResult;
}

export type FcResult = object | undefined | WireAnswer;

export const isWireAnswer = (result: FcResult): result is WireAnswer =>
  result !== undefined && 'status' in result && 'headers' in result && 'body' in result;

export const isoTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
