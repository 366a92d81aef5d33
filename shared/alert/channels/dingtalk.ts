import { createHmac } from 'node:crypto';
import {
  type ChannelKind,
  type ChannelOf,
  type Failure,
  jsonHeaders,
  jsonOf,
  refusedAs,
  refusedBy,
} from '../channel.ts';
import { type Block, blockOf, titleOf } from '../notification.ts';
import { inert, joiner } from '../text.ts';

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

/**
 * The whole body, in bytes.
 *
 * @see https://github.com/feiyu563/PrometheusAlert/issues/318 (read 2026-11-30)
 */
const maxBytes = 20_000;

/**
 * A backslash keeps these as they are; what else would be markup is broken up.
 *
 * @see https://github.com/timonwong/prometheus-webhook-dingtalk/blob/main/template/funcs.go (read 2026-11-30)
 */
const escape = (text: string): string =>
  inert(text)
    .replace(/[\\`*_]/g, '\\$&')
    .replace(/~(?=~)|&(?=#?\w+;)/g, `$&${joiner}`);

const render = ({ title, lines, link, id }: Block): string =>
  [
    `#### ${escape(title)}`,
    ...lines.map((line) => `> ${escape(line)}`),
    ...(link === undefined ? [] : [`> [Details](${link})`]),
    `> ${escape(id)}`,
  ].join('\n\n');

/** Codes as people have met them; the guide has no table. */
const failures = new Map<number, Failure>([
  [-1, 'busy'],
  // https://github.com/ccfos/nightingale/issues/369
  [130101, 'busy'],
  [410100, 'busy'],
  // https://github.com/timonwong/prometheus-webhook-dingtalk/issues/30
  [101002, 'too-large'],
  [460101, 'too-large'],
  // No such token; the robot, or its group, is gone or switched off.
  [300001, 'refused'],
  [400013, 'refused'],
  [400101, 'refused'],
  [400102, 'refused'],
  [400106, 'refused'],
  // Signature, keyword or address: https://github.com/timonwong/prometheus-webhook-dingtalk/issues/197
  [310000, 'refused'],
]);

/**
 * DingTalk custom robot, message type `markdown`.
 *
 * @see https://open.dingtalk.com/document/robots/custom-robot-access (read 2026-11-22)
 */
export const dingtalk: ChannelKind<ChannelOf<'dingtalk'>> = {
  limits: [{ count: 20, perMs: 60_000 }],

  request({ url, secret, keyword, atMobiles = [] }, notification, room) {
    const target = new URL(url);
    if (secret !== undefined) {
      target.searchParams.set('timestamp', String(notification.atMs));
      // URLSearchParams encodes it, once (P-186).
      target.searchParams.set('sign', signDingtalk(secret, notification.atMs));
    }
    const blocks = notification.notices.map((notice) => render(blockOf(notice, room)));
    const mentions = atMobiles.map((mobile) => `@${mobile}`).join(' ');
    let text = [...blocks, mentions].filter((part) => part !== '').join('\n\n');
    if (keyword !== undefined && !text.includes(keyword)) text = `${keyword}\n\n${text}`;
    const body = JSON.stringify({
      msgtype: 'markdown',
      markdown: { title: inert(titleOf(notification, room)), text },
      at: { atMobiles, isAtAll: false },
    });
    return { url: target.href, headers: jsonHeaders, body, load: Buffer.byteLength(body) / maxBytes };
  },

  /** 200 says nothing: `errcode` does (P-182). */
  read(answer) {
    const json = jsonOf(answer);
    const code = json?.['errcode'];
    if (answer.status === 200 && code === 0) return { ok: true };
    if (typeof code !== 'number') return refusedBy(answer);
    const no = refusedAs(code, `errcode ${code}: ${String(json?.['errmsg'])}`, failures);
    return no.failure === 'busy' ? { ...no, retryAfterMs: code === -1 ? 10_000 : penaltyMs } : no;
  },
};
