import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StageName } from '../../shared/pipeline.ts';
import { wrongBetween, wrongIn } from '../shared/deployment/laws.ts';
import { type Budget, isAtRest, Model, waitsForPerson, type World } from '../shared/deployment/model.ts';

/**
 * Every order in which messages, turns, crashes, people, the sweep and the clock can meet around the named stages, within
 * the budget: explored to the end, not to a depth. The stages that are not named are served at once.
 */
interface Part {
  stages: StageName[];
  budget: Budget;
  onFailure: 'rollback' | 'retain';
}

const join: StageName[] = ['backend-servers', 'listener', 'health'];

const parts: Part[] = [
  { stages: ['preflight'], budget: { faults: 1, outcomes: 1, asks: 1 }, onFailure: 'rollback' },
  { stages: ['network'], budget: { faults: 1, outcomes: 1, asks: 1 }, onFailure: 'rollback' },
  { stages: ['verify'], budget: { faults: 1, outcomes: 1, asks: 1 }, onFailure: 'rollback' },
  { stages: join, budget: { faults: 1, outcomes: 1, asks: 0 }, onFailure: 'rollback' },
  { stages: join, budget: { faults: 1, outcomes: 0, asks: 1 }, onFailure: 'retain' },
  { stages: join, budget: { faults: 0, outcomes: 1, asks: 1 }, onFailure: 'retain' },
];

/** `EXPLORE=more`: minutes instead of seconds. */
const more: Part[] = [
  { stages: ['verify'], budget: { faults: 2, outcomes: 1, asks: 2 }, onFailure: 'rollback' },
  { stages: ['preflight', 'network'], budget: { faults: 1, outcomes: 1, asks: 2 }, onFailure: 'rollback' },
  { stages: ['preflight', 'network'], budget: { faults: 2, outcomes: 1, asks: 1 }, onFailure: 'retain' },
  { stages: ['backend-servers', 'listener'], budget: { faults: 1, outcomes: 1, asks: 1 }, onFailure: 'rollback' },
  { stages: ['backend-servers', 'listener'], budget: { faults: 2, outcomes: 1, asks: 0 }, onFailure: 'retain' },
];

interface Node {
  /** Let go of once all its steps are known. */
  world: World | undefined;
  from: Node | undefined;
  by: string;
}

interface Explored {
  states: number;
  steps: number;
  depth: number;
  /** Distinct last states, by what they are, when nothing goes wrong on the way there. */
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
      const { world } = node;
      if (world === undefined) continue;
      node.world = undefined;
      result.states += 1;
      result.broken.push(...wrongIn(world).map((wrong) => `${wrong}:${pathTo(node)}`));
      const end = model.end(world, ended);
      if (end !== undefined) {
        result.broken.push(...wrongIn(end).map((wrong) => `at the end ${wrong}:${pathTo(node)}`));
        if (!isAtRest(end)) result.stuck.push(pathTo(node));
        const how = waitsForPerson(end.record) ? 'releasing, refused for good' : end.record.status;
        result.ends[how] = (result.ends[how] ?? 0) + 1;
      }
      for (const step of model.steps(world)) {
        result.steps += 1;
        const after = step.next();
        const next: Node = { world: after, from: node, by: step.name };
        result.broken.push(...wrongBetween(world, after, step.name).map((wrong) => `${wrong}:${pathTo(next)}`));
        const { faults, outcomes, asks } = after.left;
        const key = `${faults} ${outcomes} ${asks} ${model.key(after)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        following.push(next);
      }
    }
    level = following;
  }
  return result;
}

const nameOf = ({ stages, budget: { faults, outcomes, asks }, onFailure }: Part): string =>
  `${stages.join(', ')} (faults ${faults}, turns not done ${outcomes}, requests ${asks}, ${onFailure})`;

const reports: string[] = [];
afterAll(() => {
  console.log(`Explored, all states:\n${reports.join('\n')}`);
});

const chosen = process.env['EXPLORE'] === 'more' ? [...parts, ...more] : parts;

describe.each(chosen.map((part): [string, Part] => [nameOf(part), part]))(
  '%s',
  (name, { stages, budget, onFailure }) => {
    let explored: Explored;

    beforeAll(() => {
      explored = explore(new Model(stages, onFailure), budget);
      const { states, steps, depth, ends } = explored;
      reports.push(`  ${name}: ${states} states, ${steps} steps, depth ${depth}; ends ${JSON.stringify(ends)}`);
    }, 600_000);

    it('breaks no law in any state', () => {
      expect(explored.broken).toEqual([]);
      expect(explored.states).toBeGreaterThan(500);
    });

    it('has a way to ready, failed or released from every state', () => {
      expect(explored.stuck).toEqual([]);
    });

    it('reaches every end that the budget allows', () => {
      expect(explored.ends).toHaveProperty('ready');
      if (budget.asks > 0) expect(explored.ends).toHaveProperty('released');
      if (budget.outcomes > 0) expect(explored.ends).toHaveProperty('failed');
    });
  },
);

it('releases after a refused release, once a person asks again', () => {
  const model = new Model(['network']);
  let world = model.start({ faults: 0, outcomes: 1, asks: 2 });
  const take = (choose: (name: string) => boolean) => {
    const step = model.steps(world).find(({ name }) => choose(name));
    if (step === undefined)
      throw new Error(
        model
          .steps(world)
          .map(({ name }) => name)
          .join('; '),
      );
    world = step.next();
  };
  take((name) => name === 'DELETE');
  take((name) => name.startsWith('deliver network'));
  take((name) => name.endsWith('ends: fail'));
  const end = model.end(world);
  expect(end?.record.status).toBe('releasing');
  expect(end?.record.failure).toMatchObject({ stage: 'network', action: 'release', code: 'Forbidden.RAM' });
  take((name) => name === 'DELETE');
  expect(model.end(world)?.record.status).toBe('released');
});
