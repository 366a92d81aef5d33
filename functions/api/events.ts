import type { Runtime } from '../../shared/runtime.ts';
import { type EventKind, eventKinds } from '../../shared/store/events.ts';
import { matching, oneOf, wholeNumber } from './query.ts';

export const eventParameters = {
  limit: wholeNumber(1, 100),
  cursor: matching(/^[~-]\d{14}-.{1,200}$/u, 'one that a listing answered'),
  kind: oneOf(...eventKinds),
};

/** Lists what happened to a load balancer, newest first. */
export async function listEvents(
  runtime: Runtime,
  id: string,
  { limit = 50, ...more }: { limit?: number; cursor?: string; kind?: EventKind },
): Promise<Response> {
  const { events, cursor } = await runtime.events.list(id, { limit, ...more });
  return Response.json({
    events: events.map(({ atMs, kind, text, details }) => ({ at: new Date(atMs).toISOString(), kind, text, details })),
    ...(cursor === undefined ? {} : { cursor }),
  });
}
