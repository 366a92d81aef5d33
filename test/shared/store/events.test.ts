import { describe, expect, it } from 'vitest';
import { Events, type HistoryEvent } from '../../../shared/store/events.ts';
import { startStore } from './start.ts';

const event = (identity: string, more: Partial<HistoryEvent> = {}): HistoryEvent => ({
  deploymentId: 'd-1',
  identity,
  atMs: 1_795_334_400_123,
  kind: 'dead-letter',
  text: 'a message was put away',
  details: { reason: 'too new', n: 1 },
  ...more,
});

async function start() {
  const store = await startStore();
  return { store, events: new Events(store.rows) };
}

describe('the history', () => {
  it('is read in order, of one deployment', async () => {
    const { events } = await start();
    await events.append(event('2'));
    await events.append(event('1'));
    await events.append(event('1', { deploymentId: 'd-2' }));
    expect(await events.list('d-1', 10)).toEqual([event('1'), event('2')]);
  });

  it('keeps the first of two with one identity', async () => {
    const { events } = await start();
    await events.append(event('1', { text: 'first' }));
    await events.append(event('1', { text: 'second' }));
    expect((await events.list('d-1', 10)).map(({ text }) => text)).toEqual(['first']);
  });

  it('keeps a long text shortened, and half a character as a mark of one', async () => {
    const { events } = await start();
    await events.append(event('1', { text: '探测'.repeat(3000) }));
    await events.append(event('2', { text: 'said \ud83d' }));
    const [long, broken] = await events.list('d-1', 10);
    expect(Buffer.byteLength(long?.text ?? '')).toBe(3999);
    expect(long?.text).toMatch(/[探测]…$/);
    expect(broken?.text).toBe('said \ufffd');
  });

  it.each(['reset-before', 'reset-after', 'html-502', 'unavailable', 'throttle'] as const)(
    'P-135: takes an event once in spite of %s',
    async (kind) => {
      const { store, events } = await start();
      store.fault({ kind, action: 'PutRow' });
      await events.append(event('1'));
      expect(await events.list('d-1', 10)).toEqual([event('1')]);
    },
  );
});
