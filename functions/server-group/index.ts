import { createStageHandler } from '../../shared/handler.ts';
import { serverGroup } from './stage.ts';

export const handler = createStageHandler(serverGroup);
