import { randomBytes } from 'node:crypto';
import { type Blocked, blockedOf } from '../deployment/blocked.ts';
import type { DeploymentRecord, DeploymentStatus } from '../deployment/record.ts';
import { type Listing, monthlyKey, newestFirst } from './newest-first.ts';
import { isOpen, type KeyOf, type Row, type RowStore } from './rows.ts';

export interface DeploymentSummary {
  deploymentId: string;
  name: string;
  status: DeploymentStatus;
  createdAtMs: number;
  updatedAtMs: number;
  /** What keeps it from being released. */
  blocked?: Blocked;
}

const maxConflicts = 30;

/** Longest pause after the first conflicting write; about what a read and a write take. */
const conflictPauseMs = 40;

/** Ids of writes that a record keeps: more than can come between a write whose answer is lost and the look at what it did. */
const keptWrites = 32;

/** The record as it is stored: with the ids of its last writes, so that a write can be found behind those of others. */
type Stored = DeploymentRecord & { writes?: string[] };

/** Deployment records: one row each, written by compare-and-swap only. */
export class Deployments {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  async find(deploymentId: string): Promise<DeploymentRecord | undefined> {
    const row = await this.#rows.get('deployments', monthlyKey(deploymentId));
    return row === undefined ? undefined : readRecord(row);
  }

  /** Writes a new record; does nothing if the id is known already. */
  async create(record: DeploymentRecord): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#rows.put('deployments', monthlyKey(record.deploymentId), toRow(record), { row: 'absent' });
        return;
      } catch (error) {
        if (!isOpen(error) || attempt >= 3) throw error;
      }
    }
  }

  /**
   * Reads, changes, writes if nobody else wrote in between, else begins again.
   *
   * @param change - pure; undefined: leave the record as it is.
   * @param known - the record as last read or written: saves the reading where nobody has written since.
   * @returns the record after the change (or unchanged), undefined if there is none.
   * @throws StoreError when the store does not answer, Error when others keep getting in between.
   */
  async update(
    deploymentId: string,
    change: (record: DeploymentRecord) => DeploymentRecord | undefined,
    known?: DeploymentRecord,
  ): Promise<DeploymentRecord | undefined> {
    if (known !== undefined) {
      const changed = change(known);
      // A change that leaves the record as it is may rest on what is no longer so: only a written one proves itself.
      if (changed !== undefined) {
        const after = await this.#swap(known, changed);
        if (after !== undefined) return after;
      }
    }
    for (let conflict = 0; conflict < maxConflicts; conflict += 1) {
      const before = await this.find(deploymentId);
      if (before === undefined) return undefined;
      const changed = change(before);
      if (changed === undefined) return before;
      const after = await this.#swap(before, changed);
      if (after !== undefined) return after;
      // Stages that run side by side would meet again and again in step.
      await this.#rows.pause(Math.random() * conflictPauseMs * Math.min(conflict + 1, 8));
    }
    throw new Error(`deployment ${deploymentId}: gave up after ${maxConflicts} conflicting writes`);
  }

  /** The load balancer of this name that is not released, by a look at all of them; undefined: there is none. */
  async holderOf(name: string): Promise<{ id: string; status: DeploymentStatus } | undefined> {
    const columns = ['name', 'status'];
    for (let from: Partial<KeyOf<'deployments'>> = {}; ;) {
      const page = await this.#rows.range('deployments', { from, to: {}, direction: 'forward', limit: 1000, columns });
      const holder = page.rows.map(summaryOf).find((one) => one.name === name && one.status !== 'released');
      if (holder !== undefined) return { id: holder.deploymentId, status: holder.status };
      if (page.next === undefined) return undefined;
      from = page.next;
    }
  }

  /** Newest first; `cursor` continues a listing. */
  async list(options: Listing): Promise<{ summaries: DeploymentSummary[]; cursor: string | undefined }> {
    return await newestFirst(this.#rows, 'deployments', options, summaryOf, summaryColumns);
  }

  /**
   * Compare-and-swap. A lost answer is settled by reading the row again: the write's own id tells whether it took effect,
   * also when others have written since.
   *
   * @returns undefined when somebody else has written first.
   */
  async #swap(before: Stored, changed: DeploymentRecord): Promise<DeploymentRecord | undefined> {
    const writeId = randomBytes(6).toString('base64url');
    const after: Stored = {
      ...changed,
      version: before.version + 1,
      writes: [...(before.writes ?? []), writeId].slice(-keptWrites),
    };
    const { deploymentId } = before;
    for (let attempt = 1; ; attempt += 1) {
      let failure: unknown;
      try {
        const condition = { row: 'present' as const, column: 'version', equals: before.version };
        if (await this.#rows.put('deployments', monthlyKey(deploymentId), toRow(after), condition)) return after;
        if (attempt === 1) return undefined;
      } catch (error) {
        if (!isOpen(error)) throw error;
        failure = error;
      }
      const found: Stored | undefined = await this.find(deploymentId);
      if (found?.writes?.includes(writeId) === true) return after;
      if (found?.version !== before.version) return undefined;
      if (attempt >= 4) throw failure;
    }
  }
}

const toRow = (record: DeploymentRecord): Row => ({
  version: record.version,
  status: record.status,
  name: record.spec.name,
  created_at: record.createdAtMs,
  updated_at: record.updatedAtMs,
  ...blockedColumn(record),
  doc: JSON.stringify(record),
});

const blockedColumn = (record: DeploymentRecord): Row => {
  const blocked = blockedOf(record);
  return blocked === undefined ? {} : { blocked: JSON.stringify(blocked) };
};

const readRecord = (row: Row): DeploymentRecord => ({
  ...(JSON.parse(String(row['doc'])) as DeploymentRecord),
  version: Number(row['version']),
});

/** The record itself is not read for a listing: it is many times as long. */
const summaryColumns = ['name', 'status', 'created_at', 'updated_at', 'blocked'];

const summaryOf = (row: Row): DeploymentSummary => ({
  deploymentId: String(row['id']),
  name: String(row['name']),
  status: String(row['status']) as DeploymentStatus,
  createdAtMs: Number(row['created_at']),
  updatedAtMs: Number(row['updated_at']),
  ...(row['blocked'] === undefined ? {} : { blocked: JSON.parse(String(row['blocked'])) as Blocked }),
});
