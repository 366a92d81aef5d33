import { type Delivery, parseStageMessage, readDeliveries } from './messages.ts';
import { type FcContext, runtimeOf, type Runtime } from './runtime.ts';
import type { StageName } from './pipeline.ts';
import type { Stage } from './stage.ts';
import { serveMessage } from './turn.ts';

/** The signature of all functions. Source: https://www.alibabacloud.com/help/en/functioncompute/user-guide/request-handlers */
export type FcHandler = (event: Buffer, context: FcContext) => Promise<unknown>;

/**
 * The queue-triggered function of a stage. Serves every message of the event; throws only when a message could neither be
 * served nor put away, so that the trigger delivers it again.
 */
export const createStageHandler = <N extends StageName>(
  stage: Stage<N>,
  runtime: (context: FcContext) => Runtime = runtimeOf,
): FcHandler => createHandler(() => stage, runtime);

/** The function behind the one queue that all stages share; what is for no stage, any stage puts away. */
export const createSharedHandler = (
  stages: Record<StageName, Stage>,
  runtime: (context: FcContext) => Runtime = runtimeOf,
): FcHandler =>
  createHandler(({ body }) => {
    const parsed = parseStageMessage(body);
    return stages['reason' in parsed ? 'preflight' : parsed.message.stage];
  }, runtime);

const createHandler =
  (stageOf: (delivery: Delivery) => Stage, runtime: (context: FcContext) => Runtime): FcHandler =>
  async (event, context) => {
    const own = runtime(context);
    const failures: unknown[] = [];
    for (const delivery of readDeliveries(event, context.requestId)) {
      try {
        // A claim that has no time left would hold the turn and do nothing with it.
        own.budget.require('a message of the batch');
        await serveMessage(stageOf(delivery), delivery, own);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
