import { createStageHandler } from '../../shared/handler.ts';
import { ipv6Internet } from './stage.ts';

export const handler = createStageHandler(ipv6Internet);
