import type { Channel, Failure, Most } from '../alert/channel.ts';
import {
  type ChannelForm,
  type ChannelSecrets,
  noSecrets,
  readChannel,
  storedChannel,
} from '../alert/stored-channel.ts';
import type { Outcome } from './alerts.ts';
import { Documents } from './documents.ts';
import type { RowStore } from './rows.ts';

/** What is known of the traffic to one channel. */
export interface Delivery {
  type?: Channel['type'];
  /** When messages were sent, taken or not, newest last, as far as they count for its limits. */
  sentAtMs: number[];
  /** Messages that were not taken since the last that was. */
  failures: number;
  /** Not to be tried before. */
  retryAtMs?: number;
  /** A queue message will come then: none other is needed. */
  wakeAtMs?: number;
  lease?: { id: string; untilMs: number };
  /** When the messages began that belong together: what is newer than this waits for the next. */
  batchAtMs?: number;
  /** The message of which nobody knows whether it was taken: the same goes out again. */
  sending?: { id: string; atMs: number; changes: string[] };
  /** What became of notices whose rows do not say so yet, by the id of their change. */
  outcomes?: Record<string, Outcome>;
  /** How often it has said no to a message of one notice alone. */
  rejected?: Record<string, number>;
  /** What it is sent at once, at most: of what is sent now it has refused more. */
  most?: Most;
  /** When it took a message last. */
  takenAtMs?: number;
  /** Why it takes none at the moment. */
  failing?: { sinceMs: number; lastMs: number; failure: Failure; reason: string };
  /** Notices that it will not get. */
  lost?: { count: number; lastMs: number; reason: string };
}

export const freshDelivery = (): Delivery => ({ sentAtMs: [], failures: 0 });

/** Channels that stand in the store, and what was sent to any. */
export class Channels {
  readonly #settings: Documents<unknown, 'channels'>;
  readonly #deliveries: Documents<Delivery, 'deliveries'>;
  readonly #secrets: ChannelSecrets;

  constructor(rows: RowStore, secrets: ChannelSecrets = noSecrets) {
    this.#settings = new Documents(rows, 'channels');
    this.#deliveries = new Documents(rows, 'deliveries');
    this.#secrets = secrets;
  }

  /** At most 20; `refused` names the rows that are no channel, and says why without anything secret. */
  async list(): Promise<{
    channels: Channel[];
    forms: Map<string, ChannelForm>;
    refused: { name: string; reason: string }[];
  }> {
    const { found } = await this.#settings.list({ from: {}, to: {}, limit: 20 });
    const channels: Channel[] = [];
    const forms = new Map<string, ChannelForm>();
    const refused: { name: string; reason: string }[] = [];
    for (const { key, document } of found) {
      const name = String(key['name']);
      const read = readChannel(document, this.#secrets);
      if ('problems' in read)
        refused.push({
          name,
          reason: read.problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
        });
      else if (read.channel.name !== name) refused.push({ name, reason: 'name: is another one than its key' });
      else {
        channels.push(read.channel);
        forms.set(name, read.form);
      }
    }
    return { channels, forms, refused };
  }

  /** Writes a channel; what is secret of it is sealed where there is a key. */
  async put(channel: Channel): Promise<void> {
    await this.#settings.update({ name: channel.name }, () => storedChannel(channel, this.#secrets));
  }

  /** Writes a channel whose secrets stand elsewhere, as `document` says. */
  async putReference(document: { name: string; secretRef: string }): Promise<void> {
    await this.#settings.update({ name: document.name }, () => document);
  }

  /** Seals a row that is plain, or sealed with the key before, with the present key. @returns whether it was. */
  async sealAnew(name: string): Promise<boolean> {
    let isSealed = false;
    await this.#settings.update({ name }, (document) => {
      const read = readChannel(document, this.#secrets);
      isSealed =
        this.#secrets.key !== undefined && 'form' in read && (read.form === 'plain' || read.form === 'sealed-before');
      return isSealed && 'channel' in read ? storedChannel(read.channel, this.#secrets) : undefined;
    });
    return isSealed;
  }

  async remove(name: string): Promise<void> {
    await this.#settings.delete({ name });
  }

  async delivery(channel: string, change: (delivery: Delivery) => Delivery | undefined): Promise<Delivery> {
    const after = await this.#deliveries.update({ channel }, (known) => change(known ?? freshDelivery()));
    return after ?? freshDelivery();
  }

  /** What is known of each channel that something was sent to, by its name. */
  async deliveries(): Promise<Map<string, Delivery>> {
    const { found } = await this.#deliveries.list({ from: {}, to: {}, limit: 100 });
    return new Map(found.map(({ key, document }) => [String(key['channel']), document]));
  }

  /** Forgets a channel that is none any more. */
  async forget(channel: string): Promise<void> {
    await this.#deliveries.delete({ channel });
  }
}
