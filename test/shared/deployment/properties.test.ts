import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockedOf } from '../../../shared/deployment/blocked.ts';
import { stageNames } from '../../../shared/pipeline.ts';
import { wrongBetween, wrongIn } from './laws.ts';
import { isAtRest, Model, type Step, type World } from './model.ts';

/** The whole graph, a long way, many faults: what exploring to the end cannot hold. */
const budget = { faults: 6, outcomes: 6, asks: 4 };

/** What kind of thing happens next, and which of that kind: an index that wraps around. */
const kinds = {
  deliver: (name: string) => /^deliver \S+$/.test(name),
  done: (name: string) => name.endsWith('ends: done'),
  notDone: (name: string) => /ends: (wait|retry|fail|blocked|again)$/.test(name),
  crash: (name: string) =>
    name.includes('dies') || name.includes('once more') || name.startsWith('lose') || name.startsWith('give up'),
  ask: (name: string) => /^(DELETE|POST|PATCH)/.test(name) && !name.includes('dies'),
  sweep: (name: string) => name === 'sweep',
  time: (name: string) => name === 'time passes',
};
/** `quiet`: for so many steps nothing goes wrong. */
type Kind = keyof typeof kinds | 'quiet';

const command = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant<Kind>('deliver') },
    { weight: 8, arbitrary: fc.constant<Kind>('done') },
    { weight: 2, arbitrary: fc.constant<Kind>('notDone') },
    { weight: 2, arbitrary: fc.constant<Kind>('crash') },
    { weight: 1, arbitrary: fc.constant<Kind>('ask') },
    { weight: 1, arbitrary: fc.constant<Kind>('sweep') },
    { weight: 2, arbitrary: fc.constant<Kind>('time') },
    { weight: 2, arbitrary: fc.constant<Kind>('quiet') },
  ),
  which: fc.nat({ max: 50 }),
});

const story = fc.record({
  onFailure: fc.constantFrom('rollback' as const, 'retain' as const),
  commands: fc.array(command, { maxLength: 90, size: 'max' }),
});

const last = (worlds: World[]): World => worlds.at(-1) as World;

interface Told {
  model: Model;
  worlds: World[];
  steps: string[];
}

/** Walks the commands as far as they can happen. */
function tell({ onFailure, commands }: typeof story extends fc.Arbitrary<infer T> ? T : never): Told {
  const model = new Model(stageNames, onFailure);
  const worlds = [model.start(budget)];
  const steps: string[] = [];
  for (const { kind, which } of commands) {
    const world = last(worlds);
    if (kind === 'quiet') {
      for (let count = 0; count < which && !isAtRest(last(worlds)); count += 1) {
        worlds.push(model.quietly(last(worlds)));
        steps.push('nothing goes wrong');
      }
      continue;
    }
    const possible: Step[] = model.steps(world).filter(({ name }) => kinds[kind](name));
    const step = possible[which % Math.max(1, possible.length)];
    if (step === undefined) continue;
    worlds.push(step.next());
    steps.push(step.name);
  }
  return { model, worlds, steps };
}

/** Several hundred stories, always the same ones; a failing one is shrunk and printed with its seed and path. */
const check = (law: (told: Told) => void, numRuns = 150) => {
  fc.assert(
    fc.property(story, (commands) => {
      law(tell(commands));
    }),
    { seed: 20_261_122, numRuns, verbose: true },
  );
};

describe('a deployment under random messages, faults, requests and time', () => {
  it('breaks no law in any state', () => {
    check(({ worlds, steps }) => {
      for (const [at, world] of worlds.entries()) {
        const wrong = [...wrongIn(world)];
        const before = worlds[at - 1];
        if (before !== undefined) wrong.push(...wrongBetween(before, world, steps[at - 1] ?? ''));
        if (wrong.length > 0) throw new Error(`${wrong.join('; ')} after\n  ${steps.slice(0, at).join('\n  ')}`);
      }
    });
  });

  it('comes to ready, failed or released when nothing goes wrong any more', () => {
    check((told) => {
      const end = told.model.end(last(told.worlds));
      expect(end).toBeDefined();
      if (end === undefined) return;
      expect(isAtRest(end), told.steps.join('\n')).toBe(true);
      expect(wrongIn(end), told.steps.join('\n')).toEqual([]);
    });
  });

  it('is released by one DELETE from any state, if the cloud lets it', () => {
    check((told) => {
      const world = { ...last(told.worlds), left: { faults: 0, outcomes: 0, asks: 1 } };
      const step = told.model.steps(world).find(({ name }) => name === 'DELETE');
      // Not refused anywhere; without effect only where it is released.
      if (step === undefined) {
        expect(world.record.status === 'released' || world.record.status === 'releasing').toBe(true);
        if (world.record.status === 'released') return;
      }
      const end = told.model.end(step?.next() ?? world);
      expect(end?.record.status, told.steps.join('\n')).toBe('released');
      expect([...(end?.cloud ?? [])]).toEqual([]);
    });
  });

  it('needs no sweep where functions die and no message is lost', () => {
    const loses = /lose|give up|sweep|^(DELETE|POST|PATCH).*dies/;
    check((told) => {
      const lossless = told.steps.findIndex((name) => loses.test(name));
      const world = lossless < 0 ? last(told.worlds) : told.worlds[lossless];
      const end = world === undefined ? undefined : told.model.end(world, new Set(), false);
      expect(end !== undefined && isAtRest(end), told.steps.slice(0, lossless).join('\n')).toBe(true);
    });
  });

  it('is served once more by a sweep at any moment without another end', () => {
    check((told) => {
      const world = { ...last(told.worlds), left: { faults: 1, outcomes: 0, asks: 0 } };
      const step = told.model.steps(world).find(({ name }) => name === 'sweep');
      if (step === undefined) return;
      const statusOf = (end: World | undefined) => end?.record.status;
      expect(statusOf(told.model.end(step.next())), told.steps.join('\n')).toBe(statusOf(told.model.end(world)));
    });
  });

  it('tells stories that come far', () => {
    const statuses = new Map<string, number>();
    const taken = new Map<string, number>();
    check((told) => {
      const { record } = last(told.worlds);
      statuses.set(record.status, (statuses.get(record.status) ?? 0) + 1);
      for (const step of told.steps)
        for (const [kind, isKind] of Object.entries(kinds))
          if (isKind(step)) taken.set(kind, (taken.get(kind) ?? 0) + 1);
      if (blockedOf(record) !== undefined) statuses.set('blocked', (statuses.get('blocked') ?? 0) + 1);
    });
    console.log(
      `Random stories end ${JSON.stringify(Object.fromEntries(statuses))} after ${JSON.stringify(Object.fromEntries(taken))}`,
    );
    for (const status of ['provisioning', 'ready', 'failed', 'releasing', 'released', 'blocked'])
      expect(statuses.get(status), status).toBeGreaterThan(0);
    for (const kind of Object.keys(kinds)) expect(taken.get(kind), kind).toBeGreaterThan(20);
  });
});
