import { describe, expect, it } from 'vitest';
import { ActiveDeployments } from '../../../shared/store/active.ts';
import { startStore } from './start.ts';

async function start() {
  const store = await startStore();
  return { store, active: new ActiveDeployments(store.rows) };
}

describe('the active deployments', () => {
  it('are listed from the oldest on', async () => {
    const { active } = await start();
    for (const id of ['c', 'a', 'b']) await active.add(id, 1);
    expect(await active.list(10)).toEqual({ ids: ['a', 'b', 'c'], next: undefined });
  });

  it('are listed page by page', async () => {
    const { active } = await start();
    for (const id of ['a', 'b', 'c']) await active.add(id, 1);
    const first = await active.list(2);
    expect(first).toEqual({ ids: ['a', 'b'], next: 'c' });
    expect(await active.list(2, first.next)).toEqual({ ids: ['c'], next: undefined });
  });

  it('hold each once', async () => {
    const { active } = await start();
    await active.add('a', 1);
    await active.add('a', 2);
    expect((await active.list(10)).ids).toEqual(['a']);
  });

  it('may be none', async () => {
    const { active } = await start();
    await active.remove('a');
    expect(await active.list(10)).toEqual({ ids: [], next: undefined });
  });

  it.each(['reset-before', 'reset-after', 'html-502', 'unavailable', 'throttle'] as const)(
    'P-135: take one more in spite of %s',
    async (kind) => {
      const { store, active } = await start();
      store.fault({ kind, action: 'PutRow' });
      await active.add('a', 1);
      expect((await active.list(10)).ids).toEqual(['a']);
    },
  );

  it.each(['reset-before', 'reset-after', 'html-502', 'unavailable', 'throttle'] as const)(
    'P-135: let one go in spite of %s',
    async (kind) => {
      const { store, active } = await start();
      await active.add('a', 1);
      store.fault({ kind, action: 'DeleteRow' });
      await active.remove('a');
      expect((await active.list(10)).ids).toEqual([]);
    },
  );
});
