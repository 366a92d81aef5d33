import { randomBytes } from 'node:crypto';
import type { KeyOf, Row, RowStore } from './rows.ts';
import { isOpen } from './rows.ts';
import type { TableName } from './tables.ts';

const maxConflicts = 30;
const conflictPauseMs = 40;

/** JSON documents, one row each, changed by compare-and-swap on their version. */
export class Documents<T, N extends TableName> {
  readonly #rows: RowStore;
  readonly #table: N;

  constructor(rows: RowStore, table: N) {
    this.#rows = rows;
    this.#table = table;
  }

  async find(key: KeyOf<N>): Promise<T | undefined> {
    const row = await this.#rows.get(this.#table, key);
    return row === undefined ? undefined : (JSON.parse(String(row['doc'])) as T);
  }

  /**
   * Reads, changes, writes if nobody else wrote in between, else begins again.
   *
   * @param change - pure; undefined: leave it as it is.
   * @returns the document as it is afterwards.
   * @throws StoreError when the store does not answer, Error when others keep getting in between.
   */
  async update(key: KeyOf<N>, change: (document: T | undefined) => T | undefined): Promise<T | undefined> {
    for (let conflict = 0; conflict < maxConflicts; conflict += 1) {
      const row = await this.#rows.get(this.#table, key);
      const before = row === undefined ? undefined : (JSON.parse(String(row['doc'])) as T);
      const after = change(before);
      if (after === undefined) return before;
      if (await this.#swap(key, row, after)) return after;
      await this.#rows.pause(Math.random() * conflictPauseMs * Math.min(conflict + 1, 8));
    }
    throw new Error(`${this.#table}: gave up after ${maxConflicts} conflicting writes`);
  }

  async delete(key: KeyOf<N>): Promise<void> {
    await this.#rows.delete(this.#table, key);
  }

  /** One page in the order of the keys; `from` included, `to` excluded. */
  async list(range: {
    from: Partial<KeyOf<N>>;
    to: Partial<KeyOf<N>>;
    limit: number;
  }): Promise<{ found: { key: Row; document: T }[]; next: KeyOf<N> | undefined }> {
    const page = await this.#rows.range(this.#table, { ...range, direction: 'forward' });
    return {
      found: page.rows.map((row) => ({ key: row, document: JSON.parse(String(row['doc'])) as T })),
      next: page.next,
    };
  }

  /** A lost answer is settled by reading again: the write's own id tells whether it took effect (P-135). */
  async #swap(key: KeyOf<N>, before: Row | undefined, after: T): Promise<boolean> {
    const version = before === undefined ? 0 : Number(before['version']);
    const write = randomBytes(6).toString('base64url');
    const row = { version: version + 1, write, doc: JSON.stringify(after) };
    const condition =
      before === undefined
        ? { row: 'absent' as const }
        : { row: 'present' as const, column: 'version', equals: version };
    try {
      return await this.#rows.put(this.#table, key, row, condition);
    } catch (error) {
      if (!isOpen(error)) throw error;
      return (await this.#rows.get(this.#table, key))?.['write'] === write;
    }
  }
}
