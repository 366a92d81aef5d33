/** Keys in ascending order. A range costs what is taken from it. */
export class SortedKeys {
  readonly #keys: string[] = [];

  /** Adds a key that is not there. */
  add(key: string): void {
    this.#keys.splice(this.#firstFrom(key), 0, key);
  }

  /** Removes a key that is there. */
  remove(key: string): void {
    this.#keys.splice(this.#firstFrom(key), 1);
  }

  all(): string[] {
    return [...this.#keys];
  }

  /** Keys from `first` on and before `end`. They must not change meanwhile. */
  *forward(first: string, end: string): Generator<string> {
    for (let index = this.#firstFrom(first); index < this.#keys.length; index += 1) {
      const key = this.#keys[index] as string;
      if (key >= end) return;
      yield key;
    }
  }

  /** Keys from `last` down, `last` included and `end` not. They must not change meanwhile. */
  *backward(last: string, end: string): Generator<string> {
    const from = this.#firstFrom(last);
    for (let index = this.#keys[from] === last ? from : from - 1; index >= 0; index -= 1) {
      const key = this.#keys[index] as string;
      if (key <= end) return;
      yield key;
    }
  }

  /** Returns the index of `key`, or of the first key after it. */
  #firstFrom(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
