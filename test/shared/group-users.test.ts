import { describe, expect, it } from 'vitest';
import {
  giveUp,
  type GroupUsers,
  isGivingUp,
  isSettled,
  join,
  leave,
  lower,
  whoHandsTo,
} from '../../shared/group-users.ts';
import { ruleKeyOf } from '../../shared/rule-key.ts';

const key = ruleKeyOf({ protocol: 'TCP', portRange: '80/80', sourceCidr: '192.168.1.0/24' });

/** One rule call each; what a crash leaves undone is decided anew. */
type Call = { ruleId: string; heir?: string };

/** Where a deployment stands between two steps: each is one read or one write that others can come between. */
interface Actor {
  at: 'join' | 'look' | 'authorize' | 'ready' | 'lower' | 'handed' | 'list' | 'decide' | 'calls' | 'leave' | 'gone';
  /** What it has read last. */
  seen?: GroupUsers;
  ours?: string[];
  calls?: Call[];
}

interface World {
  users: GroupUsers;
  /** Rule id to the deployment whose mark it bears; all of them are equal. */
  rules: Record<string, string>;
  made: number;
  actors: Record<string, Actor>;
  crashes: number;
}

/** The steps of `functions/security-group` on one rule, as they follow each other in its turns. */
function step(world: World, id: string): World | undefined {
  const actor = world.actors[id] as Actor;
  const to = (next: Actor, change: Partial<World> = {}): World => ({
    ...world,
    ...change,
    actors: { ...world.actors, [id]: next },
  });
  switch (actor.at) {
    case 'join': {
      const users = join(world.users, id, [key]);
      return to({ at: 'look', seen: users }, { users });
    }
    case 'look': {
      const going = (owner: string) => owner !== id && isGivingUp(actor.seen ?? {}, owner, key);
      const owners = Object.values(world.rules);
      if (owners.some((owner) => !going(owner))) return to({ at: 'ready' });
      return to({ at: owners.length > 0 ? 'join' : 'authorize' });
    }
    case 'authorize': {
      // An equal rule makes the call succeed, and adds nothing.
      if (Object.keys(world.rules).length > 0) return to({ at: 'join' });
      const rules = { [`r${world.made}`]: id };
      return to({ at: 'join' }, { rules, made: world.made + 1 });
    }
    case 'ready':
      return to({ at: 'lower' });
    case 'lower':
      return to({ at: 'handed' }, { users: lower(world.users, id, []) });
    case 'handed':
      return to({ at: whoHandsTo(world.users, id) === undefined ? 'list' : 'handed' });
    case 'list': {
      const ours = Object.keys(world.rules).filter((ruleId) => world.rules[ruleId] === id);
      return ours.length === 0 ? to({ at: 'leave' }) : to({ at: 'decide', ours });
    }
    case 'decide': {
      const ours = (actor.ours ?? []).map((ruleId) => ({ ruleId, key }));
      const { users, hands, revoke } = giveUp(world.users, id, [], ours);
      const handed = Object.entries(hands).map(([ruleId, heir]) => ({ ruleId, heir }));
      return to({ at: 'calls', calls: [...handed, ...revoke.map((ruleId) => ({ ruleId }))] }, { users });
    }
    case 'calls': {
      const [call, ...calls] = actor.calls ?? [];
      if (call === undefined) return to({ at: 'handed' });
      const { [call.ruleId]: owner, ...others } = world.rules;
      const rules = owner === undefined || call.heir === undefined ? others : { ...others, [call.ruleId]: call.heir };
      return to({ at: 'calls', calls }, { rules });
    }
    case 'leave':
      return to({ at: 'gone' }, { users: leave(world.users, id) });
    case 'gone':
      return undefined;
  }
}

/** A function dies: its next turn begins where turns begin. */
function crash(world: World, id: string): World | undefined {
  const { at } = world.actors[id] as Actor;
  if (world.crashes === 0 || at === 'ready' || at === 'gone') return undefined;
  const isApply = at === 'join' || at === 'look' || at === 'authorize';
  const next: Actor = { at: isApply ? 'join' : at === 'lower' ? 'lower' : 'handed' };
  return { ...world, crashes: world.crashes - 1, actors: { ...world.actors, [id]: next } };
}

const isOver = ({ actors }: World): boolean => Object.values(actors).every(({ at }) => at === 'gone');

/** All orders in which the steps can come. @returns broken promises. */
function explore(start: World): { states: number; wrong: string[] } {
  const wrong: string[] = [];
  const before = new Map<string, string[]>();
  const ends: string[] = [];
  const open = [start];
  const keyOf = (world: World): string => JSON.stringify(world);
  before.set(keyOf(start), []);
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    const here = keyOf(world);
    if (isOver(world)) {
      ends.push(here);
      if (Object.keys(world.rules).length > 0 || Object.keys(world.users).length > 0)
        wrong.push(`left behind: ${here}`);
    }
    const cutOff = Object.entries(world.actors).find(([, { at }]) => at === 'ready');
    if (cutOff !== undefined && Object.keys(world.rules).length === 0) wrong.push(`${cutOff[0]} is cut off: ${here}`);
    for (const id of Object.keys(world.actors))
      for (const next of [step(world, id), crash(world, id)]) {
        if (next === undefined) continue;
        const there = keyOf(next);
        const known = before.get(there);
        if (known === undefined) open.push(next);
        before.set(there, [...(known ?? []), here]);
      }
  }
  // Every state has a way to an end.
  const ending = new Set(ends);
  for (let there = ends.pop(); there !== undefined; there = ends.pop())
    for (const here of before.get(there) ?? [])
      if (!ending.has(here)) {
        ending.add(here);
        ends.push(here);
      }
  const stuck = [...before.keys()].filter((state) => !ending.has(state));
  return { states: before.size, wrong: [...wrong, ...stuck.map((state) => `no way out: ${state}`)].slice(0, 5) };
}

const using = (...ids: string[]): World => ({
  users: ids.reduce((users: GroupUsers, id) => join(users, id, [key]), {}),
  rules: { r0: ids[0] ?? '' },
  made: 1,
  actors: Object.fromEntries(ids.map((id) => [id, { at: 'ready' as const }])),
  crashes: 1,
});
const coming = (world: World, ...ids: string[]): World => ({
  ...world,
  actors: { ...world.actors, ...Object.fromEntries(ids.map((id) => [id, { at: 'join' as const }])) },
});

describe('deployments that share a rule of a group', () => {
  const none: World = { users: {}, rules: {}, made: 0, actors: {}, crashes: 1 };
  const worlds: [string, World][] = [
    ['two that go', using('a', 'b')],
    ['one that goes, one that comes', coming(using('a'), 'b')],
    ['two that go, one that comes', { ...coming(using('a', 'b'), 'c'), crashes: 0 }],
    ['one that goes, two that come', { ...coming(using('a'), 'b', 'c'), crashes: 0 }],
    ['two that come', coming(none, 'a', 'b')],
    // Of a version that said nothing of what it needs.
    ['one that never joined, one that comes', coming({ ...using('a'), users: {} }, 'b')],
  ];

  it.each(worlds)('%s: nobody is cut off, nothing is left, in whatever order', (_who, world) => {
    const { states, wrong } = explore(world);
    expect(wrong).toEqual([]);
    expect(states).toBeGreaterThan(50);
  });

  it('would notice a protocol that does not look who else needs the rule', () => {
    const world = using('a', 'b');
    const careless = { ...world, users: {} };
    expect(explore(careless).wrong.join()).toContain('is cut off');
  });
});

describe('a rule', () => {
  it('is shared whatever its priority and however its source is spelt', () => {
    const rule = { protocol: 'icmpv6', portRange: '-1/-1', sourceCidr: '2001:DB8:0::/64', priority: 1 };
    const other = { protocol: 'ICMPv6' as const, portRange: '-1/-1', sourceCidr: '2001:db8::/64', priority: 9 };
    expect(ruleKeyOf(rule)).toBe(ruleKeyOf(other));
  });

  it('that its owner needs itself in another form is revoked, not handed over', () => {
    const users = join(join({}, 'a', [key]), 'b', [key]);
    const rules = [{ ruleId: 'r', key }];
    expect(giveUp(users, 'a', [key], rules)).toMatchObject({ hands: {}, revoke: ['r'] });
    expect(giveUp(users, 'a', [], rules)).toMatchObject({ hands: { r: 'b' }, revoke: [] });
  });

  it('that was handed over leaves something to do until it is seen there', () => {
    const users = join(join({}, 'a', [key]), 'b', [key]);
    const { users: handing } = giveUp(users, 'a', [], [{ ruleId: 'r', key }]);
    expect(isSettled(handing, 'a', [])).toBe(false);
    expect(isSettled(giveUp(handing, 'a', [], []).users, 'a', [])).toBe(true);
  });
});
