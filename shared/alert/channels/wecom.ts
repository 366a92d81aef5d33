import { type ChannelKind, type ChannelOf, jsonHeaders, jsonOf, strange } from '../channel.ts';
import { type Block, fit } from '../notification.ts';

/** Longer is refused with 40058 (P-187). */
const maxBytes = 4096;

const colours = { fired: 'warning', reminder: 'warning', resolved: 'info' } as const;

const render = ({ type, title, lines, link, id }: Block): string =>
  [
    `<font color="${colours[type]}">${title}</font>`,
    ...lines.map((line) => `> ${line}`),
    ...(link === undefined ? [] : [`> [Details](${link})`]),
    `> <font color="comment">${id}</font>`,
  ].join('\n');

/**
 * WeCom group robot, message type `markdown`. No signature: the key in the URL is the secret (P-188).
 *
 * @see https://developer.work.weixin.qq.com/document/path/91770 (read 2026-11-22)
 */
export const wecom: ChannelKind<ChannelOf<'wecom'>> = {
  limits: [{ count: 20, perMs: 60_000 }],

  request: ({ url }, notification) => ({
    url,
    headers: jsonHeaders,
    body: JSON.stringify({ msgtype: 'markdown', markdown: { content: fit(notification, maxBytes, render) } }),
  }),

  /** 200 says nothing: `errcode` does (P-182). 45009: more than 20 a minute. */
  read(answer) {
    const json = jsonOf(answer);
    const code = json?.['errcode'];
    if (answer.status === 200 && code === 0) return { ok: true };
    if (typeof code !== 'number') return { ok: false, reason: strange(answer) };
    const reason = `errcode ${code}: ${String(json?.['errmsg']).slice(0, 200)}`;
    return code === 45009 ? { ok: false, reason, retryAfterMs: 60_000 } : { ok: false, reason };
  },
};
