import type { FcHandler } from '../../shared/handler.ts';
import { readDeliveries } from '../../shared/messages.ts';
import { runtimeOf } from '../../shared/runtime.ts';
import { keepDeadLetter } from './keep.ts';

/** The end of the dead-letter queue: what could not be served is recorded, and made to run again where that can help. */
export const handler: FcHandler = async (event, context) => {
  const runtime = runtimeOf(context);
  for (const delivery of readDeliveries(event, context.requestId)) await keepDeadLetter(runtime, delivery);
};
