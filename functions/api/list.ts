import type { Blocked } from '../../shared/deployment/blocked.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { monthlyKey } from '../../shared/store/newest-first.ts';
import { presentBlocked } from './present-blocked.ts';

const keptMs = 400 * 86_400_000;

interface Summary {
  id: string;
  name: string;
  status: string;
  createdAtMs: number;
  updatedAtMs: number;
  blocked?: Blocked;
}

/** Newest first, those that are only watched among those that we made. */
export async function listLoadBalancers(
  runtime: Runtime,
  query: { limit: string | undefined; cursor: string | undefined },
): Promise<Response> {
  const limit = Number(query.limit ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    return problemResponse(400, 'limit', 'Bad Request', 'limit must be a whole number from 1 to 100.');
  const { cursor } = query;
  if (cursor !== undefined && !/^\d{6}(\.[0-9a-z]{26})?$/.test(cursor))
    return problemResponse(400, 'cursor', 'Bad Request', 'cursor must be one that a listing answered.');
  const nowMs = runtime.clock.nowMs();
  const listing = { limit, nowMs, oldestMs: nowMs - keptMs, ...(cursor === undefined ? {} : { cursor }) };
  const [deployments, watches] = await Promise.all([runtime.deployments.list(listing), runtime.watches.list(listing)]);
  const found: Summary[] = [
    ...deployments.summaries.map(({ deploymentId: id, ...summary }) => ({ id, ...summary })),
    ...watches.summaries.map(({ watchId: id, ...summary }) => ({ id, ...summary })),
  ].sort((one, other) => (one.id < other.id ? 1 : -1));
  // The newest of what is not shown: fetched with the one, or still to come of the other.
  const left = found[limit];
  const unseen = [left === undefined ? undefined : cursorAt(left.id), deployments.cursor, watches.cursor];
  const [next] = unseen.filter((one) => one !== undefined).sort((one, other) => (ranked(one) < ranked(other) ? 1 : -1));
  return Response.json({
    loadBalancers: found.slice(0, limit).map(presentSummary),
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
