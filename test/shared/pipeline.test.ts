import { describe, expect, it } from 'vitest';
import {
  type Action,
  deadLetterQueue,
  firstStages,
  isStageName,
  pipeline,
  prerequisites,
  queueNamesOf,
  queueOf,
  type StageName,
  stageNames,
  successors,
} from '../../shared/pipeline.ts';

/** Finishes whatever may begin, round by round: what may run at once, in the order of the graph. */
function rounds(action: Action): StageName[][] {
  const finished = new Set<StageName>();
  const result: StageName[][] = [];
  for (;;) {
    const next = stageNames.filter(
      (name) => !finished.has(name) && prerequisites(name, action).every((need) => finished.has(need)),
    );
    if (next.length === 0) return result;
    for (const name of next) finished.add(name);
    result.push(next);
  }
}

/** Everything that must be finished before `stage`, directly or through others. */
function allBefore(stage: StageName, action: Action): Set<StageName> {
  const found = new Set<StageName>();
  const visit = (name: StageName) => {
    for (const need of prerequisites(name, action))
      if (!found.has(need)) {
        found.add(need);
        visit(need);
      }
  };
  visit(stage);
  return found;
}

describe.each(['apply', 'release'] as const)('the graph of %s', (action) => {
  it('has no circle: every stage gets its turn', () => {
    expect(rounds(action).flat().sort()).toEqual([...stageNames].sort());
  });

  it('leads forward as it leads back', () => {
    for (const stage of stageNames)
      for (const other of stageNames)
        expect(successors(stage, action).includes(other)).toBe(prerequisites(other, action).includes(stage));
  });

  it('begins with one stage', () => {
    expect(firstStages(action)).toEqual(action === 'apply' ? ['preflight'] : ['verify']);
  });

  it('names no prerequisite twice', () => {
    for (const stage of stageNames) {
      const needs = prerequisites(stage, action);
      expect(new Set(needs).size).toBe(needs.length);
    }
  });
});

describe('apply', () => {
  it('runs the branches after the network at once', () => {
    expect(rounds('apply')).toEqual([
      ['preflight'],
      ['network'],
      ['security-group', 'server-group', 'load-balancer'],
      ['instances', 'ipv6-internet'],
      ['backend-servers', 'listener'],
      ['health'],
      ['dns'],
      ['verify'],
    ]);
  });

  it('P-066: never writes to one load balancer from two stages at once', () => {
    expect(allBefore('listener', 'apply')).toContain('ipv6-internet');
    expect(allBefore('ipv6-internet', 'apply')).toContain('load-balancer');
  });
});

describe('release', () => {
  const isBefore = (first: StageName, then: StageName): boolean => allBefore(then, 'release').has(first);

  it.each<[StageName, StageName]>([
    ['dns', 'listener'],
    ['dns', 'backend-servers'],
    ['listener', 'ipv6-internet'],
    ['listener', 'backend-servers'],
    ['listener', 'server-group'],
    ['ipv6-internet', 'load-balancer'],
    ['backend-servers', 'server-group'],
    ['instances', 'security-group'],
    ['security-group', 'network'],
    ['load-balancer', 'network'],
    ['server-group', 'network'],
    ['network', 'preflight'],
  ])('is finished with %s before %s', (first, then) => {
    expect(isBefore(first, then)).toBe(true);
  });

  it('P-072: takes servers out of the group before it releases instances', () => {
    expect(isBefore('backend-servers', 'instances')).toBe(true);
  });

  it('lets server group, load balancer, instances go at once', () => {
    const together = ['server-group', 'load-balancer', 'instances'] as const;
    for (const one of together) for (const other of together) expect(isBefore(one, other)).toBe(false);
  });

  it('ends with preflight, which owns the proof of emptiness', () => {
    expect(rounds('release').at(-1)).toEqual(['preflight']);
    expect(allBefore('preflight', 'release').size).toBe(stageNames.length - 1);
  });
});

describe('queues', () => {
  it('are there for every stage, with one for dead letters', () => {
    const queueNames = queueNamesOf();
    for (const stage of stageNames) expect(queueNames).toContain(queueOf(stage));
    expect(queueNames).toContain(deadLetterQueue);
    expect(new Set(queueNames).size).toBe(queueNames.length);
  });

  it('of stages are none for dead letters', () => {
    expect(stageNames.map((stage) => pipeline[stage].queue)).not.toContain(deadLetterQueue);
  });

  it('have names that the service takes, whatever the installation is called', () => {
    for (const queue of queueNamesOf())
      expect(`${'a'.repeat(31)}-${queue}`).toMatch(/^[A-Za-z0-9][A-Za-z0-9-]{0,119}$/);
  });
});

describe('the name of a stage', () => {
  it('is told from other words', () => {
    expect(stageNames.every(isStageName)).toBe(true);
    expect(['', 'probe', 'Network', 'dead-letter', 'constructor'].some(isStageName)).toBe(false);
  });
});
