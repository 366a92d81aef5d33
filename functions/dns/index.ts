import { createStageHandler } from '../../shared/handler.ts';
import { dns } from './stage.ts';

export const handler = createStageHandler(dns);
