import { describe, expect, it } from 'vitest';
import { type DeploymentRecord, newRecord } from '../../../shared/deployment/record.ts';
import { parseSpec, type Spec } from '../../../shared/deployment/spec.ts';
import { Deployments } from '../../../shared/store/deployments.ts';
import { bucketOf, monthlyKey } from '../../../shared/store/newest-first.ts';
import { StoreError } from '../../../shared/store/rows.ts';
import { newUlid } from '../../../shared/ulid.ts';
import { startStore, type StartedStore } from './start.ts';

const nowMs = Date.UTC(2026, 10, 22, 8);
const parsed = parseSpec({ name: 'web' });
const spec = 'spec' in parsed ? parsed.spec : ({} as Spec);
const recordOf = (ms = nowMs): DeploymentRecord => newRecord(newUlid(ms), spec, ms);

async function start(options: Parameters<typeof startStore>[0] = {}) {
  const store = await startStore(options);
  const deployments = new Deployments(store.rows);
  const record = recordOf();
  await deployments.create(record);
  store.calls.length = 0;
  return { store, deployments, record, id: record.deploymentId };
}

/** A change that shows how often it was applied. */
const adding =
  (id: string) =>
  (record: DeploymentRecord): DeploymentRecord => ({
    ...record,
    orphans: [...record.orphans, { stage: 'network', type: 'vpc', id, created: true }],
  });

const added = async (deployments: Deployments, id: string): Promise<string[]> =>
  ((await deployments.find(id))?.orphans ?? []).map((orphan) => orphan.id);

const failing = (store: StartedStore, kind: 'reset-before' | 'reset-after' | 'html-502' | 'unavailable' | 'throttle') =>
  store.fault({ kind, action: 'PutRow' });

describe('a new record', () => {
  it('is found again', async () => {
    const { deployments, record, id } = await start();
    expect(await deployments.find(id)).toEqual(record);
  });

  it('leaves the one alone that has its id', async () => {
    const { deployments, id } = await start();
    await deployments.update(id, adding('vpc-1'));
    await deployments.create({ ...recordOf(), deploymentId: id });
    expect(await added(deployments, id)).toEqual(['vpc-1']);
  });

  it.each(['reset-before', 'reset-after', 'html-502', 'unavailable', 'throttle'] as const)(
    'P-135: is written once after %s',
    async (kind) => {
      const { store, deployments } = await start();
      const record = recordOf(nowMs + 1);
      failing(store, kind);
      await deployments.create(record);
      expect(await deployments.find(record.deploymentId)).toEqual(record);
      expect(store.stored('deployments')).toHaveLength(2);
    },
  );

  it('is not there under an unknown id', async () => {
    const { deployments } = await start();
    expect(await deployments.find(newUlid(nowMs))).toBeUndefined();
  });

  it('stands under the month of its id', () => {
    expect(bucketOf(newUlid(Date.UTC(2026, 0, 1)))).toBe('202601');
    expect(bucketOf(newUlid(Date.UTC(2026, 11, 31, 23, 59, 59, 999)))).toBe('202612');
  });
});

describe('an update', () => {
  it('counts the writes', async () => {
    const { deployments, id } = await start();
    await deployments.update(id, adding('vpc-1'));
    expect(await deployments.update(id, adding('vpc-2'))).toMatchObject({ version: 2 });
    expect(await deployments.find(id)).toMatchObject({ version: 2 });
  });

  it('writes nothing when nothing is to be changed', async () => {
    const { store, deployments, id } = await start();
    expect(await deployments.update(id, () => undefined)).toMatchObject({ version: 0 });
    expect(store.count('PutRow')).toBe(0);
  });

  it('finds nothing to change under an unknown id', async () => {
    const { deployments } = await start();
    expect(await deployments.update(newUlid(nowMs), adding('vpc-1'))).toBeUndefined();
  });

  it('passes on what the change throws, without a write', async () => {
    const { store, deployments, id } = await start();
    await expect(
      deployments.update(id, () => {
        throw new Error('moved on');
      }),
    ).rejects.toThrow('moved on');
    expect(store.count('PutRow')).toBe(0);
  });

  it('shows in the row what a listing reads', async () => {
    const { store, deployments, id } = await start();
    await deployments.update(id, (record) => ({ ...record, status: 'failed', updatedAtMs: nowMs + 5 }));
    expect(store.stored('deployments')).toEqual([
      expect.objectContaining({
        bucket: '202611',
        id,
        version: 1,
        status: 'failed',
        name: 'web',
        created_at: nowMs,
        updated_at: nowMs + 5,
      }),
    ]);
  });

  it.each(['reset-before', 'reset-after', 'html-502', 'unavailable', 'throttle'] as const)(
    'P-125 P-135: is applied once after %s',
    async (kind) => {
      const { store, deployments, id } = await start();
      failing(store, kind);
      expect(await deployments.update(id, adding('vpc-1'))).toMatchObject({ version: 1 });
      expect(await added(deployments, id)).toEqual(['vpc-1']);
    },
  );

  it('P-135: is applied once when its answer comes too late', async () => {
    const { store, id } = await start();
    const hasty = new Deployments(store.storeOf({ timeoutMs: 80 }));
    store.fault({ kind: 'late', action: 'PutRow', delayMs: 5000 });
    expect(await hasty.update(id, adding('vpc-1'))).toMatchObject({ version: 1 });
    expect(await added(hasty, id)).toEqual(['vpc-1']);
  });

  it('P-135: is applied once when its answer is lost with another write between it and the reading', async () => {
    const { store, deployments, id } = await start();
    let hasInterfered = false;
    const slow = new Deployments(
      store.storeOf({
        pause: async () => {
          if (hasInterfered) return;
          hasInterfered = true;
          await deployments.update(id, adding('theirs'));
        },
      }),
    );
    store.fault(
      { kind: 'reset-after', action: 'PutRow' },
      // The reading that follows the lost answer is told to come again, and meanwhile another one writes.
      { kind: 'error', action: 'GetRow', code: 'OTSRowOperationConflict', httpStatus: 409, skip: 1 },
    );
    const result = await slow.update(id, adding('ours'));
    expect(hasInterfered).toBe(true);
    expect(await added(deployments, id)).toEqual(['ours', 'theirs']);
    expect(result?.orphans.map((orphan) => orphan.id)).toContain('ours');
  });

  it('is not applied at all when the store stays away', async () => {
    const { store, deployments, id } = await start();
    store.fault({ kind: 'reset-before', action: 'PutRow', times: 0 });
    await expect(deployments.update(id, adding('vpc-1'))).rejects.toBeInstanceOf(StoreError);
    store.edge.faults.clear();
    expect(await added(deployments, id)).toEqual([]);
  });
});

describe('updates at once', () => {
  it('lose none, apply none twice', async () => {
    const { store, deployments, id } = await start();
    const names = Array.from({ length: 12 }, (_, index) => `vpc-${index}`);
    await Promise.all(names.map((name) => new Deployments(store.storeOf()).update(id, adding(name))));
    expect([...(await added(deployments, id))].sort()).toEqual([...names].sort());
    expect(await deployments.find(id)).toMatchObject({ version: 12 });
  });

  it.each([1, 2, 3])('P-125 P-135: lose none, apply none twice while answers get lost (%d)', async (round) => {
    const { store, deployments, id } = await start();
    store.fault(
      { kind: 'reset-after', action: 'PutRow', probability: 0.15 + round * 0.05, times: 0 },
      { kind: 'reset-before', action: 'PutRow', probability: 0.1, times: 0 },
      { kind: 'html-502', action: 'PutRow', probability: 0.1, times: 0 },
      { kind: 'throttle', action: 'PutRow', probability: 0.1, times: 0 },
    );
    const names = Array.from({ length: 4 }, (_, writer) =>
      Array.from({ length: 6 }, (__, turn) => `${writer}-${turn}`),
    );
    const applied: string[] = [];
    const unsure: string[] = [];
    await Promise.all(
      names.map(async (own) => {
        const writer = new Deployments(store.storeOf());
        for (const name of own)
          await writer.update(id, adding(name)).then(
            () => applied.push(name),
            () => unsure.push(name),
          );
      }),
    );
    store.edge.faults.clear();
    const found = await added(deployments, id);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining(applied));
    expect([...applied, ...unsure]).toEqual(expect.arrayContaining(found));
    expect(applied.length).toBeGreaterThan(16);
  });
});

describe('an update of a known record', () => {
  it('saves the reading', async () => {
    const { store, deployments, id, record } = await start();
    const after = await deployments.update(id, adding('vpc-1'), record);
    await deployments.update(id, adding('vpc-2'), after);
    expect(store.count('GetRow')).toBe(0);
    expect(await added(deployments, id)).toEqual(['vpc-1', 'vpc-2']);
  });

  it('reads when somebody has written since', async () => {
    const { deployments, id, record } = await start();
    await deployments.update(id, adding('theirs'));
    await deployments.update(id, adding('ours'), record);
    expect(await added(deployments, id)).toEqual(['theirs', 'ours']);
  });

  it('reads before it says that nothing is to be changed', async () => {
    const { deployments, id, record } = await start();
    await deployments.update(id, adding('theirs'));
    expect(await deployments.update(id, () => undefined, record)).toMatchObject({ version: 1 });
  });

  it('P-135: is applied once when its answer is lost', async () => {
    const { store, deployments, id, record } = await start();
    failing(store, 'reset-after');
    await deployments.update(id, adding('vpc-1'), record);
    expect(await added(deployments, id)).toEqual(['vpc-1']);
  });
});

describe('a listing', () => {
  const months = [
    Date.UTC(2026, 10, 22),
    Date.UTC(2026, 10, 1),
    Date.UTC(2026, 9, 31),
    Date.UTC(2026, 6, 4),
    Date.UTC(2025, 11, 31),
  ];

  async function filled() {
    const store = await startStore();
    const deployments = new Deployments(store.rows);
    const ids = months.map((ms) => newUlid(ms));
    for (const [index, id] of ids.entries()) await deployments.create({ ...recordOf(months[index]), deploymentId: id });
    store.calls.length = 0;
    return { store, deployments, ids };
  }

  it('is newest first over the months', async () => {
    const { deployments, ids } = await filled();
    const { summaries, cursor } = await deployments.list({ limit: 10 });
    expect(summaries.map(({ deploymentId }) => deploymentId)).toEqual(ids);
    expect(cursor).toBeUndefined();
  });

  it('tells name, status, times', async () => {
    const { deployments, ids } = await filled();
    const { summaries } = await deployments.list({ limit: 1 });
    expect(summaries).toEqual([
      {
        deploymentId: ids[0],
        name: 'web',
        status: 'provisioning',
        createdAtMs: months[0],
        updatedAtMs: months[0],
      },
    ]);
  });

  it.each([1, 2, 3, 4, 5])('goes on page by page of %d without a gap', async (limit) => {
    const { deployments, ids } = await filled();
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await deployments.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
      expect(page.summaries.length).toBeLessThanOrEqual(limit);
      seen.push(...page.summaries.map(({ deploymentId }) => deploymentId));
      ({ cursor } = page);
      pages += 1;
    } while (cursor !== undefined && pages < 20);
    expect(seen).toEqual(ids);
  });

  it('shows what was made years ago, and costs one read whatever lies in between', async () => {
    const { store, deployments, ids } = await filled();
    const old = newUlid(Date.UTC(2019, 0, 1));
    await deployments.create({ ...recordOf(Date.UTC(2019, 0, 1)), deploymentId: old });
    store.calls.length = 0;
    const { summaries } = await deployments.list({ limit: 10 });
    expect(summaries.map(({ deploymentId }) => deploymentId)).toEqual([...ids, old]);
    expect(store.count('GetRange')).toBe(1);
  });

  it('reads 1000 rows for a filter at most, and goes on from there', async () => {
    const store = await startStore();
    const deployments = new Deployments(store.rows);
    const ids = Array.from({ length: 1300 }, (_, n) => newUlid(Date.UTC(2026, 0, 1) + n * 60_000));
    for (const [n, id] of ids.entries()) {
      const row = {
        version: 1,
        status: n === 0 ? 'ready' : 'released',
        name: 'web',
        created_at: n,
        updated_at: n,
        doc: '{}',
      };
      await store.rows.put('deployments', monthlyKey(id), row, { row: 'absent' });
    }
    store.calls.length = 0;
    const first = await deployments.list({ limit: 10, status: 'ready' });
    expect(first.summaries).toEqual([]);
    expect(store.count('GetRange')).toBe(5);
    const { summaries, cursor } = await deployments.list({ limit: 10, status: 'ready', cursor: first.cursor ?? '' });
    expect(summaries.map(({ deploymentId }) => deploymentId)).toEqual([ids[0]]);
    expect(cursor).toBeUndefined();
  });

  it.each(['999912', '999999.zzzzzzzzzzzzzzzzzzzzzzzzzz'])(
    'begins now after a cursor of the future: %s',
    async (cursor) => {
      const { store, deployments, ids } = await filled();
      const { summaries } = await deployments.list({ limit: 10, cursor });
      expect(summaries.map(({ deploymentId }) => deploymentId)).toEqual(ids);
      expect(store.count('GetRange')).toBe(1);
    },
  );
});
