import type { FcHandler } from '../../shared/handler.ts';
import { runtimeOf } from '../../shared/runtime.ts';
import { deliver } from './deliver.ts';

/** The alert queue: its messages say no more than that something is to be told, so one that is foreign does no harm. */
export const handler: FcHandler = async (_event, context) => await deliver(runtimeOf(context), context.requestId);
