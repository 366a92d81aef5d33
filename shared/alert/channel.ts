import { parseJson } from '../json.ts';
import * as z from 'zod';
import type { Notification, Room } from './notification.ts';
import type { RateLimit } from '../rate-limit.ts';
import { oneLine, shortened } from '../text.ts';

/** The exact HTTP request that a message becomes. Its URL may be a secret: it is never logged (P-188). */
export interface ChannelRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface ChannelAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * Why a message was not taken.
 *
 * - `busy`: too many at the moment; `retryAfterMs` is how long the channel wants to be left alone.
 * - `too-large`: a smaller one may be taken, this one never.
 * - `refused`: no message is taken until somebody changes the channel or its settings.
 * - `rejected`: answered with a no that may be about this message alone.
 * - `unanswered`: what became of it is not known.
 */
export type Failure = 'busy' | 'too-large' | 'refused' | 'rejected' | 'unanswered';

export type Delivered = { ok: true } | { ok: false; failure: Failure; reason: string; retryAfterMs?: number };

/** `load`: part of what the channel takes at once, measured as the channel measures it; it refuses more than 1. */
export interface SizedRequest extends ChannelRequest {
  load: number;
}

/** Bounds of one message. */
export interface Most {
  load?: number;
  notices?: number;
}

/** How one vendor is spoken to. Pure. */
export interface ChannelKind<C> {
  limits: RateLimit[];
  /** All of the notification in one message, whether that fits or not. */
  request(channel: C, notification: Notification, room: Room): SizedRequest;
  read(answer: ChannelAnswer): Delivered;
}

const isLoopback = (host: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(host);

const url = z.url({ protocol: /^https?$/, abort: true }).refine((text) => {
  const { protocol, hostname } = new URL(text);
  // The URL or what it carries is a secret.
  return protocol === 'https:' || isLoopback(hostname);
}, 'must be https');

const common = {
  /** How logs and rows call it. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits or hyphens'),
  url,
};
const secret = z.string().min(1).max(200);
/** A robot with a keyword drops what does not hold it (P-185). */
const keyword = z.string().min(1).max(40);

export const channelSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('dingtalk'),
    ...common,
    secret: secret.optional(),
    keyword: keyword.optional(),
    atMobiles: z
      .array(z.string().regex(/^[+0-9-]{5,20}$/))
      .max(20)
      .optional(),
  }),
  z.strictObject({ type: z.literal('feishu'), ...common, secret: secret.optional(), keyword: keyword.optional() }),
  z.strictObject({
    type: z.literal('wecom'),
    ...common,
    /** `text` is read everywhere, and holds half as much; markdown is not shown in WeChat. */
    format: z.enum(['markdown', 'text']).optional(),
  }),
  z.strictObject({ type: z.literal('slack'), ...common }),
  z.strictObject({ type: z.literal('webhook'), ...common, secret }),
]);

export type Channel = z.infer<typeof channelSchema>;
export type ChannelOf<T extends Channel['type']> = Extract<Channel, { type: T }>;

export const channelsSchema = z
  .array(channelSchema)
  .max(20)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two channels have the same name');

export const jsonHeaders = { 'content-type': 'application/json; charset=utf-8' };

/** The body as JSON, or nothing. */
export function jsonOf({ body }: ChannelAnswer): Record<string, unknown> | undefined {
  const value = parseJson(body);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** For what is not as documented: the status, and the beginning of the body. */
export const strange = ({ status, body }: ChannelAnswer): string =>
  `HTTP status ${status}: ${shortened(oneLine(body), 120)}`;

/** What the HTTP status alone says of a message that was not taken. */
export function failureOf(status: number): Failure {
  if (status === 413) return 'too-large';
  if (status === 429 || status === 503) return 'busy';
  if ((status >= 300 && status < 400) || [401, 403, 404, 410].includes(status)) return 'refused';
  return status >= 400 && status < 500 ? 'rejected' : 'unanswered';
}

/** Returns a no of a robot's own code, read by its table. */
export function refusedAs(code: number, text: string, failures: Map<number, Failure>): Delivered & { ok: false } {
  const failure =
    failures.get(code) ?? (/too long|too large|size limit|exceed max length/i.test(text) ? 'too-large' : 'rejected');
  return { ok: false, failure, reason: shortened(oneLine(text), 300) };
}

/** Returns a no that only the HTTP status explains, and how long to wait where the answer says so. */
export function refusedBy(answer: ChannelAnswer): Delivered & { ok: false } {
  const afterMs = retryAfterMs(answer, Date.parse(answer.headers['date'] ?? ''));
  return {
    ok: false,
    failure: failureOf(answer.status),
    reason: strange(answer),
    ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }),
  };
}

/**
 * `Retry-After` in seconds, or as a date; undefined when there is none, or a date in an answer that does not say when it
 * was given.
 *
 * @param nowMs - NaN where that is not known.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs({ headers }: ChannelAnswer, nowMs: number): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const afterMs = Date.parse(value) - nowMs;
  return Number.isNaN(afterMs) ? undefined : Math.max(0, afterMs);
}
