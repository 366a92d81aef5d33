import { allStages } from '../../../functions/all-stages.ts';
import { keepDeadLetter } from '../../../functions/dead-letter/keep.ts';
import { createStageHandler } from '../../../shared/handler.ts';
import { contextOf } from '../../support/harness.ts';
import { queueEvent, sealedBy } from '../../support/message-keys.ts';
import type { Scenario } from '../scenario.ts';
import { laterStages } from '../table.ts';
import type { DeploymentName } from '../world.ts';

const applying = (name: DeploymentName): Scenario => ({
  async act(world, row) {
    await world.goOn(name);
    await world.driver.run({ held: laterStages(row) });
    return await world.failure(name);
  },
});

/** What makes a load balancer, and what keeps that going. */
export const applyingScenarios = {
  'a first apply': applying('plain'),

  'a record that gets its remark': {
    prepare: (world) => world.goOn('plain'),
    async act(world) {
      await world.driver.run();
      return world.logged('dns');
    },
  },

  'a first apply with HTTPS, over a network without IPv6': applying('https'),

  'a load balancer that cannot be made': {
    async act(world) {
      await world.goOn('unlucky');
      await world.driver.run({ held: ['security-group', 'server-group'] });
      return await world.failure('unlucky');
    },
  },

  'a message': {
    prepare: (world) => world.ready('plain'),
    async act(world) {
      const { deploymentId, epoch } = await world.record('plain');
      const body = { v: 1, deploymentId, stage: 'preflight', action: 'apply', epoch, turn: 0 };
      const runtime = world.runtime('preflight');
      const event = queueEvent('late', sealedBy(runtime.config, 'preflight', body));
      const handle = createStageHandler(allStages.preflight, () => runtime);
      return await world.thrown('preflight', () => handle(event, contextOf('preflight')));
    },
  },

  'a message that is not ours': {
    act: (world) => {
      const handle = createStageHandler(allStages.preflight, () => world.runtime('preflight'));
      return world.thrown('preflight', () => handle(queueEvent('foreign', 'an order'), contextOf('preflight')));
    },
  },

  'a dead letter': {
    act: (world) =>
      world.thrown('dead-letter', () =>
        keepDeadLetter(world.runtime('dead-letter'), { messageId: 'foreign', body: 'an order' }),
      ),
  },

  'a sweep': { act: (world) => world.thrown('sweep', () => world.harness.sweep()) },
} satisfies Record<string, Scenario>;
