import { describe, expect, it } from 'vitest';
import type { Statement } from '../../../local/authorization/policy.ts';
import type { CloudContext } from '../../../local/cloud-context.ts';
import type { Credential } from '../../../local/credentials.ts';
import { InstanceApi } from '../../../local/tablestore/control/index.ts';
import { tablestoreService } from '../../../local/tablestore/index.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testEdge } from '../../support/edge.ts';
import { genericRestClient } from '../../support/rest-call.ts';
import { createTable, ignore, startTablestore } from '../../support/tablestore.ts';
import { type OfficialClient, start as startMns } from '../mns/support.ts';

/** Credentials of a role that may do the actions on the resources and nothing else. */
function narrow({ credentials }: CloudContext, action: string | string[], resource: string | string[]): Credential {
  const statement: Statement = { Effect: 'Allow', Action: action, Resource: resource };
  credentials.setRolePolicies('narrow', [{ Version: '1', Statement: [statement] }]);
  return credentials.issue('narrow', 'f');
}

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'served';
  } catch (error) {
    const { code, name, message } = error as { code?: unknown; name?: string; message?: string };
    return typeof code === 'string' ? code : `${name} ${message}`;
  }
};

describe('queues', () => {
  const all = 'acs:mns:cn-shanghai:*:/queues';
  type Call = (client: OfficialClient) => Promise<unknown>;

  it.each<[name: string, call: Call, own: string, foreign: string]>([
    ['ListQueue', (client) => client.listQueue(), all, `${all}/*`],
    ['CreateQueue', (client) => client.createQueue('mine-b'), `${all}/mine-*`, `${all}/yours-*`],
    ['GetQueueAttributes', (client) => client.getQueueAttributes('mine-a'), `${all}/mine-a`, `${all}/mine-a/messages`],
    ['SetQueueAttributes', (client) => client.setQueueAttributes('mine-a', {}), `${all}/mine-*`, `${all}/yours-*`],
    ['SendMessage', (client) => client.sendMessage('mine-a', { MessageBody: 'x' }), `${all}/mine-*`, `${all}/mine-a`],
    [
      'BatchSendMessage',
      (client) => client.batchSendMessage('mine-a', [{ MessageBody: 'x' }]),
      `${all}/mine-a/messages`,
      `${all}/yours-*`,
    ],
    ['PeekMessage', (client) => client.peekMessage('mine-a'), `${all}/mine-*/messages`, `${all}/yours-*/messages`],
    [
      'ReceiveMessage',
      (client) => client.receiveMessage('mine-a'),
      `${all}/mine-*`,
      all.replace('shanghai', 'hangzhou'),
    ],
    ['DeleteQueue', (client) => client.deleteQueue('mine-a'), `${all}/mine-*`, `${all}/mine`],
  ])('%s is granted on the own queue alone', async (name, call, own, foreign) => {
    const { client, context, official } = await startMns();
    await client.createQueue('mine-a');
    await client.sendMessage('mine-a', { MessageBody: 'x' });
    const as = (resource: string) => codeOf(call(official({}, narrow(context, `mns:${name}`, resource))));
    expect(await as(foreign)).toContain('AccessDenied');
    expect(await as(own)).toBe('served');
  });
});

describe('tables', () => {
  const all = 'acs:ots:cn-shanghai:*:instance/dualstack-alb/table';
  const key = [{ id: 'a' }];
  const keyColumns = [{ name: 'id', type: 'STRING' }];
  type Client = Awaited<ReturnType<typeof startTablestore>>['client'];

  it.each<[name: string, call: (client: Client) => Promise<unknown>, own: string | string[], foreign: string]>([
    ['CreateTable', (client) => createTable(client, 'mine_b', keyColumns), `${all}/mine_*`, `${all}/yours_*`],
    ['ListTable', (client) => client.listTable({}), `${all}/*`, `${all}/mine_*`],
    ['GetRow', (client) => client.getRow({ tableName: 'mine_a', primaryKey: key }), `${all}/mine_a`, `${all}/yours_*`],
    [
      'PutRow',
      (client) =>
        client.putRow({ tableName: 'mine_a', primaryKey: key, condition: ignore(), attributeColumns: [{ v: 'x' }] }),
      `${all}/mine_*`,
      'acs:ots:*:*:instance/other/table/*',
    ],
    [
      'BatchGetRow',
      (client) =>
        client.batchGetRow({
          tables: [
            { tableName: 'mine_a', primaryKey: [key] },
            { tableName: 'yours_a', primaryKey: [key] },
          ],
        }),
      [`${all}/mine_a`, `${all}/yours_a`],
      `${all}/mine_a`,
    ],
    [
      'BatchWriteRow',
      (client) =>
        client.batchWriteRow({
          tables: [
            {
              tableName: 'yours_a',
              rows: [{ type: 'PUT', condition: ignore(), primaryKey: key, attributeColumns: [{ v: 'x' }] }],
            },
          ],
        }),
      `${all}/yours_*`,
      `${all}/mine_*`,
    ],
    [
      'DeleteTable',
      (client) => client.deleteTable({ tableName: 'mine_a' }),
      `${all}/mine_*`,
      'acs:ots:*:9999999999999999:*',
    ],
  ])('%s is granted on the own table alone', async (name, call, own, foreign) => {
    const { client, clientOf, context } = await startTablestore();
    for (const table of ['mine_a', 'yours_a']) await createTable(client, table, keyColumns);
    const as = (resource: string | string[]) => codeOf(call(clientOf(narrow(context, `ots:${name}`, resource))));
    expect(await as(foreign)).toContain('OTSNoPermissionAccess');
    expect(await as(own)).toBe('served');
  });

  it('names of instances are compared in lower case', async () => {
    const { client, clientOf, context } = await startTablestore();
    await createTable(client, 'mine_a', keyColumns);
    const read = (instance: string) =>
      codeOf(
        clientOf(narrow(context, 'ots:GetRow', `${all}/mine_*`), instance).getRow({
          tableName: 'mine_a',
          primaryKey: key,
        }),
      );
    expect(await read('DualStack-ALB')).toBe('served');
  });

  it('instances are granted by name', async () => {
    const context = testContext();
    const service = tablestoreService(context, { instanceNames: ['mine'] });
    const { url } = await testEdge(context, [service, new InstanceApi(context, service)]);
    const get = (resource: string) => {
      const credential = narrow(context, 'ots:GetInstance', resource);
      return codeOf(
        genericRestClient(
          url,
          context,
          '2020-12-09',
          credential,
        )({
          action: 'GetInstance',
          method: 'GET',
          pathname: '/v2/openapi/getinstance',
          query: { InstanceName: 'mine' },
        }),
      );
    };
    expect(await get('acs:ots:*:*:instance/yours')).toBe('AuthFailed');
    expect(await get('acs:ots:*:*:instance/mine')).toBe('served');
  });
});
