import type { Blocked } from '../../shared/deployment/blocked.ts';
import type { DeploymentStatus } from '../../shared/deployment/record.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { monthlyKey } from '../../shared/store/newest-first.ts';
import type { WatchStatus } from '../../shared/watch/watch.ts';
import { presentBlocked } from './present-blocked.ts';
import { matching, oneOf, wholeNumber } from './query.ts';

interface Summary {
  id: string;
  name: string;
  status: string;
  createdAtMs: number;
  updatedAtMs: number;
  blocked?: Blocked;
}

const statuses = [
  'provisioning',
  'ready',
  'repairing',
  'failed',
  'releasing',
  'released',
  'watching',
  'ended',
] as const satisfies (DeploymentStatus | WatchStatus)[];

export const listParameters = {
  limit: wholeNumber(1, 100),
  cursor: matching(/^\d{6}(\.[0-9a-z]{26})?$/, 'one that a listing answered'),
  status: oneOf(...statuses),
  name: matching(/^.{1,100}$/u, 'the whole name of a load balancer'),
};

/** Newest first, those that are only watched among those that we made; of this status and name alone, where they are given. */
export async function listLoadBalancers(
  runtime: Runtime,
  { limit = 20, cursor, status, name }: { limit?: number; cursor?: string; status?: string; name?: string },
): Promise<Response> {
  const listing = {
    limit,
    ...(cursor === undefined ? {} : { cursor }),
    ...(status === undefined ? {} : { status }),
    ...(name === undefined ? {} : { name }),
  };
  const [deployments, watches] = await Promise.all([runtime.deployments.list(listing), runtime.watches.list(listing)]);
  const found: Summary[] = [
    ...deployments.summaries.map(({ deploymentId: id, ...summary }) => ({ id, ...summary })),
    ...watches.summaries.map(({ watchId: id, ...summary }) => ({ id, ...summary })),
  ].sort((one, other) => (one.id < other.id ? 1 : -1));
  // The newest of what is not shown: fetched with the one, or still to come of the other.
  const left = found[limit];
  const unseen = [left === undefined ? undefined : cursorAt(left.id), deployments.cursor, watches.cursor];
  const [next] = unseen.filter((one) => one !== undefined).sort((one, other) => (ranked(one) < ranked(other) ? 1 : -1));
  // A filter may have ended the reading of one table before the other's: what is older than the cursor comes with it.
  const isBefore = ({ id }: Summary): boolean => next === undefined || ranked(cursorAt(id)) > ranked(next);
  return Response.json({
    loadBalancers: found.slice(0, limit).filter(isBefore).map(presentSummary),
    ...(next === undefined ? {} : { cursor: next }),
  });
}

const presentSummary = ({ createdAtMs, updatedAtMs, blocked, ...summary }: Summary): object => ({
  ...summary,
  blocked: presentBlocked(blocked),
  createdAt: new Date(createdAtMs).toISOString(),
  updatedAt: new Date(updatedAtMs).toISOString(),
});

const cursorAt = (id: string): string => Object.values(monthlyKey(id)).join('.');

/** A month alone stands before all that is in it. */
const ranked = (cursor: string): string => (cursor.includes('.') ? cursor : `${cursor}.~`);
