import sdk from '@alicloud/vpc20160428';
import { describe, expect, it } from 'vitest';
import { refusal, regionId, start } from './start.ts';

const mark = { key: 'deployment', value: 'd-1' };

describe('CreateIpv6Gateway', () => {
  it('answers 404 for a VPC that is not there', async () => {
    const { gateway } = await start();
    await expect(gateway('vpc-none')).rejects.toEqual(refusal('InvalidVpcId.NotFound', 404));
  });

  it('refuses a VPC that is not Available', async () => {
    const { client, gateway } = await start();
    const { body } = await client.createVpc(new sdk.CreateVpcRequest({ regionId, enableIpv6: true }));
    await expect(gateway(body?.vpcId ?? '')).rejects.toEqual(refusal('IncorrectStatus.Vpc'));
  });

  it('refuses a VPC without IPv6', async () => {
    const { gateway, vpc } = await start();
    await expect(gateway(await vpc({ enableIpv6: false }))).rejects.toEqual(refusal('OperationFailed.VpcIpv6Disabled'));
  });

  it('P-026: allows one gateway in a VPC', async () => {
    const { gateway, vpc } = await start();
    const vpcId = await vpc();
    await gateway(vpcId);
    await expect(gateway(vpcId)).rejects.toEqual(refusal('OperationUnsupported.OnlyOneIpv6GatewayInVpc'));
  });

  it('goes from Creating to Available', async () => {
    const { client, clock, gateway, vpc } = await start();
    const vpcId = await vpc();
    const ipv6GatewayId = await gateway(vpcId);
    const request = new sdk.DescribeIpv6GatewayAttributeRequest({ regionId, ipv6GatewayId });
    expect((await client.describeIpv6GatewayAttribute(request)).body?.status).toBe('Creating');
    clock.advance(5000);
    expect((await client.describeIpv6GatewayAttribute(request)).body).toMatchObject({
      ipv6GatewayId,
      vpcId,
      status: 'Available',
      businessStatus: 'Normal',
    });
  });
});

describe('DescribeIpv6Gateways', () => {
  it('P-025: filters by Tags', async () => {
    const { client, clock, gateway, vpc } = await start();
    const [ours, theirs] = [await vpc(), await vpc()];
    const request = new sdk.CreateIpv6GatewayRequest({
      regionId,
      vpcId: ours,
      tag: [new sdk.CreateIpv6GatewayRequestTag(mark)],
    });
    await client.createIpv6Gateway(request);
    await gateway(theirs);
    clock.advance(5000);
    const tags = [new sdk.DescribeIpv6GatewaysRequestTags(mark)];
    const { body } = await client.describeIpv6Gateways(new sdk.DescribeIpv6GatewaysRequest({ regionId, tags }));
    expect(body?.totalCount).toBe(1);
    expect(body?.ipv6Gateways?.ipv6Gateway?.[0]).toMatchObject({ vpcId: ours, tags: { tag: [mark] } });
  });

  it('P-025: refuses Tag, the name of the filter everywhere else', async () => {
    const { call } = await start();
    const query = { RegionId: regionId, 'Tag.1.Key': 'deployment', 'Tag.1.Value': 'd-1' };
    await expect(call('DescribeIpv6Gateways', query)).rejects.toEqual(refusal('InvalidParameter'));
  });

  it('refuses more than ten tags', async () => {
    const { client } = await start();
    const tags = Array.from({ length: 11 }, (_, index) => ({ key: `key-${index}`, value: '1' }));
    const request = new sdk.DescribeIpv6GatewaysRequest({
      regionId,
      tags: tags.map((tag) => new sdk.DescribeIpv6GatewaysRequestTags(tag)),
    });
    await expect(client.describeIpv6Gateways(request)).rejects.toEqual(refusal('SizeLimitExceeded.TagNum'));
  });

  it('allows pages of 100', async () => {
    const { client } = await start();
    const list = (pageSize: number) =>
      client.describeIpv6Gateways(new sdk.DescribeIpv6GatewaysRequest({ regionId, pageSize }));
    expect((await list(100)).body?.pageSize).toBe(100);
    await expect(list(101)).rejects.toEqual(refusal('InvalidParameter'));
  });
});

describe('DeleteIpv6Gateway', () => {
  async function startWithGateway() {
    const cloud = await start();
    const vpcId = await cloud.vpc();
    const ipv6GatewayId = await cloud.gateway(vpcId);
    const remove = (options: { clientToken?: string; dryRun?: boolean } = {}) =>
      cloud.client.deleteIpv6Gateway(new sdk.DeleteIpv6GatewayRequest({ regionId, ipv6GatewayId, ...options }));
    return { ...cloud, vpcId, ipv6GatewayId, remove };
  }

  it('refuses a gateway that is being created', async () => {
    const { remove } = await startWithGateway();
    await expect(remove()).rejects.toEqual(refusal('IncorrectStatus.Ipv6Gateway'));
  });

  it('P-034: waits for the IPv6 Internet bandwidth of the VPC to go', async () => {
    const { clock, dependents, remove, vpcId } = await startWithGateway();
    clock.advance(5000);
    dependents.push({ id: 'alb-1', vpcId, kind: 'Ipv6InternetBandwidth' });
    await expect(remove()).rejects.toEqual(refusal('DependencyViolation.Ipv6InternetBandwidth'));
    dependents.length = 0;
    expect((await remove()).statusCode).toBe(200);
  });

  it('P-014: repeats a failure under the same client token', async () => {
    const { clock, remove } = await startWithGateway();
    await expect(remove({ clientToken: 'token-1' })).rejects.toEqual(refusal('IncorrectStatus.Ipv6Gateway'));
    clock.advance(5000);
    await expect(remove({ clientToken: 'token-1' })).rejects.toEqual(refusal('IncorrectStatus.Ipv6Gateway'));
    expect((await remove({ clientToken: 'token-2' })).statusCode).toBe(200);
  });

  it('P-029: is over when the attribute answers 200 with an empty id', async () => {
    const { client, clock, ipv6GatewayId, remove } = await startWithGateway();
    const request = new sdk.DescribeIpv6GatewayAttributeRequest({ regionId, ipv6GatewayId });
    clock.advance(5000);
    await remove();
    expect((await client.describeIpv6GatewayAttribute(request)).body?.status).toBe('Deleting');
    clock.advance(8000);
    const { statusCode, body } = await client.describeIpv6GatewayAttribute(request);
    expect(statusCode).toBe(200);
    expect(body?.ipv6GatewayId).toBe('');
    await expect(remove()).rejects.toEqual(refusal('InvalidIpv6GatewayId.NotFound'));
  });
});
