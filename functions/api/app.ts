import { type Context, Hono } from 'hono';
import { isServing } from '../../shared/deployment/record.ts';
import { requestChange, requestRelease, requestRepair, requestRetry } from '../../shared/deployment/requests.ts';
import { parseSpec } from '../../shared/deployment/spec.ts';
import { isOpen, StoreError } from '../../shared/store/rows.ts';
import { problemResponse } from '../../shared/problem.ts';
import { QueueError } from '../../shared/queue/queues.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { isUlid } from '../../shared/ulid.ts';
import { findWatched } from '../../shared/watch/watched.ts';
import { act } from './act.ts';
import { patchSpec } from './change.ts';
import { createDeployment } from './create-deployment.ts';
import { findDrift } from '../drift.ts';
import { invalidRequest, sentenceOf } from './invalid-request.ts';
import { listObservations, showObservation } from './observations.ts';
import { present, presentSummary } from './present.ts';
import { probeNow } from './probe-now.ts';

const maxBodyBytes = 256 * 1024;
const keptMs = 400 * 86_400_000;

/** The routes over one runtime. Answers problem+json for everything that is not as asked. */
export function createApp(runtime: Runtime, caller: string): Hono {
  const app = new Hono();

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
    return await createDeployment(runtime, { caller, body: body.json, idempotencyKey: key });
  });

  app.get('/load-balancers', async (context) => {
    const limit = Number(context.req.query('limit') ?? 20);
    if (!Number.isInteger(limit) || limit < 1 || limit > 100)
      return problemResponse(400, 'limit', 'Bad Request', 'limit must be a whole number from 1 to 100.');
    const cursor = context.req.query('cursor');
    if (cursor !== undefined && !/^\d{6}(\.[0-9a-z]{26})?$/.test(cursor))
      return problemResponse(400, 'cursor', 'Bad Request', 'cursor must be one that a listing answered.');
    const nowMs = runtime.clock.nowMs();
    const page = await runtime.deployments.list({
      limit,
      nowMs,
      oldestMs: nowMs - keptMs,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return context.json({
      loadBalancers: page.summaries.map(presentSummary),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    });
  });

  app.get('/load-balancers/:id', async (context) => {
    const id = context.req.param('id');
    const record = isUlid(id) ? await runtime.deployments.find(id) : undefined;
    return record === undefined ? unknownDeployment(id) : context.json(present(record));
  });

  app.get('/load-balancers/:id/events', async (context) => {
    const id = context.req.param('id');
    if (!isUlid(id)) return unknownDeployment(id);
    const events = await runtime.events.list(id, 200);
    return context.json({
      events: events.map(({ atMs, kind, text, details }) => ({
        at: new Date(atMs).toISOString(),
        kind,
        text,
        details,
      })),
    });
  });

  app.delete('/load-balancers/:id', async (context) => {
    const id = context.req.param('id');
    const lift = context.req.query('liftDeletionProtection') === 'true';
    if (!isUlid(id)) return unknownDeployment(id);
    return await act(runtime, id, (record, nowMs) => requestRelease(record, nowMs, { liftProtection: lift }));
  });

  app.post('/load-balancers/:id/apply', async (context) => {
    const id = context.req.param('id');
    return isUlid(id) ? await act(runtime, id, requestRepair) : unknownDeployment(id);
  });

  app.post('/load-balancers/:id/retry', async (context) => {
    const id = context.req.param('id');
    if (!isUlid(id)) return unknownDeployment(id);
    const text = await context.req.text();
    if (text.trim() === '') return await act(runtime, id, (record, nowMs) => requestRetry(record, undefined, nowMs));
    const body = parseJson(text);
    if ('refusal' in body) return body.refusal;
    const parsed = parseSpec(body.json);
    if ('problems' in parsed) return invalidRequest(parsed.problems);
    return await act(runtime, id, (record, nowMs) => requestRetry(record, parsed.spec, nowMs));
  });

  app.patch('/load-balancers/:id', async (context) => {
    const id = context.req.param('id');
    const body = await readJson(context);
    if ('refusal' in body) return body.refusal;
    const before = isUlid(id) ? await runtime.deployments.find(id) : undefined;
    if (before === undefined) return unknownDeployment(id);
    const patched = patchSpec(before.spec, body.json);
    if ('problems' in patched) return invalidRequest(patched.problems);
    if ('fixed' in patched)
      return problemResponse(409, 'field-fixed', 'Conflict', sentenceOf(patched.fixed), patched.fixed);
    return await act(runtime, id, (record, nowMs) =>
      JSON.stringify(record.spec) === JSON.stringify(before.spec)
        ? requestChange(record, patched.spec, nowMs)
        : {
            refusal: {
              code: 'changed-meanwhile',
              detail: 'Somebody else has changed the load balancer. Look at it and repeat the call.',
            },
          },
    );
  });

  app.get('/load-balancers/:id/drift', async (context) => {
    const id = context.req.param('id');
    const record = isUlid(id) ? await runtime.deployments.find(id) : undefined;
    if (record === undefined) return unknownDeployment(id);
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
    const id = context.req.param('id');
    const watched = isUlid(id) ? await findWatched(runtime, id) : undefined;
    return watched === undefined ? unknownDeployment(id) : await probeNow(runtime, watched);
  });

  app.get('/load-balancers/:id/observations', async (context) => {
    const id = context.req.param('id');
    const record = isUlid(id) ? await runtime.deployments.find(id) : undefined;
    if (record === undefined) return unknownDeployment(id);
    return await listObservations(runtime, id, {
      limit: context.req.query('limit'),
      before: context.req.query('before'),
    });
  });

  app.get('/load-balancers/:id/observations/:at', async (context) => {
    const id = context.req.param('id');
    return isUlid(id) ? await showObservation(runtime, id, context.req.param('at')) : unknownDeployment(id);
  });

  app.notFound((context) =>
    problemResponse(
      404,
      'not-found',
      'Not Found',
      `${context.req.method} ${context.req.path} is nothing here. There are: POST and GET /load-balancers; GET, PATCH and DELETE /load-balancers/{id}; POST /load-balancers/{id}/apply, /retry and /probe; GET /load-balancers/{id}/drift, /events and /observations.`,
    ),
  );
  app.onError((error) => {
    runtime.log('error', 'request failed', { reason: error.message });
    const isPassing = isOpen(error) || error instanceof StoreError || error instanceof QueueError;
    return isPassing
      ? problemResponse(
          503,
          'unavailable',
          'Service Unavailable',
          'The store or the queue did not answer. Repeat the request, with the same Idempotency-Key if it is a POST.',
        )
      : problemResponse(
          500,
          'unexpected',
          'Internal Server Error',
          'The request failed unexpectedly; the log has the reason.',
        );
  });
  return app;
}

export const unknownDeployment = (id: string): Response =>
  problemResponse(404, 'unknown-load-balancer', 'Not Found', `There is no load balancer ${id.slice(0, 40)} here.`);

async function readJson(context: Context): Promise<{ json: unknown } | { refusal: Response }> {
  const text = await context.req.text();
  if (Buffer.byteLength(text) > maxBodyBytes)
    return {
      refusal: problemResponse(413, 'body-too-large', 'Content Too Large', `The body may have ${maxBodyBytes} bytes.`),
    };
  return text.trim() === '' ? { json: {} } : parseJson(text);
}

function parseJson(text: string): { json: unknown } | { refusal: Response } {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch (error) {
    return {
      refusal: problemResponse(
        400,
        'malformed-json',
        'Bad Request',
        `The body is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      ),
    };
  }
}
