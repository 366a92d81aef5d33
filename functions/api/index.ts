import { readHttpEvent, toRequest, toResult } from '../../shared/http-event.ts';
import type { FcHandler } from '../../shared/handler.ts';
import { runtimeOf } from '../../shared/runtime.ts';
import { createApp } from './app.ts';

/** The HTTP trigger: request a load balancer, show it, list them. */
export const handler: FcHandler = async (event, context) => {
  const app = createApp(runtimeOf(context), context.accountId ?? '');
  return await toResult(await app.fetch(toRequest(readHttpEvent(event))));
};
