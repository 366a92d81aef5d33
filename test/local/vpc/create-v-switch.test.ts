import sdk from '@alicloud/vpc20160428';
import { describe, expect, it } from 'vitest';
import { refusal, regionId, start, zoneA, zoneB } from './start.ts';

const cidrBlock = '192.168.1.0/24';

describe('CreateVSwitch: parameters', () => {
  it.each([
    ['192.168.1.1/24', 'InvalidCidrBlock.Malformed'],
    ['100.64.0.0/24', 'InvalidCidrBlock.Malformed'],
    ['192.168.1.0/30', 'InvalidCirdrBlock.MaskLength'],
    ['192.168.0.0/15', 'InvalidCirdrBlock.MaskLength'],
    ['10.0.1.0/24', 'InvalidParameter'],
  ])('refuses the CIDR block %s', async (wrong, code) => {
    const { vpc, vSwitch } = await start();
    await expect(vSwitch(await vpc(), { cidrBlock: wrong })).rejects.toEqual(refusal(code));
  });

  it('refuses an unknown zone', async () => {
    const { vpc, vSwitch } = await start();
    await expect(vSwitch(await vpc(), { cidrBlock, zoneId: 'cn-shanghai-z' })).rejects.toEqual(
      refusal('InvalidZoneId.NotFound', 404),
    );
  });

  it.each([-1, 256])('P-028: refuses the subnet byte %d', async (ipv6CidrBlock) => {
    const { vpc, vSwitch } = await start();
    await expect(vSwitch(await vpc(), { cidrBlock, ipv6CidrBlock })).rejects.toEqual(
      refusal('IllegalParam.Ipv6CidrBlock'),
    );
  });

  it('P-028: refuses a CIDR block as the subnet byte', async () => {
    const { call, vpc } = await start();
    const query = { VpcId: await vpc(), ZoneId: zoneA, CidrBlock: cidrBlock, Ipv6CidrBlock: '2408:4002:1000:1::/64' };
    await expect(call('CreateVSwitch', query)).rejects.toEqual(refusal('InvalidParameter'));
  });

  it('P-002: refuses DryRun', async () => {
    const { call, vpc } = await start();
    const query = { VpcId: await vpc(), ZoneId: zoneA, CidrBlock: cidrBlock, DryRun: 'true' };
    await expect(call('CreateVSwitch', query)).rejects.toEqual(refusal('InvalidParameter'));
  });
});

describe('CreateVSwitch: state rules', () => {
  it('answers 404 for a VPC that is not there', async () => {
    const { vSwitch } = await start();
    await expect(vSwitch('vpc-none', { cidrBlock })).rejects.toEqual(refusal('InvalidVpcId.NotFound', 404));
  });

  it('refuses a VPC that is not Available', async () => {
    const { client, vSwitch } = await start();
    const request = new sdk.CreateVpcRequest({ regionId, cidrBlock: '192.168.0.0/16' });
    const { body } = await client.createVpc(request);
    await expect(vSwitch(body?.vpcId ?? '', { cidrBlock })).rejects.toEqual(refusal('IncorrectVpcStatus'));
  });

  it('P-027: refuses a second vSwitch while the first is being created', async () => {
    const { clock, vpc, vSwitch } = await start();
    const vpcId = await vpc();
    await vSwitch(vpcId, { cidrBlock });
    const second = { cidrBlock: '192.168.2.0/24', zoneId: zoneB };
    await expect(vSwitch(vpcId, second)).rejects.toEqual(refusal('OperationDenied.OtherSubnetCreating'));
    clock.advance(4000);
    expect(await vSwitch(vpcId, second)).toMatch(/^vsw-/);
  });

  it('P-027: refuses a vSwitch while another is being deleted', async () => {
    const { client, clock, vpc, vSwitch } = await start();
    const vpcId = await vpc();
    const first = await vSwitch(vpcId, { cidrBlock });
    clock.advance(4000);
    await client.deleteVSwitch(new sdk.DeleteVSwitchRequest({ vSwitchId: first }));
    const second = { cidrBlock: '192.168.2.0/24' };
    await expect(vSwitch(vpcId, second)).rejects.toEqual(refusal('TaskConflict'));
  });

  it('creates vSwitches of two VPCs at the same time', async () => {
    const { vpc, vSwitch } = await start();
    const [one, two] = [await vpc(), await vpc()];
    expect(await vSwitch(one, { cidrBlock })).not.toBe(await vSwitch(two, { cidrBlock }));
  });

  it('refuses a CIDR block that overlaps another', async () => {
    const { clock, vpc, vSwitch } = await start();
    const vpcId = await vpc();
    await vSwitch(vpcId, { cidrBlock });
    clock.advance(4000);
    await expect(vSwitch(vpcId, { cidrBlock: '192.168.1.128/25' })).rejects.toEqual(
      refusal('InvalidCidrBlock.Overlapped'),
    );
  });

  it('P-028: refuses a subnet byte that the VPC has used', async () => {
    const { clock, vpc, vSwitch } = await start();
    const vpcId = await vpc();
    await vSwitch(vpcId, { cidrBlock, ipv6CidrBlock: 7 });
    clock.advance(4000);
    await expect(vSwitch(vpcId, { cidrBlock: '192.168.2.0/24', ipv6CidrBlock: 7 })).rejects.toEqual(
      refusal('OperationFailed.Ipv6CidrBlockExisted'),
    );
  });

  it('refuses a subnet byte in a VPC without IPv6', async () => {
    const { vpc, vSwitch } = await start();
    const vpcId = await vpc({ enableIpv6: false });
    await expect(vSwitch(vpcId, { cidrBlock, ipv6CidrBlock: 0 })).rejects.toEqual(
      refusal('OperationFailed.VpcIpv6Disabled'),
    );
  });

  it('stops at the quota of the VPC', async () => {
    const { clock, state, vpc, vSwitch } = await start();
    state.quota.vSwitchesPerVpc = 1;
    const vpcId = await vpc();
    await vSwitch(vpcId, { cidrBlock });
    clock.advance(4000);
    await expect(vSwitch(vpcId, { cidrBlock: '192.168.2.0/24' })).rejects.toEqual(refusal('QuotaExceeded.VSwitch'));
  });

  it('P-012: calls a client token with other parameters Duplicated.ClientToken', async () => {
    const { client, vpc } = await start();
    const common = { regionId, vpcId: await vpc(), zoneId: zoneA, clientToken: 'token-1' };
    await client.createVSwitch(new sdk.CreateVSwitchRequest({ ...common, cidrBlock }));
    const other = new sdk.CreateVSwitchRequest({ ...common, cidrBlock: '192.168.2.0/24' });
    await expect(client.createVSwitch(other)).rejects.toEqual(refusal('Duplicated.ClientToken'));
  });

  it('P-003: throttles the 301st call of a minute with HTTP 400', async () => {
    const { clock, vSwitch } = await start();
    const attempt = () => vSwitch('vpc-none', { cidrBlock });
    for (let index = 0; index < 300; index += 1) await expect(attempt()).rejects.toBeDefined();
    await expect(attempt()).rejects.toEqual(refusal('Throttling.User'));
    clock.advance(60_000);
    await expect(attempt()).rejects.toEqual(refusal('InvalidVpcId.NotFound', 404));
  });
});

describe('CreateVSwitch: effects', () => {
  it('P-028: gives the /64 that the subnet byte names', async () => {
    const { client, clock, state, vpc, vSwitch } = await start();
    const vpcId = await vpc();
    const vSwitchId = await vSwitch(vpcId, { cidrBlock, ipv6CidrBlock: 255 });
    expect(state.vSwitches.statusOf(state.vSwitch(vSwitchId))).toBe('Pending');
    clock.advance(4000);
    const request = new sdk.DescribeVSwitchAttributesRequest({ vSwitchId });
    const { body } = await client.describeVSwitchAttributes(request);
    expect(state.vpc(vpcId).ipv6CidrBlock).toBe('2408:4002:1000:100::/56');
    expect(body).toMatchObject({
      vpcId,
      zoneId: zoneA,
      cidrBlock,
      status: 'Available',
      enabledIpv6: true,
      ipv6CidrBlock: '2408:4002:1000:1ff::/64',
    });
  });
});
