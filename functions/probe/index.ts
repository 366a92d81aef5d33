import type { FcHandler } from '../../shared/handler.ts';
import { ignoreObservation } from '../../shared/probe/after-observation.ts';
import { runtimeOf } from '../../shared/runtime.ts';
import { serveProbe } from './serve.ts';

/** The timer and the probe queue: probes what is ready. */
export const handler: FcHandler = async (event, context) =>
  await serveProbe(runtimeOf(context), event, { holder: context.requestId, after: ignoreObservation });
