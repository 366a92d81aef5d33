import type { Scenario } from '../scenario.ts';
import { laterStages, type Row } from '../table.ts';
import type { World } from '../world.ts';

const releasing = async (world: World, row: Row): Promise<void> => {
  await world.ask('DELETE', `/load-balancers/${world.idOf('plain')}`);
  await world.driver.run({ held: laterStages(row) });
};

/** What is taken away. */
export const releasingScenarios = {
  'a release': {
    prepare: (world) => world.served('plain'),
    async act(world, row) {
      await releasing(world, row);
      return await world.failure('plain');
    },
  },

  'the end of a release': {
    prepare: (world) => world.served('plain'),
    async act(world, row) {
      await releasing(world, row);
      const { stage = '', error } = world.driver.thrown.at(-1) ?? {};
      return { at: stage, text: error instanceof Error ? error.message : '' };
    },
  },
} satisfies Record<string, Scenario>;
