import { createStageHandler } from '../../shared/handler.ts';
import { securityGroup } from './stage.ts';

export const handler = createStageHandler(securityGroup);
