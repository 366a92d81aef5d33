/**
 * Parameter rules of RPC actions: what the wire's flat `Tag.1.Key=...` must look like, and the typed value that comes out.
 * A parameter that no rule names is refused, so that a misspelt name cannot pass for success.
 */
import { setAt, valueAt } from './dictionary.ts';

/** A refusal in the words of the real service. */
export class ApiError extends Error {
  readonly code: string;
  readonly httpStatus: number;

  constructor(code: string, httpStatus: number, message: string) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
  }
}

export interface ErrorRow {
  status: number;
  message: string;
  /** Key of the source, or `inf` with the reason. */
  source: string;
}

/** A service's own errors: `refuse('IncorrectStatus.LoadBalancer')` gives the error with its status and text. */
export const errorTable =
  <Code extends string>(rows: Record<Code, ErrorRow>) =>
  (code: Code, detail?: string): ApiError =>
    errorOf(code, valueAt(rows, code) as ErrorRow, detail);

const errorOf = (code: string, { status, message }: ErrorRow, detail: string | undefined): ApiError =>
  new ApiError(code, status, detail === undefined ? message : `${message} ${detail}`);

/** How a service words parameter errors. */
export interface ParamErrors {
  missing(name: string): ApiError;
  invalid(name: string, why: string): ApiError;
}

export type Node = string | { [key: string]: Node };

/** One parameter. `read` gets the raw value (never undefined) and the full wire name. */
export interface Param<T> {
  readonly isRequired: boolean;
  read(node: Node, name: string, errors: ParamErrors): T;
}

type Value<P> = P extends Param<infer T> & { isRequired: true } ? T : P extends Param<infer T> ? T | undefined : never;
export type Values<S extends Shape> = { [K in keyof S]: Value<S[K]> };
export type Shape = Record<string, Param<unknown>>;

const scalar = <T>(parse: (text: string, fail: (why: string) => ApiError) => T): Param<T> & { isRequired: false } => ({
  isRequired: false,
  read(node, name, errors) {
    const fail = (why: string) => errors.invalid(name, why);
    if (typeof node !== 'string') throw fail('must be a single value');
    return parse(node, fail);
  },
});

export const text = (rule: { min?: number; max?: number; pattern?: RegExp } = {}) =>
  scalar((value, fail) => {
    if (value.length < (rule.min ?? 0)) throw fail(`must have at least ${rule.min} characters`);
    if (value.length > (rule.max ?? 65_536)) throw fail(`must have at most ${rule.max} characters`);
    if (rule.pattern !== undefined && !rule.pattern.test(value)) throw fail(`must match ${String(rule.pattern)}`);
    return value;
  });

export const integer = (min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) =>
  scalar((value, fail) => {
    if (!/^-?\d+$/.test(value)) throw fail('must be an integer');
    const number = Number(value);
    if (number < min || number > max) throw fail(`must be between ${min} and ${max}`);
    return number;
  });

export const flag = () =>
  scalar((value, fail) => {
    if (value !== 'true' && value !== 'false') throw fail('must be true or false');
    return value === 'true';
  });

export const oneOf = <const T extends string>(...values: T[]) =>
  scalar((value, fail) => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw fail(`must be one of ${values.join(', ')}`);
    return found;
  });

/** A JSON array of strings in one string, as `InstanceIds` of ECS. */
export const jsonStrings = (max: number) =>
  scalar((value, fail) => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(value);
    } catch {
      throw fail('must be a JSON array');
    }
    if (!Array.isArray(parsed) || parsed.some((item) => typeof item !== 'string'))
      throw fail('must be a JSON array of strings');
    if (parsed.length > max) throw fail(`must have at most ${max} items`);
    return parsed as string[];
  });

/** Ids separated by commas, as `VpcId` of DescribeVpcs. */
export const commaSeparated = (max: number) =>
  scalar((value, fail) => {
    const items = value.split(',');
    if (items.length > max) throw fail(`must have at most ${max} items`);
    return items;
  });

/** `Name.1`, `Name.2`, ... in order of the numbers; the numbers must start at 1 and leave no gap. */
export const list = <T>(item: Param<T>, max = 1000, min = 0): Param<T[]> & { isRequired: false } => ({
  isRequired: false,
  read(node, name, errors) {
    if (typeof node === 'string') throw errors.invalid(name, 'must be numbered: Name.1, Name.2');
    const items = Object.entries(node).sort(([a], [b]) => Number(a) - Number(b));
    if (items.some(([key], index) => key !== String(index + 1)))
      throw errors.invalid(name, 'must be numbered from 1 without gaps');
    if (items.length > max) throw errors.invalid(name, `must have at most ${max} items`);
    if (items.length < min) throw errors.invalid(name, `must have at least ${min} items`);
    return items.map(([key, value]) => item.read(value, `${name}.${key}`, errors));
  },
});

export const struct = <S extends Shape>(shape: S): Param<Values<S>> & { isRequired: false } => ({
  isRequired: false,
  read(node, name, errors) {
    if (typeof node === 'string') throw errors.invalid(name, 'must have members: Name.Member');
    return readShape(shape, node, errors, `${name}.`);
  },
});

export const required = <T>(param: Param<T>): Param<T> & { isRequired: true } => ({ ...param, isRequired: true });

export const tags = (max = 20) =>
  list(struct({ Key: required(text({ min: 1, max: 128 })), Value: text({ max: 128 }) }), max);

export function readShape<S extends Shape>(
  shape: S,
  node: Record<string, Node>,
  errors: ParamErrors,
  prefix = '',
): Values<S> {
  const values: Record<string, unknown> = {};
  for (const [key, param] of Object.entries(shape)) {
    const raw = valueAt(node, key);
    if (raw === undefined || raw === '') {
      if (param.isRequired) throw errors.missing(prefix + key);
      setAt(values, key, undefined);
    } else setAt(values, key, param.read(raw, prefix + key, errors));
  }
  for (const key of Object.keys(node))
    if (!Object.hasOwn(shape, key))
      throw errors.invalid(prefix + key, 'is not a parameter that the embedded cloud knows for this action');
  return values as Values<S>;
}

/** `{'Tag.1.Key': 'a'}` to `{Tag: {1: {Key: 'a'}}}`. A name that is both value and prefix is refused. */
export function unflatten(flat: Record<string, string>, errors: ParamErrors): Record<string, Node> {
  const root: Record<string, Node> = {};
  for (const [name, value] of Object.entries(flat)) {
    const parts = name.split('.');
    let at = root;
    for (const part of parts.slice(0, -1)) {
      const next = valueAt(at, part) ?? {};
      if (typeof next === 'string') throw errors.invalid(name, 'is given both as a value and with members');
      setAt(at, part, next);
      at = next;
    }
    const last = parts.at(-1) as string;
    if (Object.hasOwn(at, last)) throw errors.invalid(name, 'is given twice');
    setAt(at, last, value);
  }
  return root;
}
