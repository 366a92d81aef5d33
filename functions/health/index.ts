import { createStageHandler } from '../../shared/handler.ts';
import { health } from './stage.ts';

export const handler = createStageHandler(health);
