import { describe, expect, it } from 'vitest';
import { chooser, isExplicit, type Kept, writtenAfterPatch, writtenIn } from '../../../shared/deployment/explicit.ts';
import { newRecord } from '../../../shared/deployment/record.ts';
import { parseSpec, type SpecInput } from '../../../shared/deployment/spec.ts';
import { standing, withValues } from '../../../shared/deployment/standing.ts';

const recordOf = (input: SpecInput, isReady = true) => {
  const parsed = parseSpec({ name: 'web', ...input });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return { ...newRecord('id', parsed.spec, 0, writtenIn(input)), ...(isReady ? { readyAtMs: 1 } : {}) };
};

const server = { name: 'web.1', family: 'ipv4' as const, page: 'x' };

describe('what a request writes', () => {
  it('is named by leaf: lists as a whole, servers by their names, and nothing for what is empty', () => {
    expect(
      writtenIn({ listener: { idleTimeoutSeconds: 9 }, serverGroup: {}, backends: [server, 'nonsense'] }).sort(),
    ).toEqual([
      'backends',
      'backends.web.1.family',
      'backends.web.1.name',
      'backends.web.1.page',
      'listener.idleTimeoutSeconds',
    ]);
    expect(writtenIn(undefined)).toEqual([]);
    expect(writtenIn({})).toEqual([]);
  });

  it('grows by what a PATCH writes, and shrinks by what it sets to null', () => {
    const before = ['listener.idleTimeoutSeconds', 'listener.port', 'serverGroup.healthCheck.path'];
    expect(writtenAfterPatch(before, { listener: { idleTimeoutSeconds: null, requestTimeoutSeconds: 7 } })).toEqual([
      'listener.port',
      'listener.requestTimeoutSeconds',
      'serverGroup.healthCheck.path',
    ]);
    expect(writtenAfterPatch(before, { serverGroup: null })).toEqual(['listener.idleTimeoutSeconds', 'listener.port']);
  });

  it('forgets a server that is gone, and of another keeps what was written before', () => {
    const before = writtenIn({
      backends: [
        { ...server, weight: 3 },
        { ...server, name: 'web', weight: 4 },
      ],
    });
    const after = writtenAfterPatch(before, { backends: [server] });
    expect(after).toContain('backends.web.1.weight');
    expect(after.filter((path) => path.startsWith('backends.web.') && !path.includes('.1.'))).toEqual([]);
  });
});

describe('a field that was changed by hand', () => {
  const choose = (record: ReturnType<typeof recordOf>, field = 'listener.idleTimeoutSeconds') => {
    const kept: Kept[] = [];
    return { value: chooser(record, (one) => kept.push(one))(field, 30, 15), kept };
  };

  it('is left where the request does not write it, and reported', () => {
    const record = recordOf({ listener: { requestTimeoutSeconds: 9 } });
    expect(choose(record)).toEqual({
      value: 30,
      kept: [{ field: 'listener.idleTimeoutSeconds', default: 15, found: 30 }],
    });
  });

  it('is put back where the request writes it, even with the value of the default', () => {
    expect(choose(recordOf({ listener: { idleTimeoutSeconds: 15 } }))).toEqual({ value: 15, kept: [] });
  });

  it('is put back until the deployment was ready once, and while a change of the request is under way', () => {
    expect(choose(recordOf({}, false)).value).toBe(15);
    expect(choose({ ...recordOf({}), unsettled: ['listener.idleTimeoutSeconds'] }).value).toBe(15);
  });

  it('is put back by a record that does not know what was written', () => {
    const { explicit: _explicit, ...older } = recordOf({});
    expect(isExplicit(older, 'listener.idleTimeoutSeconds')).toBe(true);
    expect(choose(older).value).toBe(15);
  });

  it('counts for what is judged once it was kept', () => {
    const record = recordOf({ backends: [server, { ...server, name: 'web.2' }] });
    record.stages['backend-servers'].kept = [{ field: 'backends.web.1.weight', default: 100, found: 0 }];
    record.stages['server-group'].kept = [{ field: 'serverGroup.healthCheck.enabled', default: true, found: false }];
    expect(standing(record).backends.map(({ weight }) => weight)).toEqual([0, 100]);
    expect(standing(record).serverGroup.healthCheck.enabled).toBe(false);
    expect(record.spec.backends.map(({ weight }) => weight)).toEqual([100, 100]);
  });
});

it('a value that is taken away leaves the field out', () => {
  const { spec } = recordOf({ loadBalancer: { name: 'other' } });
  expect(withValues(spec, new Map([['loadBalancer.name', undefined]]))['loadBalancer']).not.toHaveProperty('name');
});
