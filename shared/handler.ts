import { type OwnDelivery, parseStageMessage } from './messages.ts';
import { receive } from './queue/receive.ts';
import { type FcContext, runtimeOf, type Runtime } from './runtime.ts';
import { queueOf, type StageName } from './pipeline.ts';
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
): FcHandler => createHandler(stage.name, () => stage, runtime);

/** The function behind the one queue that all stages share; what is for no stage, any stage puts away. */
export const createSharedHandler = (
  stages: Record<StageName, Stage>,
  runtime: (context: FcContext) => Runtime = runtimeOf,
): FcHandler =>
  createHandler(
    'preflight',
    ({ body }) => {
      const parsed = parseStageMessage(body);
      return stages['reason' in parsed ? 'preflight' : parsed.message.stage];
    },
    runtime,
  );

const createHandler =
  (name: StageName, stageOf: (delivery: OwnDelivery) => Stage, runtime: (context: FcContext) => Runtime): FcHandler =>
  async (event, context) => {
    const own = runtime(context);
    await receive(own, queueOf(name, own.config.stageQueue), event, context.requestId, async (delivery) => {
      // A claim that has no time left would hold the turn and do nothing with it.
      own.budget.require('a message of the batch');
      await serveMessage(stageOf(delivery), delivery, own);
    });
  };
