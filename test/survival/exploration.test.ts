import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blockedOf } from '../../shared/deployment/blocked.ts';
import type { StageName } from '../../shared/pipeline.ts';
import { wrongBetween, wrongIn } from '../shared/deployment/laws.ts';
import { type Budget, isAtRest, Model, type World } from '../shared/deployment/model.ts';

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
        const { status } = end.record;
        result.ends[status] = (result.ends[status] ?? 0) + 1;
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

describe('a release that is blocked', () => {
  const blocked = (asks: number) => {
    const model = new Model(['network']);
    let world = model.start({ faults: 0, outcomes: 1, asks });
    const take = (choose: (name: string) => boolean): World => {
      const step = model.steps(world).find(({ name }) => choose(name));
      if (step === undefined)
        throw new Error(`not possible: ${JSON.stringify(model.steps(world).map(({ name }) => name))}`);
      world = step.next();
      return world;
    };
    take((name) => name === 'DELETE');
    take((name) => name.startsWith('deliver network'));
    take((name) => name.endsWith('ends: blocked'));
    return { model, world, take };
  };

  it('says so, and goes on without anybody', () => {
    const { model, world } = blocked(1);
    expect(blockedOf(world.record)).toMatchObject({ stage: 'network', code: 'Forbidden.RAM' });
    expect(model.end(world)?.record.status).toBe('released');
  });

  it('goes on in the same epoch when DELETE is repeated', () => {
    const { model, world, take } = blocked(2);
    const { epoch } = world.record;
    const after = take((name) => name === 'DELETE');
    expect(after.record.epoch).toBe(epoch);
    expect(after.letters.filter(({ message }) => message.stage === 'network')).toHaveLength(2);
    expect(model.end(after)?.record.status).toBe('released');
  });
});
