import { blockedOf } from '../../../shared/deployment/blocked.ts';
import type { Scenario } from '../scenario.ts';
import { laterStages } from '../table.ts';

/** What is taken away. */
export const releasingScenarios = {
  'a release': {
    prepare: (world) => world.served('plain'),
    async act(world, row) {
      await world.ask('DELETE', `/load-balancers/${world.idOf('plain')}`);
      const until = async (): Promise<boolean> =>
        blockedOf(await world.record('plain'))?.message.includes(row.action) === true;
      await world.driver.run({ held: laterStages(row), until });
      return await world.failure('plain');
    },
  },

  // Of one that was never blocked: the sweep takes the others off the list.
  'the end of a release': {
    prepare: (world) => world.served('looking'),
    async act(world) {
      await world.ask('DELETE', `/load-balancers/${world.idOf('looking')}`);
      await world.driver.run();
      const { stage = '', error } = world.driver.thrown.at(-1) ?? {};
      return { at: stage, text: error instanceof Error ? error.message : '' };
    },
  },
} satisfies Record<string, Scenario>;
