import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { check, problemsOf, type Problem } from '../../../shared/deployment/problems.ts';
import { parseSpec } from '../../../shared/deployment/spec.ts';
import { parseWatchSpec } from '../../../shared/watch/spec.ts';
import { existingNetwork, tutorial } from '../../support/tutorial.ts';

/** How the validator words things by itself. */
const rawForms =
  /Invalid (input|option|string|number|key|element|value|discriminator|[A-Z]{2,})|Too (big|small)|Unrecognized|expected .* received/;

const request = {
  ...tutorial(),
  alerts: { rules: { slow: { failures: 3, mOfN: { bad: 1, of: 2 } } }, tickMs: 60_000, maintenance: [] },
  probe: { vantage: 'auto', identifyBy: { by: 'header', header: 'X-Server' }, mostRequests: 20 },
};
const https = {
  ...tutorial(),
  listener: { protocol: 'HTTPS', port: 443, certificateIds: ['1234567-cn-shanghai'], redirectHttp: true },
  serverGroup: { stickySession: { enabled: true, type: 'Server', cookie: 'SESSION' }, healthCheck: { path: '/' } },
};
const watch = {
  name: 'watched',
  watchOnly: {
    loadBalancerId: 'alb-uf6existing0000000001',
    listener: { port: 80, protocol: 'HTTP' },
    domain: 'www.example.com',
    path: '/',
    backends: [{ name: 'one', serverId: 'i-uf6existing0000000001', port: 80 }],
    identifyBy: { by: 'header', header: 'X-Server' },
  },
};

/** What may come in the place of any value. `undefined`: nothing. */
const others = [undefined, null, true, -1, 1.5, 1e9, '', '\u0000', 'x'.repeat(5000), [], [[]], {}, { other: 1 }];

function* changed(value: unknown): Iterable<unknown> {
  yield* others;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value))
    for (const other of changed(member))
      yield Array.isArray(value)
        ? value.map((item, at) => (String(at) === key ? other : (item as unknown)))
        : Object.fromEntries(
            Object.entries(value).map(([name, kept]) => [name, name === key ? other : (kept as unknown)]),
          );
}

describe.each<[what: string, body: unknown, parse: (body: unknown) => object]>([
  ['a request', request, parseSpec],
  ['a request for HTTPS', https, parseSpec],
  ['a request that adopts', existingNetwork(), parseSpec],
  ['a request to watch', watch, parseWatchSpec],
])('what is wrong with %s', (_what, body, parse) => {
  it('is said in our own words, at a length that a person reads', () => {
    let count = 0;
    for (const other of changed(body)) {
      const result = parse(other) as { problems?: Problem[] };
      for (const { message } of result.problems ?? []) {
        count += 1;
        expect(message).not.toMatch(rawForms);
        expect(message).not.toMatch(/undefined|\[object/);
        expect(message.length).toBeLessThan(300);
      }
    }
    expect(count).toBeGreaterThan(200);
  });
});

const messageOf = (schema: z.ZodType, raw: unknown): string[] => {
  const result = check(schema, raw);
  return result.success ? [] : problemsOf(result.error, raw).map(({ field, message }) => `${field}: ${message}`);
};

describe('a problem', () => {
  it.each<[string, z.ZodType, unknown, string]>([
    ['something else', z.strictObject({ a: z.string() }), { a: 5 }, 'a: must be a text (found 5)'],
    ['nothing', z.strictObject({ a: z.number() }), {}, 'a: is required: must be a number'],
    ['a part', z.int(), 1.5, ': must be a whole number (found 1.5)'],
    ['too much', z.strictObject({ a: z.number().max(3) }), { a: 4 }, 'a: must be at most 3 (found 4)'],
    ['too many', z.array(z.int()).max(1), [1, 2], ': must have at most 1 entry (found a list of 2)'],
    ['none of a list', z.enum(['a', 'b']), 'c', ': must be one of a, b (found "c")'],
    ['a format', z.cidrv4(), '10/8', ': must be an IPv4 CIDR block such as 192.168.0.0/16 (found "10/8")'],
    [
      'a misspelt key',
      z.strictObject({ name: z.string() }),
      { name: 'a', nmae: 1 },
      'nmae: is not a field of the request: did you mean name?',
    ],
    [
      'a key far from all',
      z.strictObject({ name: z.string() }),
      { name: 'a', other: 1 },
      'other: is not a field of the request',
    ],
  ])('says what is wanted and what came: %s', (_what, schema, raw, message) => {
    expect(messageOf(schema, raw)).toEqual([message]);
  });

  it('shows no more than the beginning of a long text', () => {
    const [message = ''] = messageOf(z.number(), 'x'.repeat(1000));
    expect(message).toBe(`: must be a number (found "${'x'.repeat(40)}"…, 1000 characters)`);
  });

  it.each(['secret', 'url', 'accessToken'])('shows nothing of a %s', (field) => {
    const [message = ''] = messageOf(z.strictObject({ [field]: z.string().regex(/^a$/, 'must be a') }), {
      [field]: 'hunter2',
    });
    expect(message).toBe(`${field}: must be a (found a text of 7 characters)`);
  });
});
