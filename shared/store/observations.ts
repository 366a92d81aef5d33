import type { Observation } from '../probe/observation.ts';
import type { ProbeState } from '../probe/state.ts';
import { isOpen, type RowStore } from './rows.ts';

const keyAt = (atMs: number): string => new Date(atMs).toISOString();

/** What probes saw, and what the next probe needs of it. */
export class Observations {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /** Twice is the same. */
  async add(observation: Observation): Promise<void> {
    const { targetId, atMs, verdict, fault, samples, ...rest } = observation;
    await this.#put(
      'observations',
      { target: targetId, at: keyAt(atMs) },
      {
        verdict,
        kind: fault?.kind ?? '',
        doc: JSON.stringify({ targetId, atMs, verdict, ...(fault === undefined ? {} : { fault }), ...rest }),
        samples: JSON.stringify(samples ?? []),
      },
    );
  }

  /** With its samples. @param at - ISO 8601 with milliseconds. */
  async find(targetId: string, at: string): Promise<Observation | undefined> {
    const row = await this.#rows.get('observations', { target: targetId, at });
    return row === undefined ? undefined : readObservation(row, true);
  }

  /** Newest first, without their samples. @param before - ISO 8601: only older ones. */
  async list(
    targetId: string,
    limit: number,
    before?: string,
  ): Promise<{ observations: Observation[]; next: string | undefined }> {
    const from = before === undefined ? {} : { at: new Date(Date.parse(before) - 1).toISOString() };
    const page = await this.#rows.range('observations', {
      from: { target: targetId, ...from },
      to: { target: targetId },
      direction: 'backward',
      limit,
    });
    return {
      observations: page.rows.map((row) => readObservation(row, false)),
      next: page.next === undefined ? undefined : String(page.rows.at(-1)?.['at']),
    };
  }

  async state(targetId: string): Promise<ProbeState> {
    const row = await this.#rows.get('probes', { id: targetId });
    return row === undefined ? { ticks: [] } : (JSON.parse(String(row['doc'])) as ProbeState);
  }

  async putState(targetId: string, state: ProbeState, nowMs: number): Promise<void> {
    await this.#put('probes', { id: targetId }, { updated_at: nowMs, doc: JSON.stringify(state) });
  }

  async #put(
    ...[table, key, row]:
      | [table: 'observations', key: { target: string; at: string }, row: Record<string, string | number>]
      | [table: 'probes', key: { id: string }, row: Record<string, string | number>]
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (table === 'observations') await this.#rows.put(table, key, row, { row: 'any' });
        else await this.#rows.put(table, key, row, { row: 'any' });
        return;
      } catch (error) {
        if (!isOpen(error) || attempt >= 3) throw error;
      }
    }
  }
}

function readObservation(row: Record<string, unknown>, withSamples: boolean): Observation {
  const observation = JSON.parse(String(row['doc'])) as Observation;
  if (!withSamples) return observation;
  return { ...observation, samples: JSON.parse(String(row['samples'])) as NonNullable<Observation['samples']> };
}
