import { isOpen, type RowStore } from './rows.ts';

/** Deployments that something may still have to be done for: written before the first message, deleted at released. */
export class ActiveDeployments {
  readonly #rows: RowStore;

  constructor(rows: RowStore) {
    this.#rows = rows;
  }

  /** Written again when the answer is lost: twice is the same. */
  async add(deploymentId: string, nowMs: number): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#rows.put('active', { id: deploymentId }, { since: nowMs }, { row: 'any' });
        return;
      } catch (error) {
        if (!isOpen(error) || attempt >= 4) throw error;
      }
    }
  }

  async remove(deploymentId: string): Promise<void> {
    await this.#rows.delete('active', { id: deploymentId });
  }

  /** Lists all ids, oldest first. */
  async all(): Promise<string[]> {
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await this.list(500, after);
      ids.push(...page.ids);
      after = page.next;
    } while (after !== undefined);
    return ids;
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
