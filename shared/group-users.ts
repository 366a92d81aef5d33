/**
 * Who needs which rules of a security group that others own: an equal rule cannot be added twice, so deployments share it,
 * and the one whose mark it bears must not take it back from the others. One document per group, changed by
 * compare-and-swap, so that whoever joins and whoever goes see each other in one order. Pure.
 */
import { setAt, valueAt, without } from './dictionary.ts';

export interface GroupUser {
  /** Keys of the rules that it needs. */
  wants: string[];
  /** Rules with its mark that it needs no more, and others do: rule id to the deployment whose mark it gets. */
  hands?: Record<string, string>;
}

/** By deployment id, those that came first at the head. */
export type GroupUsers = Record<string, GroupUser>;

/** From now on whoever gives one of these rules up hands it over instead of revoking it. Before the rules are looked at. */
export function join(users: GroupUsers, id: string, wants: string[]): GroupUsers {
  const before = valueAt(users, id);
  return { ...users, [id]: { ...before, wants: [...new Set([...(before?.wants ?? []), ...wants])] } };
}

export const hasJoined = (users: GroupUsers, id: string, wants: string[]): boolean =>
  wants.every((key) => valueAt(users, id)?.wants.includes(key) === true);

/** Needs no other rules any more: nobody hands it one from now on. Before it looks which rules bear its mark. */
export const lower = (users: GroupUsers, id: string, wants: string[]): GroupUsers => ({
  ...users,
  [id]: { ...valueAt(users, id), wants },
});

export const isLowered = (users: GroupUsers, id: string, wants: string[]): boolean =>
  valueAt(users, id)?.wants.every((key) => wants.includes(key)) === true;

/** Whether it has nothing to give up: it needs no more than this, and hands nothing over. */
export const isSettled = (users: GroupUsers, id: string, wants: string[]): boolean =>
  valueAt(users, id) === undefined ||
  (isLowered(users, id, wants) && Object.keys(valueAt(users, id)?.hands ?? {}).length === 0);

/**
 * Whether `owner` is about to hand the rule over or to revoke it: it joined, and needs it no more. Of an owner that never
 * joined nothing is known, but whatever it does it will join first.
 */
export const isGivingUp = (users: GroupUsers, owner: string, key: string): boolean =>
  valueAt(users, owner)?.wants.includes(key) === false;

/**
 * What becomes of rules that bear the mark of `id` and that it needs no more.
 *
 * @param ownsNone - no rule is to bear its mark any more, also of those that it needs: somebody else is to have them.
 * @returns `hands`: rule id to the deployment that needs it; `revoke`: those that nobody needs.
 */
export function giveUp(
  users: GroupUsers,
  id: string,
  wants: string[],
  rules: { ruleId: string; key: string }[],
  ownsNone = false,
): { users: GroupUsers; hands: Record<string, string>; revoke: string[] } {
  const hands: Record<string, string> = {};
  const revoke: string[] = [];
  for (const { ruleId, key } of rules) {
    const isNeeded = !ownsNone && wants.includes(key);
    const heir = isNeeded
      ? undefined
      : Object.keys(users).find((other) => other !== id && valueAt(users, other)?.wants.includes(key) === true);
    if (heir === undefined) revoke.push(ruleId);
    else setAt(hands, ruleId, heir);
  }
  return { users: { ...users, [id]: { wants, hands } }, hands, revoke };
}

/** The deployment that may still be putting the mark of `id` on a rule. */
export const whoHandsTo = (users: GroupUsers, id: string): string | undefined =>
  Object.keys(users).find((other) => other !== id && Object.values(valueAt(users, other)?.hands ?? {}).includes(id));

/** It has no rule left. */
export function leave(users: GroupUsers, id: string): GroupUsers {
  return without(users, id);
}
