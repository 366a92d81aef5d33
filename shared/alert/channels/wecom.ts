import {
  type ChannelKind,
  type ChannelOf,
  type Failure,
  jsonHeaders,
  jsonOf,
  refusedAs,
  refusedBy,
} from '../channel.ts';
import { type Block, blockOf } from '../notification.ts';
import { inert, joiner } from '../text.ts';

/** Bytes of the content, in UTF-8; longer is refused with 40058 (P-187). */
const maxBytes = { markdown: 4096, text: 2048 };

const colours = { fired: 'warning', reminder: 'warning', resolved: 'info' } as const;

/** This markdown knows no escape: what would be markup is broken up. Only `format` `text` has none at all. */
const escape = (text: string): string =>
  inert(text)
    .replace(/[`*_~]/g, `${joiner}$&${joiner}`)
    .replace(/&(?=#?\w+;)/g, `$&${joiner}`);

const render = {
  markdown: ({ type, title, lines, link, id }: Block): string =>
    [
      `<font color="${colours[type]}">${escape(title)}</font>`,
      ...lines.map((line) => `> ${escape(line)}`),
      ...(link === undefined ? [] : [`> [Details](${link})`]),
      `> <font color="comment">${escape(id)}</font>`,
    ].join('\n'),
  text: ({ title, lines, link, id }: Block): string =>
    [inert(title), ...lines.map(inert), ...(link === undefined ? [] : [`Details: ${link}`]), id].join('\n'),
};

const failures = new Map<number, Failure>([
  // More than 20 a minute.
  [45009, 'busy'],
  [-1, 'busy'],
  [40058, 'too-large'],
  // The key is none, or no more.
  [93000, 'refused'],
]);

/**
 * WeCom group robot, message type `markdown` or `text`. No signature: the key in the URL is the secret (P-188).
 *
 * @see https://developer.work.weixin.qq.com/document/path/91770 (read 2026-11-22)
 */
export const wecom: ChannelKind<ChannelOf<'wecom'>> = {
  limits: [{ count: 20, perMs: 60_000 }],

  request({ url, format = 'markdown' }, notification, room) {
    const content = notification.notices.map((notice) => render[format](blockOf(notice, room))).join('\n\n');
    return {
      url,
      headers: jsonHeaders,
      body: JSON.stringify({ msgtype: format, [format]: { content } }),
      load: Buffer.byteLength(content) / maxBytes[format],
    };
  },

  /** 200 says nothing: `errcode` does (P-182). */
  read(answer) {
    const json = jsonOf(answer);
    const code = json?.['errcode'];
    if (answer.status === 200 && code === 0) return { ok: true };
    if (typeof code !== 'number') return refusedBy(answer);
    const no = refusedAs(code, `errcode ${code}: ${String(json?.['errmsg'])}`, failures);
    return no.failure === 'busy' ? { ...no, retryAfterMs: 60_000 } : no;
  },
};
