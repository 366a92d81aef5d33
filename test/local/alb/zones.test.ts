import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import { activeLoadBalancer, addVSwitch, type Cloud, loadBalancerRequest, startCloud } from './cloud.ts';

type Mapping = { zoneId?: string; vSwitchId?: string };

const update = (cloud: Cloud, loadBalancerId: string, zoneMappings: Mapping[]) =>
  cloud.client.updateLoadBalancerZones(
    new sdk.UpdateLoadBalancerZonesRequest({
      loadBalancerId,
      zoneMappings: zoneMappings.map((mapping) => new sdk.UpdateLoadBalancerZonesRequestZoneMappings(mapping)),
    }),
  );
const shift = (cloud: Cloud, loadBalancerId: string, ...mappings: Mapping[]) =>
  cloud.client.startShiftLoadBalancerZones(
    new sdk.StartShiftLoadBalancerZonesRequest({
      loadBalancerId,
      zoneMappings: mappings.map((mapping) => new sdk.StartShiftLoadBalancerZonesRequestZoneMappings(mapping)),
    }),
  );
const restore = (cloud: Cloud, loadBalancerId: string, mapping: Mapping) =>
  cloud.client.cancelShiftLoadBalancerZones(
    new sdk.CancelShiftLoadBalancerZonesRequest({
      loadBalancerId,
      zoneMappings: [new sdk.CancelShiftLoadBalancerZonesRequestZoneMappings(mapping)],
    }),
  );

async function start(changes: object = {}) {
  const cloud = await startCloud();
  const id = await activeLoadBalancer(cloud, changes);
  const e = { zoneId: 'cn-shanghai-e', vSwitchId: cloud.vSwitchE.id };
  const g = { zoneId: 'cn-shanghai-g', vSwitchId: cloud.vSwitchG.id };
  const vSwitchF = addVSwitch(cloud.vpcState, cloud.vpc, 'cn-shanghai-f', '10.0.3.0/24', 3);
  const f = { zoneId: 'cn-shanghai-f', vSwitchId: vSwitchF.id };
  const seen = async () => {
    const { body } = await cloud.client.getLoadBalancerAttribute(
      new sdk.GetLoadBalancerAttributeRequest({ loadBalancerId: id }),
    );
    const zones = (body?.zoneMappings ?? []).map(({ zoneId, status, loadBalancerAddresses = [] }) => ({
      zoneId,
      status,
      ipv4: loadBalancerAddresses[0]?.intranetAddressHcStatus,
      ipv6: loadBalancerAddresses[0]?.ipv6AddressHcStatus,
      address: loadBalancerAddresses[0]?.ipv6Address,
    }));
    return { status: body?.loadBalancerStatus, zones };
  };
  const statuses = async () => (await seen()).zones.map(({ zoneId, status }) => `${zoneId} ${status}`);
  return { cloud, id, e, g, f, seen, statuses };
}

describe('zones of a load balancer: parameters', () => {
  it('answers an unknown load balancer with 404', async () => {
    const { cloud, e, g } = await start();
    const gone = { code: 'ResourceNotFound.LoadBalancer', statusCode: 404 };
    await expect(shift(cloud, 'alb-none', e)).rejects.toMatchObject(gone);
    await expect(restore(cloud, 'alb-none', e)).rejects.toMatchObject(gone);
    await expect(update(cloud, 'alb-none', [e, g])).rejects.toMatchObject(gone);
  });

  it('shifts one zone a call', async () => {
    const { cloud, id, e, g } = await start();
    await expect(shift(cloud, id, e, g)).rejects.toMatchObject({ code: 'IllegalParam.ZoneMappings' });
  });

  it('refuses a zone that the load balancer does not have', async () => {
    const { cloud, id, f } = await start();
    await expect(shift(cloud, id, f)).rejects.toMatchObject({ code: 'OperationDenied.ZoneVSwitchNotExist' });
  });

  it('refuses a zone with the vSwitch of another one', async () => {
    const { cloud, id, e, g } = await start();
    const mixed = { zoneId: e.zoneId, vSwitchId: g.vSwitchId };
    await expect(shift(cloud, id, mixed)).rejects.toMatchObject({ code: 'Mismatch.ZoneIdAndVSwitchId' });
    await expect(update(cloud, id, [mixed, g])).rejects.toMatchObject({ code: 'Mismatch.ZoneIdAndVSwitchId' });
  });

  it('refuses less than two zones', async () => {
    const { cloud, id, e } = await start();
    await expect(update(cloud, id, [e])).rejects.toMatchObject({ code: 'IllegalParam.ZoneMappings' });
  });

  it('refuses a zone that is given twice', async () => {
    const { cloud, id, e } = await start();
    await expect(update(cloud, id, [e, e])).rejects.toMatchObject({ code: 'DuplicatedParam.ZoneId' });
  });

  it('changes nothing in a dry run', async () => {
    const { cloud, id, e, statuses } = await start();
    const request = new sdk.StartShiftLoadBalancerZonesRequest({
      loadBalancerId: id,
      dryRun: true,
      zoneMappings: [new sdk.StartShiftLoadBalancerZonesRequestZoneMappings(e)],
    });
    await expect(cloud.client.startShiftLoadBalancerZones(request)).rejects.toMatchObject({ code: 'DryRunOperation' });
    expect(await statuses()).toEqual(['cn-shanghai-e Active', 'cn-shanghai-g Active']);
  });
});

describe('zones of a load balancer: state rules', () => {
  it('refuses all changes while the load balancer is Provisioning', async () => {
    const { cloud, e, g } = await start();
    const { body } = await cloud.client.createLoadBalancer(loadBalancerRequest(cloud));
    const id = body?.loadBalancerId ?? '';
    const early = { code: 'IncorrectStatus.LoadBalancer' };
    await expect(shift(cloud, id, e)).rejects.toMatchObject(early);
    await expect(restore(cloud, id, e)).rejects.toMatchObject(early);
    await expect(update(cloud, id, [e, g])).rejects.toMatchObject(early);
  });

  it('keeps the last zone that is Active', async () => {
    const { cloud, id, e, g } = await start();
    await shift(cloud, id, e);
    await expect(shift(cloud, id, g)).rejects.toMatchObject({ code: 'OperationDenied.ConfigLastActiveZoneNotSupport' });
  });

  it('shifts zones of load balancers with static addresses only', async () => {
    const { cloud, id, e } = await start({ addressAllocatedMode: 'Dynamic' });
    const dynamic = { code: 'OperationDenied.OnlyFixedAddressAllocatedModeSupported' };
    await expect(shift(cloud, id, e)).rejects.toMatchObject(dynamic);
    await expect(restore(cloud, id, e)).rejects.toMatchObject(dynamic);
  });

  it('refuses to shift what is shifted already', async () => {
    const { cloud, id, e } = await start();
    await shift(cloud, id, e);
    cloud.clock.advance(10_000);
    await expect(shift(cloud, id, e)).rejects.toMatchObject({ code: 'OperationDenied.ZoneMappingsNotChanged' });
  });

  it('brings back only what is shifted', async () => {
    const { cloud, id, e } = await start();
    await expect(restore(cloud, id, e)).rejects.toMatchObject({ code: 'OperationDenied.ZoneMappingsNotChanged' });
  });

  it('brings nothing back that is still on its way out', async () => {
    const { cloud, id, e } = await start();
    await shift(cloud, id, e);
    await expect(restore(cloud, id, e)).rejects.toMatchObject({ code: 'OperationDenied.EniStatusNotSupport' });
  });

  it('refuses the zones that are there already', async () => {
    const { cloud, id, e, g } = await start();
    await expect(update(cloud, id, [g, e])).rejects.toMatchObject({ code: 'OperationDenied.ZoneMappingsNotChanged' });
  });

  it('refuses another vSwitch for a zone that stays', async () => {
    const { cloud, id, e, g } = await start();
    const other = addVSwitch(cloud.vpcState, cloud.vpc, 'cn-shanghai-g', '10.0.5.0/24', 5);
    await expect(update(cloud, id, [e, { ...g, vSwitchId: other.id }])).rejects.toMatchObject({
      code: 'OperationDenied.ZoneVSwitchChanged',
    });
  });

  it('refuses a new zone whose vSwitch has too few addresses', async () => {
    const { cloud, id, e, g } = await start();
    const small = addVSwitch(cloud.vpcState, cloud.vpc, 'cn-shanghai-f', '10.0.4.0/29', 4);
    for (let index = 0; index < 2; index += 1)
      cloud.ecs.addServiceManagedInterface({ vSwitchId: small.id, ipv6: false, securityGroupId: '', description: '' });
    await expect(update(cloud, id, [e, g, { zoneId: small.zoneId, vSwitchId: small.id }])).rejects.toMatchObject({
      code: 'ResourceNotEnough.VSwitchIp',
    });
  });

  it('refuses a second change of zones while the first is under way', async () => {
    const { cloud, id, e, g, f } = await start();
    await update(cloud, id, [e, g, f]);
    await expect(update(cloud, id, [e, g])).rejects.toMatchObject({ code: 'IncorrectStatus.LoadBalancer' });
  });
});

describe('zones of a load balancer: effects', () => {
  it('says of each Active zone whether its addresses are healthy', async () => {
    const { seen } = await start();
    expect((await seen()).zones).toMatchObject([
      { zoneId: 'cn-shanghai-e', status: 'Active', ipv4: 'Healthy', ipv6: 'Healthy' },
      { zoneId: 'cn-shanghai-g', status: 'Active', ipv4: 'Healthy', ipv6: 'Healthy' },
    ]);
  });

  it('shifts a zone, whose health is then not shown', async () => {
    const { cloud, id, e, seen, statuses } = await start();
    await shift(cloud, id, e);
    expect(await statuses()).toEqual(['cn-shanghai-e Stopping', 'cn-shanghai-g Active']);
    cloud.clock.advance(10_000);
    const { status, zones } = await seen();
    expect(status).toBe('Active');
    expect(zones).toMatchObject([{ status: 'Shifted', ipv4: undefined, ipv6: undefined }, { status: 'Active' }]);
  });

  it('brings a shifted zone back with the address that it had', async () => {
    const { cloud, id, e, seen, statuses } = await start();
    const before = await seen();
    await shift(cloud, id, e);
    cloud.clock.advance(10_000);
    await restore(cloud, id, e);
    expect(await statuses()).toEqual(['cn-shanghai-e Starting', 'cn-shanghai-g Active']);
    cloud.clock.advance(10_000);
    expect(await seen()).toEqual(before);
  });

  it('adds a zone while the others keep their addresses', async () => {
    const { cloud, id, e, g, f, seen } = await start();
    const before = await seen();
    const { body } = await update(cloud, id, [e, g, f]);
    expect(body?.jobId).toMatch(/^[0-9A-F-]{36}$/);
    expect((await seen()).status).toBe('Configuring');
    cloud.clock.advance(10_000);
    const after = await seen();
    expect(after.status).toBe('Active');
    expect(after.zones.slice(0, 2)).toEqual(before.zones);
    expect(after.zones[2]).toMatchObject({ zoneId: 'cn-shanghai-f', status: 'Active', ipv6: 'Healthy' });
    expect(after.zones[2]?.address).toMatch(/:/);
  });

  it('holds the vSwitch of a removed zone until its cards are gone', async () => {
    const { cloud, id, e, g, f, statuses } = await start();
    await update(cloud, id, [e, g, f]);
    cloud.clock.advance(10_000);
    await update(cloud, id, [g, f]);
    expect(await statuses()).toEqual(['cn-shanghai-g Active', 'cn-shanghai-f Active']);
    const holders = () => cloud.vpcState.dependents({ vpcId: cloud.vpc.id, vSwitchId: e.vSwitchId });
    expect(holders()).not.toEqual([]);
    cloud.clock.advance(30_000);
    expect(holders()).toEqual([]);
  });
});
