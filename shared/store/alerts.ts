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

/** A notice on its way, with the channels that have it. */
export interface NoticeRow {
  notice: Notice;
  /** When it was given out. */
  atMs: number;
  /** When each channel took it, by name. */
  taken: Record<string, number>;
}

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

  /** Oldest first. */
  async pending(limit: number): Promise<NoticeRow[]> {
    const { found } = await this.#documents.list({ from: { box: 'pending' }, to: { box: 'pending' }, limit });
    return found.map(({ document }) => document).sort((a, b) => a.atMs - b.atMs);
  }

  async markTaken(id: string, channel: string, atMs: number): Promise<void> {
    await this.#documents.update({ box: 'pending', id }, (row) =>
      row === undefined || Object.hasOwn(row.taken, channel)
        ? undefined
        : { ...row, taken: { ...row.taken, [channel]: atMs } },
    );
  }

  /** All channels have it. Known as sent before it stops being pending. */
  async archive(row: NoticeRow): Promise<void> {
    const { id } = row.notice.change;
    await this.#documents.update({ box: 'sent', id }, (known) => (known === undefined ? row : undefined));
    await this.#documents.delete({ box: 'pending', id });
  }
}
