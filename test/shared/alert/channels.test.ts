import { describe, expect, it } from 'vitest';
import { type Channel, type ChannelAnswer, channelsSchema } from '../../../shared/alert/channel.ts';
import { limitsOf, readAnswer, requestFor } from '../../../shared/alert/channel-kinds.ts';
import { waitMs } from '../../../shared/rate-limit.ts';
import { signDingtalk } from '../../../shared/alert/channels/dingtalk.ts';
import { signFeishu } from '../../../shared/alert/channels/feishu.ts';
import { signWebhook } from '../../../shared/alert/channels/webhook.ts';
import { noticeOf, notificationOf } from './notices.ts';

const [dingtalk, feishu, wecom, slack, webhook] = channelsSchema.parse([
  {
    type: 'dingtalk',
    name: 'd',
    url: 'https://oapi.dingtalk.com/robot/send?access_token=t',
    secret: 'SEC1',
    keyword: 'lb',
    atMobiles: ['13800000000'],
  },
  { type: 'feishu', name: 'f', url: 'https://open.feishu.cn/open-apis/bot/v2/hook/t', secret: 's' },
  { type: 'wecom', name: 'w', url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k' },
  { type: 'slack', name: 's', url: 'https://hooks.slack.com/services/T/B/X' },
  { type: 'webhook', name: 'h', url: 'https://alerts.example.org/in', secret: 's3cret' },
]) as [Channel, Channel, Channel, Channel, Channel];
const all = [dingtalk, feishu, wecom, slack, webhook];
const answer = (status: number, body: string, headers: Record<string, string> = {}): ChannelAnswer => ({
  status,
  body,
  headers,
});
const bodyOf = (channel: Channel, ...notices: Parameters<typeof notificationOf>) =>
  JSON.parse(requestFor(channel, notificationOf(...notices)).body) as {
    markdown: { text: string };
    at: object;
    card: { header: { template: string } };
  };

describe('P-183: signatures', () => {
  // Computed with another implementation (hmac of Python).
  it('of DingTalk have the secret as key', () => {
    expect(signDingtalk('SEC000000000000000000000', 1_763_800_000_000)).toBe(
      'PLE+sRrQd/8HVQIWXReZNihJI/NlnmouFBqgasJoIbk=',
    );
  });

  it('of Feishu have timestamp and secret as key', () => {
    expect(signFeishu('demo', 1_599_360_473)).toBe('l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=');
  });

  it('of webhooks cover timestamp and body', () => {
    expect(signWebhook('s3cret', 1_763_800_000, '{"a":1}')).toBe(
      'sha256=52db40eaea87cb8d852769449dde25a74290b83ad48b0c78748e7e00f074d012',
    );
  });
});

describe('the requests', () => {
  it('P-186: of DingTalk carry the signature URL-encoded once', () => {
    const { url } = requestFor(dingtalk, notificationOf());
    const query = new URL(url).searchParams;
    expect(query.get('access_token')).toBe('t');
    expect(query.get('sign')).toBe(signDingtalk('SEC1', Number(query.get('timestamp'))));
    expect(url).not.toMatch(/sign=[^&]*[+/]/);
  });

  it('P-185: hold the keyword of the robot', () => {
    expect(bodyOf(dingtalk).markdown.text).toMatch(/^lb\n/);
  });

  it('mention whom the channel names, also in the text', () => {
    const body = bodyOf(dingtalk);
    expect(body.at).toEqual({ atMobiles: ['13800000000'], isAtAll: false });
    expect(body.markdown.text).toMatch(/@13800000000$/);
  });

  it('of Feishu are green when all is over', () => {
    expect(bodyOf(feishu).card.header.template).toBe('red');
    expect(bodyOf(feishu, noticeOf({ type: 'resolved' })).card.header.template).toBe('green');
  });

  it('of a webhook are signed over exactly the bytes that are sent', () => {
    const { headers, body } = requestFor(webhook, notificationOf());
    expect(headers['x-signature']).toBe(signWebhook('s3cret', Number(headers['x-timestamp']), body));
    expect(JSON.parse(body)).toMatchObject({
      version: 1,
      id: 'n-1',
      changes: [
        { id: '0123456789ab-fired', kind: 'backend-down', subject: 'ECS02', since: '2026-11-22T08:00:00.000Z' },
      ],
    });
  });

  it.each(all.map((channel) => [channel.type, channel] as const))(
    'of %s tell the backend, the evidence, the message id and the link',
    (_, channel) => {
      const { body } = requestFor(channel, notificationOf());
      for (const part of [
        'backend ECS02 is down',
        'none of 20 answers came from ECS02',
        '0123456789ab-fired',
        '/load-balancers/01khq0000000000000000000aa',
      ])
        expect(body).toContain(part);
    },
  );

  it.each(all.map((channel) => [channel.type, channel] as const))('of %s tell all changes at once', (_, channel) => {
    const { body } = requestFor(channel, notificationOf(noticeOf(), noticeOf({ subject: 'ECS03', id: 'other-fired' })));
    expect(body).toContain('ECS02');
    expect(body).toContain('ECS03');
  });
});

describe('P-182: an answer 200', () => {
  it.each([
    [dingtalk, '{"errcode":0,"errmsg":"ok"}'],
    [feishu, '{"StatusCode":0,"code":0,"msg":"success","data":{}}'],
    [wecom, '{"errcode":0,"errmsg":"ok"}'],
    [slack, 'ok'],
    [webhook, ''],
  ])('of $type is a success as documented', (channel, body) => {
    expect(readAnswer(channel, answer(200, body))).toEqual({ ok: true });
  });

  it.each([
    [dingtalk, '{"errcode":310000,"errmsg":"sign not match"}', /310000: sign not match/],
    [feishu, '{"code":19021,"msg":"sign match fail"}', /19021: sign match fail/],
    [feishu, '{"StatusCode":0}', /HTTP status 200/],
    [wecom, '{"errcode":40058,"errmsg":"too long"}', /40058/],
    [slack, 'invalid_payload', /invalid_payload/],
    [dingtalk, '<html>login</html>', /HTTP status 200: <html>/],
    [feishu, '', /HTTP status 200/],
  ])('of $type may be a refusal: %s', (channel, body, reason) => {
    const read = readAnswer(channel, answer(200, body));
    expect(read).toMatchObject({ ok: false });
    expect('reason' in read && read.reason).toMatch(reason);
  });
});

describe('a no', () => {
  const no = (code: number, text = 'no') => JSON.stringify({ errcode: code, errmsg: text });
  it.each([
    [dingtalk, answer(200, no(130101)), 'busy'],
    [dingtalk, answer(200, no(460101)), 'too-large'],
    [dingtalk, answer(200, no(999999, 'message too long')), 'too-large'],
    [dingtalk, answer(200, no(310000, 'sign not match')), 'refused'],
    [dingtalk, answer(200, no(300001)), 'refused'],
    [dingtalk, answer(200, no(430102)), 'rejected'],
    [dingtalk, answer(502, '<html>bad gateway</html>'), 'unanswered'],
    [feishu, answer(200, '{"code":19036,"msg":"The message exceeds the size limit of 30KB"}'), 'too-large'],
    [feishu, answer(200, '{"code":9499,"msg":"too many request"}'), 'busy'],
    [feishu, answer(200, '{"code":9499,"msg":"Bad Request"}'), 'rejected'],
    [feishu, answer(200, '{"code":19024,"msg":"Key Words Not Found"}'), 'refused'],
    [feishu, answer(200, '{"code":0,"StatusCode":19001}'), 'refused'],
    [feishu, answer(200, ''), 'unanswered'],
    [wecom, answer(200, no(40058)), 'too-large'],
    [wecom, answer(200, no(93000)), 'refused'],
    [wecom, answer(200, no(45009)), 'busy'],
    [slack, answer(404, 'no_service'), 'refused'],
    [slack, answer(400, 'invalid_blocks'), 'rejected'],
    [slack, answer(400, 'msg_blocks_too_long'), 'too-large'],
    [slack, answer(429, 'rate_limited'), 'busy'],
    [slack, answer(200, '<html>login</html>'), 'rejected'],
    [slack, answer(200, ''), 'unanswered'],
    [webhook, answer(413, ''), 'too-large'],
    [webhook, answer(401, ''), 'refused'],
    [webhook, answer(302, ''), 'refused'],
    [webhook, answer(422, ''), 'rejected'],
    [webhook, answer(500, ''), 'unanswered'],
    [webhook, answer(200, no(310000)), 'rejected'],
    [webhook, answer(200, '{"ok":false}'), 'rejected'],
  ])('of $type, $1, is $2', (channel, given, failure) => {
    expect(readAnswer(channel, given)).toMatchObject({ ok: false, failure });
  });

  it('P-188: shows nothing of the address or the secret that it quotes', () => {
    const secretive: Channel = {
      ...wecom,
      url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=5b1f0d1c-key',
    } as Channel;
    const read = readAnswer(secretive, answer(404, `no ${secretive.url} or /send?key=5b1f0d1c-key or 5b1f0d1c-key`));
    expect(read).toMatchObject({ reason: 'HTTP status 404: no … or /send?key=… or …' });
  });
});

describe('an answer that asks for patience', () => {
  it.each([
    [dingtalk, answer(200, '{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}'), 600_000],
    [feishu, answer(200, '{"code":11232,"msg":"frequency limited"}'), 60_000],
    [wecom, answer(200, '{"errcode":45009,"errmsg":"api freq out of limit"}'), 60_000],
    [webhook, answer(503, 'busy', { 'retry-after': '7' }), 7000],
  ])('of $type is heeded', (channel, given, retryAfterMs) => {
    expect(readAnswer(channel, given)).toMatchObject({ ok: false, retryAfterMs });
  });

  it('names a date, which only the answer that says its own can measure', () => {
    const date = 'Mon, 30 Nov 2026 22:00:00 GMT';
    const after = 'Mon, 30 Nov 2026 22:00:09 GMT';
    expect(readAnswer(webhook, answer(503, 'busy', { date, 'retry-after': after }))).toHaveProperty(
      'retryAfterMs',
      9000,
    );
    expect(readAnswer(webhook, answer(503, 'busy', { 'retry-after': after }))).not.toHaveProperty('retryAfterMs');
  });

  it('P-189: of Slack is heeded', () => {
    expect(readAnswer(slack, answer(429, 'rate_limited', { 'retry-after': '30' }))).toMatchObject({
      ok: false,
      retryAfterMs: 30_000,
    });
  });
});

describe('P-184: the limits', () => {
  it('let twenty a minute through to DingTalk', () => {
    const sent = Array.from({ length: 20 }, (_, index) => index * 1000);
    expect(waitMs(limitsOf(dingtalk), sent.slice(1), 20_000)).toBe(0);
    expect(waitMs(limitsOf(dingtalk), sent, 20_000)).toBe(40_000);
    expect(waitMs(limitsOf(dingtalk), sent, 60_000)).toBe(0);
  });

  it('let one a second through to Slack', () => {
    expect(waitMs(limitsOf(slack), [1000], 1400)).toBe(600);
    expect(waitMs(limitsOf(slack), [1000], 2000)).toBe(0);
  });
});

describe('a channel', () => {
  it.each([
    [{ type: 'slack', name: 's', url: 'http://hooks.slack.com/services/T/B/X' }],
    [{ type: 'webhook', name: 's', url: 'https://a.example' }],
    [{ type: 'fax', name: 's', url: 'https://a.example' }],
    [{ type: 'slack', name: 's', url: 'https://a.example', secret: 'x' }],
  ])('is refused: %j', (channel) => {
    expect(channelsSchema.safeParse([channel]).success).toBe(false);
  });

  it('may be a local one without TLS', () => {
    const local = { type: 'slack', name: 's', url: 'http://127.0.0.1:8080/services/x' };
    expect(channelsSchema.safeParse([local]).success).toBe(true);
  });

  it('has a name of its own', () => {
    expect(channelsSchema.safeParse([slack, slack]).success).toBe(false);
  });
});
