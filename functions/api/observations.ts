import { longestPendingMs } from '../../shared/probe/pending.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { Observations } from '../../shared/store/observations.ts';
import { Rollups } from '../../shared/store/rollups.ts';
import { presentObservation } from './present-observation.ts';
import { wholeNumber } from './query.ts';

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const isInstant = (text: string): boolean => instant.test(text) && !Number.isNaN(Date.parse(text));

export const observationParameters = {
  limit: wholeNumber(1, 100),
  before: {
    wanted: 'an instant such as 2026-11-22T08:00:00.000Z',
    read: (text: string) => (isInstant(text) ? text : undefined),
  },
};

/** Uptime and quantiles of the last day, week and month, and the last observations. */
export async function listObservations(
  runtime: Runtime,
  id: string,
  { limit = 20, before }: { limit?: number; before?: string },
): Promise<Response> {
  const [page, summaries] = await Promise.all([
    new Observations(runtime.rows).list(id, limit, before),
    new Rollups(runtime.rows).summaries(id, runtime.clock.nowMs()),
  ]);
  return Response.json({
    loadBalancer: id,
    summaries,
    observations: page.observations.map(presentObservation),
    ...(page.next === undefined ? {} : { before: page.next }),
  });
}

/** One observation with its requests. One that is on its way is not there yet: 404, with a code of its own. */
export async function showObservation(runtime: Runtime, id: string, at: string): Promise<Response> {
  const observations = new Observations(runtime.rows);
  const found = isInstant(at) ? await observations.find(id, at) : undefined;
  if (found !== undefined) return Response.json(presentObservation(found));
  const pending = isInstant(at) ? await observations.pending(id, at) : undefined;
  if (pending === undefined)
    return problemResponse(404, 'unknown-observation', 'Not Found', `There is no observation of ${at.slice(0, 40)}.`);
  if (runtime.clock.nowMs() - pending.atMs > longestPendingMs)
    return problemResponse(
      404,
      'observation-lost',
      'Not Found',
      'An instance was to make this observation, and nothing came of it. Ask for another.',
    );
  const answer = problemResponse(
    404,
    'observation-pending',
    'Not Found',
    'An instance is making this observation. Look again in some seconds.',
  );
  answer.headers.set('retry-after', '5');
  return answer;
}
