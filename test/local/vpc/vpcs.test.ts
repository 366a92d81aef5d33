import sdk from '@alicloud/vpc20160428';
import { describe, expect, it } from 'vitest';
import { refusal, regionId, start } from './start.ts';

const attribute = (vpcId: string) => new sdk.DescribeVpcAttributeRequest({ regionId, vpcId });

describe('DescribeVpcs: parameters', () => {
  it('refuses a page of more than 50', async () => {
    const { client } = await start();
    const request = new sdk.DescribeVpcsRequest({ regionId, pageSize: 51 });
    await expect(client.describeVpcs(request)).rejects.toEqual(refusal('InvalidParameter'));
  });

  it('P-049: takes ids separated by commas, at most 20', async () => {
    const { client, vpc } = await start();
    const [one, two] = [await vpc(), await vpc()];
    await vpc();
    const { body } = await client.describeVpcs(new sdk.DescribeVpcsRequest({ regionId, vpcId: `${one},${two}` }));
    expect(body?.vpcs?.vpc?.map((each) => each.vpcId)).toEqual([one, two]);
    const many = new sdk.DescribeVpcsRequest({ regionId, vpcId: Array.from({ length: 21 }, () => one).join(',') });
    await expect(client.describeVpcs(many)).rejects.toEqual(refusal('InvalidVpcIdNumber.NotSupported'));
  });

  it('refuses a tag value without a key', async () => {
    const { client } = await start();
    const tag = [new sdk.DescribeVpcsRequestTag({ value: '1' })];
    await expect(client.describeVpcs(new sdk.DescribeVpcsRequest({ regionId, tag }))).rejects.toEqual(
      refusal('InvalidTagKey'),
    );
  });

  it('P-001: reports a passed dry run as an error', async () => {
    const { client } = await start();
    const request = new sdk.DescribeVpcsRequest({ regionId, dryRun: true });
    await expect(client.describeVpcs(request)).rejects.toEqual(refusal('DryRunOperation'));
  });
});

describe('DescribeVpcs: effects', () => {
  it('P-032: pages by ten when no page size is given', async () => {
    const { client, state } = await start();
    state.quota.vpcs = 20;
    for (let index = 0; index < 12; index += 1) await client.createVpc(new sdk.CreateVpcRequest({ regionId }));
    const first = await client.describeVpcs(new sdk.DescribeVpcsRequest({ regionId }));
    const second = await client.describeVpcs(new sdk.DescribeVpcsRequest({ regionId, pageNumber: 2 }));
    expect(first.body).toMatchObject({ totalCount: 12, pageNumber: 1, pageSize: 10 });
    expect(first.body?.vpcs?.vpc).toHaveLength(10);
    expect(second.body?.vpcs?.vpc).toHaveLength(2);
  });

  it('P-021: finds a new VPC by its tags only after the lag', async () => {
    const { client, clock } = await start();
    const pair = { key: 'deployment', value: 'd-1' };
    await client.createVpc(new sdk.CreateVpcRequest({ regionId, tag: [new sdk.CreateVpcRequestTag(pair)] }));
    const request = new sdk.DescribeVpcsRequest({ regionId, tag: [new sdk.DescribeVpcsRequestTag(pair)] });
    expect((await client.describeVpcs(request)).body?.totalCount).toBe(0);
    clock.advance(2000);
    const { body } = await client.describeVpcs(request);
    expect(body?.vpcs?.vpc?.[0]?.tags?.tag?.[0]).toMatchObject(pair);
  });

  it('tells VPCs with IPv6 from those without', async () => {
    const { client, vpc } = await start();
    const dual = await vpc();
    const single = await vpc({ enableIpv6: false });
    const list = async (enableIpv6: boolean) => {
      const { body } = await client.describeVpcs(new sdk.DescribeVpcsRequest({ regionId, enableIpv6 }));
      return body?.vpcs?.vpc?.map((each) => each.vpcId);
    };
    expect(await list(true)).toEqual([dual]);
    expect(await list(false)).toEqual([single]);
  });
});

describe('DescribeVpcAttribute: effects', () => {
  it('P-029: answers 200 with an empty id for a VPC that is gone', async () => {
    const { client, clock, vpc } = await start();
    const vpcId = await vpc();
    await client.deleteVpc(new sdk.DeleteVpcRequest({ vpcId }));
    expect((await client.describeVpcAttribute(attribute(vpcId))).body?.status).toBe('Deleting');
    clock.advance(8000);
    const { statusCode, body } = await client.describeVpcAttribute(attribute(vpcId));
    expect(statusCode).toBe(200);
    expect(body?.vpcId).toBe('');
  });

  it('P-035: counts what blocks the deletion', async () => {
    const { client, dependents, vpc, vSwitch } = await start();
    const vpcId = await vpc();
    await vSwitch(vpcId, { cidrBlock: '192.168.1.0/24' });
    dependents.push({ id: 'sg-1', vpcId, kind: 'SecurityGroup' }, { id: 'sg-2', vpcId, kind: 'SecurityGroup' });
    const { body } = await client.describeVpcAttribute(attribute(vpcId));
    const counted = body?.cloudResources?.cloudResourceSetType?.map((each) => [each.resourceType, each.resourceCount]);
    expect(counted).toEqual([
      ['SecurityGroup', 2],
      ['VSwitch', 1],
    ]);
  });
});

describe('ModifyVpcAttribute', () => {
  it('P-024: turns IPv6 on by EnableIPv6', async () => {
    const { client, clock, state, vpc } = await start();
    const vpcId = await vpc({ enableIpv6: false });
    await client.modifyVpcAttribute(new sdk.ModifyVpcAttributeRequest({ vpcId, enableIPv6: true }));
    expect(state.vpcs.statusOf(state.vpc(vpcId))).toBe('Pending');
    clock.advance(4000);
    const { body } = await client.describeVpcAttribute(attribute(vpcId));
    expect(body).toMatchObject({ enabledIpv6: true, status: 'Available' });
    expect(body?.ipv6CidrBlocks?.ipv6CidrBlock?.[0]?.ipv6CidrBlock).toBe(body?.ipv6CidrBlock);
  });

  it('P-024: refuses the spelling of CreateVpc', async () => {
    const { call, vpc } = await start();
    const vpcId = await vpc({ enableIpv6: false });
    await expect(call('ModifyVpcAttribute', { VpcId: vpcId, EnableIpv6: 'true' })).rejects.toEqual(
      refusal('InvalidParameter'),
    );
  });

  it('keeps the block of a VPC that has IPv6 already', async () => {
    const { client, state, vpc } = await start();
    const vpcId = await vpc();
    const before = state.vpc(vpcId).ipv6CidrBlock;
    await client.modifyVpcAttribute(new sdk.ModifyVpcAttributeRequest({ vpcId, enableIPv6: true }));
    expect(state.vpc(vpcId).ipv6CidrBlock).toBe(before);
  });

  it('refuses a change while another is under way', async () => {
    const { client, vpc } = await start();
    const vpcId = await vpc({ enableIpv6: false });
    await client.modifyVpcAttribute(new sdk.ModifyVpcAttributeRequest({ vpcId, enableIPv6: true }));
    const again = new sdk.ModifyVpcAttributeRequest({ vpcId, vpcName: 'other' });
    await expect(client.modifyVpcAttribute(again)).rejects.toEqual(refusal('IncorrectVpcStatus'));
  });

  it('refuses to turn IPv6 off under a gateway', async () => {
    const { client, gateway, vpc } = await start();
    const vpcId = await vpc();
    await gateway(vpcId);
    const off = new sdk.ModifyVpcAttributeRequest({ vpcId, enableIPv6: false });
    await expect(client.modifyVpcAttribute(off)).rejects.toEqual(refusal('OperationFailed.Ipv6GatewayInUse'));
  });

  it('refuses to turn IPv6 off under a vSwitch with IPv6', async () => {
    const { client, vpc, vSwitch } = await start();
    const vpcId = await vpc();
    await vSwitch(vpcId, { cidrBlock: '192.168.1.0/24', ipv6CidrBlock: 1 });
    const off = new sdk.ModifyVpcAttributeRequest({ vpcId, enableIPv6: false });
    await expect(client.modifyVpcAttribute(off)).rejects.toEqual(refusal('OperationFailed.IpV6VSwitchInuse'));
  });
});

describe('DeleteVpc: state rules', () => {
  it('answers 404 for a VPC that is not there', async () => {
    const { client } = await start();
    await expect(client.deleteVpc(new sdk.DeleteVpcRequest({ vpcId: 'vpc-none' }))).rejects.toEqual(
      refusal('InvalidVpcId.NotFound', 404),
    );
  });

  it('refuses a VPC that is not Available', async () => {
    const { client } = await start();
    const { body } = await client.createVpc(new sdk.CreateVpcRequest({ regionId }));
    const request = new sdk.DeleteVpcRequest({ vpcId: body?.vpcId ?? '' });
    await expect(client.deleteVpc(request)).rejects.toEqual(refusal('IncorrectVpcStatus'));
  });

  it('refuses a VPC with a vSwitch', async () => {
    const { client, vpc, vSwitch } = await start();
    const vpcId = await vpc();
    await vSwitch(vpcId, { cidrBlock: '192.168.1.0/24' });
    await expect(client.deleteVpc(new sdk.DeleteVpcRequest({ vpcId, forceDelete: true }))).rejects.toEqual(
      refusal('DependencyViolation.VSwitch'),
    );
  });

  it.each([
    ['SecurityGroup', 'DependencyViolation.SecurityGroup'],
    ['NetworkInterface', 'DependencyViolation.CloudServiceResource'],
    ['CloudService', 'DependencyViolation.CloudServiceResource'],
  ] as const)('refuses a VPC with a %s', async (kind, code) => {
    const { client, dependents, vpc } = await start();
    const vpcId = await vpc();
    dependents.push({ id: 'other-1', vpcId, kind });
    const request = new sdk.DeleteVpcRequest({ vpcId, forceDelete: true });
    await expect(client.deleteVpc(request)).rejects.toEqual(refusal(code));
    dependents.length = 0;
    expect((await client.deleteVpc(request)).statusCode).toBe(200);
  });

  it('refuses an IPv6 gateway left over unless forced', async () => {
    const { client, clock, gateway, state, vpc } = await start();
    const vpcId = await vpc();
    await gateway(vpcId);
    clock.advance(5000);
    await expect(client.deleteVpc(new sdk.DeleteVpcRequest({ vpcId }))).rejects.toEqual(
      refusal('DependencyViolation.Ipv6Gateway'),
    );
    await client.deleteVpc(new sdk.DeleteVpcRequest({ vpcId, forceDelete: true }));
    clock.advance(8000);
    expect(state.vpcs.list()).toEqual([]);
    expect(state.ipv6Gateways.list()).toEqual([]);
  });

  it('P-001: deletes nothing in a dry run', async () => {
    const { client, state, vpc } = await start();
    const vpcId = await vpc();
    await expect(client.deleteVpc(new sdk.DeleteVpcRequest({ vpcId, dryRun: true }))).rejects.toEqual(
      refusal('DryRunOperation'),
    );
    expect(state.vpcs.statusOf(state.vpc(vpcId))).toBe('Available');
  });
});
