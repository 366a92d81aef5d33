import { createStageHandler } from '../../shared/handler.ts';
import { backendServers } from './stage.ts';

export const handler = createStageHandler(backendServers);
