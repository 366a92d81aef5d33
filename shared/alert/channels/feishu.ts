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
import { inert } from '../text.ts';

/**
 * Signature of a Feishu (Lark) bot: key is `<seconds>\n<secret>`, the message is empty; Base64. DingTalk has key and
 * message the other way round, and milliseconds (P-183).
 *
 * @see https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (read 2026-11-22)
 */
export const signFeishu = (secret: string, timestampSeconds: number): string =>
  createHmac('sha256', `${timestampSeconds}\n${secret}`).update('').digest('base64');

/**
 * The whole body. The guide says 20 KB and not of which kind.
 *
 * @see https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (read 2026-11-30)
 */
const maxBytes = 20_000;

/** Plain text has no markup, so none is escaped; a client that links addresses by itself finds none either. */
const plainText = (content: string) => ({ tag: 'plain_text', content: inert(content) });

const render = ({ title, lines, link, id }: Block): object[] => [
  { tag: 'div', text: plainText([title, ...lines, id].join('\n')) },
  ...(link === undefined
    ? []
    : [{ tag: 'action', actions: [{ tag: 'button', type: 'default', text: plainText('Details'), url: link }] }]),
];

/**
 * Codes of the guide, and of the vendor's table of errors.
 *
 * @see https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (read 2026-11-30)
 * @see https://open.feishu.cn/document/server-docs/getting-started/server-error-codes (read 2026-11-30)
 */
const failures = new Map<number, Failure>([
  [11232, 'busy'],
  [19036, 'too-large'],
  // Token, signature, address, keyword.
  [19001, 'refused'],
  [19021, 'refused'],
  [19022, 'refused'],
  [19024, 'refused'],
]);

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

  request({ url, secret, keyword }, notification, room) {
    const seconds = Math.floor(notification.atMs / 1000);
    const signature = secret === undefined ? {} : { timestamp: String(seconds), sign: signFeishu(secret, seconds) };
    const blocks = notification.notices.map((notice) => blockOf(notice, room));
    const elements = blocks.flatMap((block, index) => [...(index === 0 ? [] : [{ tag: 'hr' }]), ...render(block)]);
    const isThere =
      keyword === undefined || blocks.some(({ title, lines }) => [title, ...lines].join('\n').includes(keyword));
    if (!isThere) elements.unshift({ tag: 'div', text: { tag: 'plain_text', content: keyword } });
    const isOver = notification.notices.every(({ change }) => change.type === 'resolved');
    const body = JSON.stringify({
      ...signature,
      msg_type: 'interactive',
      card: {
        config: { wide_screen_mode: true },
        header: { title: plainText(titleOf(notification, room)), template: isOver ? 'green' : 'red' },
        elements,
      },
    });
    return { url, headers: jsonHeaders, body, load: Buffer.byteLength(body) / maxBytes };
  },

  /** 200 says nothing: `code` does (P-182). The older `StatusCode` is outdated, and must not say otherwise. */
  read(answer) {
    const json = jsonOf(answer);
    const { code, StatusCode: older = 0, msg } = json ?? {};
    if (answer.status === 200 && code === 0 && older === 0) return { ok: true };
    const given = code === 0 ? older : code;
    if (typeof given !== 'number') return refusedBy(answer);
    const no = refusedAs(given, `code ${given}: ${String(msg)}`, failures);
    // 9499 stands for too many requests, or for one that is wrong.
    const isBusy = no.failure === 'busy' || (given === 9499 && /too many/i.test(no.reason));
    return isBusy ? { ...no, failure: 'busy', retryAfterMs: 60_000 } : no;
  },
};
