import { BlockList, isIP } from 'node:net';
import { setAt, valueAt } from '../dictionary.ts';
import { type Matcher, wildcard } from './wildcards.ts';

/** Condition keys of a request with their values: `acs:SourceIp`, `acs:ResourceTag/team`, `ram:ServiceName`. */
export type ConditionKeys = Record<string, string>;

/** Operator to condition key to what the policy asks for: one value or several. */
export type ConditionBlock = Record<string, Record<string, ConditionValue | ConditionValue[]>>;

type ConditionValue = string | number | boolean;

/**
 * What a condition says of a request. `undecided`: the operator is unknown, a value cannot be read, or the request lacks the
 * key that a negated operator asks about. The documentation is silent there, and the embedded cloud takes the safe side:
 * such a statement never allows, and always denies.
 */
export type Verdict = 'met' | 'unmet' | 'undecided';

export type Condition = (keys: ConditionKeys) => Verdict;

/** Whether one value of the request meets one value of the policy; undefined when either cannot be read. */
type Test = (given: string) => boolean | undefined;

interface Operator {
  /** Compiles one value of the policy; undefined when the operator cannot take it. */
  compile(wanted: string): Test | undefined;
  /** All values of the policy must fail, instead of one to hold. */
  isNegated: boolean;
}

const textTest =
  (compile: (wanted: string) => Matcher): Operator['compile'] =>
  (wanted) =>
    compile(wanted);

const same = textTest((wanted) => (given) => given === wanted);
const sameIgnoringCase = textTest((wanted) => {
  const lower = wanted.toLowerCase();
  return (given) => given.toLowerCase() === lower;
});

/** Reads both sides and compares them: greater than 0 when the request's value is the larger one. */
const ordered =
  (read: (text: string) => number | undefined, holds: (difference: number) => boolean): Operator['compile'] =>
  (wanted) => {
    const right = read(wanted);
    if (right === undefined) return undefined;
    return (given) => {
      const left = read(given);
      return left === undefined ? undefined : holds(left - right);
    };
  };

const readNumber = (text: string): number | undefined =>
  /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined;

/** ISO 8601 with a zone, as in `2025-08-12T17:00:00+08:00`. */
function readDate(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

function bool(wanted: string): Test | undefined {
  const read = (text: string) => (/^(true|false)$/i.test(text) ? text.toLowerCase() : undefined);
  const right = read(wanted);
  if (right === undefined) return undefined;
  return (given) => {
    const left = read(given);
    return left === undefined ? undefined : left === right;
  };
}

/** An address or a block in CIDR notation, of IPv4 or IPv6. */
function ipAddress(wanted: string): Test | undefined {
  const [address = '', length, ...rest] = wanted.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  if (family === 0 || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const bits = length === undefined ? most : Number(length);
  if (bits > most) return undefined;
  const block = new BlockList();
  block.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
  return (given) => {
    const kind = isIP(given);
    return kind === 0 ? undefined : block.check(given, kind === 6 ? 'ipv6' : 'ipv4');
  };
}

const both = (name: string, negated: string, compile: Operator['compile']): [string, Operator][] => [
  [name, { compile, isNegated: false }],
  [negated, { compile, isNegated: true }],
];

const comparisons = (type: string, read: (text: string) => number | undefined): [string, Operator][] => [
  ...both(
    `${type}Equals`,
    `${type}NotEquals`,
    ordered(read, (difference) => difference === 0),
  ),
  [`${type}LessThan`, { compile: ordered(read, (difference) => difference < 0), isNegated: false }],
  [`${type}LessThanEquals`, { compile: ordered(read, (difference) => difference <= 0), isNegated: false }],
  [`${type}GreaterThan`, { compile: ordered(read, (difference) => difference > 0), isNegated: false }],
  [`${type}GreaterThanEquals`, { compile: ordered(read, (difference) => difference >= 0), isNegated: false }],
];

/**
 * The operators that the vendor documents: neither `...IfExists` nor `ForAnyValue:` is among them. The pair with
 * `IncludeBorder` is read as the pair without it (our word: what the border is, the page does not say).
 *
 * @see https://www.alibabacloud.com/help/en/ram/conditional-operator (updated 2025-12-09)
 */
const operators: ReadonlyMap<string, Operator> = new Map([
  ...both('StringEquals', 'StringNotEquals', same),
  ...both('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', sameIgnoringCase),
  ...both('StringLike', 'StringNotLike', textTest(wildcard)),
  ...comparisons('Numeric', readNumber),
  ...comparisons('Date', readDate),
  ['Bool', { compile: bool, isNegated: false }],
  ...both('IpAddress', 'NotIpAddress', ipAddress),
  ...both('IpAddressIncludeBorder', 'NotIpAddressIncludeBorder', ipAddress),
]);

const asList = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Returns what is wrong with a Condition element, or undefined. */
export function conditionProblem(block: ConditionBlock): string | undefined {
  for (const [name, keys] of Object.entries(block)) {
    const operator = operators.get(name);
    if (operator === undefined) return `the embedded cloud knows no operator ${name}`;
    for (const [key, values] of Object.entries(keys)) {
      if (asList(values).length === 0) return `${name} of ${key} has no value`;
      const bad = asList(values).find((value) => operator.compile(String(value)) === undefined);
      if (bad !== undefined) return `${name} of ${key} cannot take ${JSON.stringify(bad)}`;
    }
  }
  return undefined;
}

/** Compiles one operator with one key: met when one of the values holds, and under a negated operator when none does. */
function clause(operator: Operator | undefined, key: string, values: ConditionValue[]): Condition {
  const tests = values.map((value) => operator?.compile(String(value)));
  if (operator === undefined || tests.includes(undefined)) return () => 'undecided';
  return (keys) => {
    const given = valueAt(keys, key);
    if (given === undefined) return operator.isNegated ? 'undecided' : 'unmet';
    const results = tests.map((test) => test?.(given));
    if (results.includes(true)) return operator.isNegated ? 'unmet' : 'met';
    if (results.includes(undefined)) return 'undecided';
    return operator.isNegated ? 'met' : 'unmet';
  };
}

/** Compiles a Condition element: all its operators and keys must be met together; no element is always met. */
export function compileCondition(block: ConditionBlock | undefined): Condition {
  const clauses = Object.entries(block ?? {}).flatMap(([name, keys]) =>
    Object.entries(keys).map(([key, values]) => clause(operators.get(name), key, asList(values))),
  );
  return (keys) => {
    let verdict: Verdict = 'met';
    for (const check of clauses) {
      const each = check(keys);
      if (each === 'unmet') return 'unmet';
      if (each === 'undecided') verdict = 'undecided';
    }
    return verdict;
  };
}

/** `{team: 'a'}` as `acs:ResourceTag/team` or `acs:RequestTag/team`. */
export function tagKeys(key: 'acs:ResourceTag' | 'acs:RequestTag', tags: Record<string, string>): ConditionKeys {
  const keys: ConditionKeys = {};
  for (const [name, value] of Object.entries(tags)) setAt(keys, `${key}/${name}`, value);
  return keys;
}
