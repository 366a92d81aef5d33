import type { RowStore } from './rows.ts';

/** Deployments that something may still have to be done for: written before the first message, deleted at released. */
export class ActiveDeployments {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  async add(deploymentId: string, nowMs: number): Promise<void> {
    await this.#rows.put('active', { id: deploymentId }, { since: nowMs }, { row: 'any' });
  }

  async remove(deploymentId: string): Promise<void> {
    await this.#rows.delete('active', { id: deploymentId });
  }

  /** One page of ids, oldest first. */
  async list(limit: number, after?: string): Promise<{ ids: string[]; next: string | undefined }> {
    const page = await this.#rows.range('active', {
      from: after === undefined ? {} : { id: after },
      to: {},
      direction: 'forward',
      limit,
    });
    return { ids: page.rows.map((row) => String(row['id'])), next: page.next?.id };
  }
}
