import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CredentialStore } from '../../../local/credentials.ts';
import { Edge } from '../../../local/edge.ts';
import { Inbox } from '../../../local/inbox/index.ts';
import { type Channel, channelsSchema } from '../../../shared/alert/channel.ts';
import { readAnswer, requestFor } from '../../../shared/alert/channel-kinds.ts';
import { signWebhook } from '../../../shared/alert/channels/webhook.ts';
import { VirtualClock } from '../../../shared/clock.ts';
import { noticeOf } from '../../shared/alert/notices.ts';

const clock = new VirtualClock();
let edge: Edge;
let inbox: Inbox;
let channels: Channel[];
beforeEach(async () => {
  inbox = new Inbox(clock);
  edge = new Edge({
    clock,
    credentials: new CredentialStore(),
    services: [inbox],
    control: (request) => Promise.resolve(inbox.show(request)),
  });
  await edge.listen();
  channels = channelsSchema.parse(inbox.channels(edge.url));
});
afterEach(() => edge.close());

const types = ['dingtalk', 'feishu', 'wecom', 'slack', 'webhook'] as const;
const channelOf = (type: Channel['type']) => channels.find((channel) => channel.type === type) as Channel;

/** Sends, with whatever is changed on the way. */
async function send(channel: Channel, change: { url?: string; headers?: Record<string, string>; body?: string } = {}) {
  const atMs = clock.nowMs();
  const request = { ...requestFor(channel, { id: 'n', atMs, notices: [noticeOf()] }), ...change };
  const response = await fetch(request.url, { method: 'POST', headers: request.headers, body: request.body });
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, body: await response.text(), request };
}
const refusal = async (...args: Parameters<typeof send>) => {
  const answer = await send(...args);
  const read = readAnswer(args[0], answer);
  return `${answer.status} ${'reason' in read ? read.reason : 'taken'}`;
};

describe('the robots', () => {
  it.each(types)('%s takes what our channel sends', async (type) => {
    expect(readAnswer(channelOf(type), await send(channelOf(type)))).toEqual({ ok: true });
    expect(inbox.messages).toMatchObject([{ channel: type, isTaken: true }]);
  });

  it.each([
    ['dingtalk', '200 errcode 310000: sign not match'],
    ['feishu', '200 code 19021: sign match fail or timestamp is not within one hour from current time'],
    ['webhook', '401 HTTP status 401: X-Signature does not match'],
  ] as const)('%s refuses a wrong signature', async (type, expected) => {
    expect(await refusal({ ...channelOf(type), secret: 'another' } as Channel)).toBe(expected);
  });

  it('dingtalk refuses a signature that is encoded twice', async () => {
    const channel = channelOf('dingtalk');
    const { url } = requestFor(channel, { id: 'n', atMs: clock.nowMs(), notices: [noticeOf()] });
    expect(await refusal(channel, { url: url.replace(/%/g, '%25') })).toBe('200 errcode 310000: sign not match');
  });

  it('dingtalk refuses a text without the keyword', async () => {
    const { keyword: _, ...channel } = channelOf('dingtalk') as Channel & { keyword?: string };
    expect(await refusal(channel)).toBe('200 errcode 310000: keywords not in content');
  });

  it.each([
    ['dingtalk', '200 errcode 300001: token is not exist'],
    ['feishu', '200 code 19001: param invalid: incoming webhook access token invalid'],
    ['wecom', '200 errcode 93000: invalid webhook url'],
    ['slack', '404 HTTP status 404: no_service'],
  ] as const)('%s does not know another token', async (type, expected) => {
    const channel = channelOf(type);
    const url = channel.url.replace(/local(-[a-z]+)?$/, 'other');
    expect(await refusal({ ...channel, url })).toBe(expected);
  });

  it.each([
    ['dingtalk', '200 errcode 310000: invalid timestamp'],
    ['feishu', '200 code 19021: sign match fail or timestamp is not within one hour from current time'],
    ['webhook', '401 HTTP status 401: X-Timestamp is missing or too far off'],
  ] as const)('%s refuses what was signed more than an hour ago', async (type, expected) => {
    const channel = channelOf(type);
    const old = requestFor(channel, { id: 'n', atMs: clock.nowMs() - 3_601_000, notices: [noticeOf()] });
    expect(await refusal(channel, old)).toBe(expected);
  });

  it('P-184: dingtalk takes twenty a minute, then none for ten minutes', async () => {
    const channel = channelOf('dingtalk');
    const answers: string[] = [];
    for (let count = 0; count < 21; count += 1) answers.push(await refusal(channel));
    expect(answers.filter((text) => text === '200 taken')).toHaveLength(20);
    expect(answers[20]).toBe('200 errcode 130101: send too fast, exceed 20 times per minute');
    clock.advance(9 * 60_000);
    expect(await refusal(channel)).toMatch(/130101/);
    clock.advance(60_000);
    expect(await refusal(channel)).toBe('200 taken');
  });

  it('P-187: wecom refuses a text that is too long', async () => {
    const body = JSON.stringify({ msgtype: 'markdown', markdown: { content: '探'.repeat(1366) } });
    expect(await refusal(channelOf('wecom'), { body })).toBe(
      '200 errcode 40058: markdown.content exceed max length 4096',
    );
  });

  it('dingtalk refuses a body of more than 20,000 bytes, as JSON escapes it', async () => {
    const markdown = (quotes: number) => {
      const content = { title: 't', text: `dualstack ${'"'.repeat(quotes)}` };
      return { body: JSON.stringify({ msgtype: 'markdown', markdown: content }) };
    };
    const frame = Buffer.byteLength(markdown(0).body);
    const most = (20_000 - frame) / 2;
    expect(await refusal(channelOf('dingtalk'), markdown(Math.floor(most)))).toBe('200 taken');
    expect(await refusal(channelOf('dingtalk'), markdown(Math.floor(most) + 1))).toMatch(/^200 errcode 460101: /);
  });

  it('feishu refuses a body of more than 20 KB', async () => {
    const channel = channelOf('feishu');
    const { body } = requestFor(channel, { id: 'n', atMs: clock.nowMs(), notices: [noticeOf()] });
    const padded = (bytes: number) => body + ' '.repeat(bytes - Buffer.byteLength(body));
    expect(await refusal(channel, { body: padded(20 * 1024) })).toBe('200 taken');
    expect(await refusal(channel, { body: padded(20 * 1024 + 1) })).toBe(
      '200 code 19036: The message exceeds the size limit of 30KB',
    );
  });

  const sections = (...lengths: number[]) => ({
    body: JSON.stringify({
      text: 't',
      blocks: lengths.map((length) => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(length) } })),
    }),
  });
  it.each([
    ['a section of 3001 characters', sections(3001), '400 HTTP status 400: invalid_blocks'],
    ['51 blocks', sections(...Array.from({ length: 51 }, () => 1)), '400 HTTP status 400: invalid_blocks'],
    [
      'five sections of 2601',
      sections(...Array.from({ length: 5 }, () => 2601)),
      '400 HTTP status 400: msg_blocks_too_long',
    ],
    ['one of 3000', sections(3000), '200 taken'],
  ])('slack and %s', async (_, given, expected) => {
    expect(await refusal(channelOf('slack'), given)).toBe(expected);
  });

  it('a webhook refuses more than 64 KB', async () => {
    const channel = channelOf('webhook');
    const request = requestFor(channel, { id: 'n', atMs: clock.nowMs(), notices: [noticeOf()] });
    const body = request.body.padEnd(64 * 1024 + 1);
    const timestamp = Number(request.headers['x-timestamp']);
    const signature = signWebhook('local-webhook-secret', timestamp, body);
    const headers = { ...request.headers, 'x-signature': signature };
    expect(await refusal(channel, { body, headers })).toBe('413 HTTP status 413: the body has more than 64 KB');
  });

  it('P-189: slack takes one a second', async () => {
    await send(channelOf('slack'));
    const second = await send(channelOf('slack'));
    expect(second).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
    clock.advance(1000);
    expect(await refusal(channelOf('slack'))).toBe('200 taken');
  });
});

describe('/_local/inbox', () => {
  it('shows the exact request', async () => {
    const { request } = await send(channelOf('webhook'));
    const { messages } = (await (await fetch(`${edge.url}/_local/inbox`)).json()) as { messages: object[] };
    expect(messages).toMatchObject([
      {
        number: 1,
        channel: 'webhook',
        method: 'POST',
        target: '/hooks/local',
        body: request.body,
        headers: { 'x-signature': request.headers['x-signature'] },
        answer: { status: 200 },
      },
    ]);
  });

  it('is a page for a browser, in which nothing that was sent is markup', async () => {
    await send(channelOf('wecom'), { body: '<script>alert(1)</script>' });
    const response = await fetch(`${edge.url}/_local/inbox`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    const page = await response.text();
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<script>');
  });
});
