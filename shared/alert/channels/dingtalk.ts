import { createHmac } from 'node:crypto';
import { type ChannelKind, type ChannelOf, jsonHeaders, jsonOf, strange } from '../channel.ts';
import { type Block, fit, titleOf } from '../notification.ts';

/**
 * Signature of a DingTalk robot: key is the secret, message is `<milliseconds>\n<secret>`; Base64, not yet URL-encoded.
 * Feishu has key and message the other way round, and seconds (P-183).
 *
 * @see https://open.dingtalk.com/document/robots/customize-robot-security-settings (read 2026-11-22)
 */
export const signDingtalk = (secret: string, timestampMs: number): string =>
  createHmac('sha256', secret).update(`${timestampMs}\n${secret}`).digest('base64');

/** A robot takes 20 a minute, and is silent for ten minutes afterwards (P-184). */
const penaltyMs = 10 * 60_000;

const render = ({ title, lines, link, id }: Block): string =>
  [
    `#### ${title}`,
    ...lines.map((line) => `> ${line}`),
    ...(link === undefined ? [] : [`> [Details](${link})`]),
    `> ${id}`,
  ].join('\n\n');

/**
 * DingTalk custom robot, message type `markdown`.
 *
 * @see https://open.dingtalk.com/document/robots/custom-robot-access (read 2026-11-22)
 */
export const dingtalk: ChannelKind<ChannelOf<'dingtalk'>> = {
  limits: [{ count: 20, perMs: 60_000 }],

  request({ url, secret, keyword, atMobiles = [] }, notification) {
    const target = new URL(url);
    if (secret !== undefined) {
      target.searchParams.set('timestamp', String(notification.atMs));
      // URLSearchParams encodes it, once (P-186).
      target.searchParams.set('sign', signDingtalk(secret, notification.atMs));
    }
    const mentions = atMobiles.map((mobile) => `@${mobile}`).join(' ');
    const parts = [fit(notification, 18_000, render), mentions];
    let text = parts.filter((part) => part !== '').join('\n\n');
    if (keyword !== undefined && !text.includes(keyword)) text = `${keyword}\n\n${text}`;
    return {
      url: target.href,
      headers: jsonHeaders,
      body: JSON.stringify({
        msgtype: 'markdown',
        markdown: { title: titleOf(notification), text },
        at: { atMobiles, isAtAll: false },
      }),
    };
  },

  /** 200 says nothing: `errcode` does (P-182). 130101: too fast, see https://github.com/ccfos/nightingale/issues/369 */
  read(answer) {
    const json = jsonOf(answer);
    const code = json?.['errcode'];
    if (answer.status === 200 && code === 0) return { ok: true };
    if (typeof code !== 'number') return { ok: false, reason: strange(answer) };
    const reason = `errcode ${code}: ${String(json?.['errmsg']).slice(0, 200)}`;
    return code === 130101 ? { ok: false, reason, retryAfterMs: penaltyMs } : { ok: false, reason };
  },
};
