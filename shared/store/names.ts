import { Documents } from './documents.ts';
import type { RowStore } from './rows.ts';

/** Who asked for a name, and when. Whether it still has it, its own record says. */
export interface NameClaim {
  id: string;
  atMs: number;
}

const keyOf = (name: string) => ({ id: `name/${name}` });

/**
 * Names of load balancers: one row each, in the table of `groups`, whose own ids begin with `sg-`: an installation that exists
 * needs no other table. Rows are never deleted: who claims a name looks at whoever has claimed it before.
 */
export class Names {
  readonly #documents: Documents<NameClaim, 'groups'>;

  constructor(rows: RowStore) {
    this.#documents = new Documents(rows, 'groups');
  }

  find(name: string): Promise<NameClaim | undefined> {
    return this.#documents.find(keyOf(name));
  }

  /** Claims the name, unless another one has since `before` was read. @returns the claim that stands now. */
  async claim(name: string, claim: NameClaim, before: NameClaim | undefined): Promise<NameClaim> {
    const after = await this.#documents.update(keyOf(name), (known) =>
      known?.id === before?.id && known?.atMs === before?.atMs ? claim : undefined,
    );
    return after ?? claim;
  }
}
