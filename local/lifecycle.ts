import type { Clock } from '../shared/clock.ts';

/** A status that changes by itself at an instant; computed when read, so no timer can race with anything. */
export interface Timed {
  during: string;
  /** `undefined`: the thing is gone from then on. */
  after: string | undefined;
  atMs: number;
}

export const settled = (status: string): Timed => ({ during: status, after: status, atMs: 0 });

export const begin = (clock: Clock, during: string, after: string | undefined, durationMs: number): Timed => ({
  during,
  after,
  atMs: clock.nowMs() + durationMs,
});

export const statusOf = (timed: Timed, clock: Clock): string | undefined =>
  clock.nowMs() >= timed.atMs ? timed.after : timed.during;

export interface Tag {
  key: string;
  value: string;
}

export interface Kept {
  readonly id: string;
  readonly createdAtMs: number;
  status: Timed;
  tags: Tag[];
  /** Tags given later than at creation become visible to queries after the same lag. */
  taggedAtMs?: number;
}

/** Tags by key; undefined for nothing. */
export const tagsIn = (item: Pick<Kept, 'tags'> | undefined): Record<string, string> | undefined =>
  item === undefined ? undefined : Object.fromEntries(item.tags.map(({ key, value }) => [key, value]));

/** Things by id; whatever has reached the end of its deletion is dropped when next looked at. */
export class Collection<T extends Kept> {
  readonly #clock: Clock;
  readonly #tagLagMs: number;
  readonly #onGone: ((item: T) => void) | undefined;
  #items = new Map<string, T>();

  constructor(clock: Clock, tagLagMs: number, onGone?: (item: T) => void) {
    this.#clock = clock;
    this.#tagLagMs = tagLagMs;
    this.#onGone = onGone;
  }

  add(item: T): T {
    this.#items.set(item.id, item);
    return item;
  }

  find(id: string): T | undefined {
    this.#sweep();
    return this.#items.get(id);
  }

  /** In order of creation. */
  list(): T[] {
    this.#sweep();
    return [...this.#items.values()];
  }

  /** All that carry every given tag (a tag without value matches any value), as a query by tag sees them: late. */
  listByTags(tags: { key: string; value?: string | undefined }[]): T[] {
    const now = this.#clock.nowMs();
    return this.list().filter(
      (item) =>
        tags.length === 0 ||
        (now >= (item.taggedAtMs ?? item.createdAtMs) + this.#tagLagMs &&
          tags.every((wanted) =>
            item.tags.some(
              (tag) => tag.key === wanted.key && (wanted.value === undefined || tag.value === wanted.value),
            ),
          )),
    );
  }

  statusOf(item: T): string {
    return statusOf(item.status, this.#clock) ?? item.status.during;
  }

  clear(): void {
    this.#items.clear();
  }

  #sweep(): void {
    for (const item of this.#items.values()) {
      if (statusOf(item.status, this.#clock) !== undefined) continue;
      this.#items.delete(item.id);
      this.#onGone?.(item);
    }
  }
}
