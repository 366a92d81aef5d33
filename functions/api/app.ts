import { type Context, Hono } from 'hono';
import { isOpen, StoreError } from '../../shared/store/rows.ts';
import { problemResponse } from '../../shared/problem.ts';
import { QueueError } from '../../shared/queue/queues.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { isUlid } from '../../shared/ulid.ts';
import { createDeployment } from './create-deployment.ts';
import { present, presentSummary } from './present.ts';

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

  app.notFound((context) =>
    problemResponse(
      404,
      'not-found',
      'Not Found',
      `${context.req.method} ${context.req.path} is nothing here: POST /load-balancers, GET /load-balancers, GET /load-balancers/{id}.`,
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
  if (text.trim() === '') return { json: {} };
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
