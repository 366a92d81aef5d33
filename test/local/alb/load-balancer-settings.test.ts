import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import { activeLoadBalancer, type Cloud, loadBalancerRequest, startCloud } from './cloud.ts';

const get = async (cloud: Cloud, loadBalancerId: string) =>
  (await cloud.client.getLoadBalancerAttribute(new sdk.GetLoadBalancerAttributeRequest({ loadBalancerId }))).body;
const list = async (cloud: Cloud, filter: object = {}) =>
  (await cloud.client.listLoadBalancers(new sdk.ListLoadBalancersRequest(filter))).body;

describe('EnableDeletionProtection: parameters', () => {
  it('P-065: takes the id as ResourceId', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await cloud.client.enableDeletionProtection(new sdk.EnableDeletionProtectionRequest({ resourceId: id }));
    expect((await get(cloud, id))?.deletionProtectionConfig?.enabled).toBe(true);
    expect(cloud.calls.find((call) => call.action === 'EnableDeletionProtection')?.params).toEqual({ ResourceId: id });
  });
});

describe('DisableDeletionProtection: state rules', () => {
  it('P-066: refuses while the load balancer is Configuring', async () => {
    const cloud = await startCloud();
    const resourceId = await activeLoadBalancer(cloud);
    await cloud.client.enableDeletionProtection(new sdk.EnableDeletionProtectionRequest({ resourceId }));
    const request = new sdk.DisableDeletionProtectionRequest({ resourceId });
    await expect(cloud.client.disableDeletionProtection(request)).rejects.toMatchObject({
      code: 'IncorrectStatus.LoadBalancer',
    });
  });
});

describe('UpdateLoadBalancerAttribute: effects', () => {
  it('renames the load balancer', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await cloud.client.updateLoadBalancerAttribute(
      new sdk.UpdateLoadBalancerAttributeRequest({ loadBalancerId: id, loadBalancerName: 'renamed' }),
    );
    expect(await get(cloud, id)).toMatchObject({ loadBalancerName: 'renamed', loadBalancerStatus: 'Configuring' });
  });
});

describe('ListLoadBalancers: parameters', () => {
  it('refuses a page token that no answer gave', async () => {
    const cloud = await startCloud();
    await expect(list(cloud, { nextToken: 'x' })).rejects.toMatchObject({ code: 'IllegalParam.NextToken' });
  });

  it('refuses more than 20 ids', async () => {
    const cloud = await startCloud();
    const loadBalancerIds = Array.from({ length: 21 }, (_, index) => `alb-${index}`);
    await expect(list(cloud, { loadBalancerIds })).rejects.toMatchObject({ code: 'IllegalParam.LoadBalancerIds' });
  });
});

describe('ListLoadBalancers: effects', () => {
  it('P-021: finds a new load balancer by tag only after the lag', async () => {
    const cloud = await startCloud();
    const tag = [new sdk.CreateLoadBalancerRequestTag({ key: 'deployment', value: 'd1' })];
    await cloud.client.createLoadBalancer(loadBalancerRequest(cloud, { tag }));
    const filter = { tag: [new sdk.ListLoadBalancersRequestTag({ key: 'deployment', value: 'd1' })] };
    expect((await list(cloud, filter))?.totalCount).toBe(0);
    cloud.clock.advance(2000);
    expect((await list(cloud, filter))?.totalCount).toBe(1);
  });

  it('gives page after page', async () => {
    const cloud = await startCloud();
    await activeLoadBalancer(cloud, { loadBalancerName: 'first' });
    await activeLoadBalancer(cloud, { loadBalancerName: 'second' });
    const first = await list(cloud, { maxResults: 1 });
    const second = await list(cloud, { maxResults: 1, nextToken: first?.nextToken });
    expect(first?.loadBalancers?.map((row) => row.loadBalancerName)).toEqual(['first']);
    expect(second?.loadBalancers?.map((row) => row.loadBalancerName)).toEqual(['second']);
    expect(second).toMatchObject({ nextToken: '', totalCount: 2 });
  });

  it('filters by VPC, name and IPv6 address type', async () => {
    const cloud = await startCloud();
    await activeLoadBalancer(cloud, { loadBalancerName: 'first' });
    expect((await list(cloud, { vpcIds: ['vpc-none'] }))?.totalCount).toBe(0);
    expect((await list(cloud, { loadBalancerNames: ['first'] }))?.totalCount).toBe(1);
    expect((await list(cloud, { ipv6AddressType: 'Internet' }))?.totalCount).toBe(0);
  });
});
