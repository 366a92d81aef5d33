import { createStageHandler } from '../../shared/handler.ts';
import { instances } from './stage.ts';

export const handler = createStageHandler(instances);
