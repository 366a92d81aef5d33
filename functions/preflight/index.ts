import { createStageHandler } from '../../shared/handler.ts';
import { preflight } from './stage.ts';

export const handler = createStageHandler(preflight);
