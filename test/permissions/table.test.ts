import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { actionsOf, refusalOf, refusedIn, roles } from './policies.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import { table } from './table.ts';
import { World } from './world.ts';

// One story in one cloud: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

it('there is no policy but those of the table', () => {
  const files = readdirSync(new URL('../../policies/', import.meta.url));
  expect(files.sort()).toEqual(roles.map((role) => `${role}.json`).sort());
});

describe.each(roles)('the policy of %s', (role) => {
  it('has a row of the table for each of its actions, and the table none for others', () => {
    const actions = actionsOf(role);
    const rows = table.filter((row) => row.role === role).map(({ action }) => action);
    const difference = (some: string[], others: string[]) => some.filter((action) => !others.includes(action));
    expect({
      'in the policy, but in no row of test/permissions/table.ts': difference(actions, rows),
      'in test/permissions/table.ts, but not in the policy': difference(rows, actions),
    }).toEqual({
      'in the policy, but in no row of test/permissions/table.ts': [],
      'in test/permissions/table.ts, but not in the policy': [],
    });
    expect(rows).toHaveLength(actions.length);
  });
});

describe('without one of its actions a role', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  it.each(table)('$role fails $scenario at $at, naming exactly $action', async (row) => {
    const scenario: Scenario = scenarios[row.scenario];
    const { at, text, refused } = await world.without(row, scenario);
    expect({ at, named: refusedIn(text), refused }).toEqual({
      at: row.at,
      named: [row.action],
      refused: [row.action],
    });
    expect(text).toContain(refusalOf(row.action));
  });

  it('is refused nothing with all of them, and everything comes to its end', async () => {
    await world.served('plain');
    await world.ready('https');
    const from = world.cloud.wireLog.length;
    await world.ask('DELETE', `/load-balancers/${world.idOf('plain')}`);
    await world.driver.run();
    await world.harness.sweep();
    expect(world.refusedSince(from)).toEqual([]);
    const { status, stages } = await world.record('plain');
    expect(status).toBe('released');
    expect(stages.preflight.outputs).toMatchObject({ proof: { isEmpty: true } });
    expect(world.activeIds()).not.toContain(world.idOf('plain'));
  });
});
