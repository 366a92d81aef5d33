import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isOpen, StoreError } from '../../../shared/store/rows.ts';
import { tables } from '../../../shared/store/tables.ts';
import { sdk } from '../../support/tablestore.ts';
import { startStore } from './start.ts';

const key = { bucket: '202611', id: 'a' };
const idempotencyTable = { ...tables.idempotency, primaryKey: [...tables.idempotency.primaryKey] };

const failureOf = async (call: Promise<unknown>): Promise<StoreError> => {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
};

describe('a row', () => {
  it('comes back with its key', async () => {
    const { rows } = await startStore();
    await rows.put('deployments', key, { version: 3, name: 'ü', on: true }, { row: 'any' });
    expect(await rows.get('deployments', key)).toEqual({ ...key, version: 3, name: 'ü', on: true });
  });

  it('P-129: is undefined where there is none', async () => {
    const { rows } = await startStore();
    expect(await rows.get('deployments', key)).toBeUndefined();
  });

  it('P-128: holds whole numbers as integers', async () => {
    const { rows, service } = await startStore();
    await rows.put('deployments', key, { version: 1, at: 1_795_334_400_123 }, { row: 'any' });
    const [row] = service.tables().get('dualstack_alb_deployments')?.rows() ?? [];
    // The service keeps integers as bigint, doubles as number.
    expect(row?.columns.get('version')?.value).toEqual({ type: 'integer', value: 1n });
    expect(row?.columns.get('at')?.value).toEqual({ type: 'integer', value: 1_795_334_400_123n });
    expect(await rows.get('deployments', key)).toEqual({ ...key, version: 1, at: 1_795_334_400_123 });
  });

  it('P-134: is written whole: columns that are left out are gone', async () => {
    const { rows } = await startStore();
    await rows.put('deployments', key, { version: 1, old: 'x' }, { row: 'any' });
    await rows.put('deployments', key, { version: 2 }, { row: 'any' });
    expect(await rows.get('deployments', key)).toEqual({ ...key, version: 2 });
  });

  it('counts as deleted when it is not there', async () => {
    const { rows } = await startStore();
    await expect(rows.delete('deployments', key)).resolves.toBeUndefined();
  });
});

describe('a condition', () => {
  it('lets a new row in once', async () => {
    const { rows } = await startStore();
    expect(await rows.put('deployments', key, { version: 1 }, { row: 'absent' })).toBe(true);
    expect(await rows.put('deployments', key, { version: 2 }, { row: 'absent' })).toBe(false);
    expect(await rows.get('deployments', key)).toMatchObject({ version: 1 });
  });

  it('wants the row when told', async () => {
    const { rows, stored } = await startStore();
    expect(await rows.put('deployments', key, { version: 1 }, { row: 'present' })).toBe(false);
    expect(stored('deployments')).toEqual([]);
  });

  it('compares a column', async () => {
    const { rows } = await startStore();
    const swap = (from: number, to: number) =>
      rows.put('deployments', key, { version: to }, { row: 'present', column: 'version', equals: from });
    await rows.put('deployments', key, { version: 1 }, { row: 'absent' });
    expect(await swap(1, 2)).toBe(true);
    expect(await swap(1, 3)).toBe(false);
    expect(await rows.get('deployments', key)).toMatchObject({ version: 2 });
  });

  it('P-127: does not hold for a column that is missing', async () => {
    const { rows } = await startStore();
    await rows.put('deployments', key, { name: 'x' }, { row: 'absent' });
    expect(await rows.put('deployments', key, { version: 1 }, { row: 'present', column: 'version', equals: 0 })).toBe(
      false,
    );
    expect(await rows.get('deployments', key)).toEqual({ ...key, name: 'x' });
  });

  it('P-130: goes with every write, also with one that asks nothing', async () => {
    const { rows, stored } = await startStore();
    expect(await rows.put('active', { id: 'a' }, { since: 1 }, { row: 'any' })).toBe(true);
    await rows.delete('active', { id: 'a' });
    expect(stored('active')).toEqual([]);
  });

  it('lets one of fifty writers at once win', async () => {
    const { rows } = await startStore();
    await rows.put('deployments', key, { version: 0 }, { row: 'absent' });
    const won = await Promise.all(
      Array.from({ length: 50 }, (_, writer) =>
        rows.put('deployments', key, { version: 1, writer }, { row: 'present', column: 'version', equals: 0 }),
      ),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await rows.get('deployments', key)).toMatchObject({ writer: won.indexOf(true) });
  });
});

describe('a refusal', () => {
  it('P-124: keeps the code of the service', async () => {
    const { storeOf } = await startStore();
    expect((await failureOf(storeOf({ prefix: 'other' }).get('deployments', key))).code).toBe('OTSObjectNotExist');
  });

  it('P-124: is told from a failed condition', async () => {
    const { rows, fault } = await startStore();
    fault({ kind: 'error', action: 'PutRow', code: 'OTSNoPermissionAccess', httpStatus: 403 });
    const failure = await failureOf(rows.put('deployments', key, {}, { row: 'any' }));
    expect(failure.code).toBe('OTSNoPermissionAccess');
    expect(isOpen(failure)).toBe(false);
  });

  it('is not repeated', async () => {
    const { rows, fault, count } = await startStore();
    fault({ kind: 'error', action: 'GetRow', code: 'OTSParameterInvalid', httpStatus: 400, times: 0 });
    await failureOf(rows.get('deployments', key));
    expect(count('GetRow')).toBe(1);
  });

  it('is free of the bytes of the wire', async () => {
    const { rows, fault } = await startStore();
    fault({ kind: 'html-502', action: 'PutRow', times: 0 });
    const { message } = await failureOf(rows.put('deployments', key, {}, { row: 'any' }));
    expect(message).toMatch(/^Tablestore PutRow deployments: [\x20-\x7e]*$/);
  });
});

describe('a table', () => {
  it.each(['throttle', 'unavailable', 'html-502', 'reset-before', 'reset-after', 'late'] as const)(
    'is made though its first call meets %s',
    async (kind) => {
      const { fault, storeOf, service } = await startStore({ timeoutMs: 500 });
      service.tables().delete('dualstack_alb_idempotency');
      fault({ kind, action: 'CreateTable', delayMs: 1500 });
      await storeOf().createTable(idempotencyTable);
      expect(service.tables().has('dualstack_alb_idempotency')).toBe(true);
      expect(await storeOf().createTable(idempotencyTable)).toBe(false);
    },
  );
});

describe('a busy store', () => {
  it.each([
    'OTSServerBusy',
    'OTSRowOperationConflict',
    'OTSPartitionUnavailable',
    'OTSNotEnoughCapacityUnit',
    'OTSFlowControl',
  ])('P-125: is written to again after %s', async (code) => {
    const { rows, fault, count, stored, pauses } = await startStore();
    fault({ kind: 'error', action: 'PutRow', code, httpStatus: 503, times: 2 });
    expect(await rows.put('deployments', key, { version: 1 }, { row: 'absent' })).toBe(true);
    expect(count('PutRow')).toBe(3);
    expect(pauses).toEqual([100, 200]);
    expect(stored('deployments')).toHaveLength(1);
  });

  it('is given up after five tries', async () => {
    const { rows, fault, count } = await startStore();
    fault({ kind: 'throttle', action: 'PutRow', times: 0 });
    const failure = await failureOf(rows.put('deployments', key, {}, { row: 'any' }));
    expect(failure.code).toBe('OTSServerBusy');
    expect(isOpen(failure)).toBe(false);
    expect(count('PutRow')).toBe(5);
  });

  it('P-137: is waited for while a new table is not ready', async () => {
    const { context, rows, stored, storeOf } = await startStore({ tableReadyMs: 700 });
    const patient = storeOf({
      pause: async (ms) => {
        context.clock.advance(ms);
      },
    });
    expect(await patient.put('active', { id: 'a' }, { since: 1 }, { row: 'absent' })).toBe(true);
    expect(await rows.get('active', { id: 'a' })).toEqual({ id: 'a', since: 1 });
    expect(stored('active')).toHaveLength(1);
  });
});

describe('a lost answer', () => {
  it.each(['reset-before', 'reset-after', 'html-502', 'unavailable'] as const)(
    'P-135: of a write leaves it open after %s',
    async (kind) => {
      const { rows, fault, count } = await startStore();
      fault({ kind, action: 'PutRow' });
      const failure = await failureOf(rows.put('deployments', key, { version: 1 }, { row: 'absent' }));
      expect(isOpen(failure)).toBe(true);
      expect(count('PutRow')).toBe(1);
    },
  );

  it('P-133 P-135: of a write that comes too late leaves it open', async () => {
    const { fault, storeOf, stored } = await startStore();
    const hasty = storeOf({ timeoutMs: 80 });
    fault({ kind: 'late', action: 'PutRow', delayMs: 5000 });
    const failure = await failureOf(hasty.put('deployments', key, { version: 1 }, { row: 'absent' }));
    expect(isOpen(failure)).toBe(true);
    expect(stored('deployments')).toHaveLength(1);
  });

  it.each(['reset-before', 'html-502'] as const)('of a read is asked for again after %s', async (kind) => {
    const { rows, fault } = await startStore();
    await rows.put('deployments', key, { version: 1 }, { row: 'any' });
    fault({ kind, action: 'GetRow' });
    expect(await rows.get('deployments', key)).toEqual({ ...key, version: 1 });
  });

  it('of a delete is asked for again', async () => {
    const { rows, fault, count, stored } = await startStore();
    await rows.put('active', { id: 'a' }, { since: 1 }, { row: 'any' });
    fault({ kind: 'reset-after', action: 'DeleteRow' });
    await rows.delete('active', { id: 'a' });
    expect(stored('active')).toEqual([]);
    expect(count('DeleteRow')).toBe(2);
  });

  it('P-126: of a read is asked for no more than fifteen times in all', async () => {
    const { rows, fault, count } = await startStore();
    const policy = (sdk as unknown as { DefaultRetryPolicy: { maxRetryTimes: number; getRetryDelay: () => number } })
      .DefaultRetryPolicy;
    const original = policy.getRetryDelay;
    policy.getRetryDelay = () => 0;
    onTestFinished(() => {
      policy.getRetryDelay = original;
    });
    fault({ kind: 'html-502', action: 'GetRow', times: 0 });
    expect(isOpen(await failureOf(rows.get('deployments', key)))).toBe(true);
    expect(policy.maxRetryTimes).toBe(2);
    expect(count('GetRow')).toBe(15);
  });

  it('is what a host without an address gives', async () => {
    const { storeOf } = await startStore();
    const failure = await failureOf(
      storeOf({ endpoint: 'http://no-such-host.invalid' }).put('active', { id: 'a' }, { since: 1 }, { row: 'any' }),
    );
    expect(failure.code).toBe('ConnectionFailed');
  });
});

describe('a connection', () => {
  it('P-133: is kept for the next call', async () => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(400).end('\n\u0013OTSParameterInvalid\u0012\u0002no');
    });
    let connections = 0;
    server.on('connection', () => (connections += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { storeOf } = await startStore();
    const store = storeOf({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    for (let call = 0; call < 3; call += 1)
      expect((await failureOf(store.get('deployments', key))).code).toBe('OTSParameterInvalid');
    expect(connections).toBe(1);
  });

  it('P-103: signs with the credentials of its own invocation', async () => {
    const { context, calls, storeOf } = await startStore();
    context.credentials.setRolePolicies('reader', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: ['ots:GetRow'], Resource: '*' }] },
    ]);
    const store = storeOf({ credentials: context.credentials.issue('reader', 'dualstack-alb-api') });
    await store.get('deployments', key);
    expect(calls.map(({ caller }) => caller)).toEqual(['dualstack-alb-api']);
    expect((await failureOf(store.put('deployments', key, {}, { row: 'any' }))).code).toBe('OTSNoPermissionAccess');
  });
});

describe('a range', () => {
  const filled = async () => {
    const started = await startStore();
    for (const id of ['a', 'b', 'c'])
      await started.rows.put('deployments', { bucket: '202611', id }, { name: id }, { row: 'any' });
    await started.rows.put('deployments', { bucket: '202610', id: 'z' }, { name: 'z' }, { row: 'any' });
    return started.rows;
  };

  it('goes forward, with the end left out', async () => {
    const rows = await filled();
    const page = await rows.range('deployments', {
      from: { bucket: '202611' },
      to: { bucket: '202611', id: 'c' },
      direction: 'forward',
      limit: 10,
    });
    expect(page.rows.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(page.next).toBeUndefined();
  });

  it('goes backward within a part of the key', async () => {
    const rows = await filled();
    const page = await rows.range('deployments', {
      from: { bucket: '202611' },
      to: { bucket: '202611' },
      direction: 'backward',
      limit: 10,
    });
    expect(page.rows.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });

  it('tells where to go on', async () => {
    const rows = await filled();
    const page = await rows.range('deployments', { from: {}, to: {}, direction: 'forward', limit: 2 });
    expect(page.rows.map(({ id }) => id)).toEqual(['z', 'a']);
    expect(page.next).toEqual({ bucket: '202611', id: 'b' });
    const rest = await rows.range('deployments', { from: page.next ?? {}, to: {}, direction: 'forward', limit: 2 });
    expect(rest.rows.map(({ id }) => id)).toEqual(['b', 'c']);
  });
});

describe('a table', () => {
  it('P-140: reserves no throughput', async () => {
    const { service } = await startStore();
    const created = [...service.tables().values()];
    expect(created).toHaveLength(Object.keys(tables).length);
    expect(created.map(({ capacityUnit }) => capacityUnit)).toEqual(created.map(() => ({ read: 0, write: 0 })));
  });

  it('that is there with the same keys is left as it is', async () => {
    const { rows } = await startStore();
    expect(await rows.createTable(idempotencyTable)).toBe(false);
  });

  it('P-138: that is there with other keys is an error', async () => {
    const { rows } = await startStore();
    const failure = await failureOf(
      rows.createTable({ ...idempotencyTable, primaryKey: [{ name: 'caller', type: 'STRING' }] }),
    );
    expect(failure.message).toMatch(/idempotency.*primary key.*key STRING.*caller STRING/);
  });

  it('P-138: that is there with keys of another type is an error', async () => {
    const { rows } = await startStore();
    const failure = await failureOf(
      rows.createTable({ ...idempotencyTable, primaryKey: [{ name: 'key', type: 'INTEGER' }] }),
    );
    expect(failure.message).toContain('key INTEGER');
  });

  it('that is not there has no differences to tell', async () => {
    const { rows } = await startStore();
    await rows.deleteTable('idempotency');
    expect(await rows.tableDifferences(idempotencyTable)).toBeUndefined();
  });

  it('P-134: tells that its rows live another time, and takes the wanted one', async () => {
    const { rows, service } = await startStore();
    expect(await rows.tableDifferences(idempotencyTable)).toEqual([]);
    const longer = { ...idempotencyTable, timeToLiveSeconds: 14 * 86_400 };
    expect(await rows.tableDifferences(longer)).toEqual(['its rows live 7 days, not 14 days']);
    await rows.updateTable(longer);
    expect(await rows.tableDifferences(longer)).toEqual([]);
    expect(service.tables().get('dualstack_alb_idempotency')?.settings.timeToLive).toBe(14 * 86_400);
  });

  it('that is gone counts as deleted', async () => {
    const { rows, service } = await startStore();
    await rows.deleteTable('idempotency');
    await rows.deleteTable('idempotency');
    expect(service.tables().has('dualstack_alb_idempotency')).toBe(false);
  });

  it('P-134: lives for a day at least, or for ever', () => {
    for (const { timeToLiveSeconds } of Object.values(tables))
      expect(timeToLiveSeconds === -1 || timeToLiveSeconds >= 86_400).toBe(true);
  });

  it('P-131: has ASCII names only', () => {
    for (const { name, primaryKey } of Object.values(tables))
      for (const text of [name, ...primaryKey.map((column) => column.name)]) expect(text).toMatch(/^[a-z_]+$/);
  });
});
