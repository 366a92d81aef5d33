import { shortened } from '../text.ts';
import { isOpen, type RowStore } from './rows.ts';

/** An answer lists 200 of them. */
const mostTextBytes = 4000;

export interface HistoryEvent {
  deploymentId: string;
  /** Tells repeats of one event apart from others; part of the key. */
  identity: string;
  atMs: number;
  kind: string;
  text: string;
  details: Record<string, unknown>;
}

/** What happened to deployments, append only; rows live for 400 days. */
export class Events {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /** Does nothing where the event of this identity stands already. */
  async append(event: HistoryEvent): Promise<void> {
    const row = {
      at: event.atMs,
      kind: event.kind,
      text: shortened(event.text, mostTextBytes),
      details: JSON.stringify(event.details),
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#rows.put('events', { deployment: event.deploymentId, seq: event.identity }, row, { row: 'absent' });
        return;
      } catch (error) {
        if (!isOpen(error) || attempt >= 4) throw error;
      }
    }
  }

  async list(deploymentId: string, limit: number): Promise<HistoryEvent[]> {
    const page = await this.#rows.range('events', {
      from: { deployment: deploymentId },
      to: { deployment: deploymentId },
      direction: 'forward',
      limit,
    });
    return page.rows.map((row) => ({
      deploymentId,
      identity: String(row['seq']),
      atMs: Number(row['at']),
      kind: String(row['kind']),
      text: String(row['text']),
      details: JSON.parse(String(row['details'])) as Record<string, unknown>,
    }));
  }
}
