import { Hono } from 'hono';
import { isServing } from '../../shared/deployment/record.ts';
import { requestChange, requestRelease } from '../../shared/deployment/requests.ts';
import { problemResponse } from '../../shared/problem.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { isUlid } from '../../shared/ulid.ts';
import { isWatchRequest } from '../../shared/watch/spec.ts';
import { findWatched } from '../../shared/watch/watched.ts';
import { act } from './act.ts';
import { apply } from './apply.ts';
import { patchSpec } from './change.ts';
import { listChannels } from './channels.ts';
import { createDeployment } from './create-deployment.ts';
import { createWatch } from './create-watch.ts';
import { findDrift } from '../drift.ts';
import { eventParameters, listEvents } from './events.ts';
import { failureResponse } from './failure-response.ts';
import { invalidRequest, sentenceOf } from './invalid-request.ts';
import { listLoadBalancers, listParameters } from './list.ts';
import { listObservations, observationParameters, showObservation } from './observations.ts';
import { present } from './present.ts';
import { probeNow } from './probe-now.ts';
import { parseJson, readJson, readText, refuseBody } from './read-json.ts';
import { unknownLoadBalancer } from './unknown-load-balancer.ts';
import { retry } from './retry.ts';
import { refuseManageAdopted } from './refuse-manage-adopted.ts';
import { addWatchRoutes } from './watch-routes.ts';
import { flag, readQuery, refuseQueries } from './query.ts';

const releaseParameters = { liftDeletionProtection: flag };

/** Routes that take a query, each with parameters of its own. */
const queries = new Set([
  'GET /load-balancers',
  'DELETE /load-balancers/:id',
  'GET /load-balancers/:id/events',
  'GET /load-balancers/:id/observations',
]);

/** The routes over one runtime. Answers problem+json for everything that is not as asked. */
export function createApp(runtime: Runtime, caller: string): Hono {
  // A slash at the end changes nothing.
  const app = new Hono({ strict: false });

  app.use(refuseQueries(app, (method, route) => queries.has(`${method} ${route}`)));

  app.post('/load-balancers', async (context) => {
    const body = await readJson(context);
    if ('refusal' in body) return body.refusal;
    const key = context.req.header('idempotency-key');
    if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key))
      return problemResponse(
        400,
        'idempotency-key',
        'Bad Request',
        'Idempotency-Key must be 1 to 200 visible ASCII characters.',
      );
    const create = isWatchRequest(body.json) ? createWatch : createDeployment;
    return await create(runtime, { caller, body: body.json, idempotencyKey: key });
  });

  app.get('/load-balancers', async (context) => {
    const read = readQuery(context, listParameters);
    return 'refusal' in read ? read.refusal : await listLoadBalancers(runtime, read.query);
  });

  app.use('/load-balancers/:id/*', async (context, next) => {
    const id = context.req.param('id');
    return isUlid(id) ? await next() : unknownLoadBalancer(id);
  });

  app.get('/load-balancers/:id', async (context, next) => {
    const record = await runtime.deployments.find(context.req.param('id'));
    return record === undefined ? await next() : context.json(present(record));
  });

  app.get('/load-balancers/:id/events', async (context) => {
    const read = readQuery(context, eventParameters);
    return 'refusal' in read ? read.refusal : await listEvents(runtime, context.req.param('id'), read.query);
  });

  app.delete('/load-balancers/:id', async (context, next) => {
    const read = readQuery(context, releaseParameters);
    if ('refusal' in read) return read.refusal;
    const unread = await refuseBody(context);
    if (unread !== undefined) return unread;
    const { liftDeletionProtection: liftProtection = false } = read.query;
    const done = await act(runtime, context.req.param('id'), (record, nowMs) =>
      requestRelease(record, nowMs, { liftProtection }),
    );
    return done ?? (await next());
  });

  app.post('/load-balancers/:id/apply', async (context, next) => {
    const body = await readJson(context);
    if ('refusal' in body) return body.refusal;
    return (await apply(runtime, context.req.param('id'), body.json)) ?? (await next());
  });

  app.post('/load-balancers/:id/retry', async (context, next) => {
    const read = await readText(context);
    if ('refusal' in read) return read.refusal;
    const body = read.text === '' ? undefined : parseJson(read.text);
    if (body !== undefined && 'refusal' in body) return body.refusal;
    const done = await retry(runtime, { caller, id: context.req.param('id'), body: body?.json });
    return done ?? (await next());
  });

  app.patch('/load-balancers/:id', async (context, next) => {
    const id = context.req.param('id');
    const body = await readJson(context);
    if ('refusal' in body) return body.refusal;
    const before = await runtime.deployments.find(id);
    if (before === undefined) return await next();
    const patched = patchSpec(before, body.json);
    if ('problems' in patched) return invalidRequest(patched.problems);
    if ('fixed' in patched)
      return problemResponse(409, 'field-fixed', 'Conflict', sentenceOf(patched.fixed), patched.fixed);
    const refused = refuseManageAdopted(runtime, patched.spec, before.spec);
    if (refused !== undefined) return refused;
    const done = await act(runtime, id, (record, nowMs) =>
      JSON.stringify(record.spec) === JSON.stringify(before.spec)
        ? requestChange(record, patched, nowMs)
        : {
            refusal: {
              code: 'changed-meanwhile',
              detail: 'Somebody else has changed the load balancer. Look at it and repeat the call.',
            },
          },
    );
    return done ?? (await next());
  });

  app.get('/load-balancers/:id/drift', async (context, next) => {
    const record = await runtime.deployments.find(context.req.param('id'));
    if (record === undefined) return await next();
    if (!isServing(record))
      return problemResponse(
        409,
        'not-ready',
        'Conflict',
        `The load balancer is ${record.status}; drift is looked for in one that serves.`,
      );
    return context.json(await findDrift(runtime, record));
  });

  app.post('/load-balancers/:id/probe', async (context) => {
    const unread = await refuseBody(context);
    if (unread !== undefined) return unread;
    const id = context.req.param('id');
    const watched = await findWatched(runtime, id);
    return watched === undefined ? unknownLoadBalancer(id) : await probeNow(runtime, caller, watched);
  });

  app.get('/load-balancers/:id/observations', async (context) => {
    const id = context.req.param('id');
    const read = readQuery(context, observationParameters);
    if ('refusal' in read) return read.refusal;
    if ((await findWatched(runtime, id)) === undefined) return unknownLoadBalancer(id);
    return await listObservations(runtime, id, read.query);
  });

  app.get('/load-balancers/:id/observations/:at', async (context) => {
    return await showObservation(runtime, context.req.param('id'), context.req.param('at'));
  });

  app.get('/channels', async () => await listChannels(runtime));

  addWatchRoutes(app, runtime);

  // What is there, asked in a way that it does not know.
  const routes = app.routes.filter(({ method }) => method !== 'ALL');
  for (const path of new Set(routes.map((route) => route.path))) {
    const taken = routes.filter((route) => route.path === path).map(({ method }) => method);
    const methods = [...new Set(taken.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
    app.all(path, (context) => {
      const answer = problemResponse(
        405,
        'method-not-allowed',
        'Method Not Allowed',
        `${context.req.path} takes ${methods.join(', ')}.`,
      );
      answer.headers.set('allow', methods.join(', '));
      return answer;
    });
  }

  app.notFound((context) =>
    problemResponse(
      404,
      'not-found',
      'Not Found',
      `${context.req.method} ${context.req.path} is nothing here. There are: POST and GET /load-balancers; GET, PATCH and DELETE /load-balancers/{id}; POST /load-balancers/{id}/apply, /retry and /probe; GET /load-balancers/{id}/drift, /events and /observations; GET /channels.`,
    ),
  );
  app.onError((error) => {
    runtime.log('error', 'request failed', { reason: error.message });
    return failureResponse(error);
  });
  return app;
}
