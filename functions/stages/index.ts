import { createSharedHandler } from '../../shared/handler.ts';
import { allStages } from '../all-stages.ts';

/** All stages behind one queue, for accounts with too few event streams; see s-one-queue.yaml. */
export const handler = createSharedHandler(allStages);
