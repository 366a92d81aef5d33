import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  columnIs,
  createTable,
  errorOf,
  long,
  mustExist,
  putRow,
  rawCall,
  startTablestore,
} from '../../support/tablestore.ts';

/** Code out of a protobuf Error. */
const codeOf = (body: Buffer): string => body.subarray(2, 2 + (body[1] ?? 0)).toString();
const text = (field: number, value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([field * 8 + 2, bytes.length]), bytes]);
};
const ignoreCondition = text(3, Buffer.from([8, 0]));
/** PlainBuffer of `id = a`, `v = x`, as the official SDK writes it. */
const row = Buffer.from(
  '7500000001030402000000696405060000000301000000610a91020304010000007605060000000301000000780a8d099d',
  'hex',
);
const putRowBody = (plainBuffer: Buffer) =>
  Buffer.concat([text(1, 'deployments'), text(2, plainBuffer), ignoreCondition]);

async function start() {
  const started = await startTablestore();
  await createTable(started.client, 'deployments');
  const { root } = started.context.credentials;
  return {
    ...started,
    root,
    call: (path: string, body: Buffer, change: Parameters<typeof rawCall>[4] = {}) =>
      rawCall(started.url, root, path, body, change),
  };
}

describe('requests that are refused', () => {
  it('an unknown access key', async () => {
    const { url } = await start();
    const stranger = {
      accessKeyId: 'nobody',
      accessKeySecret: 'x',
      principal: { accountId: '', name: '', accessKeyId: '' },
    };
    const { status, body } = await rawCall(url, stranger, '/ListTable', Buffer.alloc(0));
    expect([status, codeOf(body)]).toEqual([403, 'OTSAuthFailed']);
    expect(body.toString()).toContain('The AccessKeyID does not exist.');
  });

  it('a wrong signature', async () => {
    const { call } = await start();
    const { status, body } = await call('/ListTable', Buffer.alloc(0), { signature: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' });
    expect([status, codeOf(body)]).toEqual([403, 'OTSAuthFailed']);
    expect(body.toString()).toContain('Signature mismatch.');
  });

  it('a body other than its MD5 says', async () => {
    const { call } = await start();
    const { status, body } = await call('/ListTable', Buffer.alloc(0), {
      headers: { 'x-ots-contentmd5': createHash('md5').update('other').digest('base64') },
    });
    expect([status, codeOf(body)]).toEqual([403, 'OTSAuthFailed']);
  });

  it('a date more than 15 minutes off', async () => {
    const { call, context } = await start();
    const at = (ms: number) =>
      call('/ListTable', Buffer.alloc(0), { date: new Date(context.clock.nowMs() + ms).toISOString() });
    expect((await at(-15 * 60_000)).status).toBe(200);
    expect((await at(15 * 60_000)).status).toBe(200);
    expect((await at(-15 * 60_000 - 1)).body.toString()).toContain('Mismatch between system time and x-ots-date');
    expect((await at(15 * 60_000 + 1)).status).toBe(403);
  });

  it('a date in another form', async () => {
    const { call } = await start();
    const { status, body } = await call('/ListTable', Buffer.alloc(0), { date: new Date().toUTCString() });
    expect([status, codeOf(body)]).toEqual([400, 'OTSParameterInvalid']);
  });

  it.each(['x-ots-date', 'x-ots-contentmd5', 'x-ots-accesskeyid', 'x-ots-instancename'])('no %s', async (name) => {
    const { call } = await start();
    const { status, body } = await call('/ListTable', Buffer.alloc(0), { headers: { [name]: undefined } });
    expect(status).toBe(400);
    expect(body.toString()).toContain(`Missing header: '${name}'.`);
  });

  it('GET', async () => {
    const { call } = await start();
    const { status, body } = await call('/ListTable', Buffer.alloc(0), { method: 'GET' });
    expect([status, codeOf(body)]).toEqual([405, 'OTSMethodNotAllowed']);
  });

  it.each(['/Search', '/SQLQuery', '/constructor', '/ListTable/more'])('operation %s', async (path) => {
    const { call } = await start();
    const { status, body } = await call(path, Buffer.alloc(0));
    expect(status).toBe(400);
    expect(body.toString()).toContain(`Unsupported operation: '${path.slice(1)}'.`);
  });

  it('P-139: an instance name that cannot be', async () => {
    const { clientOf, root } = await start();
    for (const name of ['my-gateway', 'ab', 'a234567890123456x', 'trailing-'])
      expect(await errorOf(clientOf(root, name).listTable({}))).toMatchObject({ code: 'OTSParameterInvalid' });
  });

  it('an instance that the account does not have', async () => {
    const { clientOf, context } = await startTablestore({ instanceNames: ['dualstack-alb'] });
    expect(await errorOf(clientOf(context.credentials.root, 'other').listTable({}))).toMatchObject({
      code: 'OTSAuthFailed',
      status: 403,
    });
  });
});

describe('temporary credentials', () => {
  it('work with their token', async () => {
    const { clientOf, context } = await start();
    context.credentials.setRolePolicies('reader', [
      { Version: '1', Statement: [{ Effect: 'Allow', Action: 'ots:Get*', Resource: '*' }] },
    ]);
    const reader = clientOf(context.credentials.issue('reader', 'status'));
    expect((await reader.getRow({ tableName: 'deployments', primaryKey: [{ id: 'a' }] })).row).toEqual({});
    expect(await errorOf(putRow(reader, 'deployments', [{ id: 'a' }], { v: 'x' }))).toMatchObject({
      code: 'OTSNoPermissionAccess',
      status: 403,
    });
  });

  it('fail without their token', async () => {
    const { clientOf, context } = await start();
    const { securityToken: _, ...bare } = context.credentials.issue('reader', 'status');
    expect(await errorOf(clientOf(bare).listTable({}))).toMatchObject({ code: 'OTSAuthFailed', status: 403 });
  });
});

describe('frames', () => {
  it('a row by hand is stored', async () => {
    const { call, service } = await start();
    expect((await call('/PutRow', putRowBody(row))).status).toBe(200);
    expect(service.rows('deployments')).toEqual([{ id: 'a', v: 'x' }]);
  });

  it('no change of a single byte is taken for the same row', async () => {
    const { call, service } = await start();
    for (let index = 0; index < row.length; index += 1) {
      const broken = Buffer.from(row);
      broken[index] = (broken[index] ?? 0) ^ 0x01;
      const { status, body } = await call('/PutRow', putRowBody(broken));
      expect([index, status, codeOf(body)]).toEqual([index, 400, 'OTSParameterInvalid']);
    }
    expect(service.rows('deployments')).toEqual([]);
  });

  it('no row that was cut short is taken', async () => {
    const { call } = await start();
    for (let length = 0; length < row.length; length += 1)
      expect((await call('/PutRow', putRowBody(row.subarray(0, length)))).status).toBe(400);
  });

  it('zero bytes behind a row are taken, others are not', async () => {
    const { call } = await start();
    expect((await call('/PutRow', putRowBody(Buffer.concat([row, Buffer.from([0, 0])])))).status).toBe(200);
    expect((await call('/PutRow', putRowBody(Buffer.concat([row, Buffer.from([1])])))).status).toBe(400);
  });

  it.each([
    ['a missing required field', text(1, 'deployments')],
    ['a field cut short', Buffer.from([10, 200])],
    ['a varint without end', Buffer.alloc(20, 0xff)],
    ['a name that is not UTF-8', text(1, Buffer.from([0xff, 0xfe]))],
    ['a field that is not emulated', Buffer.concat([putRowBody(row), text(15, 'x')])],
    ['HTML', Buffer.from('<html></html>')],
  ])('%s is refused', async (_, body) => {
    const { call } = await start();
    const answer = await call('/PutRow', body);
    expect([answer.status, codeOf(answer.body)]).toEqual([400, 'OTSParameterInvalid']);
  });

  it('DeleteRow without a delete marker is refused', async () => {
    const { call } = await start();
    const { status, body } = await call('/DeleteRow', putRowBody(row));
    expect(status).toBe(400);
    expect(body.toString()).toContain('missing RowDeleteMarker');
  });
});

describe('answers', () => {
  it('are signed over their headers', async () => {
    const { call, root } = await start();
    const { headers, body } = await call('/ListTable', Buffer.alloc(0));
    expect(headers.get('x-ots-contentmd5')).toBe(createHash('md5').update(body).digest('base64'));
    const signed = ['x-ots-contentmd5', 'x-ots-contenttype', 'x-ots-date', 'x-ots-requestid'];
    const canonical = signed.map((name) => `${name}:${headers.get(name)}`).join('\n');
    const signature = createHmac('sha1', root.accessKeySecret).update(`${canonical}\n/ListTable`).digest('base64');
    expect(headers.get('authorization')).toBe(`OTS ${root.accessKeyId}:${signature}`);
  });
});

describe('wire log', () => {
  it('says table, key, condition, columns', async () => {
    const { client, calls } = await start();
    await errorOf(
      client.updateRow({
        tableName: 'deployments',
        condition: mustExist(columnIs('v', long(3))),
        primaryKey: [{ id: 'a' }],
        updateOfAttributeColumns: [{ PUT: [{ v: long(4) }] }, { DELETE_ALL: ['lease'] }],
      }),
    );
    expect(calls.at(-1)).toMatchObject({
      service: 'tablestore',
      version: '2015-12-31',
      action: 'UpdateRow',
      params: {
        table_name: 'deployments',
        primary_key: 'id=a',
        condition: 'EXPECT_EXIST and v == 3',
        columns: 'v, DELETE_ALL lease',
      },
      httpStatus: 403,
      code: 'OTSConditionCheckFail',
      caller: 'root',
    });
  });
});

describe('injected faults', () => {
  it('P-125: throttling is OTSServerBusy 503, which the SDK does not retry for a write', async () => {
    const { client, edge, service } = await start();
    edge.faults.add({ kind: 'throttle', service: 'tablestore', action: 'PutRow', times: 1 });
    expect(await errorOf(putRow(client, 'deployments', [{ id: 'a' }], { v: 'x' }))).toMatchObject({
      code: 'OTSServerBusy',
      status: 503,
    });
    expect(service.rows('deployments')).toEqual([]);
  });

  it('strike by table', async () => {
    const { client, edge } = await start();
    await createTable(client, 'events');
    edge.faults.add({ kind: 'throttle', service: 'tablestore', params: { table_name: 'events' } });
    await putRow(client, 'deployments', [{ id: 'a' }], { v: 'x' });
    expect(await errorOf(putRow(client, 'events', [{ id: 'a' }], { v: 'x' }))).toMatchObject({ code: 'OTSServerBusy' });
  });

  it('a code of Tablestore comes with its own status', async () => {
    const { client, edge } = await start();
    edge.faults.add({ kind: 'error', service: 'tablestore', code: 'OTSRowOperationConflict' });
    expect(await errorOf(putRow(client, 'deployments', [{ id: 'a' }], { v: 'x' }))).toMatchObject({
      code: 'OTSRowOperationConflict',
      status: 409,
    });
  });

  it('P-135: a reset after the effect leaves the row written', async () => {
    const { client, edge, service } = await start();
    edge.faults.add({ kind: 'reset-after', service: 'tablestore', action: 'PutRow' });
    await expect(putRow(client, 'deployments', [{ id: 'a' }], { v: 'x' })).rejects.toMatchObject({
      code: 'NetworkingError',
    });
    expect(service.rows('deployments')).toEqual([{ id: 'a', v: 'x' }]);
  });
});
