import sdk from '@alicloud/vpc20160428';
import { describe, expect, it } from 'vitest';
import { seedNetwork } from '../../../local/vpc/seed.ts';
import { refusal, regionId, start, zoneA, zoneB } from './start.ts';

describe('a seeded network', () => {
  it('is Available at once with distinct IPv6 subnets', async () => {
    const { client, state } = await start();
    const { vpcId, vSwitchIds, ipv6GatewayId } = seedNetwork(state, { vpcName: 'shop', zones: [zoneA, zoneB] });
    const { body } = await client.describeVSwitches(new sdk.DescribeVSwitchesRequest({ regionId, vpcId }));
    const rows = body?.vSwitches?.vSwitch ?? [];
    expect(rows.map((row) => [row.vSwitchId, row.zoneId, row.status, row.availableIpAddressCount])).toEqual([
      [vSwitchIds[0], zoneA, 'Available', 252],
      [vSwitchIds[1], zoneB, 'Available', 252],
    ]);
    expect(new Set(rows.map((row) => row.ipv6CidrBlock)).size).toBe(2);
    expect(state.gatewayOf(vpcId)?.id).toBe(ipv6GatewayId);
  });

  it.each([0, 2, 4, 12, 100])('P-031: has exactly %d free addresses in each vSwitch', async (freeAddresses) => {
    const { state } = await start();
    const { vSwitchIds } = seedNetwork(state, { zones: [zoneA], freeAddresses });
    expect(state.availableIpAddressCount(state.vSwitch(vSwitchIds[0] ?? ''))).toBe(freeAddresses);
  });

  it('has neither IPv6 nor a gateway when told so', async () => {
    const { client, state } = await start();
    const { vpcId, vSwitchIds } = seedNetwork(state, { zones: [zoneA], ipv6: false });
    expect(state.vpc(vpcId).ipv6CidrBlock).toBe('');
    expect(state.vSwitch(vSwitchIds[0] ?? '').ipv6CidrBlock).toBe('');
    const request = new sdk.CreateIpv6GatewayRequest({ regionId, vpcId });
    await expect(client.createIpv6Gateway(request)).rejects.toEqual(refusal('OperationFailed.VpcIpv6Disabled'));
  });

  it('refuses a zone that the region does not have', async () => {
    const { state } = await start();
    expect(() => seedNetwork(state, { zones: ['cn-shanghai-z'] })).toThrow('no such zone: cn-shanghai-z');
  });
});
