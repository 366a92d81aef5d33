import { randomUUID } from 'node:crypto';
import type { DeploymentRecord, DeploymentStatus } from '../deployment/record.ts';
import { ulidTimeMs } from '../ulid.ts';
import { isOpen, type Row, type RowStore } from './rows.ts';

/** Month of creation, taken from the id: `202611`. */
export function bucketOf(deploymentId: string): string {
  const date = new Date(ulidTimeMs(deploymentId));
  return `${date.getUTCFullYear()}${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
}

export interface DeploymentSummary {
  deploymentId: string;
  name: string;
  status: DeploymentStatus;
  createdAtMs: number;
  updatedAtMs: number;
}

const keyOf = (deploymentId: string) => ({ bucket: bucketOf(deploymentId), id: deploymentId });

const maxConflicts = 30;

/** Deployment records: one row each, written by compare-and-swap only. */
export class Deployments {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  async find(deploymentId: string): Promise<DeploymentRecord | undefined> {
    const row = await this.#rows.get('deployments', keyOf(deploymentId));
    return row === undefined ? undefined : readRecord(row);
  }

  /** Writes a new record; does nothing if the id is known already. */
  async create(record: DeploymentRecord): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#rows.put('deployments', keyOf(record.deploymentId), toRow(record, randomUUID()), { row: 'absent' });
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
   * @returns the record after the change (or unchanged), undefined if there is none.
   * @throws StoreError when the store does not answer, Error when others keep getting in between.
   */
  async update(
    deploymentId: string,
    change: (record: DeploymentRecord) => DeploymentRecord | undefined,
  ): Promise<DeploymentRecord | undefined> {
    for (let conflict = 0; conflict < maxConflicts; conflict += 1) {
      const before = await this.find(deploymentId);
      if (before === undefined) return undefined;
      const changed = change(before);
      if (changed === undefined) return before;
      const after = { ...changed, version: before.version + 1 };
      if (await this.#swap(before, after)) return after;
    }
    throw new Error(`deployment ${deploymentId}: gave up after ${maxConflicts} conflicting writes`);
  }

  /** Newest first; `cursor` continues a listing. */
  async list(options: {
    limit: number;
    cursor?: string;
    nowMs: number;
    oldestMs: number;
  }): Promise<{ summaries: DeploymentSummary[]; cursor: string | undefined }> {
    const summaries: DeploymentSummary[] = [];
    const [startBucket, startId] = options.cursor?.split('.') ?? [];
    const oldest = monthOf(options.oldestMs);
    let bucket = startBucket ?? monthOf(options.nowMs);
    let id = startId;
    while (bucket >= oldest) {
      const page = await this.#rows.range('deployments', {
        from: id === undefined ? { bucket } : { bucket, id },
        to: { bucket },
        direction: 'backward',
        limit: options.limit - summaries.length,
      });
      summaries.push(...page.rows.map(summaryOf));
      if (page.next !== undefined && summaries.length >= options.limit)
        return { summaries, cursor: `${page.next.bucket}.${page.next.id}` };
      if (page.next !== undefined) {
        id = page.next.id;
        continue;
      }
      bucket = previousMonth(bucket);
      id = undefined;
      if (summaries.length >= options.limit && bucket >= oldest) return { summaries, cursor: bucket };
    }
    return { summaries, cursor: undefined };
  }

  /** Compare-and-swap; a lost answer is settled by reading the row again: the write's own id tells whose it is. */
  async #swap(before: DeploymentRecord, after: DeploymentRecord): Promise<boolean> {
    const writeId = randomUUID();
    const key = keyOf(after.deploymentId);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const isSwapped = await this.#rows.put('deployments', key, toRow(after, writeId), {
          row: 'present',
          column: 'version',
          equals: before.version,
        });
        if (isSwapped || attempt === 1) return isSwapped;
        return (await this.#rows.get('deployments', key))?.['write_id'] === writeId;
      } catch (error) {
        if (!isOpen(error) || attempt >= 4) throw error;
        const row = await this.#rows.get('deployments', key);
        if (row?.['write_id'] === writeId) return true;
        if (row?.['version'] !== before.version) return false;
      }
    }
  }
}

const toRow = (record: DeploymentRecord, writeId: string): Row => ({
  version: record.version,
  write_id: writeId,
  status: record.status,
  name: record.spec.name,
  created_at: record.createdAtMs,
  updated_at: record.updatedAtMs,
  doc: JSON.stringify(record),
});

const readRecord = (row: Row): DeploymentRecord => ({
  ...(JSON.parse(String(row['doc'])) as DeploymentRecord),
  version: Number(row['version']),
});

const summaryOf = (row: Row): DeploymentSummary => ({
  deploymentId: String(row['id']),
  name: String(row['name']),
  status: String(row['status']) as DeploymentStatus,
  createdAtMs: Number(row['created_at']),
  updatedAtMs: Number(row['updated_at']),
});

function monthOf(ms: number): string {
  const date = new Date(ms);
  return `${date.getUTCFullYear()}${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
}

function previousMonth(month: string): string {
  const year = Number(month.slice(0, 4));
  const number = Number(month.slice(4));
  return number === 1 ? `${year - 1}12` : `${year}${String(number - 1).padStart(2, '0')}`;
}
