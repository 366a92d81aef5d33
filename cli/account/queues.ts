import { queueNamesOf } from '../../shared/pipeline.ts';
import { queueAttributes } from '../bootstrap.ts';
import type { Account } from './account.ts';
import { stateOf, type Step } from './step.ts';

const { visibilityTimeoutSeconds, retentionSeconds } = queueAttributes;
const what = `messages invisible for ${visibilityTimeoutSeconds} s, kept for ${retentionSeconds / 86_400} days`;

export const queueSteps = ({ config, runtime: { queues } }: Account): Step[] =>
  queueNamesOf(config.stageQueue).map((queue): Step => ({
    kind: 'queue',
    name: `${config.name}-${queue}`,
    what,
    state: async () => stateOf(await queues.differences(queue, queueAttributes)),
    async make() {
      await queues.ensure(queue, queueAttributes);
    },
    remove: () => queues.remove(queue),
  }));
