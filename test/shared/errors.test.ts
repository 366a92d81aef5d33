import { describe, expect, it } from 'vitest';
import { CloudError } from '../../shared/alibaba/cloud-error.ts';
import { classify, OvertakenError, PermanentError, RetryableError } from '../../shared/errors.ts';
import { QueueError } from '../../shared/queue/queues.ts';
import { StoreError } from '../../shared/store/rows.ts';

const refusal = (code: string, more: { httpStatus?: number; retryAfterMs?: number } = {}) =>
  new CloudError({
    service: 'alb',
    action: 'CreateListener',
    code,
    message: `alb CreateListener was refused (${code})`,
    requestId: 'r-1',
    ...more,
  });

describe('a refusal of the cloud', () => {
  it('is a wait when the resource is not ready', () => {
    expect(classify(refusal('IncorrectStatus.LoadBalancer', { httpStatus: 409 }))).toMatchObject({
      kind: 'wait',
      code: 'IncorrectStatus.LoadBalancer',
      requestId: 'r-1',
    });
  });

  it('P-014: rotates the token after a wait', () => {
    expect(classify(refusal('IncorrectStatus.LoadBalancer', { httpStatus: 409 })).rotatesToken).toBe(true);
  });

  it('P-003: is retried by its code, whatever the status', () => {
    for (const httpStatus of [400, 403, 429])
      expect(classify(refusal('Throttling.User', { httpStatus }))).toMatchObject({
        kind: 'retry',
        rotatesToken: false,
      });
  });

  it('keeps the hint of the server', () => {
    expect(classify(refusal('Throttling.User', { httpStatus: 400, retryAfterMs: 2500 })).retryAfterMs).toBe(2500);
  });

  it('has no field for what it does not tell', () => {
    const known = classify(new CloudError({ service: 'alb', action: 'ListRules', code: 'Timeout', message: 'm' }));
    expect(Object.keys(known).sort()).toEqual(['code', 'kind', 'message', 'rotatesToken']);
  });

  it('is final with a remedy when the quota is used up', () => {
    expect(classify(refusal('QuotaExceeded.LoadBalancersNum', { httpStatus: 400 }))).toMatchObject({
      kind: 'permanent',
      remedy: expect.stringMatching(/quota/i) as string,
    });
  });
});

describe('an error of our own', () => {
  it('is final when it says so', () => {
    const error = new PermanentError('instances.vanished', 'it vanished', { remedy: 'buy another', requestId: 'r-2' });
    expect(classify(error)).toEqual({
      kind: 'permanent',
      code: 'instances.vanished',
      message: 'it vanished',
      remedy: 'buy another',
      requestId: 'r-2',
      rotatesToken: true,
    });
  });

  it('is retried with the same token when it says so', () => {
    expect(classify(new RetryableError('busy', 'later', { retryAfterMs: 500 }))).toEqual({
      kind: 'retry',
      code: 'busy',
      message: 'later',
      retryAfterMs: 500,
      rotatesToken: false,
    });
  });

  it('keeps its cause', () => {
    const cause = new Error('socket hang up');
    expect(new RetryableError('x', 'y', { cause }).cause).toBe(cause);
    expect(new PermanentError('x', 'y', { cause }).cause).toBe(cause);
  });
});

describe('any other error', () => {
  it.each([
    ['a TypeError', new TypeError('x is undefined'), 'x is undefined'],
    ['P-008: a bare SyntaxError', new SyntaxError('Unexpected token <'), 'Unexpected token <'],
    ['a store that does not answer', new StoreError('ConnectionFailed', 'no answer'), 'no answer'],
    ['a queue that does not answer', new QueueError('ConnectionFailed', 'no answer'), 'no answer'],
    ['an overtaken turn', new OvertakenError('moved on'), 'moved on'],
    ['a thrown text', 'text', 'text'],
    ['nothing', undefined, 'undefined'],
  ])('may work later: %s', (_, error, message) => {
    expect(classify(error)).toEqual({ kind: 'retry', code: 'UnexpectedError', message, rotatesToken: false });
  });
});
