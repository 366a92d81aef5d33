import sdk from '@alicloud/vpc20160428';
import { describe, expect, it } from 'vitest';
import { refusal, regionId, start } from './start.ts';

describe('CreateVpc: parameters', () => {
  it.each(['10.0.0.1/8', '10.0.0.0/12', '10.0.0.0/29', '100.64.0.0/16', '224.0.0.0/16', 'ten'])(
    'refuses the CIDR block %s',
    async (cidrBlock) => {
      const { client } = await start();
      const request = new sdk.CreateVpcRequest({ regionId, cidrBlock });
      await expect(client.createVpc(request)).rejects.toEqual(refusal('InvalidParameter'));
    },
  );

  it('refuses a call without RegionId', async () => {
    const { client } = await start();
    await expect(client.createVpc(new sdk.CreateVpcRequest({}))).rejects.toEqual(refusal('MissingParameter'));
  });

  it('refuses a name that is a URL', async () => {
    const { client } = await start();
    const request = new sdk.CreateVpcRequest({ regionId, vpcName: 'http://name' });
    await expect(client.createVpc(request)).rejects.toEqual(refusal('InvalidVpcName.Malformed'));
  });

  it('refuses the IPv6 block of a single carrier', async () => {
    const { client } = await start();
    const request = new sdk.CreateVpcRequest({ regionId, enableIpv6: true, ipv6Isp: 'ChinaMobile' });
    await expect(client.createVpc(request)).rejects.toEqual(refusal('UnsupportedFeature.Ipv6Isp'));
  });

  it('P-020: refuses a tag key with a reserved prefix', async () => {
    const { client } = await start();
    const tag = [new sdk.CreateVpcRequestTag({ key: 'acs:mark', value: '1' })];
    await expect(client.createVpc(new sdk.CreateVpcRequest({ regionId, tag }))).rejects.toEqual(
      refusal('Forbidden.TagKeys'),
    );
  });
});

describe('CreateVpc: state rules', () => {
  it('answers a repeated client token with the same VPC', async () => {
    const { client, state } = await start();
    const request = new sdk.CreateVpcRequest({ regionId, enableIpv6: true, clientToken: 'token-1' });
    const first = await client.createVpc(request);
    const second = await client.createVpc(request);
    expect(second.body?.vpcId).toBe(first.body?.vpcId);
    expect(state.vpcs.list()).toHaveLength(1);
  });

  it('P-012: refuses a client token that comes back with other parameters', async () => {
    const { client } = await start();
    await client.createVpc(new sdk.CreateVpcRequest({ regionId, clientToken: 'token-1' }));
    const other = new sdk.CreateVpcRequest({ regionId, clientToken: 'token-1', vpcName: 'other' });
    await expect(client.createVpc(other)).rejects.toEqual(refusal('IdempotentParameterMismatch'));
  });

  it('P-001: reports a passed dry run as an error', async () => {
    const { client, state } = await start();
    const request = new sdk.CreateVpcRequest({ regionId, dryRun: true });
    await expect(client.createVpc(request)).rejects.toEqual(refusal('DryRunOperation'));
    expect(state.vpcs.list()).toHaveLength(0);
  });

  it('stops at the quota of ten VPCs', async () => {
    const { client } = await start();
    for (let index = 0; index < 10; index += 1) await client.createVpc(new sdk.CreateVpcRequest({ regionId }));
    await expect(client.createVpc(new sdk.CreateVpcRequest({ regionId }))).rejects.toEqual(
      refusal('QuotaExceeded.Vpc'),
    );
  });
});

describe('CreateVpc: effects', () => {
  it('becomes Available after the configured time', async () => {
    const { client, clock, state } = await start();
    const { body } = await client.createVpc(new sdk.CreateVpcRequest({ regionId, enableIpv6: true }));
    const vpc = state.vpc(body?.vpcId ?? '');
    expect(state.vpcs.statusOf(vpc)).toBe('Pending');
    expect(vpc.ipv6CidrBlock).toMatch(/^2408:4002:.*\/56$/);
    clock.advance(4000);
    expect(state.vpcs.statusOf(vpc)).toBe('Available');
  });

  it('P-026: makes no IPv6 gateway', async () => {
    const { client, state, vpc } = await start();
    const vpcId = await vpc();
    const { body } = await client.describeIpv6Gateways(new sdk.DescribeIpv6GatewaysRequest({ regionId, vpcId }));
    expect(body?.totalCount).toBe(0);
    expect(state.gatewayOf(vpcId)).toBeUndefined();
  });
});
