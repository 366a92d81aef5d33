import sdk from '@alicloud/ecs20140526';
import { describe, expect, it } from 'vitest';
import { base64, imageFamily, regionId, start } from './fixture.ts';

type Client = Awaited<ReturnType<typeof start>>['client'];

async function find(client: Client, ...ids: string[]) {
  const { body } = await client.describeInstances(
    new sdk.DescribeInstancesRequest({ regionId, instanceIds: JSON.stringify(ids) }),
  );
  return body?.instances?.instance ?? [];
}

const statusesOf = async (client: Client, ...ids: string[]) => (await find(client, ...ids)).map((one) => one.status);
const stop = (client: Client, instanceId: string, more = {}) =>
  client.stopInstance(new sdk.StopInstanceRequest({ instanceId, ...more }));
const boot = (client: Client, instanceId: string) => client.startInstance(new sdk.StartInstanceRequest({ instanceId }));
const remove = (client: Client, instanceId: string[], more = {}) =>
  client.deleteInstances(new sdk.DeleteInstancesRequest({ regionId, instanceId, force: true, ...more }));

describe('RunInstances: parameters', () => {
  const refused: [name: string, more: Record<string, unknown>, code: string, status: number][] = [
    ['ImageId beside ImageFamily', { imageId: 'x' }, 'UnexpectedImageFamily.ImageIdSupplied', 400],
    ['neither image', { imageFamily: undefined }, 'MissingParameter', 400],
    ['a short image family', { imageFamily: 'alibaba_cloud_linux_3' }, 'InvalidImageFamily.MissingAvailableImage', 403],
    ['an unknown image', { imageFamily: undefined, imageId: 'm-none' }, 'InvalidImageId.NotFound', 404],
    ['a missing vSwitch', { vSwitchId: undefined }, 'MissingParameter', 400],
    ['an unknown vSwitch', { vSwitchId: 'vsw-none' }, 'InvalidVSwitchId.NotFound', 404],
    ['a zone that is not the vSwitch’s', { zoneId: 'cn-shanghai-g' }, 'InvalidParameter.VSwitchId', 400],
    ['an unknown type', { instanceType: 'ecs.none.large' }, 'InvalidInstanceType.ValueNotSupported', 400],
    ['an image of another architecture', { instanceType: 'ecs.g8y.large' }, 'ImageNotSupportInstanceType', 403],
    [
      'a disk that the type has not',
      { systemDisk: new sdk.RunInstancesRequestSystemDisk({ category: 'cloud_efficiency' }) },
      'InvalidInstanceType.NotSupportDiskCategory',
      403,
    ],
    ['a type without IPv6', { instanceType: 'ecs.n4.small' }, 'InvalidOperation.Ipv6NotSupport', 403],
    [
      'more IPv6 than the type has',
      { instanceType: 'ecs.t6-c1m1.large', ipv6AddressCount: 2 },
      'MaxEniIpv6IpsCountExceeded',
      403,
    ],
    ['IPv6 on a vSwitch without', { vSwitchId: 'vsw-g' }, 'InvalidVSwitch.Ipv6NotTurnOn', 403],
    ['a security group that is not there', { securityGroupId: 'sg-none' }, 'InvalidSecurityGroupId.NotFound', 404],
    [
      'two ways to name security groups',
      { securityGroupIds: ['sg-1'] },
      'InvalidSecurityGroupId.SingleIdAndMultiIdConflict',
      400,
    ],
    ['user data that is not Base64', { userData: '#cloud-config' }, 'InvalidUserData.Base64FormatInvalid', 400],
    ['user data above 32 KB', { userData: base64('x'.repeat(32 * 1024 + 1)) }, 'InvalidUserData.SizeExceeded', 400],
    [
      'P-059: a release within half an hour',
      { autoReleaseTime: '2026-11-22T00:00:00Z' },
      'InvalidAutoReleaseTime.Malformed',
      400,
    ],
    ['101 instances', { amount: 101 }, 'InvalidParameter', 400],
    [
      'more instances than free addresses',
      { vSwitchId: 'vsw-g', ipv6AddressCount: undefined, amount: 13 },
      'QuotaExceeded.PrivateIpAddress',
      400,
    ],
    [
      'a system disk below the image',
      { systemDisk: new sdk.RunInstancesRequestSystemDisk({ size: '10' }) },
      'InvalidSystemDiskSize.LessThanImageSize',
      404,
    ],
    [
      'a reserved tag',
      { tag: [new sdk.RunInstancesRequestTag({ key: 'acs:x', value: 'y' })] },
      'InvalidTagKey.Malformed',
      400,
    ],
    ['a parameter of no meaning here', { launchTemplateId: 'lt-1' }, 'InvalidParameter', 400],
  ];
  for (const [name, more, code, statusCode] of refused)
    it(`refuses ${name}`.replace(/refuses (P-\d+): /, '$1: refuses '), async () => {
      const { createGroup, run, ecs } = await start();
      const group = await createGroup();
      await expect(run(group, more)).rejects.toMatchObject({ code, statusCode });
      expect(ecs.instances.list()).toHaveLength(0);
      expect(ecs.networkInterfaces.list()).toHaveLength(0);
    });
});

describe('RunInstances: state rules', () => {
  it('P-001: passes a dry run as an error, changes nothing', async () => {
    const { createGroup, run, ecs } = await start();
    const group = await createGroup();
    await expect(run(group, { dryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' });
    expect(ecs.instances.list()).toHaveLength(0);
  });

  it('checks the stock in a dry run', async () => {
    const { createGroup, run, ecs } = await start();
    const group = await createGroup();
    ecs.outOfStock.add('cn-shanghai-e/ecs.g7.large');
    await expect(run(group, { dryRun: true })).rejects.toMatchObject({
      code: 'OperationDenied.NoStock',
      statusCode: 403,
    });
    ecs.outOfStock.clear();
    ecs.outOfStock.add('cn-shanghai-e/*');
    await expect(run(group)).rejects.toMatchObject({ code: 'OperationDenied.NoStock' });
  });

  it('answers a repeated client token with the same instances', async () => {
    const { createGroup, run, ecs } = await start();
    const group = await createGroup();
    expect(await run(group, { clientToken: 't' })).toBe(await run(group, { clientToken: 't' }));
    expect(ecs.instances.list()).toHaveLength(1);
  });

  it('P-047: lets the instance vanish from Pending after a late stock failure', async () => {
    const { client, context, createGroup, run, ecs, vpc } = await start();
    ecs.lateOutOfStock.add('cn-shanghai-e/ecs.g7.large');
    const id = await run(await createGroup());
    expect(await statusesOf(client, id)).toEqual(['Pending']);
    context.clock.advance(10_000);
    expect(await find(client, id)).toEqual([]);
    expect(ecs.networkInterfaces.list()).toEqual([]);
    expect(vpc.vSwitch('vsw-e').addresses.size).toBe(0);
  });
});

describe('RunInstances: effects', () => {
  it('goes from Pending over Starting to Running', async () => {
    const { client, context, createGroup, run } = await start();
    const id = await run(await createGroup());
    expect(await statusesOf(client, id)).toEqual(['Pending']);
    context.clock.advance(10_000);
    expect(await statusesOf(client, id)).toEqual(['Starting']);
    context.clock.advance(15_000);
    expect(await statusesOf(client, id)).toEqual(['Running']);
  });

  it('gives its metadata as it was asked to', async () => {
    const { client, createGroup, run } = await start();
    const group = await createGroup();
    const optionsOf = async (more: Record<string, unknown>) => {
      const { body } = await client.describeInstances(
        new sdk.DescribeInstancesRequest({ regionId, instanceIds: JSON.stringify([await run(group, more)]) }),
      );
      return body?.instances?.instance?.[0]?.metadataOptions;
    };
    expect(await optionsOf({})).toMatchObject({ httpEndpoint: 'enabled', httpTokens: 'optional' });
    expect(await optionsOf({ httpTokens: 'required' })).toMatchObject({
      httpEndpoint: 'enabled',
      httpTokens: 'required',
    });
    const { body } = await client.describeImages(new sdk.DescribeImagesRequest({ regionId }));
    expect(body?.images?.image?.map(({ features }) => features?.imdsSupport)).toEqual(['v2', 'v2']);
  });

  it('has the system disk that was asked for, encrypted or not, with the key that was named', async () => {
    const { client, createGroup, run } = await start();
    const group = await createGroup();
    const disksOf = async (instanceId: string, more: Record<string, unknown> = {}) => {
      const { body } = await client.describeDisks(new sdk.DescribeDisksRequest({ regionId, instanceId, ...more }));
      return body?.disks?.disk ?? [];
    };
    const asked = (disk: Record<string, unknown>) =>
      run(group, { systemDisk: new sdk.RunInstancesRequestSystemDisk({ size: '50', ...disk }) });
    const [plain, service, own] = [
      await asked({}),
      await asked({ encrypted: 'true' }),
      await asked({ encrypted: 'true', KMSKeyId: '0e478b7a-4262-4802-b8cb-00d3fb40826x' }),
    ];
    expect(await disksOf(plain)).toMatchObject([
      { type: 'system', category: 'cloud_essd', size: 50, encrypted: false, KMSKeyId: '', status: 'In_use' },
    ]);
    expect(await disksOf(service)).toMatchObject([
      { encrypted: true, KMSKeyId: expect.stringMatching(/.+/) as string },
    ]);
    expect(await disksOf(own)).toMatchObject([{ encrypted: true, KMSKeyId: '0e478b7a-4262-4802-b8cb-00d3fb40826x' }]);
    expect(await disksOf(own, { diskType: 'data' })).toEqual([]);
    expect(await disksOf('i-none')).toEqual([]);
    expect(await disksOf(plain, { encrypted: true })).toEqual([]);
  });

  it('has one address of each family and tags on its network card', async () => {
    const { client, context, createGroup, run, ecs } = await start();
    const tag = [new sdk.RunInstancesRequestTag({ key: 'deployment', value: 'd-1' })];
    const id = await run(await createGroup(), { tag, instanceName: 'ecs01' });
    context.clock.advance(2000);
    const { body } = await client.describeInstances(
      new sdk.DescribeInstancesRequest({
        regionId,
        tag: [new sdk.DescribeInstancesRequestTag({ key: 'deployment', value: 'd-1' })],
      }),
    );
    const [instance] = body?.instances?.instance ?? [];
    const ipv4 = instance?.vpcAttributes?.privateIpAddress?.ipAddress?.[0] ?? '';
    const ipv6 = instance?.networkInterfaces?.networkInterface?.[0]?.ipv6Sets?.ipv6Set?.[0]?.ipv6Address ?? '';
    expect(instance).toMatchObject({ instanceId: id, instanceName: 'ecs01', zoneId: 'cn-shanghai-e' });
    expect(ipv4).toMatch(/^10\.0\.1\./);
    expect(ipv6).toMatch(/^2408:4002:1000:101:/);
    expect(ecs.instanceAt(ipv6, 'vpc-1')?.id).toBe(id);
    expect(ecs.instanceAt(ipv4)?.id).toBe(id);
    const listed = await client.listTagResources(
      new sdk.ListTagResourcesRequest({
        regionId,
        resourceType: 'eni',
        tag: [new sdk.ListTagResourcesRequestTag({ key: 'deployment' })],
      }),
    );
    expect(listed.body?.tagResources?.tagResource).toMatchObject([{ tagKey: 'deployment', tagValue: 'd-1' }]);
  });

  it('releases itself at AutoReleaseTime', async () => {
    const { context, createGroup, run, ecs } = await start();
    const at = new Date(context.clock.nowMs() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const id = await run(await createGroup(), { autoReleaseTime: at });
    // Seconds are dropped. The SDK signs with the real date, so the state is looked at without it.
    const releaseAtMs = Date.parse(at.replace(/\d\dZ$/, '00Z'));
    context.clock.advanceTo(releaseAtMs - 1);
    expect(ecs.instances.statusOf(ecs.instance(id))).toBe('Running');
    context.clock.advanceTo(releaseAtMs);
    expect(ecs.instances.find(id)).toBeUndefined();
    expect(ecs.networkInterfaces.list()).toHaveLength(1);
    context.clock.advance(8000);
    expect(ecs.networkInterfaces.list()).toHaveLength(0);
  });
});

describe('DescribeInstances', () => {
  it('P-048: answers an unknown id with an empty list', async () => {
    const { client } = await start();
    expect(await find(client, 'i-none')).toEqual([]);
  });

  it('P-049: refuses ids that are not a JSON array', async () => {
    const { client } = await start();
    await expect(
      client.describeInstances(new sdk.DescribeInstancesRequest({ regionId, instanceIds: 'i-1' })),
    ).rejects.toMatchObject({ code: 'InvalidParameter' });
  });

  it('pages by token, ten at a time by default', async () => {
    const { client, createGroup, run } = await start();
    await run(await createGroup(), { amount: 12 });
    const first = await client.describeInstances(new sdk.DescribeInstancesRequest({ regionId, maxResults: 10 }));
    const second = await client.describeInstances(
      new sdk.DescribeInstancesRequest({ regionId, maxResults: 10, nextToken: first.body?.nextToken ?? '' }),
    );
    expect(first.body?.instances?.instance).toHaveLength(10);
    expect(second.body?.instances?.instance).toHaveLength(2);
    expect(second.body?.nextToken ?? '').toBe('');
  });
});

describe('StopInstance, StartInstance', () => {
  it('P-057: refuse a status that is not the one before', async () => {
    const { client, context, createGroup, run } = await start();
    const id = await run(await createGroup());
    const code = 'IncorrectInstanceStatus';
    await expect(stop(client, id)).rejects.toMatchObject({ code, statusCode: 403 });
    context.clock.advance(25_000);
    await expect(boot(client, id)).rejects.toMatchObject({ code });
    await stop(client, id);
    expect(await statusesOf(client, id)).toEqual(['Stopping']);
    await expect(stop(client, id)).rejects.toMatchObject({ code });
    context.clock.advance(5000);
    expect(await statusesOf(client, id)).toEqual(['Stopped']);
    await boot(client, id);
    expect(await statusesOf(client, id)).toEqual(['Starting']);
    context.clock.advance(12_500);
    expect(await statusesOf(client, id)).toEqual(['Running']);
    await expect(stop(client, 'i-none')).rejects.toMatchObject({ code: 'InvalidInstanceId.NotFound', statusCode: 404 });
  });

  it('P-056: after StopCharging a start needs stock again, after KeepCharging it does not', async () => {
    const { client, context, createGroup, run, ecs } = await start();
    const id = await run(await createGroup());
    context.clock.advance(25_000);
    await stop(client, id, { stoppedMode: 'KeepCharging' });
    context.clock.advance(5000);
    ecs.outOfStock.add('cn-shanghai-e/*');
    await boot(client, id);
    context.clock.advance(12_500);
    await stop(client, id, { stoppedMode: 'StopCharging' });
    context.clock.advance(5000);
    await expect(boot(client, id)).rejects.toMatchObject({ code: 'OperationDenied.NoStock', statusCode: 403 });
  });
});

describe('DeleteInstances', () => {
  it('P-001: passes a dry run with its own code', async () => {
    const { client, createGroup, run } = await start();
    const id = await run(await createGroup());
    await expect(remove(client, [id], { dryRun: true })).rejects.toMatchObject({ code: 'DRYRUN.SUCCESS' });
    expect(await find(client, id)).toHaveLength(1);
  });

  it('refuses an instance that is being set up', async () => {
    const { client, createGroup, run } = await start();
    const id = await run(await createGroup());
    await expect(remove(client, [id])).rejects.toMatchObject({ code: 'IncorrectInstanceStatus.Initializing' });
  });

  it('needs Force for a running one', async () => {
    const { client, context, createGroup, run } = await start();
    const id = await run(await createGroup());
    context.clock.advance(25_000);
    await expect(remove(client, [id], { force: false })).rejects.toMatchObject({ code: 'IncorrectInstanceStatus' });
  });

  it('P-054: one missing id fails the whole batch', async () => {
    const { client, context, createGroup, run } = await start();
    const id = await run(await createGroup());
    context.clock.advance(25_000);
    await expect(remove(client, [id, 'i-none'])).rejects.toMatchObject({
      code: 'InvalidInstanceIds.NotFound',
      statusCode: 404,
    });
    expect(await statusesOf(client, id)).toEqual(['Running']);
  });

  it('P-055: the network card trails the instance, holding address, security group and vSwitch', async () => {
    const { client, context, createGroup, run, vpc } = await start();
    const group = await createGroup();
    const id = await run(group);
    context.clock.advance(25_000);
    await remove(client, [id]);
    context.clock.advance(8000);
    expect(await find(client, id)).toEqual([]);
    const cards = await client.describeNetworkInterfaces(
      new sdk.DescribeNetworkInterfacesRequest({ regionId, instanceId: id }),
    );
    expect(cards.body?.networkInterfaceSets?.networkInterfaceSet).toMatchObject([{ status: 'Deleting' }]);
    const request = new sdk.DeleteSecurityGroupRequest({ regionId, securityGroupId: group });
    await expect(client.deleteSecurityGroup(request)).rejects.toMatchObject({ code: 'DependencyViolation' });
    expect(vpc.dependents({ vSwitchId: 'vsw-e' })).toMatchObject([{ kind: 'NetworkInterface' }]);
    context.clock.advance(8000);
    await client.deleteSecurityGroup(request);
    expect(vpc.availableIpAddressCount(vpc.vSwitch('vsw-e'))).toBe(252);
    expect(vpc.dependents({ vpcId: 'vpc-1' })).toEqual([]);
  });
});

describe('AssignIpv6Addresses', () => {
  const assign = (client: Client, networkInterfaceId: string, more = {}) =>
    client.assignIpv6Addresses(
      new sdk.AssignIpv6AddressesRequest({ regionId, networkInterfaceId, ipv6AddressCount: 1, ...more }),
    );

  it('P-053: adds another address at each call without a token', async () => {
    const { client, context, createGroup, run, ecs } = await start();
    const instance = ecs.instance(await run(await createGroup()));
    const card = instance.networkInterfaceId;
    await expect(assign(client, card)).rejects.toMatchObject({ code: 'InvalidOperation.InvalidEcsState' });
    context.clock.advance(25_000);
    await assign(client, card);
    await assign(client, card, { clientToken: 'same' });
    const { body } = await assign(client, card, { clientToken: 'same' });
    expect(instance.ipv6Addresses).toHaveLength(3);
    expect(body?.ipv6Sets?.ipv6Address).toEqual([instance.ipv6Addresses[2]]);
    await expect(assign(client, card, { ipv6AddressCount: 4 })).rejects.toMatchObject({
      code: 'MaxEniIpv6IpsCountExceeded',
    });
  });

  it('refuses the network card of a cloud service', async () => {
    const { client, ecs, vpc } = await start();
    const group = ecs.addServiceManagedSecurityGroup({ vpcId: 'vpc-1', name: 'alb' });
    const card = ecs.addServiceManagedInterface({
      vSwitchId: 'vsw-e',
      ipv6: true,
      securityGroupId: group.id,
      description: 'alb',
    });
    expect(card?.ipv6Addresses).toHaveLength(1);
    expect(vpc.dependents({ vSwitchId: 'vsw-e' })).toMatchObject([{ id: card?.id, kind: 'CloudService' }]);
    await expect(assign(client, card?.id ?? '')).rejects.toMatchObject({ code: 'InvalidOperation.EniServiceManaged' });
    ecs.removeServiceManaged(card?.id ?? '', 0);
    expect(vpc.availableIpAddressCount(vpc.vSwitch('vsw-e'))).toBe(252);
  });
});

describe('UnassignIpv6Addresses', () => {
  async function running() {
    const started = await start();
    const instance = started.ecs.instance(await started.run(await started.createGroup()));
    started.context.clock.advance(25_000);
    const unassign = (ipv6Address?: string[], networkInterfaceId = instance.networkInterfaceId) =>
      started.client.unassignIpv6Addresses(
        new sdk.UnassignIpv6AddressesRequest({ regionId, networkInterfaceId, ...(ipv6Address && { ipv6Address }) }),
      );
    return { ...started, instance, unassign };
  }

  it('wants addresses of the card, each once', async () => {
    const { instance, unassign } = await running();
    const [address = ''] = instance.ipv6Addresses;
    const refused: [string[] | undefined, string][] = [
      [undefined, 'MissingParameter'],
      [['10.0.0.1'], 'InvalidIp.Address'],
      [[address, address], 'InvalidIp.IpRepeated'],
      [[address, '2408:4002:1000:101::abcd'], 'InvalidIp.IpUnassigned'],
    ];
    for (const [addresses, code] of refused) await expect(unassign(addresses)).rejects.toMatchObject({ code });
    await expect(unassign([address], 'eni-none')).rejects.toMatchObject({ code: 'InvalidEniId.NotFound' });
    expect(instance.ipv6Addresses).toEqual([address]);
  });

  it('is refused while the instance is on its way', async () => {
    const { client, context, ecs, instance, unassign } = await running();
    const [address = ''] = instance.ipv6Addresses;
    await client.stopInstance(new sdk.StopInstanceRequest({ instanceId: instance.id }));
    await expect(unassign([address])).rejects.toMatchObject({ code: 'InvalidOperation.InvalidEcsState' });
    context.clock.advance(25_000);
    expect(ecs.instances.statusOf(instance)).toBe('Stopped');
    await unassign([address]);
  });

  it('is refused for the network card of a cloud service', async () => {
    const { ecs, unassign } = await running();
    const group = ecs.addServiceManagedSecurityGroup({ vpcId: 'vpc-1', name: 'alb' });
    const managed = { vSwitchId: 'vsw-e', ipv6: true, securityGroupId: group.id, description: 'alb' };
    const card = ecs.addServiceManagedInterface(managed);
    await expect(unassign(card?.ipv6Addresses, card?.id)).rejects.toMatchObject({
      code: 'InvalidOperation.EniServiceManaged',
    });
  });

  it('leaves the other addresses, and gives these back to the vSwitch', async () => {
    const { client, instance, unassign, vpc } = await running();
    const [first = ''] = instance.ipv6Addresses;
    const assign = (fields: object) =>
      client.assignIpv6Addresses(
        new sdk.AssignIpv6AddressesRequest({ regionId, networkInterfaceId: instance.networkInterfaceId, ...fields }),
      );
    await assign({ ipv6AddressCount: 1 });
    const [, second = ''] = instance.ipv6Addresses;
    await unassign([first]);
    expect(instance.ipv6Addresses).toEqual([second]);
    expect(vpc.vSwitch('vsw-e').addresses.has(first)).toBe(false);
    await assign({ ipv6Address: [first] });
    expect(instance.ipv6Addresses).toEqual([second, first]);
  });
});

describe('tags', () => {
  it('P-022: gives one row per tag', async () => {
    const { client, context, createGroup } = await start();
    const id = await createGroup();
    const tag = ['a', 'b'].map((key) => new sdk.TagResourcesRequestTag({ key, value: '1' }));
    await client.tagResources(
      new sdk.TagResourcesRequest({ regionId, resourceType: 'securitygroup', resourceId: [id], tag }),
    );
    context.clock.advance(2000);
    const list = async () => {
      const { body } = await client.listTagResources(
        new sdk.ListTagResourcesRequest({ regionId, resourceType: 'securitygroup', resourceId: [id] }),
      );
      return body?.tagResources?.tagResource?.map((row) => row.tagKey);
    };
    expect(await list()).toEqual(['a', 'b']);
    await client.untagResources(
      new sdk.UntagResourcesRequest({ regionId, resourceType: 'securitygroup', resourceId: [id], tagKey: ['a'] }),
    );
    expect(await list()).toEqual(['b']);
  });

  it('P-023: wants the resource type in lower case', async () => {
    const { client } = await start();
    await expect(
      client.listTagResources(
        new sdk.ListTagResourcesRequest({ regionId, resourceType: 'INSTANCE', resourceId: ['i-1'] }),
      ),
    ).rejects.toMatchObject({ code: 'InvalidResourceType.NotFound', statusCode: 404 });
    await expect(
      client.listTagResources(new sdk.ListTagResourcesRequest({ regionId, resourceType: 'instance' })),
    ).rejects.toMatchObject({ code: 'BothEmpty.TagsAndResources', statusCode: 403 });
  });
});

describe('what the region sells', () => {
  it('shows sold-out types per zone', async () => {
    const { client, ecs } = await start();
    ecs.outOfStock.add('cn-shanghai-e/ecs.g7.large');
    const { body } = await client.describeAvailableResource(
      new sdk.DescribeAvailableResourceRequest({
        regionId,
        destinationResource: 'InstanceType',
        instanceType: 'ecs.g7.large',
      }),
    );
    const stock = Object.fromEntries(
      (body?.availableZones?.availableZone ?? []).map((zone) => [zone.zoneId, zone.statusCategory]),
    );
    expect(stock).toMatchObject({ 'cn-shanghai-e': 'WithoutStock', 'cn-shanghai-g': 'WithStock' });
  });

  it('tells what there is to a type, and leaves an unknown one out', async () => {
    const { client } = await start();
    const { body } = await client.describeInstanceTypes(
      new sdk.DescribeInstanceTypesRequest({
        instanceTypes: ['ecs.g6.large', 'ecs.n4.small', 'ecs.g8y.large', 'ecs.none.large'],
      }),
    );
    expect(
      body?.instanceTypes?.instanceType?.map((type) => [
        type.instanceTypeId,
        type.cpuArchitecture,
        type.eniIpv6AddressQuantity,
      ]),
    ).toEqual([
      ['ecs.g6.large', 'X86', 6],
      ['ecs.g8y.large', 'ARM', 6],
      ['ecs.n4.small', 'X86', 0],
    ]);
  });

  it('tells the system disks of a type, which must be named', async () => {
    const { client } = await start();
    const ask = (instanceType?: string) =>
      client.describeAvailableResource(
        new sdk.DescribeAvailableResourceRequest({
          regionId,
          zoneId: 'cn-shanghai-e',
          destinationResource: 'SystemDisk',
          ...(instanceType === undefined ? {} : { instanceType }),
        }),
      );
    const { body } = await ask('ecs.g7.large');
    const [zone] = body?.availableZones?.availableZone ?? [];
    const [resource] = zone?.availableResources?.availableResource ?? [];
    expect(resource?.supportedResources?.supportedResource?.map(({ value }) => value)).toEqual([
      'cloud_auto',
      'cloud_essd',
    ]);
    await expect(ask()).rejects.toMatchObject({ code: 'MissingParameter' });
  });

  it('knows the image family by its full name only', async () => {
    const { client } = await start();
    const count = async (family: string) =>
      (await client.describeImages(new sdk.DescribeImagesRequest({ regionId, imageFamily: family }))).body?.totalCount;
    expect(await count(imageFamily)).toBe(1);
    expect(await count('alibaba_cloud_linux_3_2104_lts_x64')).toBe(0);
  });

  it('lists the zones', async () => {
    const { client, context } = await start();
    const { body } = await client.describeZones(new sdk.DescribeZonesRequest({ regionId }));
    expect(body?.zones?.zone?.map((zone) => zone.zoneId)).toEqual(context.zoneIds);
  });

  it('P-058: prices a system disk only beside an image', async () => {
    const { client } = await start();
    const resources = async (more: Record<string, unknown>) => {
      const { body } = await client.describePrice(
        new sdk.DescribePriceRequest({
          regionId,
          resourceType: 'instance',
          instanceType: 'ecs.g7.large',
          systemDisk: new sdk.DescribePriceRequestSystemDisk({ category: 'cloud_essd', size: 40 }),
          ...more,
        }),
      );
      const price = body?.priceInfo?.price;
      expect(price?.currency).toBe('CNY');
      expect(price?.tradePrice).toBeGreaterThan(0);
      return price?.detailInfos?.detailInfo?.map((detail) => detail.resource);
    };
    expect(await resources({})).toEqual(['instanceType']);
    expect(await resources({ imageId: 'aliyun_3_x64_20G_alibase_20251030.vhd' })).toContain('systemDisk');
  });
});
