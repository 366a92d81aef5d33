import * as z from 'zod';
import { check } from '../deployment/problems.ts';
import { isRecord } from '../is-record.ts';
import { type Channel, channelSchema } from './channel.ts';
import { open, seal } from './sealed-text.ts';

/** What opens the secrets of channels. */
export interface ChannelSecrets {
  /** 32 bytes; undefined: nothing can be sealed. */
  key: Buffer | undefined;
  /** The key before the present one: opens what it sealed, and seals nothing. */
  keyBefore: Buffer | undefined;
  /** Variables of the environment that a `secretRef` may name. */
  named: ReadonlyMap<string, string>;
}

export const noSecrets: ChannelSecrets = { key: undefined, keyBefore: undefined, named: new Map() };

/**
 * Where the URL and the secret of a channel stand: beside its name (`plain`), encrypted with the present key (`sealed`) or with
 * the one before (`sealed-before`), or in a variable of the environment (`reference`).
 */
export type ChannelForm = 'plain' | 'sealed' | 'sealed-before' | 'reference';

export type ReadChannel =
  | { channel: Channel; form: ChannelForm }
  | { problems: { path: PropertyKey[]; message: string }[] };

/** A secret may be of another channel: both the name and the vendor must be the same. */
const aboutOf = ({ name, type }: Record<string, unknown>): string => `channel\n${String(name)}\n${String(type)}`;

const secretParts = z.strictObject({ url: z.string(), secret: z.string().optional() });

/** Variables that a `secretRef` may name: one that names another would be a way to read it. */
export const secretVariable = /^DUALSTACK_ALB_CHANNEL_SECRET_[A-Z0-9_]{1,40}$/;

/** Reads a channel in any of its forms. A problem holds nothing of a secret. */
export function readChannel(document: unknown, secrets: ChannelSecrets): ReadChannel {
  if (!isRecord(document)) return parsed(document, 'plain');
  const { sealed, secretRef, ...open } = document;
  if (sealed === undefined && secretRef === undefined) return parsed(document, 'plain');
  const field = sealed === undefined ? 'secretRef' : 'sealed';
  const elsewhere = ['url', 'secret', ...(field === 'sealed' ? ['secretRef'] : [])].filter((name) =>
    Object.hasOwn(document, name),
  );
  if (elsewhere.length > 0) return problem(elsewhere[0] ?? '', `must not stand beside ${field}`);
  const found = field === 'sealed' ? opened(sealed, open, secrets) : referred(secretRef, secrets);
  if ('reason' in found) return problem(field, found.reason);
  const parts = secretsOf(found.text);
  if (parts === undefined) return problem(field, 'must hold a URL, or a JSON object of url and secret');
  return parsed({ ...open, ...parts }, found.form);
}

/** Returns what is written of a channel: without a secret where there is a key, as it is otherwise. */
export function storedChannel(channel: Channel, { key }: ChannelSecrets): Record<string, unknown> {
  if (key === undefined) return channel;
  const { url, ...rest } = channel;
  const { secret, ...open } = rest as typeof rest & { secret?: string };
  return {
    ...open,
    sealed: seal(JSON.stringify({ url, ...(secret === undefined ? {} : { secret }) }), key, aboutOf(open)),
  };
}

type Found = { text: string; form: ChannelForm } | { reason: string };

function opened(sealed: unknown, about: Record<string, unknown>, { key, keyBefore }: ChannelSecrets): Found {
  if (typeof sealed !== 'string') return { reason: 'must be a text' };
  const keys = [key, keyBefore].filter((one) => one !== undefined);
  if (keys.length === 0) return { reason: 'DUALSTACK_ALB_CHANNEL_KEY is not set' };
  const found = open(sealed, keys, aboutOf(about));
  if ('reason' in found) return found;
  return { text: found.text, form: found.key === key ? 'sealed' : 'sealed-before' };
}

function referred(name: unknown, { named }: ChannelSecrets): Found {
  if (typeof name !== 'string' || !secretVariable.test(name))
    return { reason: 'must name a variable DUALSTACK_ALB_CHANNEL_SECRET_…' };
  const text = named.get(name);
  return text === undefined ? { reason: `variable ${name} is not set` } : { text, form: 'reference' };
}

function secretsOf(text: string): z.infer<typeof secretParts> | undefined {
  if (!text.trimStart().startsWith('{')) return { url: text };
  try {
    return secretParts.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const problem = (field: string, message: string): ReadChannel => ({ problems: [{ path: [field], message }] });

function parsed(document: unknown, form: ChannelForm): ReadChannel {
  const result = check(channelSchema, document);
  return result.success ? { channel: result.data, form } : { problems: result.error.issues };
}
