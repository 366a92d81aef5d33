import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../functions/alert/deliver.ts';
import type { Channel } from '../../shared/alert/channel.ts';
import { channelProblem } from '../../shared/alert/channel-problem.ts';
import type { AlertChange } from '../../shared/alert/state.ts';
import { Harness } from '../support/harness.ts';
import { noticeOf } from '../shared/alert/notices.ts';
import { minute } from '../shared/alert/observations.ts';

let harness: Harness;
let servers: Server[];
beforeEach(async () => {
  servers = [];
  harness = await Harness.start({ latency: 'none', sweeps: false, readTimeoutMs: 10_000 });
});
afterEach(async () => {
  await harness.close();
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
});

const role = () => `${harness.config.name}-alert`;
const runtime = () => harness.runtime('alert', role());
const run = (id = 'run') => deliver(runtime(), id);
const inbox = () => harness.cloud.inbox.messages;
const taken = (channel: string) => inbox().filter((message) => message.channel === channel && message.isTaken);
/** Names, in the order in which a channel got them. */
const named = (channel: string) => taken(channel).flatMap(({ body }) => [...new Set(body.match(/node-\d+-end/g))]);
const queued = () => harness.cloud.mns.queues.get('dualstack-alb-alert')?.messages ?? [];
const rows = (box: string) =>
  harness.cloud.tablestore.rows('dualstack_alb_notices').filter((row) => row['box'] === box);
const docs = (box: string) =>
  rows(box).map((row) => JSON.parse(String(row['doc'])) as { lost?: object; taken: object });
const deliveryOf = async (channel: string) => (await runtime().channels.deliveries()).get(channel);

const add = async (index: number, other: Partial<AlertChange> = {}) => {
  const id = String(index).padStart(12, '0');
  const change = { id: `${id}-fired`, alertId: id, subject: `node-${index}-end`, ...other };
  await harness.runtime('probe').notices.add(noticeOf(change), harness.clock.nowMs());
};
const addMany = async (count: number, other: Partial<AlertChange> = {}) => {
  for (let index = 0; index < count; index += 1) await add(index, other);
};
const all = (count: number) => Array.from({ length: count }, (_, index) => `node-${index}-end`);

/** Runs as the delayed messages of the queue ask for it. */
async function runUntilIdle(most = 60): Promise<number> {
  let runs = 0;
  for (; runs < most; runs += 1) {
    const { pending } = await run(`run-${runs}`);
    if (pending === 0) break;
    harness.clock.advance(1000);
  }
  return runs;
}

/** A receiver of webhooks of another make. */
async function receiver(answer: (body: string) => number): Promise<{ bodies: string[]; channel: Channel }> {
  const bodies: string[] = [];
  const read = async (request: IncomingMessage) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  };
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const status = answer(body);
      if (status === 200) bodies.push(body);
      response.writeHead(status).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
  const channel: Channel = { type: 'webhook', name: 'own', url, secret: 's3cret' };
  await harness.runtime('probe').channels.put(channel);
  return { bodies, channel };
}

describe('many alerts at once', () => {
  it('reach every channel, each within its limits', async () => {
    await addMany(30, { evidence: 'said "no"\\'.repeat(30) });
    await runUntilIdle();
    for (const channel of ['dingtalk', 'feishu', 'wecom', 'slack', 'webhook'])
      expect(named(channel).sort(), channel).toEqual(all(30).sort());
    expect(taken('wecom').length).toBeGreaterThan(3);
    expect(inbox().filter(({ isTaken }) => !isTaken)).toEqual([]);
    expect(rows('pending')).toEqual([]);
  });

  it('go on by a delayed message of the queue where a channel takes one a second', async () => {
    await addMany(60);
    const before = queued().length;
    await run();
    expect(taken('slack')).toHaveLength(1);
    expect(
      queued()
        .slice(before)
        .map(({ delaySeconds }) => delaySeconds),
    ).toEqual([1]);
    harness.clock.advance(1000);
    await run();
    expect(taken('slack')).toHaveLength(2);
  });

  it('wait where a channel takes twenty a minute', async () => {
    await addMany(42, { evidence: '家'.repeat(900) });
    await run();
    expect(taken('wecom')).toHaveLength(20);
    harness.clock.advance(59_999);
    await run();
    expect(taken('wecom')).toHaveLength(20);
    harness.clock.advance(1);
    await run();
    expect(taken('wecom')).toHaveLength(21);
    expect(named('wecom').sort()).toEqual(all(42).sort());
    expect(inbox().filter(({ isTaken }) => !isTaken)).toEqual([]);
  });

  it('go out with the most urgent first', async () => {
    await add(1, { kind: 'drift' });
    await add(2, { type: 'resolved', durationMs: minute });
    await add(3, { kind: 'front-down' });
    await add(4, { type: 'reminder' });
    await add(5);
    await run();
    const { changes } = JSON.parse(taken('webhook')[0]?.body ?? '') as { changes: { alertId: string }[] };
    expect(changes.map(({ alertId }) => Number(alertId))).toEqual([3, 5, 1, 4, 2]);
  });

  it('do not wait for what is newer', async () => {
    await addMany(60);
    await run();
    harness.clock.advance(1000);
    await add(100, { kind: 'front-down' });
    await run();
    expect(named('slack')).not.toContain('node-100-end');
    expect(taken('slack')).toHaveLength(2);
    harness.clock.advance(30_000);
    await run();
    expect(taken('webhook').at(-1)?.body).toContain('front-down');
  });
});

describe('when part of them went out', () => {
  it('only the rest is sent again', async () => {
    await addMany(30, { evidence: 'x'.repeat(500) });
    harness.cloud.faults.add({ kind: 'unavailable', service: 'inbox', action: 'wecom', skip: 3, times: 1 });
    await run();
    const sent = named('wecom');
    expect(taken('wecom')).toHaveLength(3);
    harness.clock.advance(10_000);
    await run();
    expect(named('wecom').slice(0, sent.length)).toEqual(sent);
    expect(named('wecom').sort()).toEqual(all(30).sort());
  });

  // Each write of the run that is about the channel or its notices.
  it.each([0, 3, 5, 7, 9, 11, 14, 17, 20, 22])(
    'and the function dies at write number %d, nothing is lost, and a repeat is known by its id',
    async (skip) => {
      await addMany(3);
      const dying = { kind: 'error', service: 'tablestore', action: 'PutRow', code: 'OTSParameterInvalid' } as const;
      harness.cloud.faults.add({ ...dying, skip, times: 0 });
      await run('dead').catch(() => undefined);
      harness.cloud.faults.clear();
      harness.clock.advance(harness.config.leaseMs);
      await runUntilIdle();
      for (const channel of ['dingtalk', 'feishu', 'wecom', 'slack', 'webhook'])
        expect(new Set(named(channel)), channel).toEqual(new Set(all(3)));
      const ids = taken('webhook').map(({ headers }) => headers['x-event-id']);
      expect(new Set(ids).size).toBe(1);
      expect(ids.length).toBeLessThanOrEqual(2);
    },
  );

  it('and that was noted, the run after it writes it into the notices and sends nothing', async () => {
    await addMany(3);
    const ids = ['000000000000-fired', '000000000001-fired', '000000000002-fired'];
    const outcomes = Object.fromEntries(ids.map((id) => [id, { atMs: harness.clock.nowMs() }]));
    await runtime().channels.delivery('local-webhook', (before) => ({ ...before, outcomes }));
    expect(await run()).toMatchObject({ pending: 0, sent: 4 });
    expect(taken('webhook')).toEqual([]);
    expect(docs('sent')).toHaveLength(3);
    expect((await deliveryOf('local-webhook'))?.outcomes).toEqual({});
  });
});

describe('a message that is too large', () => {
  it('is made smaller until it is taken', async () => {
    const { bodies } = await receiver((body) => (Buffer.byteLength(body) > 3000 ? 413 : 200));
    await addMany(12);
    await runUntilIdle();
    expect(bodies.flatMap((body) => body.match(/node-\d+-end/) ?? []).length).toBeGreaterThan(2);
    expect(new Set(bodies.flatMap((body) => body.match(/node-\d+-end/g) ?? []))).toEqual(new Set(all(12)));
    expect(channelProblem((await deliveryOf('own')) ?? { sentAtMs: [], failures: 9 })).toBeUndefined();
  });

  it('is shortened where it is one', async () => {
    const { bodies } = await receiver((body) => (Buffer.byteLength(body) > 1100 ? 413 : 200));
    await add(1, { evidence: '探测'.repeat(400) });
    await run();
    expect(bodies).toHaveLength(1);
    expect(bodies[0]).toContain('node-1-end');
    expect(bodies[0]).toMatch(/[探测]…/);
  });

  it('is given up at once where the least is too large, and that is seen', async () => {
    const { bodies } = await receiver(() => 413);
    await addMany(2);
    expect(await run()).toMatchObject({ pending: 0 });
    expect(bodies).toEqual([]);
    expect(docs('sent')).toMatchObject([{ lost: { own: { reason: 'HTTP status 413: ' } } }, { lost: { own: {} } }]);
    expect(docs('sent').every((row) => !Object.hasOwn(row.taken, 'own'))).toBe(true);
    expect(await deliveryOf('own')).toMatchObject({ lost: { count: 2, reason: 'HTTP status 413: ' } });
  });
});

describe('a channel', () => {
  it.each([
    ['says no to', 422],
    ['breaks at', 500],
  ])('that %s one message gets the others', async (_, status) => {
    const { bodies } = await receiver((body) => (body.includes('node-3-end') ? status : 200));
    await addMany(8);
    for (let tries = 0; tries < 16; tries += 1) {
      await run(`run-${tries}`);
      harness.clock.advance(10 * minute);
    }
    const got = new Set(bodies.flatMap((body) => body.match(/node-\d+-end/g) ?? []));
    expect(got).toEqual(new Set(all(8).filter((name) => name !== 'node-3-end')));
    // What is new is not held up for long either.
    await add(20);
    for (let tries = 0; tries < 4; tries += 1) {
      harness.clock.advance(10 * minute);
      await run(`later-${tries}`);
    }
    expect(bodies.at(-1)).toContain('node-20-end');
  });

  it('may have any name', async () => {
    const { bodies, channel } = await receiver(() => 200);
    for (const name of ['constructor', 'valueof']) await harness.runtime('probe').channels.put({ ...channel, name });
    await add(1);
    expect(await run()).toMatchObject({ pending: 0, sent: 8 });
    expect(bodies).toHaveLength(3);
  });

  it('that takes nothing does not hide what is new from the others', async () => {
    harness.cloud.faults.add({ kind: 'unavailable', service: 'inbox', action: 'dingtalk', times: 0 });
    await addMany(205);
    await run();
    harness.clock.advance(minute);
    await add(999);
    await run();
    expect(named('webhook')).toContain('node-999-end');
    expect(rows('pending')).toHaveLength(206);
  }, 60_000);

  it('whose store row breaks does not keep the others from being served', async () => {
    await add(1);
    const broken = runtime();
    const delivery = broken.channels.delivery.bind(broken.channels);
    broken.channels.delivery = async (name, change) => {
      if (name === 'local-dingtalk') throw new Error('broken');
      return await delivery(name, change);
    };
    await expect(deliver(broken, 'run')).rejects.toThrow('broken');
    for (const channel of ['feishu', 'wecom', 'slack', 'webhook']) expect(taken(channel)).toHaveLength(1);
  });
});
