import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedCloud } from '../../local/cloud.ts';
import { parseFaultRules } from '../../local/faults.ts';
import { VirtualClock } from '../../shared/clock.ts';

describe('fault rules', () => {
  it.each([
    ['an unknown kind', { kind: 'throtle' }, /rule 0\.kind/],
    ['an unknown field', { kind: 'late', delay: 5 }, /rule 0: .*delay/],
    ['a rule without kind', [{ kind: 'late' }, { service: 'alb' }], /rule 1\.kind/],
    ['a chance above 1', { kind: 'late', probability: 50 }, /rule 0\.probability/],
    ['a text', 'throttle', /rule 0/],
  ])('refuses %s', (_what, value, reason) => {
    expect(() => parseFaultRules(value)).toThrow(reason);
  });

  it('takes one rule for a list of one', () => {
    expect(parseFaultRules({ kind: 'html-502' })).toEqual([{ kind: 'html-502' }]);
  });

  describe('over the control', () => {
    let cloud: EmbeddedCloud;
    beforeAll(async () => {
      cloud = new EmbeddedCloud({ clock: new VirtualClock(Date.now()), controlToken: null });
      await cloud.start();
    });
    afterAll(() => cloud.close());

    const post = (body: unknown) =>
      fetch(`${cloud.url}/_local/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });

    it('answers 400 to a misspelt rule', async () => {
      const answer = await post({ kind: 'throttle', acton: 'CreateVpc' });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({ error: 'rule 0: has no acton' });
    });

    it('adds none of a list with a misspelt rule', async () => {
      await post([{ kind: 'throttle' }, { kind: 'throtle' }]);
      expect(cloud.faults.list()).toEqual([]);
    });

    it('counts the calls that a rule has matched', async () => {
      await post({ kind: 'unavailable', service: 'mns', skip: 1 });
      const answer = await fetch(`${cloud.url}/queues`, { headers: { 'x-mns-version': '2015-06-06' } });
      expect(answer.status).toBe(400);
      const struck = await fetch(`${cloud.url}/queues`, { headers: { 'x-mns-version': '2015-06-06' } });
      expect(struck.status).toBe(503);
      expect(cloud.faults.list()).toMatchObject([{ kind: 'unavailable', seen: 2, struck: 1 }]);
    });
  });
});
