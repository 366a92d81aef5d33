import type { Notice } from '../alert/notification.ts';
import type { AlertChange, AlertState } from '../alert/state.ts';
import { Documents } from './documents.ts';
import type { RowStore } from './rows.ts';

/** The alerts of a target, and what has still to be handed on of what they tell: both in one write. */
export interface AlertRow {
  state: AlertState;
  outbox: AlertChange[];
}

/** One row per target. */
export class Alerts {
  readonly #documents: Documents<AlertRow, 'alerts'>;

  constructor(rows: RowStore) {
    this.#documents = new Documents(rows, 'alerts');
  }

  find(target: string): Promise<AlertRow | undefined> {
    return this.#documents.find({ target });
  }

  update(target: string, change: (row: AlertRow | undefined) => AlertRow | undefined): Promise<AlertRow | undefined> {
    return this.#documents.update({ target }, change);
  }

  remove(target: string): Promise<void> {
    return this.#documents.delete({ target });
  }

  /** Rows of the targets from `first` to `last`, both included. */
  async between(first: string, last: string): Promise<Map<string, AlertRow>> {
    const rows = new Map<string, AlertRow>();
    let from: { target: string } | undefined = { target: first };
    while (from !== undefined) {
      const page: Awaited<ReturnType<typeof this.list>> = await this.list(from, { target: `${last}!` });
      for (const { key, document } of page.found) rows.set(String(key['target']), document);
      from = page.next;
    }
    return rows;
  }

  private list(from: { target: string }, to: { target: string }) {
    return this.#documents.list({ from, to, limit: 100 });
  }
}

/** What became of a notice in one channel. `lost`: why the channel will not get it. */
export interface Outcome {
  atMs: number;
  lost?: string;
}

/** A notice on its way, with what became of it in each channel, by the channel's name. */
export interface NoticeRow {
  notice: Notice;
  /** When it was given out. */
  atMs: number;
  /** When each channel took it. */
  taken: Record<string, number>;
  /** Channels that will not get it, and why. */
  lost?: Record<string, { atMs: number; reason: string }>;
}

/** Whether nothing is left to do for it in this channel. That a channel fails is said by the others. */
export const isSettled = ({ notice: { change }, taken, lost = {} }: NoticeRow, channel: string): boolean =>
  Object.hasOwn(taken, channel) ||
  Object.hasOwn(lost, channel) ||
  (change.kind === 'channel-failing' && change.subject === channel);

/** Returns the row with what became of it in the channels; the same where nothing is new. */
export function withOutcomes(row: NoticeRow, outcomes: Map<string, Outcome>): NoticeRow {
  let after = row;
  for (const [channel, { atMs, lost: reason }] of outcomes) {
    if (isSettled(after, channel)) continue;
    after =
      reason === undefined
        ? { ...after, taken: { ...after.taken, [channel]: atMs } }
        : { ...after, lost: { ...after.lost, [channel]: { atMs, reason } } };
  }
  return after;
}

const pageSize = 200;

/** Notices: `pending` until all channels have them, `sent` afterwards. */
export class Notices {
  readonly #documents: Documents<NoticeRow, 'notices'>;

  constructor(rows: RowStore) {
    this.#documents = new Documents(rows, 'notices');
  }

  /** Does nothing where it is known: a repeat after a crash is no second message. */
  async add(notice: Notice, atMs: number): Promise<void> {
    const { id } = notice.change;
    if ((await this.#documents.find({ box: 'sent', id })) !== undefined) return;
    await this.#documents.update({ box: 'pending', id }, (row) =>
      row === undefined ? { notice, atMs, taken: {} } : undefined,
    );
  }

  /** All of them: what one channel does not take must not hide from the others what is new. Oldest first. */
  async pending(): Promise<NoticeRow[]> {
    const rows: NoticeRow[] = [];
    let from: { box: string; id?: string } | undefined = { box: 'pending' };
    while (from !== undefined) {
      const page: Awaited<ReturnType<typeof this.page>> = await this.page(from);
      rows.push(...page.found.map(({ document }) => document));
      from = page.next;
    }
    return rows.sort((a, b) => a.atMs - b.atMs);
  }

  private page(from: { box: string; id?: string }) {
    return this.#documents.list({ from, to: { box: 'pending' }, limit: pageSize });
  }

  async note(id: string, outcomes: Map<string, Outcome>): Promise<void> {
    await this.#documents.update({ box: 'pending', id }, (row) => {
      if (row === undefined) return undefined;
      const after = withOutcomes(row, outcomes);
      return after === row ? undefined : after;
    });
  }

  /** All channels have it, or never will. Known as sent before it stops being pending. */
  async archive(row: NoticeRow): Promise<void> {
    const { id } = row.notice.change;
    await this.#documents.update({ box: 'sent', id }, (known) => (known === undefined ? row : undefined));
    await this.#documents.delete({ box: 'pending', id });
  }
}
