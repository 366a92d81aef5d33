import { createHmac } from 'node:crypto';
import { type ChannelKind, type ChannelOf, jsonHeaders, retryAfterMs, strange } from '../channel.ts';
import { blockOf, titleOf } from '../notification.ts';

/** `sha256=` and the hexadecimal HMAC-SHA256 of `<seconds>.<body>` under the secret. */
export const signWebhook = (secret: string, timestampSeconds: number, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestampSeconds}.${body}`).digest('hex')}`;

/**
 * A webhook of your own: JSON, signed in `X-Signature` over `X-Timestamp` and the body. `id`, also in `X-Event-Id`, is
 * the same however often a message is sent; each change has one of its own. Any 2xx is taken as delivered.
 */
export const webhook: ChannelKind<ChannelOf<'webhook'>> = {
  limits: [{ count: 60, perMs: 60_000 }],

  request({ url, secret }, notification) {
    const seconds = Math.floor(notification.atMs / 1000);
    const body = JSON.stringify({
      version: 1,
      id: notification.id,
      at: new Date(notification.atMs).toISOString(),
      title: titleOf(notification),
      changes: notification.notices.map((notice) => {
        const { change, target } = notice;
        const { title, lines, link } = blockOf(notice);
        return {
          id: change.id,
          alertId: change.alertId,
          type: change.type,
          kind: change.kind,
          ...(change.subject === undefined ? {} : { subject: change.subject }),
          target: { id: target.id, name: target.name, ...(target.url === undefined ? {} : { url: target.url }) },
          since: new Date(change.sinceMs).toISOString(),
          ...(change.durationMs === undefined ? {} : { durationSeconds: Math.round(change.durationMs / 1000) }),
          isFlapping: change.isFlapping,
          evidence: change.evidence,
          title,
          text: lines.join('\n'),
          ...(link === undefined ? {} : { link }),
        };
      }),
    });
    return {
      url,
      headers: {
        ...jsonHeaders,
        'x-timestamp': String(seconds),
        'x-signature': signWebhook(secret, seconds, body),
        'x-event-id': notification.id,
      },
      body,
    };
  },

  read(answer) {
    if (answer.status >= 200 && answer.status < 300) return { ok: true };
    const afterMs = retryAfterMs(answer, Date.parse(answer.headers['date'] ?? ''));
    return { ok: false, reason: strange(answer), ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }) };
  },
};
