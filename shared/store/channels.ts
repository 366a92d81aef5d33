import { type Channel, channelSchema } from '../alert/channel.ts';
import { Documents } from './documents.ts';
import type { RowStore } from './rows.ts';

/** What is known of the traffic to one channel. */
export interface Delivery {
  /** When messages were taken, newest last, as far as they count for its limits. */
  sentAtMs: number[];
  /** Refusals since the last message that was taken. */
  failures: number;
  /** Not to be tried before. */
  retryAtMs?: number;
  /** A queue message will come then: none other is needed. */
  wakeAtMs?: number;
  lease?: { id: string; untilMs: number };
}

export const freshDelivery = (): Delivery => ({ sentAtMs: [], failures: 0 });

/** Channels that stand in the store, and what was sent to any. */
export class Channels {
  readonly #settings: Documents<unknown, 'channels'>;
  readonly #deliveries: Documents<Delivery, 'deliveries'>;

  constructor(rows: RowStore) {
    this.#settings = new Documents(rows, 'channels');
    this.#deliveries = new Documents(rows, 'deliveries');
  }

  /** At most 20; `refused` names the rows that are no channel. */
  async list(): Promise<{ channels: Channel[]; refused: string[] }> {
    const { found } = await this.#settings.list({ from: {}, to: {}, limit: 20 });
    const channels: Channel[] = [];
    const refused: string[] = [];
    for (const { key, document } of found) {
      const parsed = channelSchema.safeParse(document);
      if (parsed.success && parsed.data.name === key['name']) channels.push(parsed.data);
      else refused.push(String(key['name']));
    }
    return { channels, refused };
  }

  async put(channel: Channel): Promise<void> {
    await this.#settings.update({ name: channel.name }, () => channel);
  }

  async delivery(channel: string, change: (delivery: Delivery) => Delivery | undefined): Promise<Delivery> {
    const after = await this.#deliveries.update({ channel }, (known) => change(known ?? freshDelivery()));
    return after ?? freshDelivery();
  }
}
