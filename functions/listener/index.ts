import { createStageHandler } from '../../shared/handler.ts';
import { listener } from './stage.ts';

export const handler = createStageHandler(listener);
