import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../../functions/alert/deliver.ts';
import type { Channel } from '../../../shared/alert/channel.ts';
import { noticeOf } from '../../shared/alert/notices.ts';
import { minute } from '../../shared/alert/observations.ts';
import { Harness } from '../../support/harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({ latency: 'none', sweeps: false, readTimeoutMs: 10_000 });
});
afterEach(() => harness.close());

const runtime = (change: (channels: Channel[]) => Channel[] = (channels) => channels) => {
  const made = harness.runtime('alert', `${harness.config.name}-alert`);
  return { ...made, config: { ...made.config, alertChannels: change(made.config.alertChannels) } };
};
const withoutKeyword = (channels: Channel[]) =>
  channels.map((channel): Channel => {
    if (channel.type !== 'dingtalk') return channel;
    const { keyword: _keyword, ...rest } = channel;
    return rest;
  });
let count = 0;
const add = () => {
  count += 1;
  const alertId = String(count).padStart(12, '0');
  return harness
    .runtime('probe')
    .notices.add(noticeOf({ id: `${alertId}-fired`, alertId, subject: `node-${count}-end` }), harness.clock.nowMs());
};
/** A minute: the sweep, then the messages that it sends. */
const pass = async (minutes: number, change?: (channels: Channel[]) => Channel[]) => {
  for (let done = 0; done < minutes; done += 1) {
    harness.clock.advance(minute);
    await harness.sweep();
    await deliver(runtime(change), `run-${harness.clock.nowMs()}`);
  }
};
const titles = (channel: string) =>
  harness.cloud.inbox.messages
    .filter((message) => message.channel === channel && message.isTaken)
    .flatMap(({ body }) => [...new Set(body.match(/(FIRING|RESOLVED) [\w-]+: alert channel [\w-]+/g))]);
const shown = async () =>
  ((await (await harness.api('GET', '/channels')).json()) as { channels: { name: string; status: string }[] }).channels;

describe('a channel that refuses everything', () => {
  it('is named by the others, once, and again when it takes messages', async () => {
    await add();
    await deliver(runtime(withoutKeyword), 'run');
    await pass(10, withoutKeyword);
    const name = harness.config.name;
    for (const channel of ['feishu', 'wecom', 'slack', 'webhook'])
      expect(titles(channel), channel).toEqual([`FIRING ${name}: alert channel local-dingtalk`]);
    expect(titles('dingtalk')).toEqual([]);
    const [body] = harness.cloud.inbox.messages
      .filter(
        ({ channel, isTaken, body: text }) => channel === 'webhook' && isTaken && text.includes('channel-failing'),
      )
      .map((one) => one.body);
    const { changes } = JSON.parse(body ?? '') as { changes: object[] };
    expect(changes).toHaveLength(1);
    expect(changes).toMatchObject([
      {
        kind: 'channel-failing',
        subject: 'local-dingtalk',
        evidence: expect.stringContaining('errcode 310000: keywords not in content') as string,
      },
    ]);
    await pass(8);
    expect(titles('webhook')).toEqual([
      `FIRING ${name}: alert channel local-dingtalk`,
      `RESOLVED ${name}: alert channel local-dingtalk`,
    ]);
    expect(
      harness.cloud.inbox.messages.filter(({ channel, isTaken }) => channel === 'dingtalk' && isTaken),
    ).toHaveLength(1);
  }, 60_000);

  it('is shown by the API with its reason and what waits, and nothing of its address', async () => {
    await add();
    await add();
    await deliver(runtime(withoutKeyword), 'run');
    const channels = await shown();
    expect(channels.filter(({ status }) => status === 'ok').map(({ name }) => name)).toEqual([
      'local-feishu',
      'local-slack',
      'local-webhook',
      'local-wecom',
    ]);
    expect(channels.find(({ name }) => name === 'local-dingtalk')).toEqual({
      name: 'local-dingtalk',
      type: 'dingtalk',
      status: 'failing',
      waiting: 2,
      failures: 1,
      failingSince: new Date(harness.clock.nowMs()).toISOString(),
      failure: 'refused',
      reason: 'errcode 310000: keywords not in content',
      nextTryAt: new Date(harness.clock.nowMs() + minute).toISOString(),
    });
    expect(JSON.stringify(channels)).not.toMatch(/http|SEC|local-key/);
  });

  it('is an alert no more once it is no channel', async () => {
    await add();
    await deliver(runtime(withoutKeyword), 'run');
    await pass(2, withoutKeyword);
    expect(titles('webhook')).toHaveLength(1);
    const without = (channels: Channel[]) => channels.filter(({ type }) => type !== 'dingtalk');
    await pass(20, without);
    expect(titles('webhook').at(-1)).toMatch(/^RESOLVED/);
    expect((await shown()).map(({ name }) => name)).not.toContain('local-dingtalk');
  }, 60_000);
});

it('a bad moment of a channel is no alert', async () => {
  await add();
  harness.cloud.faults.add({ kind: 'unavailable', service: 'inbox', action: 'dingtalk', times: 2 });
  await deliver(runtime(), 'run');
  await pass(3);
  expect(titles('webhook')).toEqual([]);
  expect((await shown()).every(({ status }) => status === 'ok')).toBe(true);
});
