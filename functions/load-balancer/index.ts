import { createStageHandler } from '../../shared/handler.ts';
import { loadBalancer } from './stage.ts';

export const handler = createStageHandler(loadBalancer);
