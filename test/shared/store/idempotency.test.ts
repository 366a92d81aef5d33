import { describe, expect, it } from 'vitest';
import { bodyHashOf, IdempotencyKeys } from '../../../shared/store/idempotency.ts';
import { StoreError } from '../../../shared/store/rows.ts';
import { startStore } from './start.ts';

const entry = (deploymentId: string, body: unknown = { name: 'x' }) => ({ deploymentId, bodyHash: bodyHashOf(body) });

async function start() {
  const store = await startStore();
  const keys = new IdempotencyKeys(store.rows);
  return {
    store,
    claim: (key: string, deploymentId: string, caller = 'a') => keys.claim(caller, key, entry(deploymentId), 1),
  };
}

describe('an idempotency key', () => {
  it('is bound to the first that claims it', async () => {
    const { claim } = await start();
    expect(await claim('k', 'd-1')).toEqual(entry('d-1'));
    expect(await claim('k', 'd-2')).toEqual(entry('d-1'));
  });

  it('is another one for another caller', async () => {
    const { claim } = await start();
    await claim('k', 'd-1', 'a');
    expect(await claim('k', 'd-2', 'b')).toEqual(entry('d-2'));
  });

  it('does not run caller into key', async () => {
    const { claim } = await start();
    await claim('bc', 'd-1', 'a');
    expect(await claim('c', 'd-2', 'ab')).toEqual(entry('d-2'));
  });

  it('is bound to one of twenty that claim it at once', async () => {
    const { store, claim } = await start();
    const bound = await Promise.all(Array.from({ length: 20 }, (_, index) => claim('k', `d-${index}`)));
    expect(new Set(bound.map(({ deploymentId }) => deploymentId)).size).toBe(1);
    expect(store.stored('idempotency')).toHaveLength(1);
  });

  it.each(['reset-before', 'reset-after', 'html-502', 'unavailable', 'throttle'] as const)(
    'P-135: stays bound to the same after %s',
    async (kind) => {
      const { store, claim } = await start();
      store.fault({ kind, action: 'PutRow' });
      expect(await claim('k', 'd-1')).toEqual(entry('d-1'));
      expect(await claim('k', 'd-2')).toEqual(entry('d-1'));
    },
  );

  it('is not bound when the store stays away', async () => {
    const { store, claim } = await start();
    store.fault({ kind: 'reset-before', action: 'PutRow', times: 0 });
    await expect(claim('k', 'd-1')).rejects.toBeInstanceOf(StoreError);
  });

  it('remembers the body that it came with', () => {
    expect(bodyHashOf({ name: 'x' })).toBe(bodyHashOf({ name: 'x' }));
    expect(bodyHashOf({ name: 'x' })).not.toBe(bodyHashOf({ name: 'y' }));
  });

  it('is not kept in clear text', async () => {
    const { store, claim } = await start();
    await claim('my-secret-key', 'd-1');
    expect(JSON.stringify(store.stored('idempotency'))).not.toContain('my-secret-key');
  });

  it('is forgotten after seven days', async () => {
    const { store, claim } = await start();
    await claim('k', 'd-1');
    store.context.clock.advance(7 * 86_400_000 - 1000);
    expect(store.stored('idempotency')).toHaveLength(1);
    store.context.clock.advance(2000);
    expect(store.stored('idempotency')).toHaveLength(0);
  });
});
