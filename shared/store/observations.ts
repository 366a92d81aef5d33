import type { Observation } from '../probe/observation.ts';
import type { PendingObservation } from '../probe/pending.ts';
import type { ProbeState } from '../probe/state.ts';
import { isOpen, type Row, type RowCondition, type RowStore } from './rows.ts';

/** Stands in the column `verdict` of an observation that is on its way; `kind` tells how far it is. */
const pendingVerdict = 'pending';
const kindOf = ({ command }: PendingObservation): string => (command === undefined ? 'asked' : 'sent');

const keyAt = (atMs: number): string => new Date(atMs).toISOString();

/** What probes saw, and what the next probe needs of it. */
export class Observations {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /** Twice is the same. */
  async add(observation: Observation): Promise<void> {
    const { targetId, atMs } = observation;
    await this.#put('observations', { target: targetId, at: keyAt(atMs) }, rowOf(observation));
  }

  /** Makes known that there will be one. @returns false when it is known already, pending or not. */
  async announce(pending: PendingObservation): Promise<boolean> {
    return await this.#putIf(pending.targetId, pending.atMs, pendingRow(pending), { row: 'absent' });
  }

  /**
   * Notes the command that an expected observation is going to be read from, before it is sent.
   *
   * @returns what stands there now: of two that try, both get the command of the first; undefined when none is expected.
   */
  async plan(pending: PendingObservation): Promise<PendingObservation | undefined> {
    const { targetId, atMs } = pending;
    const condition = { row: 'present', column: 'kind', equals: 'asked' } as const;
    if (await this.#putIf(targetId, atMs, pendingRow(pending), condition)) return pending;
    return await this.pending(targetId, keyAt(atMs));
  }

  /** Puts the observation in the place of the pending one. @returns the one that stands there: the first stays. */
  async settle(observation: Observation): Promise<Observation | undefined> {
    const { targetId, atMs } = observation;
    const condition = { row: 'present', column: 'verdict', equals: pendingVerdict } as const;
    if (await this.#putIf(targetId, atMs, rowOf(observation), condition)) return observation;
    return await this.find(targetId, keyAt(atMs));
  }

  /** One that is on its way. @param at - ISO 8601 with milliseconds. */
  async pending(targetId: string, at: string): Promise<PendingObservation | undefined> {
    const row = await this.#rows.get('observations', { target: targetId, at });
    return row?.['verdict'] === pendingVerdict ? (JSON.parse(String(row['doc'])) as PendingObservation) : undefined;
  }

  /** With its samples. @param at - ISO 8601 with milliseconds. */
  async find(targetId: string, at: string): Promise<Observation | undefined> {
    const row = await this.#rows.get('observations', { target: targetId, at });
    return row === undefined || row['verdict'] === pendingVerdict ? undefined : readObservation(row, true);
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
      observations: page.rows
        .filter((row) => row['verdict'] !== pendingVerdict)
        .map((row) => readObservation(row, false)),
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

  async #putIf(targetId: string, atMs: number, row: Row, condition: RowCondition): Promise<boolean> {
    const key = { target: targetId, at: keyAt(atMs) };
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (await this.#rows.put('observations', key, row, condition)) return true;
        // The answer of the first write may have been lost, and the write not.
        return attempt > 1 && (await this.#rows.get('observations', key))?.['doc'] === row['doc'];
      } catch (error) {
        if (!isOpen(error) || attempt >= 3) throw error;
      }
    }
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

function rowOf({ targetId, atMs, verdict, fault, samples, ...rest }: Observation): Record<string, string> {
  return {
    verdict,
    kind: fault?.kind ?? '',
    doc: JSON.stringify({ targetId, atMs, verdict, ...(fault === undefined ? {} : { fault }), ...rest }),
    samples: JSON.stringify(samples ?? []),
  };
}

const pendingRow = (pending: PendingObservation): Record<string, string> => ({
  verdict: pendingVerdict,
  kind: kindOf(pending),
  doc: JSON.stringify(pending),
  samples: '[]',
});

function readObservation(row: Record<string, unknown>, withSamples: boolean): Observation {
  const observation = JSON.parse(String(row['doc'])) as Observation;
  if (!withSamples) return observation;
  return { ...observation, samples: JSON.parse(String(row['samples'])) as NonNullable<Observation['samples']> };
}
