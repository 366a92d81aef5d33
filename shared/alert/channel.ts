import * as z from 'zod';
import type { Notification } from './notification.ts';

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

/** `retryAfterMs`: the channel wants to be left alone for so long. */
export type Delivered = { ok: true } | { ok: false; reason: string; retryAfterMs?: number };

/** At most so many messages within so long. */
export interface RateLimit {
  count: number;
  perMs: number;
}

/** How one vendor is spoken to. Pure. */
export interface ChannelKind<C> {
  limits: RateLimit[];
  request(channel: C, notification: Notification): ChannelRequest;
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
  z.strictObject({ type: z.literal('wecom'), ...common }),
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
  try {
    const value = JSON.parse(body) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** For what is not as documented: the status, and the beginning of the body. */
export const strange = ({ status, body }: ChannelAnswer): string =>
  `HTTP status ${status}: ${body.replace(/\s+/g, ' ').slice(0, 120)}`;

/**
 * `Retry-After` in seconds, or as a date; undefined when there is none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs({ headers }: ChannelAnswer, nowMs: number): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
