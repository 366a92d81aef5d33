import type { GroupUsers } from '../group-users.ts';
import { Documents } from './documents.ts';
import type { RowStore } from './rows.ts';

/** Who shares rules of which security group that others own: one row per group. */
export class Groups {
  readonly #documents: Documents<GroupUsers, 'groups'>;

  constructor(rows: RowStore) {
    this.#documents = new Documents(rows, 'groups');
  }

  async find(groupId: string): Promise<GroupUsers> {
    return (await this.#documents.find({ id: groupId })) ?? {};
  }

  /** By compare-and-swap. @param change - pure. @returns the users afterwards. */
  async update(groupId: string, change: (users: GroupUsers) => GroupUsers): Promise<GroupUsers> {
    return (await this.#documents.update({ id: groupId }, (users) => change(users ?? {}))) ?? {};
  }
}
