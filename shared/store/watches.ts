import { type Watch, watchNameOf, type WatchStatus } from '../watch/watch.ts';
import { Documents } from './documents.ts';
import { type Listing, monthlyKey, newestFirst } from './newest-first.ts';
import type { Row, RowStore } from './rows.ts';

export interface WatchSummary {
  watchId: string;
  name: string;
  status: WatchStatus;
  createdAtMs: number;
  updatedAtMs: number;
}

/** Load balancers that are only watched: one row each. */
export class Watches {
  readonly #rows: RowStore;
  readonly #documents: Documents<Watch, 'watches'>;

  constructor(rows: RowStore) {
    this.#rows = rows;
    this.#documents = new Documents(rows, 'watches');
  }

  find(watchId: string): Promise<Watch | undefined> {
    return this.#documents.find(monthlyKey(watchId));
  }

  /** @returns the watch that stands under the id: this one, unless it was there before. */
  async create(watch: Watch): Promise<Watch> {
    return (
      (await this.#documents.update(monthlyKey(watch.watchId), (known) => (known === undefined ? watch : undefined))) ??
      watch
    );
  }

  /** @param change - undefined: leave it as it is. @returns undefined where there is none. */
  update(watchId: string, change: (watch: Watch) => Watch | undefined): Promise<Watch | undefined> {
    return this.#documents.update(monthlyKey(watchId), (known) => (known === undefined ? undefined : change(known)));
  }

  /** Newest first; `cursor` continues a listing. */
  async list(options: Listing): Promise<{ summaries: WatchSummary[]; cursor: string | undefined }> {
    return await newestFirst(this.#rows, 'watches', options, summaryOf);
  }
}

function summaryOf(row: Row): WatchSummary {
  const watch = JSON.parse(String(row['doc'])) as Watch;
  const { watchId, status, createdAtMs, updatedAtMs } = watch;
  return { watchId, name: watchNameOf(watch), status, createdAtMs, updatedAtMs };
}
