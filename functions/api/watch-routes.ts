import type { Hono } from 'hono';
import { closeAlerts } from '../../shared/alert/close-alerts.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { watchedOnly } from '../../shared/watch/watched.ts';
import { changeWatch } from './change-watch.ts';
import { presentWatch } from './present-watch.ts';
import { readJson } from './read-json.ts';
import { unknownLoadBalancer } from './unknown-load-balancer.ts';

/** What the paths of a load balancer mean where it is only watched. The last to be asked: what has no row here is unknown. */
export function addWatchRoutes(app: Hono, runtime: Runtime): void {
  app.get('/load-balancers/:id', async (context) => {
    const id = context.req.param('id');
    const watch = await runtime.watches.find(id);
    return watch === undefined ? unknownLoadBalancer(id) : context.json(presentWatch(watch));
  });

  app.patch('/load-balancers/:id', async (context) => {
    const id = context.req.param('id');
    const watch = await runtime.watches.find(id);
    if (watch === undefined) return unknownLoadBalancer(id);
    const body = await readJson(context);
    return 'refusal' in body ? body.refusal : await changeWatch(runtime, watch, body.json);
  });

  app.delete('/load-balancers/:id', async (context) => {
    const id = context.req.param('id');
    const nowMs = runtime.clock.nowMs();
    const watch = await runtime.watches.update(id, (current) =>
      current.status === 'ended' ? undefined : { ...current, status: 'ended', endedAtMs: nowMs, updatedAtMs: nowMs },
    );
    if (watch === undefined) return unknownLoadBalancer(id);
    // What is left undone here, a repeat or the sweep does, as long as it is listed.
    const watched = watchedOnly(watch);
    await closeAlerts(runtime, watched);
    await runtime.active.remove(id);
    return context.json(presentWatch(watch));
  });

  const refused = {
    apply: 'nothing of it is ours to mend',
    retry: 'nothing was begun that could be retried',
    drift: 'there is no request that it could differ from',
  };
  for (const [action, reason] of Object.entries(refused))
    app.on(action === 'drift' ? 'GET' : 'POST', `/load-balancers/:id/${action}`, async (context) => {
      const id = context.req.param('id');
      return (await runtime.watches.find(id)) === undefined
        ? unknownLoadBalancer(id)
        : problemResponse(409, 'watch-only', 'Conflict', `The load balancer is only watched: ${reason}.`);
    });
}
