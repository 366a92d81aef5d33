import { shortened } from '../text.ts';
import { isOpen, type Row, type RowStore } from './rows.ts';

/** An answer lists many of them. */
const mostTextBytes = 4000;

export const eventKinds = ['alert', 'cut-off', 'dead-letter', 'front', 'zones'] as const;
export type EventKind = (typeof eventKinds)[number];

export interface HistoryEvent {
  deploymentId: string;
  /** Tells repeats of one event apart from others; part of the key. */
  identity: string;
  /** The same for every repeat; where it is not, see `appendFirst`. */
  atMs: number;
  kind: EventKind;
  text: string;
  details: Record<string, unknown>;
}

/** Rows that one page reads at most, also when a filter lets few of them through. */
const mostRead = 2000;
const readAtOnce = 500;

/** Stands before keys in the order of time. It sorts behind every key of rows that were written without it. */
const timed = '~';
const timedKey = (atMs: number, identity: string): string => `${timed}${String(atMs).padStart(14, '0')}-${identity}`;

const newestTimed = timedKey(99_999_999_999_999, timed);

/** What happened to deployments, append only; rows live for 400 days. The key is the time and the identity, so that the newest come first. */
export class Events {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /** Does nothing where the event of this time and identity stands already. */
  async append(event: HistoryEvent): Promise<void> {
    await this.#putOnce(event.deploymentId, timedKey(event.atMs, event.identity), {
      at: event.atMs,
      kind: event.kind,
      text: shortened(event.text, mostTextBytes),
      details: JSON.stringify(event.details),
    });
  }

  /**
   * Appends an event whose repeats come with other times: the first time counts. It is kept in a row of its own, without a
   * text, under the identity alone; a repeat after a kill in between uses it.
   */
  async appendFirst(event: HistoryEvent): Promise<void> {
    const { deploymentId, identity } = event;
    const key = { deployment: deploymentId, seq: identity };
    let first = await this.#rows.get('events', key);
    if (first === undefined) {
      await this.#putOnce(deploymentId, identity, { at: event.atMs });
      first = await this.#rows.get('events', key);
    }
    // A row of the version before holds the event itself.
    if (first !== undefined && 'text' in first) return;
    await this.append({ ...event, atMs: Number(first?.['at'] ?? event.atMs) });
  }

  /**
   * Lists newest first.
   *
   * @param cursor - continues a listing.
   * @param kind - only events of this kind.
   * @returns at most `limit` events; fewer than that with a cursor when a filter read through many others.
   */
  async list(
    deploymentId: string,
    { limit, cursor, kind }: { limit: number; cursor?: string; kind?: EventKind },
  ): Promise<{ events: HistoryEvent[]; cursor: string | undefined }> {
    const events: HistoryEvent[] = [];
    let from = cursor ?? newestTimed;
    for (let read = 0; read < mostRead && from.startsWith(timed);) {
      const page = await this.#rows.range('events', {
        from: { deployment: deploymentId, seq: from },
        to: { deployment: deploymentId, seq: timed },
        direction: 'backward',
        limit: kind === undefined ? limit - events.length : readAtOnce,
      });
      read += page.rows.length;
      for (const [index, row] of page.rows.entries()) {
        const event = readEvent(deploymentId, row);
        if (kind === undefined || event.kind === kind) events.push(event);
        const next = page.rows[index + 1]?.['seq'] ?? page.next?.seq;
        if (events.length >= limit && next !== undefined) return { events, cursor: String(next) };
      }
      from = page.next?.seq ?? newestUntimed;
    }
    if (from.startsWith(timed)) return { events, cursor: from };
    return await this.#listUntimed(deploymentId, events, { limit, from, ...(kind === undefined ? {} : { kind }) });
  }

  /** Goes on with the rows that versions before wrote: their keys have no order of time, so all of them are read and sorted. */
  async #listUntimed(
    deploymentId: string,
    events: HistoryEvent[],
    { limit, from, kind }: { limit: number; from: string; kind?: string },
  ): Promise<{ events: HistoryEvent[]; cursor: string | undefined }> {
    const old: HistoryEvent[] = [];
    let seq: string | undefined;
    for (let read = 0; read < mostRead;) {
      const page = await this.#rows.range('events', {
        from: { deployment: deploymentId, ...(seq === undefined ? {} : { seq }) },
        to: { deployment: deploymentId, seq: timed },
        direction: 'forward',
        limit: readAtOnce,
      });
      read += page.rows.length;
      for (const row of page.rows) if ('text' in row) old.push(readEvent(deploymentId, row));
      seq = page.next?.seq;
      if (seq === undefined) break;
    }
    const left = old
      .filter((event) => (kind === undefined || event.kind === kind) && untimedKey(event) < from)
      .sort((one, other) => (untimedKey(one) < untimedKey(other) ? 1 : -1));
    const shown = left.slice(0, limit - events.length);
    const last = shown.at(-1);
    return {
      events: [...events, ...shown],
      cursor: left.length > shown.length ? (last === undefined ? from : untimedKey(last)) : undefined,
    };
  }

  async #putOnce(deployment: string, seq: string, row: Row): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#rows.put('events', { deployment, seq }, row, { row: 'absent' });
        return;
      } catch (error) {
        if (!isOpen(error) || attempt >= 4) throw error;
      }
    }
  }
}

/** A cursor among rows without a time in their key: all that sorts before it is left to list. */
const untimedKey = ({ atMs, identity }: { atMs: number; identity: string }): string =>
  `-${String(atMs).padStart(14, '0')}-${identity}`;
const newestUntimed = untimedKey({ atMs: 99_999_999_999_999, identity: timed });

function readEvent(deploymentId: string, row: Row): HistoryEvent {
  const seq = String(row['seq']);
  return {
    deploymentId,
    identity: seq.startsWith(timed) ? seq.slice(seq.indexOf('-') + 1) : seq,
    atMs: Number(row['at']),
    kind: String(row['kind']) as EventKind,
    text: String(row['text']),
    details: JSON.parse(String(row['details'])) as Record<string, unknown>,
  };
}
