/** What is wrong with what somebody sent, in sentences: the field, what is wanted there, what came. The validator's own texts reach nobody. */
import * as z from 'zod';
import { valueAt } from '../dictionary.ts';
import { didYouMean } from '../nearest.ts';

export interface Problem {
  /** Dotted path into the request body; empty for the body as a whole. */
  field: string;
  message: string;
}

/** Of a key that no form of the request has. */
export const noField = 'is not a field of the request';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** As `safeParse` of the schema, with messages of ours; those that a schema gives itself stay. */
export const check = <Schema extends z.ZodType>(schema: Schema, raw: unknown): z.ZodSafeParseResult<z.output<Schema>> =>
  schema.safeParse(raw, { error: wantedBy });

/** Everything that a schema finds wrong with a request; `raw` is what was checked, `known` what an unknown key is not. */
export const problemsOf = (error: z.ZodError, raw: unknown, known = 'a field of the request'): Problem[] =>
  error.issues.flatMap((issue) => describeIssue(issue, raw, known));

const dotted = (path: readonly PropertyKey[]): string => path.map(String).join('.');

function describeIssue(issue: Issue, raw: unknown, known: string): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const meant = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      field: dotted([...issue.path, key]),
      message: `is not ${known}${meant[index] ?? ''}`,
    }));
  }
  const field = dotted(issue.path);
  const value = issue.path.reduce((at, key) => memberOf(at, String(key)), raw);
  // A sentence about the whole, or one that a schema composed of the value itself.
  const isComplete = typeof value !== 'string' || issue.message.includes(value);
  if (issue.code === 'custom' && isComplete) return [{ field, message: issue.message }];
  if (value === undefined) return [{ field, message: `is required: ${issue.message}` }];
  return [{ field, message: `${issue.message} (found ${isSecret.test(field) ? kindOf(value) : shown(value)})` }];
}

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? valueAt(value, key) : undefined;

const isSecret = /secret|token|password|url|_keys?\b|_keys?_/i;

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};

const longestShown = 40;

const shown = (value: unknown): string => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return kindOf(value);
  return value.length <= longestShown
    ? JSON.stringify(value)
    : `${JSON.stringify(value.slice(0, longestShown))}…, ${value.length} characters`;
};

/** What the schema wants where the issue is. */
function wantedBy(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${types.get(String(issue.expected)) ?? 'of another kind'}`;
    case 'invalid_value':
      return oneOf(issue.values as readonly unknown[]);
    case 'invalid_union':
      return Array.isArray(issue['options'])
        ? oneOf(issue['options'] as unknown[])
        : 'must have one of the forms that are documented';
    case 'too_small':
      return `must ${sizeOf(issue.origin)} ${issue.exact === true ? 'exactly' : issue.inclusive === false ? 'more than' : 'at least'} ${amountOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `must ${sizeOf(issue.origin)} ${issue.exact === true ? 'exactly' : issue.inclusive === false ? 'less than' : 'at most'} ${amountOf(issue.origin, issue.maximum)}`;
    case 'invalid_format':
      if (issue.format === 'starts_with') return `must begin with ${String(issue['prefix'])}`;
      return formats.get(issue.format) ?? 'is not well-formed';
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      // A clause for each key, in lines.
      return (issue.keys as string[]).map((key) => didYouMean(key, fieldsOf(issue))).join('\n');
    default:
      return 'is not valid';
  }
}

const fieldsOf = ({ inst }: RawIssue): string[] => (inst instanceof z.ZodObject ? Object.keys(inst.shape) : []);

const oneOf = (values: readonly unknown[]): string =>
  `must be ${values.length > 1 ? 'one of ' : ''}${values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ')}`;

const sizeOf = (origin: string): string => (origin === 'string' || origin === 'array' ? 'have' : 'be');

const amountOf = (origin: string, amount: number | bigint): string => {
  if (origin === 'string') return `${amount} ${Number(amount) === 1 ? 'character' : 'characters'}`;
  if (origin === 'array') return `${amount} ${Number(amount) === 1 ? 'entry' : 'entries'}`;
  return String(amount);
};

const types = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['record', 'an object'],
]);

const formats = new Map([
  ['url', 'must be a URL'],
  ['datetime', 'must be an instant such as 2026-11-22T08:00:00Z'],
  ['ipv4', 'must be an IPv4 address'],
  ['ipv6', 'must be an IPv6 address'],
  ['cidrv4', 'must be an IPv4 CIDR block such as 192.168.0.0/16'],
  ['cidrv6', 'must be an IPv6 CIDR block such as 2408:4005::/56'],
]);
