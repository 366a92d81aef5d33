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

const upgrade = (cloud: Cloud, loadBalancerId: string, loadBalancerEdition: string) =>
  cloud.client.updateLoadBalancerEdition(
    new sdk.UpdateLoadBalancerEditionRequest({ loadBalancerId, loadBalancerEdition }),
  );
const changeType = (cloud: Cloud, loadBalancerId: string, fields: object) =>
  cloud.client.updateLoadBalancerAddressTypeConfig(
    new sdk.UpdateLoadBalancerAddressTypeConfigRequest({ loadBalancerId, ...fields }),
  );

describe('UpdateLoadBalancerEdition: parameters', () => {
  it('refuses an edition that there is not', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await expect(upgrade(cloud, id, 'Premium')).rejects.toMatchObject({ code: 'IllegalParam.LoadBalancerEdition' });
  });
});

describe('UpdateLoadBalancerEdition: state rules', () => {
  it('refuses a downgrade', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud, { loadBalancerEdition: 'Standard' });
    await expect(upgrade(cloud, id, 'Basic')).rejects.toMatchObject({
      code: 'OperationDenied.Downgrade',
    });
  });

  it('P-066: refuses while the load balancer is Configuring', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud, { loadBalancerEdition: 'Basic' });
    await upgrade(cloud, id, 'Standard');
    await expect(upgrade(cloud, id, 'StandardWithWaf')).rejects.toMatchObject({ code: 'IncorrectStatus.LoadBalancer' });
  });
});

describe('UpdateLoadBalancerEdition: effects', () => {
  it('upgrades step by step', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud, { loadBalancerEdition: 'Basic' });
    for (const edition of ['Standard', 'StandardWithWaf']) {
      await upgrade(cloud, id, edition);
      expect(await get(cloud, id)).toMatchObject({ loadBalancerEdition: edition, loadBalancerStatus: 'Configuring' });
      cloud.clock.advance(60_000);
    }
    expect((await get(cloud, id))?.loadBalancerStatus).toBe('Active');
  });
});

describe('UpdateLoadBalancerAddressTypeConfig: parameters', () => {
  it('refuses a call without the type', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await expect(changeType(cloud, id, {})).rejects.toMatchObject({ code: 'MissingAddressType' });
  });

  it('refuses an address of the account, which is not emulated', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    const zoneMappings = [
      new sdk.UpdateLoadBalancerAddressTypeConfigRequestZoneMappings({ zoneId: 'z', allocationId: 'eip-1' }),
    ];
    await expect(changeType(cloud, id, { addressType: 'Internet', zoneMappings })).rejects.toMatchObject({
      code: 'UnsupportedFeature.NotEmulated',
    });
  });
});

describe('UpdateLoadBalancerAddressTypeConfig and UpdateLoadBalancerEdition: state rules', () => {
  it('refuse what it is already', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud, { addressType: 'Internet', loadBalancerEdition: 'Standard' });
    await expect(changeType(cloud, id, { addressType: 'Internet' })).rejects.toMatchObject({
      code: 'OperationDenied.AddressTypeNotChanged',
    });
    await expect(upgrade(cloud, id, 'Standard')).rejects.toMatchObject({ code: 'OperationDenied.EditionNotChanged' });
  });
});

describe('UpdateLoadBalancerAddressTypeConfig: effects', () => {
  it('takes the public addresses away and gives others, and leaves the IPv6 side as it is', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud, { addressType: 'Internet' });
    const addresses = async () =>
      (await get(cloud, id))?.zoneMappings?.map(({ loadBalancerAddresses: [first] = [] }) => first);
    const before = await addresses();
    expect(before?.every((one) => one?.allocationId !== undefined && one.address !== one.intranetAddress)).toBe(true);
    await changeType(cloud, id, { addressType: 'Intranet' });
    cloud.clock.advance(60_000);
    const inside = await addresses();
    expect(inside?.every((one) => one?.allocationId === undefined && one?.address === one?.intranetAddress)).toBe(true);
    expect(await get(cloud, id)).toMatchObject({ addressType: 'Intranet', ipv6AddressType: 'Intranet' });
    await changeType(cloud, id, { addressType: 'Internet' });
    cloud.clock.advance(60_000);
    const after = await addresses();
    expect(after?.map((one) => one?.ipv6Address)).toEqual(before?.map((one) => one?.ipv6Address));
    expect(after?.some((one) => before?.some((former) => former?.address === one?.address))).toBe(false);
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
