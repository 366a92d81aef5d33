import { afterAll, describe, expect, it } from 'vitest';
import type { StageName } from '../../../shared/pipeline.ts';
import { wrongBetween, wrongIn } from './laws.ts';
import { type Budget, isAtRest, Model, waitsForPerson, type World } from './model.ts';

/**
 * Every order in which messages, turns, crashes, people, the sweep and the clock can meet around the named stages, within
 * the budget: explored to the end, not to a depth. The stages that are not named are served at once.
 */
const parts: { about: string; stages: StageName[]; budget: Budget; onFailure: 'rollback' | 'retain' }[] = [
  {
    about: 'the last stage, which is released first',
    stages: ['verify'],
    budget: { faults: 1, outcomes: 1, asks: 2 },
    onFailure: 'rollback',
  },
  {
    about: 'the first stages, of which one proves the end of a release',
    stages: ['preflight', 'network'],
    budget: { faults: 1, outcomes: 1, asks: 1 },
    onFailure: 'rollback',
  },
  {
    about: 'two branches and their join, with a fault and a turn that does not end done',
    stages: ['backend-servers', 'listener', 'health'],
    budget: { faults: 1, outcomes: 1, asks: 0 },
    onFailure: 'rollback',
  },
  {
    about: 'two branches and their join, with a fault and a request',
    stages: ['backend-servers', 'listener', 'health'],
    budget: { faults: 1, outcomes: 0, asks: 1 },
    onFailure: 'retain',
  },
  {
    about: 'two branches and their join, with a turn that does not end done and a request',
    stages: ['backend-servers', 'listener', 'health'],
    budget: { faults: 0, outcomes: 1, asks: 1 },
    onFailure: 'retain',
  },
];

interface Node {
  world: World;
  from: Node | undefined;
  by: string;
}

interface Explored {
  states: number;
  steps: number;
  depth: number;
  /** How many states end how, when nothing goes wrong after them; states on the way of another are counted there. */
  ends: Record<string, number>;
  /** Broken laws with the steps that lead there. */
  broken: string[];
  /** States from which there is no end. */
  stuck: string[];
}

const pathTo = (node: Node | undefined): string =>
  node === undefined || node.by === '' ? '' : `${pathTo(node.from)}\n    ${node.by}`;

function explore(model: Model, budget: Budget): Explored {
  const result: Explored = { states: 0, steps: 0, depth: -1, ends: {}, broken: [], stuck: [] };
  const seen = new Set<string>();
  const ended = new Set<string>();
  let level: Node[] = [{ world: model.start(budget), from: undefined, by: '' }];
  while (level.length > 0 && result.broken.length + result.stuck.length < 5) {
    result.depth += 1;
    const following: Node[] = [];
    for (const node of level) {
      result.states += 1;
      result.broken.push(...wrongIn(node.world).map((wrong) => `${wrong}:${pathTo(node)}`));
      const { world: end, passed } = model.end(node.world, ended);
      const isKnown = ended.has(passed.at(-1) ?? '');
      for (const key of passed) ended.add(key);
      if (!isKnown) {
        result.broken.push(...wrongIn(end).map((wrong) => `at the end ${wrong}:${pathTo(node)}`));
        if (!isAtRest(end)) result.stuck.push(pathTo(node));
        const how = waitsForPerson(end.record) ? 'releasing, refused for good' : end.record.status;
        result.ends[how] = (result.ends[how] ?? 0) + 1;
      }
      for (const step of model.steps(node.world)) {
        result.steps += 1;
        const next: Node = { world: step.next(), from: node, by: step.name };
        result.broken.push(
          ...wrongBetween(node.world, next.world, step.name).map((wrong) => `${wrong}:${pathTo(next)}`),
        );
        const { faults, outcomes, asks } = next.world.left;
        const key = `${faults} ${outcomes} ${asks} ${model.key(next.world)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        following.push(next);
      }
    }
    level = following;
  }
  return result;
}

const reports: string[] = [];
afterAll(() => {
  console.log(`Explored, every state within the budget:\n${reports.join('\n')}`);
});

describe.each(parts)('$about', ({ stages, budget, onFailure, about }) => {
  let explored: Explored | undefined;
  const result = (): Explored => {
    explored ??= explore(new Model(stages, onFailure), budget);
    return explored;
  };

  it('breaks no law in any state', { timeout: 120_000 }, () => {
    const { states, steps, depth, ends, broken } = result();
    const { faults, outcomes, asks } = budget;
    reports.push(
      `  ${about} (${stages.join(', ')}; ${faults} faults, ${outcomes} other outcomes, ${asks} requests): ${states} states, ${steps} steps, depth ${depth}; ends ${JSON.stringify(ends)}`,
    );
    expect(broken).toEqual([]);
    expect(states).toBeGreaterThan(1000);
  });

  it('has a way to ready, failed or released from every state', () => {
    expect(result().stuck).toEqual([]);
  });

  it('ends in each way that the budget allows', () => {
    const { ends } = result();
    expect(ends).toHaveProperty('ready');
    if (budget.asks > 0) expect(ends).toHaveProperty('released');
    if (budget.outcomes > 0) expect(ends).toHaveProperty('failed');
  });
});

it('releases after a refused release, once a person asks again', () => {
  const model = new Model(['network']);
  const refused = (name: string) => name.endsWith('ends: fail');
  let world = model.start({ faults: 0, outcomes: 1, asks: 2 });
  const take = (choose: (name: string) => boolean) => {
    const step = model.steps(world).find(({ name }) => choose(name));
    if (step === undefined) throw new Error(model.steps(world).map(({ name }) => name).join('; '));
    world = step.next();
  };
  take((name) => name === 'DELETE');
  take((name) => name.startsWith('deliver network'));
  take(refused);
  expect(waitsForPerson(model.end(world).world.record)).toBe(true);
  take((name) => name === 'DELETE');
  expect(model.end(world).world.record.status).toBe('released');
});
