import { isAhead } from '../ahead.ts';
import { isOpen, type Row, type RowStore } from './rows.ts';

/** Leases by name, taken by compare-and-swap: for work that must not run twice at once, tick by tick. */
export class Leases {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /**
   * Takes the lease for the tick of `tickMs`.
   *
   * @returns false when that tick or a later one was begun already, or another holder is still at it.
   */
  async take(
    name: string,
    { holder, tickMs, nowMs, untilMs }: { holder: string; tickMs: number; nowMs: number; untilMs: number },
  ): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.#rows.get('leases', { name });
      // An answer of the write was lost, and the write was not.
      if (found?.['holder'] === holder && attempt > 1) return true;
      if (found !== undefined && isHeld(found, { tickMs, nowMs, untilMs })) return false;
      const row: Row = { holder, tick: tickMs, until: untilMs };
      try {
        const condition =
          found === undefined
            ? ({ row: 'absent' } as const)
            : ({ row: 'present', column: 'holder', equals: String(found['holder']) } as const);
        if (await this.#rows.put('leases', { name }, row, condition)) return true;
        return false;
      } catch (error) {
        if (!isOpen(error) || attempt >= 3) throw error;
      }
    }
  }

  /** Lets the next tick in. Where the answer is lost the lease ends by itself. */
  async release(name: string, { holder, tickMs }: { holder: string; tickMs: number }): Promise<void> {
    const row: Row = { holder, tick: tickMs, until: 0 };
    try {
      await this.#rows.put('leases', { name }, row, { row: 'present', column: 'holder', equals: holder });
    } catch (error) {
      if (!isOpen(error)) throw error;
    }
  }
}

/** A tick or an end that lies ahead is void: a forged message wrote it, or the clock has been put back. */
function isHeld(found: Row, { tickMs, nowMs, untilMs }: { tickMs: number; nowMs: number; untilMs: number }): boolean {
  const [tick, until] = [Number(found['tick']), Number(found['until'])];
  if (tick >= tickMs && !isAhead(tick, nowMs)) return true;
  return until > nowMs && !isAhead(until, untilMs);
}
