import { createHmac } from 'node:crypto';
import { type ChannelKind, type ChannelOf, jsonHeaders, jsonOf, strange } from '../channel.ts';
import { type Block, fit, titleOf } from '../notification.ts';

/**
 * Signature of a Feishu (Lark) bot: key is `<seconds>\n<secret>`, the message is empty; Base64. DingTalk has key and
 * message the other way round, and milliseconds (P-183).
 *
 * @see https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (read 2026-11-22)
 */
export const signFeishu = (secret: string, timestampSeconds: number): string =>
  createHmac('sha256', `${timestampSeconds}\n${secret}`).update('').digest('base64');

const render = ({ title, lines, link, id }: Block): string =>
  [`**${title}**`, ...lines, ...(link === undefined ? [] : [`[Details](${link})`]), id].join('\n');

/** 11232 stands for too many requests; 9499 for those, or for a request that is wrong. */
const isBusy = (code: number, text: string): boolean => code === 11232 || (code === 9499 && /too many/i.test(text));

/**
 * Feishu custom bot, message type `interactive`: a card with a coloured head.
 *
 * @see https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (read 2026-11-22)
 */
export const feishu: ChannelKind<ChannelOf<'feishu'>> = {
  limits: [
    { count: 100, perMs: 60_000 },
    { count: 5, perMs: 1000 },
  ],

  request({ url, secret, keyword }, notification) {
    const seconds = Math.floor(notification.atMs / 1000);
    const signature = secret === undefined ? {} : { timestamp: String(seconds), sign: signFeishu(secret, seconds) };
    // The whole body may have 20 KB, of which quoting takes some (P-187).
    let content = fit(notification, 14_000, render);
    if (keyword !== undefined && !content.includes(keyword)) content = `${keyword}\n${content}`;
    const isOver = notification.notices.every(({ change }) => change.type === 'resolved');
    return {
      url,
      headers: jsonHeaders,
      body: JSON.stringify({
        ...signature,
        msg_type: 'interactive',
        card: {
          config: { wide_screen_mode: true },
          header: {
            title: { tag: 'plain_text', content: titleOf(notification) },
            template: isOver ? 'green' : 'red',
          },
          elements: [{ tag: 'div', text: { tag: 'lark_md', content } }],
        },
      }),
    };
  },

  /** 200 says nothing: `code` does (P-182). The older `StatusCode` is outdated. */
  read(answer) {
    const json = jsonOf(answer);
    const code = json?.['code'];
    if (answer.status === 200 && code === 0) return { ok: true };
    if (typeof code !== 'number') return { ok: false, reason: strange(answer) };
    const reason = `code ${code}: ${String(json?.['msg']).slice(0, 200)}`;
    return isBusy(code, reason) ? { ok: false, reason, retryAfterMs: 60_000 } : { ok: false, reason };
  },
};
