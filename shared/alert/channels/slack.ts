import { type ChannelKind, type ChannelOf, jsonHeaders, retryAfterMs, strange } from '../channel.ts';
import { type Block, fit, titleOf } from '../notification.ts';

/**
 * Three characters are markup to Slack.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text#escaping (read 2026-11-22)
 */
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const render = ({ title, lines, link, id }: Block): string =>
  [
    `*${escape(title)}*`,
    ...lines.map(escape),
    ...(link === undefined ? [] : [`<${link.replaceAll('|', '%7C').replaceAll('>', '%3E')}|Details>`]),
    `_${escape(id)}_`,
  ].join('\n');

/**
 * Slack incoming webhook. No signature: the URL is the secret (P-188). A section's text may have 3000 characters.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (read 2026-11-22)
 * @see https://docs.slack.dev/reference/block-kit/blocks/section-block (read 2026-11-22)
 */
export const slack: ChannelKind<ChannelOf<'slack'>> = {
  limits: [{ count: 1, perMs: 1000 }],

  request: ({ url }, notification) => ({
    url,
    headers: jsonHeaders,
    body: JSON.stringify({
      text: escape(titleOf(notification)),
      blocks: [{ type: 'section', text: { type: 'mrkdwn', text: fit(notification, 2900, render) } }],
    }),
  }),

  /** 200 with the text `ok`; 429 says for how long to wait (P-189). */
  read(answer) {
    if (answer.status === 200 && answer.body.trim() === 'ok') return { ok: true };
    const reason = strange(answer);
    if (answer.status !== 429) return { ok: false, reason };
    return {
      ok: false,
      reason,
      retryAfterMs: retryAfterMs(answer, Date.parse(answer.headers['date'] ?? '')) ?? 30_000,
    };
  },
};
