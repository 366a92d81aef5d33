import type { Observation } from '../probe/observation.ts';
import { addToRollup, emptyRollup, type Rollup, type Summary, summaryOf } from '../probe/rollup.ts';
import { isOpen, type RowStore } from './rows.ts';

const hourMs = 3_600_000;
const hourOf = (ms: number): string => new Date(ms).toISOString().slice(0, 13);
const spans = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 };

/** Sums of observations by the hour. */
export class Rollups {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /** Counts an observation once, however often it comes; it must not come after a later one. */
  async add(observation: Observation): Promise<void> {
    const key = { target: observation.targetId, hour: hourOf(observation.atMs) };
    for (let attempt = 1; ; attempt += 1) {
      const row = await this.#rows.get('rollups', key);
      const before = row === undefined ? emptyRollup() : (JSON.parse(String(row['doc'])) as Rollup);
      const after = addToRollup(before, observation);
      if (after === undefined) return;
      const condition =
        row === undefined
          ? ({ row: 'absent' } as const)
          : ({ row: 'present', column: 'last_at', equals: before.lastAtMs } as const);
      try {
        const columns = { last_at: after.lastAtMs, doc: JSON.stringify(after) };
        if (await this.#rows.put('rollups', key, columns, condition)) return;
        if (attempt >= 4) throw new Error(`rollup ${key.target} ${key.hour}: others keep getting in between`);
      } catch (error) {
        if (!isOpen(error) || attempt >= 4) throw error;
      }
    }
  }

  /** Uptime and quantiles of the last day, week and month, in whole hours. */
  async summaries(targetId: string, nowMs: number): Promise<Record<keyof typeof spans, Summary>> {
    const rollups: { hour: string; rollup: Rollup }[] = [];
    let from: string | undefined;
    for (;;) {
      const page = await this.#rows.range('rollups', {
        from: { target: targetId, ...(from === undefined ? {} : { hour: from }) },
        to: { target: targetId, hour: hourOf(nowMs - spans['30d'] * hourMs) },
        direction: 'backward',
        limit: 200,
      });
      for (const row of page.rows)
        rollups.push({ hour: String(row['hour']), rollup: JSON.parse(String(row['doc'])) as Rollup });
      if (page.next === undefined) break;
      from = page.next.hour;
    }
    const since = (hours: number) => {
      const first = hourOf(nowMs - hours * hourMs);
      return summaryOf(rollups.filter(({ hour }) => hour > first).map(({ rollup }) => rollup));
    };
    return { '24h': since(spans['24h']), '7d': since(spans['7d']), '30d': since(spans['30d']) };
  }
}
