import { describe, expect, it } from 'vitest';
import { InstanceApi } from '../../../local/tablestore/control/index.ts';
import { tablestoreService } from '../../../local/tablestore/index.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testEdge } from '../../support/edge.ts';
import { genericRestClient, type RestRequest } from '../../support/rest-call.ts';
import { createTable, errorOf, sdk, type SdkClient } from '../../support/tablestore.ts';

/** Both planes of a Tablestore, with one instance. */
async function start() {
  const context = testContext();
  const service = tablestoreService(context, { instanceNames: ['existing'] });
  const { url } = await testEdge(context, [service, new InstanceApi(context, service)]);
  const call = genericRestClient(url, context, '2020-12-09');
  const post = (action: string, body: object) =>
    call({ action, method: 'POST', pathname: `/v2/openapi/${action.toLowerCase()}`, body });
  return {
    context,
    url,
    call,
    create: (InstanceName: string, more: object = {}) =>
      post('CreateInstance', { InstanceName, ClusterType: 'SSD', ...more }),
    get: (InstanceName: string) => call(getRequest(InstanceName)),
    remove: (InstanceName: string) => post('DeleteInstance', { InstanceName }),
    dataPlane: (instancename: string): SdkClient => {
      const { accessKeyId, accessKeySecret: secretAccessKey } = context.credentials.root;
      return new sdk.Client({ accessKeyId, secretAccessKey, endpoint: url, instancename, maxRetries: 0 });
    },
  };
}

const getRequest = (InstanceName: string): RestRequest => ({
  action: 'GetInstance',
  method: 'GET',
  pathname: '/v2/openapi/getinstance',
  query: { InstanceName },
});

describe('instances: parameters', () => {
  it.each([
    ['P-139: a name with ay in it', 'my-gateway', {}],
    ['a name that ends with a hyphen', 'ends-', {}],
    ['a cluster type that does not exist', 'fresh', { ClusterType: 'FAST' }],
    ['a description that is too short', 'fresh', { InstanceDescription: 'x' }],
    ['a member that it does not know', 'fresh', { Description: 'state' }],
  ])('refuse %s', async (_what, name, more) => {
    const { create } = await start();
    await expect(create(name, more)).rejects.toMatchObject({ code: 'InvalidParameter', statusCode: 400 });
  });

  it('refuse a path that is not emulated', async () => {
    const { call } = await start();
    await expect(
      call({ action: 'ListInstances', method: 'GET', pathname: '/v2/openapi/listinstances' }),
    ).rejects.toMatchObject({ code: 'PathNotFound' });
  });
});

describe('instances: state rules', () => {
  it('refuse a second one of a name, in whatever case', async () => {
    const { create } = await start();
    await expect(create('Existing')).rejects.toMatchObject({ code: 'InstanceAlreadyExists', statusCode: 409 });
  });

  it('refuse an eleventh', async () => {
    const { create } = await start();
    for (let number = 1; number < 10; number += 1) await create(`more-${number}`);
    await expect(create('one-more')).rejects.toMatchObject({ code: 'QuotaExceeded' });
  });

  it('refuse to delete one that still has tables', async () => {
    const { remove, dataPlane } = await start();
    const client = dataPlane('existing');
    await createTable(client, 'deployments');
    await expect(remove('existing')).rejects.toMatchObject({ code: 'InstanceNotEmpty' });
    await client.deleteTable({ tableName: 'deployments' });
    await remove('existing');
  });

  it('refuse to show or delete one that is not there', async () => {
    const { get, remove } = await start();
    await expect(get('nowhere')).rejects.toMatchObject({ code: 'NotFound', statusCode: 404 });
    await expect(remove('nowhere')).rejects.toMatchObject({ code: 'NotFound', statusCode: 404 });
  });

  it('refuse a role whose policy lacks the action, by name', async () => {
    const { context, url } = await start();
    context.credentials.setRolePolicies('reader', []);
    const call = genericRestClient(url, context, '2020-12-09', context.credentials.issue('reader', 'f'));
    await expect(call(getRequest('existing'))).rejects.toMatchObject({
      code: 'AuthFailed',
      statusCode: 403,
      message: expect.stringContaining('(ots:GetInstance)') as string,
    });
  });
});

describe('instances: effects', () => {
  it('are shown as they were made', async () => {
    const { create, get } = await start();
    await create('fresh', { ClusterType: 'HYBRID', InstanceDescription: 'State of it' });
    expect(await get('FRESH')).toMatchObject({
      InstanceName: 'fresh',
      InstanceStatus: 'normal',
      InstanceSpecification: 'HYBRID',
      InstanceDescription: 'State of it',
    });
  });

  it('answer on the data plane from when they are made until they are deleted', async () => {
    const { create, remove, dataPlane } = await start();
    const client = dataPlane('fresh');
    const missing = { code: 'OTSAuthFailed', status: 403, message: expect.stringContaining('not found') as string };
    expect(await errorOf(client.listTable({}))).toMatchObject(missing);
    await create('fresh');
    expect((await client.listTable({})).tableNames).toEqual([]);
    await remove('fresh');
    expect(await errorOf(client.listTable({}))).toMatchObject(missing);
  });
});
