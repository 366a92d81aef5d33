import { alertAfterObservation } from '../../shared/alert/after-observation.ts';
import type { FcHandler } from '../../shared/handler.ts';
import { runtimeOf } from '../../shared/runtime.ts';
import { serveProbe } from './serve.ts';

/** The timer and the probe queue: probes what serves. */
export const handler: FcHandler = async (event, context) => {
  const runtime = runtimeOf(context);
  return await serveProbe(runtime, event, { holder: context.requestId, after: alertAfterObservation(runtime) });
};
