import type { FcHandler } from '../../shared/handler.ts';
import { alertQueue } from '../../shared/pipeline.ts';
import { receive } from '../../shared/queue/receive.ts';
import { runtimeOf } from '../../shared/runtime.ts';
import { deliver } from './deliver.ts';

/** The alert queue: its messages say no more than that something is to be sent. */
export const handler: FcHandler = async (event, context) => {
  const runtime = runtimeOf(context);
  const [report] = await receive(
    runtime,
    alertQueue,
    event,
    context.requestId,
    async () => await deliver(runtime, context.requestId),
  );
  return report;
};
