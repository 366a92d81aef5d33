import { createHash } from 'node:crypto';
import { isOpen, type RowStore } from './rows.ts';

/** What an `Idempotency-Key` stands for since its first use. */
export interface IdempotencyEntry {
  deploymentId: string;
  bodyHash: string;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export const bodyHashOf = (body: unknown): string => hash(JSON.stringify(body));

/** Keys are remembered for 7 days. */
export class IdempotencyKeys {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /** Binds the key to `entry`, unless it is bound already. @returns what it is bound to now. */
  async claim(caller: string, key: string, entry: IdempotencyEntry, nowMs: number): Promise<IdempotencyEntry> {
    const row = { key: hash(`${caller}\n${key}`) };
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.#rows.get('idempotency', row);
      if (found !== undefined)
        return { deploymentId: String(found['deployment']), bodyHash: String(found['body_hash']) };
      try {
        const columns = { deployment: entry.deploymentId, body_hash: entry.bodyHash, created_at: nowMs };
        if (await this.#rows.put('idempotency', row, columns, { row: 'absent' })) return entry;
      } catch (error) {
        if (!isOpen(error) || attempt >= 4) throw error;
      }
    }
  }
}
