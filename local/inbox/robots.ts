import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WireAnswer, WireRequest } from '../wire.ts';

/** A chat robot of the inbox: who it is, how it judges what comes, how it says no. */
export interface Robot {
  type: 'dingtalk' | 'feishu' | 'wecom' | 'slack' | 'webhook';
  path: string;
  /** What one puts into the settings of a channel, but for the host. */
  channel: Record<string, string>;
  /** Undefined: taken. `sentAtMs`: when it took the others. */
  refuse(request: WireRequest, nowMs: number, sentAtMs: number[]): WireAnswer | undefined;
  accept(): WireAnswer;
}

const json = (body: object, status = 200): WireAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});
const text = (status: number, body: string, headers: Record<string, string> = {}): WireAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body,
});

const hourMs = 3_600_000;
const minuteMs = 60_000;
const dingtalkBytes = 20_000;
const feishuBytes = 20 * 1024;
const webhookBytes = 64 * 1024;
const wecomBytes = { markdown: 4096, text: 2048 };

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

type Fields = Record<string, unknown>;
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function bodyOf({ body }: WireRequest): Fields | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
const isJson = ({ headers }: WireRequest): boolean => /^application\/json\b/.test(headers['content-type'] ?? '');
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const within = (sentAtMs: number[], nowMs: number, perMs: number): number =>
  sentAtMs.filter((ms) => ms > nowMs - perMs).length;

/**
 * DingTalk custom robot with a signature and a keyword. Says no with status 200.
 * Sources: https://open.dingtalk.com/document/robots/custom-robot-access;
 * https://github.com/timonwong/prometheus-webhook-dingtalk/issues/197 (310000);
 * https://github.com/ccfos/nightingale/issues/369 (130101);
 * https://github.com/feiyu563/PrometheusAlert/issues/318 (460101: the whole body, in bytes)
 */
export function dingtalkRobot(token: string, secret: string, keyword: string): Robot {
  const no = (errcode: number, errmsg: string) => json({ errcode, errmsg });
  let silentUntilMs = 0;
  return {
    type: 'dingtalk',
    path: '/robot/send',
    channel: { url: `/robot/send?access_token=${token}`, secret, keyword },
    accept: () => json({ errcode: 0, errmsg: 'ok' }),
    refuse(request, nowMs, sentAtMs) {
      const { query } = request;
      if (query.get('access_token') !== token) return no(300001, 'token is not exist');
      if (!isJson(request)) return no(43004, 'invalid http header Content-Type');
      const timestamp = query.get('timestamp') ?? '';
      const sign = query.get('sign') ?? '';
      if (!/^\d{13}$/.test(timestamp) || Math.abs(Number(timestamp) - nowMs) > hourMs)
        return no(310000, 'invalid timestamp');
      const expected = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
      if (!isSame(sign, expected)) return no(310000, 'sign not match');
      const body = bodyOf(request);
      if (body === undefined) return no(40035, 'missing parameter json');
      if (request.body.length > dingtalkBytes)
        return no(460101, 'description: body 大小不合法;solution:请保持大小在 20000bytes 以内;');
      const { msgtype, markdown } = body;
      if (msgtype !== 'markdown' && msgtype !== 'text') return no(40008, 'invalid message type');
      const content = isObject(markdown) ? markdown : isObject(body['text']) ? body['text'] : {};
      if (msgtype === 'markdown' && !(isText(content['title']) && isText(content['text'])))
        return no(40035, 'missing parameter markdown.title or markdown.text');
      if (msgtype === 'text' && !isText(content['content'])) return no(40035, 'missing parameter text.content');
      if (!JSON.stringify(content).includes(keyword)) return no(310000, 'keywords not in content');
      if (nowMs < silentUntilMs || within(sentAtMs, nowMs, minuteMs) >= 20) {
        if (nowMs >= silentUntilMs) silentUntilMs = nowMs + 10 * minuteMs;
        return no(130101, 'send too fast, exceed 20 times per minute');
      }
      return undefined;
    },
  };
}

/**
 * Feishu custom bot with a signature. Says no with status 200. The guide allows a body of 20 KB; 19036 is the code for a
 * message that is too large, whose text names another size. That it comes above 20 KB is this emulator's word: people
 * have seen far larger ones taken.
 * Sources: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot;
 * https://open.feishu.cn/document/server-docs/getting-started/server-error-codes (19036)
 */
export function feishuRobot(token: string, secret: string): Robot {
  const no = (code: number, msg: string) => json({ code, msg, data: {} });
  const path = `/open-apis/bot/v2/hook/${token}`;
  return {
    type: 'feishu',
    path: '/open-apis/bot/v2/hook/',
    channel: { url: path, secret },
    accept: () => json({ StatusCode: 0, StatusMessage: 'success', code: 0, data: {}, msg: 'success' }),
    refuse(request, nowMs, sentAtMs) {
      if (request.path !== path) return no(19001, 'param invalid: incoming webhook access token invalid');
      const body = bodyOf(request);
      if (body === undefined || !isJson(request)) return no(9499, 'Bad Request');
      const { timestamp, sign, msg_type: type, content, card } = body;
      const seconds = typeof timestamp === 'string' && /^\d{10}$/.test(timestamp) ? Number(timestamp) : undefined;
      const expected = createHmac('sha256', `${String(timestamp)}\n${secret}`).digest('base64');
      if (
        seconds === undefined ||
        Math.abs(seconds * 1000 - nowMs) > hourMs ||
        !isText(sign) ||
        !isSame(sign, expected)
      )
        return no(19021, 'sign match fail or timestamp is not within one hour from current time');
      const isWhole =
        (type === 'text' && isObject(content) && isText(content['text'])) || (type === 'interactive' && isObject(card));
      if (!isWhole) return no(9499, 'Bad Request');
      if (request.body.length > feishuBytes) return no(19036, 'The message exceeds the size limit of 30KB');
      if (within(sentAtMs, nowMs, minuteMs) >= 100 || within(sentAtMs, nowMs, 1000) >= 5)
        return no(11232, 'frequency limited');
      return undefined;
    },
  };
}

/**
 * WeCom group robot. Says no with status 200.
 * Sources: https://developer.work.weixin.qq.com/document/path/91770;
 * https://github.com/RayWangQvQ/BiliBiliToolPro/issues/702 (40058)
 */
export function wecomRobot(key: string): Robot {
  const no = (errcode: number, errmsg: string) => json({ errcode, errmsg });
  return {
    type: 'wecom',
    path: '/cgi-bin/webhook/send',
    channel: { url: `/cgi-bin/webhook/send?key=${key}` },
    accept: () => json({ errcode: 0, errmsg: 'ok' }),
    refuse(request, nowMs, sentAtMs) {
      if (request.query.get('key') !== key) return no(93000, 'invalid webhook url');
      const body = bodyOf(request);
      if (body === undefined) return no(40035, 'invalid json');
      const type = body['msgtype'];
      if (type !== 'markdown' && type !== 'text') return no(40008, 'invalid message type');
      const part = body[type];
      const content = isObject(part) ? part['content'] : undefined;
      if (!isText(content)) return no(44004, `${type}.content is empty`);
      const longest = wecomBytes[type];
      if (Buffer.byteLength(content) > longest) return no(40058, `${type}.content exceed max length ${longest}`);
      if (within(sentAtMs, nowMs, minuteMs) >= 20) return no(45009, 'api freq out of limit');
      return undefined;
    },
  };
}

/**
 * Slack incoming webhook. A section takes 3000 characters, a message 50 blocks and about 13,000 characters in all: that
 * last bound is documented nowhere, people have met it.
 * Sources: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks;
 * https://docs.slack.dev/reference/block-kit/composition-objects/text-object;
 * https://github.com/slackapi/bolt-js/issues/2509 (msg_blocks_too_long)
 */
export function slackRobot(secretPath: string): Robot {
  const path = `/services/${secretPath}`;
  return {
    type: 'slack',
    path: '/services/',
    channel: { url: path },
    accept: () => text(200, 'ok'),
    refuse(request, nowMs, sentAtMs) {
      if (request.path !== path) return text(404, 'no_service');
      const body = bodyOf(request);
      if (body === undefined) return text(400, 'invalid_payload');
      const { blocks } = body;
      if (!isText(body['text']) && blocks === undefined) return text(400, 'no_text');
      if (blocks !== undefined) {
        if (!Array.isArray(blocks) || blocks.length > 50) return text(400, 'invalid_blocks');
        const lengths = blocks.map((block: unknown) =>
          isObject(block) && isObject(block['text']) ? String(block['text']['text']).length : 0,
        );
        if (lengths.some((length) => length > 3000)) return text(400, 'invalid_blocks');
        if (lengths.reduce((sum, length) => sum + length, 0) > 13_000) return text(400, 'msg_blocks_too_long');
      }
      if (within(sentAtMs, nowMs, 1000) >= 1) return text(429, 'rate_limited', { 'retry-after': '30' });
      return undefined;
    },
  };
}

/**
 * A receiver of signed webhooks: the signature is over `X-Timestamp`, a dot and the body; five minutes are allowed, and
 * 64 KB.
 */
export function webhookReceiver(name: string, secret: string): Robot {
  const path = `/hooks/${name}`;
  return {
    type: 'webhook',
    path: '/hooks/',
    channel: { url: path, secret },
    accept: () => text(200, 'taken'),
    refuse(request, nowMs) {
      if (request.path !== path) return text(404, 'no such hook');
      const timestamp = request.headers['x-timestamp'] ?? '';
      if (!/^\d{10}$/.test(timestamp) || Math.abs(Number(timestamp) * 1000 - nowMs) > 5 * minuteMs)
        return text(401, 'X-Timestamp is missing or too far off');
      const expected = `sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(request.body).digest('hex')}`;
      if (!isSame(request.headers['x-signature'] ?? '', expected)) return text(401, 'X-Signature does not match');
      if (request.body.length > webhookBytes) return text(413, 'the body has more than 64 KB');
      return bodyOf(request) === undefined ? text(400, 'the body is not JSON') : undefined;
    },
  };
}
