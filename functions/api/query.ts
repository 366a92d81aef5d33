import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { Problem } from '../../shared/deployment/problems.ts';
import { didYouMean } from '../../shared/nearest.ts';
import { problemResponse } from '../../shared/problem.ts';
import { valueAt } from '../../shared/dictionary.ts';
import { sentenceOf } from './invalid-request.ts';

/** One parameter of a query: what it must be, and its value; undefined where the text is none. */
export interface Parameter<T> {
  wanted: string;
  read(text: string): T | undefined;
}

type Values<P extends Record<string, Parameter<unknown>>> = {
  [K in keyof P]?: P[K] extends Parameter<infer T> ? T : never;
};

export const wholeNumber = (min: number, max: number): Parameter<number> => ({
  wanted: `a whole number from ${min} to ${max}`,
  read: (text) => (/^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined),
});

export const flag: Parameter<boolean> = {
  wanted: 'true or false',
  read: (text) => (text === 'true' || text === 'false' ? text === 'true' : undefined),
};

export const oneOf = <const T extends string>(...values: readonly T[]): Parameter<T> => ({
  wanted: `one of ${values.join(', ')}`,
  read: (text) => values.find((value) => value === text),
});

export const matching = (pattern: RegExp, wanted: string): Parameter<string> => ({
  wanted,
  read: (text) => (pattern.test(text) ? text : undefined),
});

/** The values of the parameters that were given, or the answer 400 that says what is wrong with which. */
export function readQuery<P extends Record<string, Parameter<unknown>>>(
  context: Context,
  parameters: P,
): { query: Values<P> } | { refusal: Response } {
  const given = new URL(context.req.url).searchParams;
  const problems: Problem[] = [];
  const query: [string, unknown][] = [];
  for (const name of new Set(given.keys())) {
    const parameter = valueAt<Parameter<unknown>>(parameters, name);
    const texts = given.getAll(name);
    const value = texts.length === 1 ? parameter?.read(texts[0] ?? '') : undefined;
    if (value !== undefined) query.push([name, value]);
    else problems.push({ field: name, message: problemWith(name, texts, parameters) });
  }
  if (problems.length === 0) return { query: Object.fromEntries(query) as Values<P> };
  return { refusal: problemResponse(400, 'invalid-query', 'Bad Request', sentenceOf(problems), problems) };
}

function problemWith(name: string, texts: string[], parameters: Record<string, Parameter<unknown>>): string {
  const parameter = valueAt(parameters, name);
  const known = Object.keys(parameters);
  if (parameter === undefined)
    return `is not a query parameter of this call${
      didYouMean(name, known) || (known.length === 0 ? ', which has none' : `; it has ${known.join(', ')}`)
    }`;
  if (texts.length > 1) return `must be given once (found ${texts.length} times)`;
  return `must be ${parameter.wanted} (found ${JSON.stringify(texts[0]?.slice(0, 60))})`;
}

/** Refuses every query on the routes that take none: a parameter that is overlooked may be the one that mattered. */
export const refuseQueries =
  (app: Hono, takesQuery: (method: string, route: string) => boolean): MiddlewareHandler =>
  async (context, next) => {
    const route = routeOf(context.req.path);
    const method = context.req.method === 'HEAD' ? 'GET' : context.req.method;
    const isThere = app.routes.some((one) => one.method === method && one.path === route);
    if (!isThere || takesQuery(method, route)) return await next();
    const read = readQuery(context, {});
    return 'refusal' in read ? read.refusal : await next();
  };

/** The route that a path asks for, by its form. */
function routeOf(path: string): string {
  const [, first = '', id, part, at] = path.replace(/\/$/, '').split('/');
  return `/${first}${id === undefined ? '' : '/:id'}${part === undefined ? '' : `/${part}`}${at === undefined ? '' : '/:at'}`;
}
