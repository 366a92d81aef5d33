import { type ChannelKind, type ChannelOf, type Failure, failureOf, jsonHeaders, refusedBy } from '../channel.ts';
import { type Block, blockOf, titleOf } from '../notification.ts';
import { inert, joiner } from '../text.ts';

/**
 * Three characters are markup to Slack, and have an escape; those that set a font have none, and are broken up.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping (read 2026-11-22)
 */
const escape = (text: string): string =>
  inert(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[`*_~]/g, `${joiner}$&${joiner}`);

const render = ({ title, lines, link, id }: Block): string =>
  [
    `*${escape(title)}*`,
    ...lines.map(escape),
    ...(link === undefined ? [] : [`<${link.replaceAll('&', '&amp;')}|Details>`]),
    `_${escape(id)}_`,
  ].join('\n');

/**
 * Characters of one section, of all sections together, and sections. The second stands in no document, and has been met
 * at some 13,000.
 *
 * @see https://docs.slack.dev/reference/block-kit/composition-objects/text-object (read 2026-11-30)
 * @see https://github.com/slackapi/bolt-js/issues/2509 (read 2026-11-30)
 */
const most = { section: 3000, message: 12_000, sections: 50 };

/** The webhook's words, as far as they say more than the status. */
const failures = new Map<string, Failure>([
  ['msg_blocks_too_long', 'too-large'],
  ['msg_too_long', 'too-large'],
  ['rollup_error', 'busy'],
]);

/**
 * Slack incoming webhook. No signature: the URL is the secret (P-188).
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (read 2026-11-22)
 */
export const slack: ChannelKind<ChannelOf<'slack'>> = {
  limits: [{ count: 1, perMs: 1000 }],

  request({ url }, notification, room) {
    const texts = notification.notices.map((notice) => render(blockOf(notice, room)));
    const lengths = texts.map((text) => text.length);
    return {
      url,
      headers: jsonHeaders,
      body: JSON.stringify({
        text: escape(titleOf(notification, room)),
        // Verbatim: Slack makes no links or mentions of what looks like some.
        blocks: texts.map((text) => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } })),
      }),
      load: Math.max(
        Math.max(...lengths) / most.section,
        lengths.reduce((sum, length) => sum + length, 0) / most.message,
        texts.length / most.sections,
      ),
    };
  },

  /** 200 with the text `ok`; 429 says for how long to wait (P-189). */
  read(answer) {
    const text = answer.body.trim();
    if (answer.status === 200 && text === 'ok') return { ok: true };
    const no = refusedBy(answer);
    const failure =
      failures.get(text) ?? (answer.status === 200 && text !== '' ? 'rejected' : failureOf(answer.status));
    return { ...no, failure, ...(failure === 'busy' ? { retryAfterMs: no.retryAfterMs ?? 30_000 } : {}) };
  },
};
