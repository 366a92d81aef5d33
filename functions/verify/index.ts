import { createStageHandler } from '../../shared/handler.ts';
import { verify } from './stage.ts';

export const handler = createStageHandler(verify);
