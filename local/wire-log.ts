import type { WireLogEntry } from './edge.ts';

const mostEntries = 20_000;
/** Of all parameters together: a body of a message may have 64 KB. */
const mostCharacters = 16 * 1024 * 1024;
/** The oldest go together: each time that they do, the rest moves. */
const goTogether = 1000;

/** The newest calls, numbered from 0 since the start. */
export class WireLog {
  readonly entries: WireLogEntry[] = [];
  readonly #sizes = new WeakMap<WireLogEntry, number>();
  #characters = 0;
  #gone = 0;

  add(entry: WireLogEntry): void {
    // Whoever holds the list may empty it.
    if (this.entries.length === 0) this.#characters = 0;
    const size = JSON.stringify(entry.params).length;
    this.#sizes.set(entry, size);
    this.entries.push(entry);
    this.#characters += size;
    while (this.entries.length > mostEntries || (this.#characters > mostCharacters && this.entries.length > 1))
      this.#drop(Math.min(goTogether, Math.ceil(this.entries.length / 2)));
  }

  /** The calls from number `from` on that are still there, and the number of the next one. */
  since(from: number): { calls: WireLogEntry[]; next: number } {
    return {
      calls: this.entries.slice(Math.max(0, from - this.#gone)),
      next: this.#gone + this.entries.length,
    };
  }

  #drop(count: number): void {
    for (const entry of this.entries.splice(0, count)) this.#characters -= this.#sizes.get(entry) ?? 0;
    this.#gone += count;
  }
}
