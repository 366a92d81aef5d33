import type { Row } from './table.ts';
import type { Told, World } from './world.ts';

/** A situation in which functions need an action. */
export interface Scenario {
  /** Brings it about, with every permission. */
  prepare?(world: World, row: Row): unknown;
  /** Goes on without the action. @returns what is told of that. */
  act(world: World, row: Row): Promise<Told>;
  /** Clears away what would be in the way of others, with every permission. */
  finish?(world: World, row: Row): unknown;
}
