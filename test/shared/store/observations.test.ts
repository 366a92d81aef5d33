import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../shared/probe/observation.ts';
import type { PendingObservation } from '../../../shared/probe/pending.ts';
import { Observations } from '../../../shared/store/observations.ts';
import { observed, startMs, targetId } from '../alert/observations.ts';
import { startStore } from './start.ts';

const at = new Date(startMs).toISOString();
const observation = (other: Partial<Observation> = {}): Observation => ({ ...observed(startMs, other), targetId });
const asked: PendingObservation = { targetId, atMs: startMs, isOnDemand: true };
const sent = (instanceId: string): PendingObservation => ({
  ...asked,
  command: {
    instanceId,
    script: 'curl -6 …',
    mark: 'p0',
    addresses: ['2408::1'],
    name: observed(startMs).name,
  },
});

async function start() {
  const store = await startStore();
  return { ...store, observations: new Observations(store.rows) };
}

describe('an observation that is on its way', () => {
  it('is announced once', async () => {
    const { observations } = await start();
    expect(await observations.announce(asked)).toBe(true);
    expect(await observations.announce(sent('i-1'))).toBe(false);
    expect(await observations.pending(targetId, at)).toEqual(asked);
  });

  it('P-135: is announced though the answer to that was lost', async () => {
    const { observations, fault } = await start();
    fault({ kind: 'reset-after', action: 'PutRow' });
    expect(await observations.announce(sent('i-1'))).toBe(true);
  });

  it('is announced by one only, though the answer to the other was lost', async () => {
    const { observations, fault } = await start();
    await observations.announce(sent('i-1'));
    fault({ kind: 'reset-before', action: 'PutRow' });
    expect(await observations.announce(sent('i-2'))).toBe(false);
  });

  it('is neither found nor listed as one', async () => {
    const { observations } = await start();
    await observations.announce(asked);
    expect(await observations.find(targetId, at)).toBeUndefined();
    expect((await observations.list(targetId, 10)).observations).toEqual([]);
  });

  it('gets the command of the first that plans one', async () => {
    const { observations } = await start();
    await observations.announce(asked);
    const plans = await Promise.all([observations.plan(sent('i-1')), observations.plan(sent('i-2'))]);
    expect(plans[0]).toBeDefined();
    expect(plans[1]).toEqual(plans[0]);
    expect(await observations.pending(targetId, at)).toEqual(plans[0]);
  });

  it('gets no command where nobody has announced it', async () => {
    const { observations } = await start();
    expect(await observations.plan(sent('i-1'))).toBeUndefined();
  });

  it('gives way to the observation, and that to no other', async () => {
    const { observations } = await start();
    await observations.announce(sent('i-1'));
    const first = observation();
    expect(await observations.settle(first)).toBe(first);
    expect(await observations.settle(observation({ verdict: 'inconclusive' }))).toMatchObject({ verdict: 'ok' });
    expect(await observations.find(targetId, at)).toMatchObject({ verdict: 'ok' });
    expect(await observations.pending(targetId, at)).toBeUndefined();
    expect(await observations.plan(sent('i-2'))).toBeUndefined();
  });

  it('P-135: gives way though the answer to that was lost', async () => {
    const { observations, fault } = await start();
    await observations.announce(sent('i-1'));
    fault({ kind: 'reset-after', action: 'PutRow' });
    const made = observation();
    expect(await observations.settle(made)).toBe(made);
  });

  it('is not made of nothing', async () => {
    const { observations } = await start();
    expect(await observations.settle(observation())).toBeUndefined();
  });
});
