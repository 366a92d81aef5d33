import { createHmac } from 'node:crypto';
import { type ChannelAnswer, type ChannelKind, type ChannelOf, jsonHeaders, jsonOf, refusedBy } from '../channel.ts';
import { blockOf, titleOf } from '../notification.ts';
import { oneLine, shortened } from '../../text.ts';
import { inert } from '../text.ts';

/** Ours to choose, as `docs/probes-and-alerts.md` says it: a receiver need not take more. */
const maxBytes = 64 * 1024;

/** `sha256=` and the hexadecimal HMAC-SHA256 of `<seconds>.<body>` under the secret. */
export const signWebhook = (secret: string, timestampSeconds: number, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestampSeconds}.${body}`).digest('hex')}`;

/** A gateway to a robot may hand on its no in an answer 200 (P-182). */
function isNo(answer: ChannelAnswer): boolean {
  const { errcode = 0, StatusCode: older = 0, ok, success } = jsonOf(answer) ?? {};
  return errcode !== 0 || older !== 0 || ok === false || success === false;
}

/**
 * A webhook of your own: JSON, signed in `X-Signature` over `X-Timestamp` and the body. `id`, also in `X-Event-Id`, is
 * the same however often a message is sent; each change has one of its own. What is made to be shown (`title`, `text`) holds
 * neither a link nor a mention that others wrote; the rest is data. Any 2xx is taken as delivered, unless its JSON says otherwise.
 */
export const webhook: ChannelKind<ChannelOf<'webhook'>> = {
  limits: [{ count: 60, perMs: 60_000 }],

  request({ url, secret }, notification, room) {
    const seconds = Math.floor(notification.atMs / 1000);
    const body = JSON.stringify({
      version: 1,
      id: notification.id,
      at: new Date(notification.atMs).toISOString(),
      title: inert(titleOf(notification, room)),
      changes: notification.notices.map((notice) => {
        const { change, target } = notice;
        const { title, lines, link } = blockOf(notice, room);
        return {
          id: change.id,
          alertId: change.alertId,
          type: change.type,
          kind: change.kind,
          ...(change.subject === undefined ? {} : { subject: oneLine(change.subject) }),
          target: {
            id: target.id,
            name: oneLine(target.name),
            ...(target.url === undefined ? {} : { url: oneLine(target.url) }),
          },
          since: new Date(change.sinceMs).toISOString(),
          ...(change.durationMs === undefined ? {} : { durationSeconds: Math.round(change.durationMs / 1000) }),
          isFlapping: change.isFlapping,
          evidence: shortened(oneLine(change.evidence), room.evidence),
          title: inert(title),
          text: inert(lines.join('\n')),
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
      load: Buffer.byteLength(body) / maxBytes,
    };
  },

  read(answer) {
    const isTaken = answer.status >= 200 && answer.status < 300;
    if (!isTaken) return refusedBy(answer);
    return isNo(answer) ? { ...refusedBy(answer), failure: 'rejected' } : { ok: true };
  },
};
