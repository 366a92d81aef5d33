import type { FcHandler } from '../../shared/handler.ts';
import { runtimeOf } from '../../shared/runtime.ts';
import { sweep } from './sweep.ts';

/** The timer: finds what never ran and sends it again. */
export const handler: FcHandler = async (_event, context) => await sweep(runtimeOf(context));
