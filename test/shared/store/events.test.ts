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
  it('is read newest first, of one deployment, whatever the identities are', async () => {
    const { events } = await start();
    for (const [identity, atMs] of [
      ['b', 2],
      ['c', 1],
      ['a', 3],
    ] as const)
      await events.append(event(identity, { atMs }));
    await events.append(event('d', { deploymentId: 'd-2' }));
    expect(await events.list('d-1', { limit: 10 })).toEqual({
      events: [event('a', { atMs: 3 }), event('b', { atMs: 2 }), event('c', { atMs: 1 })],
      cursor: undefined,
    });
  });

  it('is read page by page to its end, rows of the version before last, each once', async () => {
    const { store, events } = await start();
    for (let n = 1; n <= 7; n += 1)
      await events.append(event(`new-${n}`, { atMs: 1000 + n, kind: n % 2 ? 'alert' : 'zones' }));
    for (const [seq, at] of [
      ['zones-1', 3],
      ['alert-1', 5],
      ['front-1', 4],
    ] as const) {
      const row = { at, kind: 'alert', text: 'old', details: '{}' };
      await store.rows.put('events', { deployment: 'd-1', seq }, row, { row: 'absent' });
    }
    const read = async (limit: number, kind?: 'alert') => {
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await events.list('d-1', {
          limit,
          ...(cursor === undefined ? {} : { cursor }),
          ...(kind === undefined ? {} : { kind }),
        });
        pages.push(page.events.map(({ identity }) => identity));
        ({ cursor } = page);
      } while (cursor !== undefined);
      return pages;
    };
    const all = ['new-7', 'new-6', 'new-5', 'new-4', 'new-3', 'new-2', 'new-1', 'alert-1', 'front-1', 'zones-1'];
    for (let limit = 1; limit <= 11; limit += 1) {
      const pages = await read(limit);
      expect(pages.flat()).toEqual(all);
      expect(pages.map((page) => page.length).slice(0, -1)).toEqual(pages.slice(1).map(() => limit));
    }
    expect((await read(2, 'alert')).flat()).toEqual([
      'new-7',
      'new-5',
      'new-3',
      'new-1',
      'alert-1',
      'front-1',
      'zones-1',
    ]);
  });

  it('shows the newest of three weeks of alerts on its first page', async () => {
    const { events } = await start();
    for (let hour = 0; hour < 21 * 24; hour += 1)
      await events.append(event(`alert-${(hour * 7919) % 509}`, { atMs: hour * 3_600_000 }));
    const { events: newest } = await events.list('d-1', { limit: 3 });
    expect(newest.map(({ atMs }) => atMs / 3_600_000)).toEqual([503, 502, 501]);
  });

  it('keeps an event at its first time, though repeats come later and by a kill the event itself was missing', async () => {
    const { store, events } = await start();
    await events.appendFirst(event('letter', { atMs: 10 }));
    await events.appendFirst(event('letter', { atMs: 20 }));
    await store.rows.put('events', { deployment: 'd-1', seq: 'cut-off' }, { at: 5 }, { row: 'absent' });
    await events.appendFirst(event('cut-off', { atMs: 30 }));
    const { events: kept } = await events.list('d-1', { limit: 10 });
    expect(kept.map(({ identity, atMs }) => [identity, atMs])).toEqual([
      ['letter', 10],
      ['cut-off', 5],
    ]);
  });

  it('keeps the first of two with one identity', async () => {
    const { events } = await start();
    await events.append(event('1', { text: 'first' }));
    await events.append(event('1', { text: 'second' }));
    expect((await events.list('d-1', { limit: 10 })).events.map(({ text }) => text)).toEqual(['first']);
  });

  it('keeps a long text shortened, and half a character as a mark of one', async () => {
    const { events } = await start();
    await events.append(event('1', { text: '探测'.repeat(3000) }));
    await events.append(event('2', { text: 'said \ud83d', atMs: 1 }));
    const [long, broken] = (await events.list('d-1', { limit: 10 })).events;
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
      expect((await events.list('d-1', { limit: 10 })).events).toEqual([event('1')]);
    },
  );
});
