import * as z from 'zod';
import { asHostName } from '../domain-name.ts';
import { readStatusRange } from './well.ts';

const quoted = (text: string): string => JSON.stringify(text.length > 100 ? `${text.slice(0, 99)}…` : text);

/** What keeps a text from being a path and query that every client sends alike. */
function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'must begin with /';
  if (path.includes('#')) return 'must have no fragment (#…), which is never sent';
  if (!/^[\x21-\x7e]*$/.test(path) || path.includes('\\'))
    return 'must have no spaces, control characters, backslashes or letters outside ASCII: percent-encode them';
  if (/%(?![0-9a-f]{2})/i.test(path))
    return 'has a % that two hexadecimal digits do not follow: write %25 for the sign itself';
  if (/\/(?:\.|%2e){1,2}(?:[/?]|$)/i.test(path))
    return 'must have no segments . and .., which clients resolve before they ask';
  return undefined;
}

function redirectProblem(target: string): string | undefined {
  if (target.startsWith('//')) return 'must be a URL with http:// or https://, or a path with one / at its beginning';
  if (target.startsWith('/')) return pathProblem(target);
  const url = /^https?:\/\//i.test(target) && URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined) return 'must be a URL such as https://www.example.com/login, or a path such as /login';
  if (url.username !== '' || url.password !== '') return 'must have no user name and no password';
  return pathProblem(target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/^(?!\/)/, '/'));
}

const checked = (text: z.ZodString, problemOf: (text: string) => string | undefined) =>
  text.superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `${problem}; this is ${quoted(value)}` });
  });

/** A path, with a query where one is wanted. */
export const pathSchema = checked(z.string().max(500, 'must have at most 500 characters'), pathProblem);

/** A name as it stands in a Host header, without port. */
const hostSchema = z
  .string()
  .max(300, 'must have at most 253 characters')
  .transform((given, context) => {
    const host = asHostName(given);
    if (host !== undefined) return host;
    context.addIssue({
      code: 'custom',
      message: `must be a host name such as www.example.com, without port; this is ${quoted(given)}`,
    });
    return z.NEVER;
  });

/** `401`, `"401"`, `"200-299"`. */
const statusSchema = z
  .union([z.number(), z.string()], 'must be a status such as 401, or a range such as "200-299"')
  .transform((given, context) => {
    const [range] = readStatusRange(given);
    const isReversed =
      range === undefined && readStatusRange(String(given).split('-').toReversed().join('-')).length > 0;
    const problem = isReversed
      ? 'must have the lower status first'
      : range === undefined
        ? 'must be a status such as 401, or a range such as 200-299, between 100 and 599'
        : range[1] < 200
          ? 'must reach 200: what is below is never the last answer to a request'
          : undefined;
    if (problem === undefined) return String(given);
    context.addIssue({ code: 'custom', message: `${problem}; this is ${quoted(String(given))}` });
    return z.NEVER;
  });

/** Fields of `probe` that say what is asked, and which answers are well. */
export const wellFields = {
  /** Default: that of the health check, without one `/`. */
  path: pathSchema.optional(),
  /** Default GET, which visitors send. HEAD shows no body. */
  method: z.enum(['GET', 'HEAD'], 'must be GET or HEAD').optional(),
  /** Default: the name, or the address where there is none. */
  host: hostSchema.optional(),
  /** Statuses and ranges of them. Default: the codes of the health check at its own path, else 200-399; with `redirectTo` 300-399. */
  acceptedStatus: z
    .array(statusSchema, 'must be a list such as ["200-299", "401"]')
    .min(1, 'must name at least one status')
    .max(20, 'must name at most 20 statuses and ranges')
    .optional(),
  /** Where a redirect must lead: a URL, or a path of the same site. It is judged, and never followed. Default: anywhere. */
  redirectTo: checked(z.string().max(2000, 'must have at most 2000 characters'), redirectProblem).optional(),
};
