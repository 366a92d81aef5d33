import { createHash } from 'node:crypto';
import { isAhead } from '../ahead.ts';
import { without } from '../dictionary.ts';
import { type RateLimit, waitMs } from '../rate-limit.ts';
import { Documents } from './documents.ts';
import type { RowStore } from './rows.ts';

/** What a caller may have a number of. */
export type HeldKind = 'deployments' | 'watches';

/** Ids with the instant at which each was last asked for. */
type Held = Record<string, number>;

const heldPrefix = 'held/';

/** Opaque, and the same for the same caller. */
const callerKey = (caller: string): string => createHash('sha256').update(caller).digest('hex').slice(0, 32);
const heldKey = (kind: HeldKind, caller: string) => ({ id: `${heldPrefix}${kind}/${callerKey(caller)}` });

/**
 * What each caller has, and how often it has probed: one row each, in the table of `groups` as names are. Written by
 * compare-and-swap before what it counts comes about: requests that come at once exceed no bound.
 */
export class Quotas {
  readonly #held: Documents<Held, 'groups'>;
  readonly #probes: Documents<{ atMs: number[] }, 'groups'>;

  constructor(rows: RowStore) {
    this.#held = new Documents(rows, 'groups');
    this.#probes = new Documents(rows, 'groups');
  }

  /** Counts `id` among what the caller has; the same id twice counts once. @returns false where it has `most` others already. */
  async hold(kind: HeldKind, caller: string, id: string, most: number, nowMs: number): Promise<boolean> {
    let isHeld = false;
    await this.#held.update(heldKey(kind, caller), (held = {}) => {
      const others = without(held, id);
      isHeld = Object.keys(others).length < most;
      return isHeld ? { ...others, [id]: nowMs } : undefined;
    });
    return isHeld;
  }

  /** Takes back a `hold` of which nothing came. */
  async letGo(kind: HeldKind, caller: string, id: string): Promise<void> {
    await this.#held.update(heldKey(kind, caller), (held = {}) =>
      Object.hasOwn(held, id) ? without(held, id) : undefined,
    );
  }

  /**
   * Counts one probe.
   *
   * @returns how long to wait for the next one, in milliseconds; 0: it is counted.
   */
  async countProbe(caller: string, limits: readonly RateLimit[], nowMs: number): Promise<number> {
    const longestMs = Math.max(...limits.map(({ perMs }) => perMs));
    let leftMs = 0;
    await this.#probes.update({ id: `probes/${callerKey(caller)}` }, (before) => {
      const recent = (before?.atMs ?? []).filter((ms) => ms > nowMs - longestMs && !isAhead(ms, nowMs));
      leftMs = waitMs(limits, recent, nowMs);
      return leftMs > 0 ? undefined : { atMs: [...recent, nowMs] };
    });
    return leftMs;
  }

  /**
   * Takes off what is over, as the list of what is active shows, read before.
   *
   * @param graceMs - what was asked for within this time may not be listed yet.
   */
  async prune(active: ReadonlySet<string>, nowMs: number, graceMs: number): Promise<void> {
    const isOver = ([id, atMs]: [string, number]) =>
      !active.has(id) && (atMs <= nowMs - graceMs || isAhead(atMs, nowMs));
    const range = { from: { id: heldPrefix }, to: { id: `${heldPrefix}~` }, limit: 1000 };
    for (let from = range.from; ;) {
      const { found, next } = await this.#held.list({ ...range, from });
      for (const { key, document } of found)
        if (Object.entries(document).some(isOver))
          await this.#held.update({ id: String(key['id']) }, (held = {}) =>
            Object.fromEntries(Object.entries(held).filter((one) => !isOver(one))),
          );
      if (next === undefined) return;
      from = next;
    }
  }
}
