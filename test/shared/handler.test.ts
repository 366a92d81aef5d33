import { describe, expect, it } from 'vitest';
import { Budget } from '../../shared/budget.ts';
import { createStageHandler } from '../../shared/handler.ts';
import { sealedFor, testMessageKeys } from '../support/message-keys.ts';
import { loadConfig } from '../../shared/config.ts';
import type { FcContext, Runtime } from '../../shared/runtime.ts';
import { defineStage, gone } from '../../shared/stage.ts';
import { VirtualClock } from '../../shared/clock.ts';

const message = {
  v: 1,
  deploymentId: '01jd9xk3v5h2m8q4t7w0y6zabc',
  stage: 'network',
  action: 'apply',
  epoch: 0,
  turn: 0,
};
const context: FcContext = {
  requestId: 'request-1',
  credentials: { accessKeyId: 'a', accessKeySecret: 'b' },
  function: { name: 'dualstack-alb-network' },
};
const network = defineStage({
  name: 'network',
  longestWaitMs: 1000,
  apply: () => Promise.reject(new Error('must not run')),
  release: () => Promise.resolve(gone()),
});

/** A runtime whose store knows no deployment, or does not answer for the ids given. */
function runtimeWith(options: { silentFor?: string[]; isQueueDown?: boolean } = {}) {
  const sent: { queue: string; body: Record<string, unknown> }[] = [];
  const asked: string[] = [];
  const runtime = {
    config: loadConfig({
      DUALSTACK_ALB_REGION: 'cn-shanghai',
      DUALSTACK_ALB_ACCOUNT_ID: '1234567890123456',
      DUALSTACK_ALB_MESSAGE_KEYS: testMessageKeys,
    }),
    clock: new VirtualClock(1000),
    budget: Budget.unlimited(),
    log: () => undefined,
    deployments: {
      async update(id: string) {
        asked.push(id);
        if (options.silentFor?.includes(id) === true) throw new Error('the store does not answer');
        return undefined;
      },
    },
    queues: {
      async send(queue: string, body: Record<string, unknown>) {
        if (options.isQueueDown === true) throw new Error('the queue does not answer');
        sent.push({ queue, body });
      },
    },
  } as unknown as Runtime;
  return { sent, asked, handler: createStageHandler(network, () => runtime) };
}

const eventOf = (...bodies: unknown[]) =>
  Buffer.from(
    JSON.stringify(
      bodies.map((body, index) => ({
        id: `event-${index}`,
        data: { requestId: 'r', messageId: `m-${index}`, messageBody: sealedFor('network', body) },
      })),
    ),
  );

describe('a message that can never be served', () => {
  it.each([
    ['of another stage', { ...message, stage: 'dns' }, 'a message for stage dns'],
    ['of a newer version', { ...message, v: 99 }, 'not a message of this version: v: '],
    ['of somebody else', { hello: 'world' }, 'not a message of this version: v: '],
    ['that is no JSON object', 'hello', 'not a message of this version: body: '],
    ['of a deployment that does not exist', message, 'there is no such deployment'],
  ])('is put away with the reason: %s', async (_, body, reason) => {
    const { handler, sent } = runtimeWith();
    await handler(eventOf(body), context);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      queue: 'dead-letter',
      body: { queue: 'network', messageId: 'm-0', reason: expect.stringContaining(reason) as string },
    });
  });

  it.each([
    ['letters', 'x'.repeat(100_000)],
    ['other scripts', '负'.repeat(20_000)],
    ['quotes', '"'.repeat(50_000)],
    ['backslashes', '\\'.repeat(50_000)],
    ['control characters', '\u0001'.repeat(50_000)],
  ])('P-106: is put away cut short when it is long: %s', async (_, text) => {
    const { handler, sent } = runtimeWith();
    await handler(eventOf({ text }), context);
    expect(Buffer.from(JSON.stringify(sent[0]?.body)).toString('base64').length).toBeLessThan(65_536);
  });

  it('is put away though a field of it has a long name', async () => {
    const { handler, sent } = runtimeWith();
    await handler(eventOf({ ...message, ['负'.repeat(15_000)]: 1, v: '"'.repeat(5000) }), context);
    expect(Buffer.from(JSON.stringify(sent[0]?.body)).toString('base64').length).toBeLessThan(65_536);
  });

  it('is delivered again when it could not be put away', async () => {
    const { handler } = runtimeWith({ isQueueDown: true });
    await expect(handler(eventOf({ hello: 'world' }), context)).rejects.toThrow('the queue does not answer');
  });
});

describe('P-115: a batch', () => {
  const other = { ...message, deploymentId: '01jd9xk3v5h2m8q4t7w0y6zabd' };

  it('is served whole although one of it fails', async () => {
    const { handler, asked, sent } = runtimeWith({ silentFor: [message.deploymentId] });
    await expect(handler(eventOf(message, other), context)).rejects.toThrow('the store does not answer');
    expect(asked).toEqual([message.deploymentId, other.deploymentId]);
    expect(sent.map(({ body }) => body['messageId'])).toEqual(['m-1']);
  });

  it('is acknowledged when nothing of it fails', async () => {
    const { handler, sent } = runtimeWith();
    await expect(handler(eventOf(message, other), context)).resolves.toBeUndefined();
    expect(sent).toHaveLength(2);
  });
});
