import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import {
  activeLoadBalancer,
  availableServerGroup,
  callGeneric,
  type Cloud,
  runningListener,
  startCloud,
} from './cloud.ts';

const tag = (key: string, value: string) => new sdk.TagResourcesRequestTag({ key, value });
const tagResources = (cloud: Cloud, resourceType: string, id: string, ...tags: [string, string][]) =>
  cloud.client.tagResources(
    new sdk.TagResourcesRequest({ resourceType, resourceId: [id], tag: tags.map(([key, value]) => tag(key, value)) }),
  );
const list = async (cloud: Cloud, resourceType: string, fields: object = {}) =>
  (await cloud.client.listTagResources(new sdk.ListTagResourcesRequest({ resourceType, ...fields }))).body
    ?.tagResources;

describe('TagResources', () => {
  it('P-023: takes lower-case resource types only', async () => {
    const cloud = await startCloud();
    await expect(tagResources(cloud, 'LOADBALANCER', 'alb-1', ['a', '1'])).rejects.toMatchObject({
      code: 'IllegalParam.ResourceType',
    });
  });

  it('P-016: takes no client token', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await expect(
      callGeneric(cloud, 'TagResources', {
        ResourceType: 'loadbalancer',
        'ResourceId.1': id,
        'Tag.1.Key': 'a',
        'Tag.1.Value': '1',
        ClientToken: 'token',
      }),
    ).rejects.toMatchObject({ code: 'IllegalParam.ClientToken' });
  });

  it('answers an unknown resource with 404', async () => {
    const cloud = await startCloud();
    await expect(tagResources(cloud, 'servergroup', 'sgp-none', ['a', '1'])).rejects.toMatchObject({
      code: 'ResourceNotFound.ServerGroup',
      statusCode: 404,
    });
  });

  it('replaces the value of a known key', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await tagResources(cloud, 'loadbalancer', id, ['a', '1'], ['b', '2']);
    await tagResources(cloud, 'loadbalancer', id, ['a', '3']);
    expect(cloud.state.loadBalancer(id).tags).toEqual([
      { key: 'b', value: '2' },
      { key: 'a', value: '3' },
    ]);
  });

  it('refuses the 21st tag', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await tagResources(
      cloud,
      'loadbalancer',
      id,
      ...Array.from({ length: 20 }, (_, index): [string, string] => [`k${index}`, 'v']),
    );
    await expect(tagResources(cloud, 'loadbalancer', id, ['one-more', 'v'])).rejects.toMatchObject({
      code: 'QuotaExceeded.TagNum',
    });
  });

  it('P-083: tags listeners as Terraform does', async () => {
    const cloud = await startCloud();
    const { listenerId } = await runningListener(cloud);
    expect((await tagResources(cloud, 'listener', listenerId, ['a', '1'])).statusCode).toBe(200);
  });
});

describe('ListTagResources', () => {
  it('P-022: gives one row per tag', async () => {
    const cloud = await startCloud();
    const id = await availableServerGroup(cloud);
    await tagResources(cloud, 'servergroup', id, ['a', '1'], ['b', '2']);
    cloud.clock.advance(2000);
    expect(await list(cloud, 'servergroup', { tag: [new sdk.ListTagResourcesRequestTag({ key: 'a' })] })).toEqual([
      { resourceId: id, resourceType: 'servergroup', tagKey: 'a', tagValue: '1' },
      { resourceId: id, resourceType: 'servergroup', tagKey: 'b', tagValue: '2' },
    ]);
  });

  it('P-021: is behind the truth for a while', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await tagResources(cloud, 'loadbalancer', id, ['a', '1']);
    expect(await list(cloud, 'loadbalancer', { resourceId: [id] })).toEqual([]);
    cloud.clock.advance(2000);
    expect(await list(cloud, 'loadbalancer', { resourceId: [id] })).toHaveLength(1);
  });
});

describe('UnTagResources', () => {
  it('removes by key', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await tagResources(cloud, 'loadbalancer', id, ['a', '1'], ['b', '2']);
    await cloud.client.unTagResources(
      new sdk.UnTagResourcesRequest({ resourceType: 'loadbalancer', resourceId: [id], tagKey: ['a'] }),
    );
    expect(cloud.state.loadBalancer(id).tags).toEqual([{ key: 'b', value: '2' }]);
  });

  it('removes all when told so', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await tagResources(cloud, 'loadbalancer', id, ['a', '1'], ['b', '2']);
    await cloud.client.unTagResources(
      new sdk.UnTagResourcesRequest({ resourceType: 'loadbalancer', resourceId: [id], all: true }),
    );
    expect(cloud.state.loadBalancer(id).tags).toEqual([]);
  });
});
