import { createStageHandler } from '../../shared/handler.ts';
import { network } from './stage.ts';

export const handler = createStageHandler(network);
