import sdk from '@alicloud/vpc20160428';
import { describe, expect, it } from 'vitest';
import { refusal, regionId, start, zoneA, zoneB } from './start.ts';

/** A VPC with two Available vSwitches, the first of them with IPv6. */
async function startWithTwo() {
  const cloud = await start();
  const vpcId = await cloud.vpc();
  const first = await cloud.vSwitch(vpcId, { cidrBlock: '192.168.1.0/24', ipv6CidrBlock: 1 });
  cloud.clock.advance(4000);
  const second = await cloud.vSwitch(vpcId, { cidrBlock: '192.168.2.0/28', zoneId: zoneB });
  cloud.clock.advance(4000);
  const modify = (options: Record<string, unknown>) =>
    cloud.client.modifyVSwitchAttribute(new sdk.ModifyVSwitchAttributeRequest({ vSwitchId: second, ...options }));
  const remove = (vSwitchId: string, options: { dryRun?: boolean } = {}) =>
    cloud.client.deleteVSwitch(new sdk.DeleteVSwitchRequest({ vSwitchId, ...options }));
  return { ...cloud, vpcId, first, second, modify, remove };
}

describe('DescribeVSwitches', () => {
  it('wants RegionId or VpcId', async () => {
    const { client } = await start();
    await expect(client.describeVSwitches(new sdk.DescribeVSwitchesRequest({}))).rejects.toEqual(
      refusal('MissingParameter'),
    );
  });

  it('refuses a page of more than 50', async () => {
    const { client } = await start();
    const request = new sdk.DescribeVSwitchesRequest({ regionId, pageSize: 51 });
    await expect(client.describeVSwitches(request)).rejects.toEqual(refusal('InvalidParameter'));
  });

  it.each([
    ['zone', { zoneId: zoneB }, 1],
    ['IPv6', { enableIpv6: true }, 0],
  ])('filters by %s', async (_what, filter, expected) => {
    const { client, first, second, vpcId } = await startWithTwo();
    const { body } = await client.describeVSwitches(new sdk.DescribeVSwitchesRequest({ vpcId, ...filter }));
    expect(body?.vSwitches?.vSwitch?.map((each) => each.vSwitchId)).toEqual([[first, second][expected]]);
  });

  it('gives an empty list for ids that are not there', async () => {
    const { client } = await start();
    const { body } = await client.describeVSwitches(new sdk.DescribeVSwitchesRequest({ vpcId: 'vpc-none' }));
    expect(body).toMatchObject({ totalCount: 0, vSwitches: { vSwitch: [] } });
  });

  it('P-031: counts four addresses of each vSwitch as reserved', async () => {
    const { client, second, state, vpcId } = await startWithTwo();
    const count = async () => {
      const { body } = await client.describeVSwitches(new sdk.DescribeVSwitchesRequest({ vpcId, zoneId: zoneB }));
      return body?.vSwitches?.vSwitch?.[0]?.availableIpAddressCount;
    };
    expect(await count()).toBe(12);
    state.takeAddress(state.vSwitch(second), 4, 'eni-1');
    expect(await count()).toBe(11);
  });

  it('shows no IPv6 block as an empty string', async () => {
    const { client, vpcId } = await startWithTwo();
    const { body } = await client.describeVSwitches(new sdk.DescribeVSwitchesRequest({ vpcId, zoneId: zoneB }));
    expect(body?.vSwitches?.vSwitch?.[0]).toMatchObject({ ipv6CidrBlock: '', enabledIpv6: false });
  });
});

describe('ModifyVSwitchAttribute', () => {
  it('turns IPv6 on with the subnet byte', async () => {
    const { clock, modify, second, state } = await startWithTwo();
    await modify({ enableIPv6: true, ipv6CidrBlock: 2 });
    expect(state.vSwitches.statusOf(state.vSwitch(second))).toBe('Pending');
    clock.advance(4000);
    expect(state.vSwitches.statusOf(state.vSwitch(second))).toBe('Available');
    expect(state.vSwitch(second).ipv6CidrBlock).toBe('2408:4002:1000:102::/64');
  });

  it.each([
    [{ enableIPv6: true }, 'MissingParam.Ipv6CidrBlock'],
    [{ enableIPv6: true, ipv6CidrBlock: 1 }, 'OperationFailed.Ipv6CidrBlockExisted'],
    [{ enableIPv6: true, ipv6CidrBlock: 256 }, 'IllegalParam.Ipv6CidrBlock'],
    [{ enableIPv6: false, ipv6CidrBlock: 2 }, 'ParamExclusive.DisableIpv6AndIpv6CidrBlock'],
    [{ ipv6CidrBlock: 2 }, 'ParamExclusive.DisableIpv6AndIpv6CidrBlock'],
    [{ enableIPv6: false }, 'OperationFailed.IPv6Disabled'],
  ])('refuses %j', async (options, code) => {
    const { modify } = await startWithTwo();
    await expect(modify(options)).rejects.toEqual(refusal(code));
  });

  it('refuses IPv6 for a vSwitch that has it', async () => {
    const { first, modify } = await startWithTwo();
    await expect(modify({ vSwitchId: first, enableIPv6: true, ipv6CidrBlock: 9 })).rejects.toEqual(
      refusal('OperationFailed.Ipv6AlreadyEnabled'),
    );
  });

  it('refuses to turn IPv6 off while an address is in use', async () => {
    const { first, modify, state } = await startWithTwo();
    state.takeAddress(state.vSwitch(first), 6, 'eni-1');
    await expect(modify({ vSwitchId: first, enableIPv6: false })).rejects.toEqual(
      refusal('OperationFailed.Ipv6InstanceExist'),
    );
  });

  it('refuses a vSwitch that is not Available', async () => {
    const { modify } = await startWithTwo();
    await modify({ vSwitchName: 'renamed' });
    await expect(modify({ vSwitchName: 'again' })).rejects.toEqual(refusal('IncorrectStatus.VSwitch'));
  });

  it('holds up the creation of another vSwitch', async () => {
    const { modify, vpcId, vSwitch } = await startWithTwo();
    await modify({ vSwitchName: 'renamed' });
    await expect(vSwitch(vpcId, { cidrBlock: '192.168.3.0/24' })).rejects.toEqual(refusal('IncorrectVSwitchStatus'));
  });

  it('P-030: answers 404 for a vSwitch that is not there', async () => {
    const { modify } = await startWithTwo();
    await expect(modify({ vSwitchId: 'vsw-none' })).rejects.toEqual(refusal('InvalidVSwitchId.NotFound', 404));
  });
});

describe('DeleteVSwitch', () => {
  it('P-016: refuses a client token', async () => {
    const { call, first } = await startWithTwo();
    await expect(call('DeleteVSwitch', { VSwitchId: first, ClientToken: 'token-1' })).rejects.toEqual(
      refusal('InvalidParameter'),
    );
  });

  it('P-001: deletes nothing in a dry run', async () => {
    const { first, remove, state } = await startWithTwo();
    await expect(remove(first, { dryRun: true })).rejects.toEqual(refusal('DryRunOperation'));
    expect(state.vSwitches.statusOf(state.vSwitch(first))).toBe('Available');
  });

  it('P-027: deletes the vSwitches of a VPC one after the other', async () => {
    const { clock, first, remove, second } = await startWithTwo();
    await remove(first);
    await expect(remove(second)).rejects.toEqual(refusal('OperationDenied.OtherSubnetProcessing'));
    clock.advance(8000);
    expect((await remove(second)).statusCode).toBe(200);
  });

  it('refuses a vSwitch whose deletion is under way', async () => {
    const { first, remove } = await startWithTwo();
    await remove(first);
    await expect(remove(first)).rejects.toEqual(refusal('IncorrectVSwitchStatus'));
  });

  it.each(['NetworkInterface', 'CloudService'] as const)('refuses a vSwitch with a %s', async (kind) => {
    const { dependents, first, remove, second, vpcId } = await startWithTwo();
    dependents.push({ id: 'other-1', vpcId, vSwitchId: first, kind });
    await expect(remove(first)).rejects.toEqual(refusal('DependencyViolation'));
    expect((await remove(second)).statusCode).toBe(200);
  });

  it('refuses a vSwitch whose addresses are held', async () => {
    const { first, remove, state } = await startWithTwo();
    state.takeAddress(state.vSwitch(first), 4, 'eni-1');
    await expect(remove(first)).rejects.toEqual(refusal('DependencyViolation'));
    state.releaseAddresses('eni-1');
    expect((await remove(first)).statusCode).toBe(200);
  });

  it('P-029: is over when the attributes answer 200 with an empty id', async () => {
    const { client, clock, first, remove } = await startWithTwo();
    const request = new sdk.DescribeVSwitchAttributesRequest({ vSwitchId: first });
    await remove(first);
    expect((await client.describeVSwitchAttributes(request)).body).toMatchObject({ status: 'Pending', zoneId: zoneA });
    clock.advance(8000);
    const { statusCode, body } = await client.describeVSwitchAttributes(request);
    expect(statusCode).toBe(200);
    expect(body?.vSwitchId).toBe('');
    await expect(remove(first)).rejects.toEqual(refusal('InvalidVSwitchId.NotFound', 404));
  });
});
