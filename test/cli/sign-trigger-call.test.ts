import { describe, expect, it } from 'vitest';
import { signTriggerCall } from '../../cli/sign-trigger-call.ts';
import { authenticateTrigger } from '../../local/fc/trigger-signature.ts';
import type { WireRequest } from '../../local/wire.ts';
import { testContext } from '../support/cloud-context.ts';

const body = JSON.stringify({ name: 'one' });
const url = new URL('https://api.example.com/load-balancers?status=ready&name=it%27s%20(one)');

/** Starts a server that says whether the platform takes a signed call that somebody has changed on its way. */
function start(payload: 'hash' | 'empty') {
  const { credentials, clock } = testContext('none');
  const headers = signTriggerCall(
    { method: 'POST', url, body, headers: { 'idempotency-key': 'k-1' } },
    credentials.root,
    {
      payload,
      nowMs: clock.nowMs(),
    },
  );
  return (change: { method?: string; path?: string; body?: string; headers?: Record<string, string> } = {}) => {
    const request = {
      method: change.method ?? 'POST',
      path: change.path ?? url.pathname,
      query: url.searchParams,
      headers: { ...headers, ...change.headers },
      body: Buffer.from(change.body ?? body),
    } as WireRequest;
    return () => authenticateTrigger(request, credentials, clock);
  };
}

describe.each(['hash', 'empty'] as const)('a signed call (%s)', (payload) => {
  it('is taken as it is', () => {
    expect(start(payload)()).not.toThrow();
  });

  it.each([
    ['another Idempotency-Key', { headers: { 'idempotency-key': 'k-2' } }],
    ['no Idempotency-Key', { headers: { 'idempotency-key': '' } }],
    ['the hash of another body', { headers: { 'x-acs-content-sha256': 'e'.repeat(64) } }],
    ['another method', { method: 'PUT' }],
    ['another path', { path: '/load-balancers/01khq0000000000000000000ab' }],
    ['another date', { headers: { 'x-acs-date': '2026-12-01T00:00:00.000Z' } }],
  ])('is refused with %s', (_what, change) => {
    expect(start(payload)(change)).toThrow();
  });
});

it('is refused by the platform with another body, where that looks at the body', () => {
  expect(start('hash')({ body: '{}' })).toThrow();
});
