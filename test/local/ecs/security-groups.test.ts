import sdk from '@alicloud/ecs20140526';
import { describe, expect, it } from 'vitest';
import { regionId, start } from './fixture.ts';

type Client = Awaited<ReturnType<typeof start>>['client'];

const authorize = (client: Client, securityGroupId: string, permissions: Record<string, unknown>[], more = {}) =>
  client.authorizeSecurityGroup(
    new sdk.AuthorizeSecurityGroupRequest({
      regionId,
      securityGroupId,
      permissions: permissions.map((one) => new sdk.AuthorizeSecurityGroupRequestPermissions(one)),
      ...more,
    }),
  );

const http = { ipProtocol: 'tcp', portRange: '80/80', sourceCidrIp: '10.0.1.0/24', priority: '1' };
const httpIpv6 = { ipProtocol: 'TCP', portRange: '80/80', ipv6SourceCidrIp: '2408:4002:1000:101::/64', priority: '1' };
const ping = { ipProtocol: 'ICMPv6', portRange: '-1/-1', ipv6SourceCidrIp: '::/0', priority: '1' };

async function rulesOf(client: Client, securityGroupId: string) {
  const { body } = await client.describeSecurityGroupAttribute(
    new sdk.DescribeSecurityGroupAttributeRequest({ regionId, securityGroupId }),
  );
  return body?.permissions?.permission ?? [];
}

describe('CreateSecurityGroup', () => {
  it('refuses a VPC that does not exist', async () => {
    const { createGroup } = await start();
    await expect(createGroup({ vpcId: 'vpc-none' })).rejects.toMatchObject({
      code: 'InvalidVpcId.NotFound',
      statusCode: 404,
    });
  });

  it('refuses a name that starts with a digit', async () => {
    const { createGroup } = await start();
    await expect(createGroup({ securityGroupName: '1web' })).rejects.toMatchObject({
      code: 'InvalidSecurityGroupName.Malformed',
    });
  });

  it('refuses a call without a region', async () => {
    const { client } = await start();
    await expect(
      client.createSecurityGroup(new sdk.CreateSecurityGroupRequest({ vpcId: 'vpc-1' })),
    ).rejects.toMatchObject({ code: 'MissingParameter.RegionId' });
  });

  it('P-046: lets two groups have one name', async () => {
    const { createGroup, ecs } = await start();
    expect(await createGroup()).not.toBe(await createGroup());
    expect(ecs.securityGroups.list()).toHaveLength(2);
  });

  it('P-012: refuses a client token with other parameters with status 403', async () => {
    const { createGroup } = await start();
    const id = await createGroup({ clientToken: 'token-1' });
    expect(await createGroup({ clientToken: 'token-1' })).toBe(id);
    await expect(createGroup({ clientToken: 'token-1', securityGroupName: 'other' })).rejects.toMatchObject({
      code: 'IdempotentParameterMismatch',
      statusCode: 403,
    });
  });

  it('stands in the way of deleting the VPC', async () => {
    const { createGroup, vpc } = await start();
    const id = await createGroup();
    expect(vpc.dependents({ vpcId: 'vpc-1' })).toEqual([{ id, vpcId: 'vpc-1', kind: 'SecurityGroup' }]);
  });
});

describe('DescribeSecurityGroups', () => {
  const describeGroups = async (client: Client, more: Record<string, unknown>) => {
    const { body } = await client.describeSecurityGroups(new sdk.DescribeSecurityGroupsRequest({ regionId, ...more }));
    return body;
  };

  it('P-021: finds a group by its tag only after the lag', async () => {
    const { client, context, createGroup } = await start();
    const tag = [new sdk.CreateSecurityGroupRequestTag({ key: 'deployment', value: 'd-1' })];
    const id = await createGroup({ tag });
    const filter = { tag: [new sdk.DescribeSecurityGroupsRequestTag({ key: 'deployment', value: 'd-1' })] };
    expect((await describeGroups(client, filter))?.totalCount).toBe(0);
    context.clock.advance(2000);
    const found = (await describeGroups(client, filter))?.securityGroups?.securityGroup ?? [];
    expect(found.map((group) => group.securityGroupId)).toEqual([id]);
    expect(found[0]?.tags?.tag).toMatchObject([{ tagKey: 'deployment', tagValue: 'd-1' }]);
  });

  it('P-049: takes the ids as a JSON array', async () => {
    const { client, createGroup } = await start();
    const id = await createGroup();
    await createGroup();
    const body = await describeGroups(client, { securityGroupIds: JSON.stringify([id]) });
    expect(body?.securityGroups?.securityGroup?.map((group) => group.securityGroupId)).toEqual([id]);
    await expect(describeGroups(client, { securityGroupIds: id })).rejects.toMatchObject({ code: 'InvalidParameter' });
  });

  it('pages by token to the end', async () => {
    const { client, createGroup } = await start();
    const ids = [await createGroup(), await createGroup(), await createGroup()];
    const first = await describeGroups(client, { maxResults: 2 });
    const second = await describeGroups(client, { maxResults: 2, nextToken: first?.nextToken });
    const seen = [first, second].flatMap((body) => body?.securityGroups?.securityGroup ?? []);
    expect(seen.map((group) => group.securityGroupId)).toEqual(ids);
    expect(second?.nextToken ?? '').toBe('');
    await expect(describeGroups(client, { nextToken: 'made-up' })).rejects.toMatchObject({
      code: 'InValidParameter.NextToken',
    });
  });

  it('P-036: shows the group of a cloud service, which nobody may change', async () => {
    const { client, ecs } = await start();
    const { id } = ecs.addServiceManagedSecurityGroup({ vpcId: 'vpc-1', name: 'alb' });
    const body = await describeGroups(client, { vpcId: 'vpc-1', serviceManaged: true });
    expect(body?.securityGroups?.securityGroup).toMatchObject([{ securityGroupId: id, serviceManaged: true }]);
    const code = 'InvalidOperation.ResourceManagedByCloudProduct';
    await expect(authorize(client, id, [http])).rejects.toMatchObject({ code, statusCode: 403 });
    await expect(
      client.deleteSecurityGroup(new sdk.DeleteSecurityGroupRequest({ regionId, securityGroupId: id })),
    ).rejects.toMatchObject({ code });
  });
});

describe('AuthorizeSecurityGroup: parameters', () => {
  const refused: [name: string, permission: Record<string, unknown>, code: string][] = [
    ['P-038: ICMP from ::/0', { ...ping, ipProtocol: 'ICMP' }, 'InvalidParam.Ipv4ProtocolConflictWithIpv6Address'],
    [
      'P-038: ICMPv6 from an IPv4 block',
      { ipProtocol: 'ICMPv6', portRange: '-1/-1', sourceCidrIp: '0.0.0.0/0' },
      'InvalidParam.Ipv6ProtocolConflictWithIpv4Address',
    ],
    ['an unknown protocol', { ...http, ipProtocol: 'SCTP' }, 'InvalidIpProtocol.ValueNotSupported'],
    ['a port without a slash', { ...http, portRange: '80' }, 'InvalidParam.PortRange'],
    ['ports in the wrong order', { ...http, portRange: '90/80' }, 'InvalidParam.PortRange'],
    ['ports for ICMPv6', { ...ping, portRange: '80/80' }, 'OperationDenied'],
    ['two sources', { ...http, ipv6SourceCidrIp: '::/0' }, 'InvalidParam.SourceIp'],
    ['no source', { ipProtocol: 'TCP', portRange: '80/80' }, 'MissingParameter.Source'],
    ['an IPv4 source with host bits', { ...http, sourceCidrIp: '10.0.1.1/24' }, 'InvalidParam.SourceCidrIp'],
    ['an IPv6 source with host bits', { ...ping, ipv6SourceCidrIp: '2408::1/64' }, 'InvalidParam.Ipv6SourceCidrIp'],
    ['P-045: priority 0', { ...http, priority: '0' }, 'InvalidPriority.ValueNotSupported'],
    ['a priority in words', { ...http, priority: 'high' }, 'InvalidPriority.Malformed'],
    ['a policy that is none', { ...http, policy: 'deny' }, 'InvalidPolicy.Malformed'],
  ];
  for (const [name, permission, code] of refused)
    it(`refuses ${name}`.replace(/refuses (P-\d+): /, '$1: refuses '), async () => {
      const { client, createGroup, ecs } = await start();
      const id = await createGroup();
      await expect(authorize(client, id, [permission])).rejects.toMatchObject({ code, statusCode: 400 });
      expect(ecs.securityGroups.find(id)?.rules).toHaveLength(0);
    });

  it.each([
    [
      { ...httpIpv6, portRange: '080/0080', ipv6SourceCidrIp: '2408:4002:1000:0101:0::/064' },
      { ipv6SourceCidrIp: '2408:4002:1000:101::/64', portRange: '80/80' },
    ],
    [{ ...ping, ipProtocol: 'icmpv6', ipv6SourceCidrIp: '2408::1/0' }, { ipv6SourceCidrIp: '::/0' }],
  ])('answers a rule in its own spelling, and takes it again without effect: %j', async (given, answered) => {
    const { client, createGroup } = await start();
    const id = await createGroup();
    await authorize(client, id, [given]);
    await authorize(client, id, [given]);
    expect(await rulesOf(client, id)).toMatchObject([answered]);
  });

  it('P-040: refuses duplicates within one request', async () => {
    const { client, createGroup } = await start();
    const id = await createGroup();
    const same = { ...httpIpv6, ipv6SourceCidrIp: '2408:4002:1000:0101:0::/64' };
    await expect(authorize(client, id, [httpIpv6, same])).rejects.toMatchObject({
      code: 'InvalidParam.DuplicatePermissions',
    });
  });

  it('P-044: refuses Permissions beside the old flat parameters', async () => {
    const { client, createGroup } = await start();
    const id = await createGroup();
    await expect(authorize(client, id, [http], { ipProtocol: 'TCP' })).rejects.toMatchObject({
      code: 'InvalidParam.Permissions',
    });
  });

  it('takes the old flat parameters by themselves', async () => {
    const { client, createGroup } = await start();
    const securityGroupId = await createGroup();
    await client.authorizeSecurityGroup(
      new sdk.AuthorizeSecurityGroupRequest({ regionId, securityGroupId, ...http, ipProtocol: 'TCP' }),
    );
    expect(await rulesOf(client, securityGroupId)).toMatchObject([{ ipProtocol: 'TCP', sourceCidrIp: '10.0.1.0/24' }]);
  });
});

describe('AuthorizeSecurityGroup: effects', () => {
  it('P-039: accepts a rule that exists, adds nothing to it', async () => {
    const { client, createGroup } = await start();
    const id = await createGroup();
    await authorize(client, id, [{ ...http, description: 'first' }]);
    await authorize(client, id, [{ ...http, description: 'second' }, ping]);
    const rules = await rulesOf(client, id);
    expect(rules.map((rule) => [rule.ipProtocol, rule.description])).toEqual([
      ['TCP', 'first'],
      ['ICMPv6', ''],
    ]);
    expect(rules[0]).toMatchObject({ priority: '1', policy: 'Accept', nicType: 'intranet', direction: 'ingress' });
    expect(rules[0]?.securityGroupRuleId).toMatch(/^sgr-/);
  });

  it('P-037: an ICMPv6 rule does not open TCP over IPv6', async () => {
    const { client, createGroup, ecs } = await start();
    const id = await createGroup();
    await authorize(client, id, [ping]);
    const source = '2408:4002:1000:101::9';
    expect(ecs.allowsIngress([id], { protocol: 'ICMPv6', source })).toBe(true);
    expect(ecs.allowsIngress([id], { protocol: 'TCP', port: 80, source })).toBe(false);
    await authorize(client, id, [httpIpv6]);
    expect(ecs.allowsIngress([id], { protocol: 'TCP', port: 80, source })).toBe(true);
    expect(ecs.allowsIngress([id], { protocol: 'TCP', port: 81, source })).toBe(false);
    expect(ecs.allowsIngress([id], { protocol: 'TCP', port: 80, source: '10.0.1.9' })).toBe(false);
  });

  it('lets drop win at equal priority, the smaller number otherwise', async () => {
    const { client, createGroup, ecs } = await start();
    const id = await createGroup();
    const traffic = { protocol: 'TCP' as const, port: 80, source: '10.0.1.9' };
    await authorize(client, id, [{ ...http, priority: '2' }]);
    await authorize(client, id, [{ ...http, priority: '2', policy: 'drop' }]);
    expect(ecs.allowsIngress([id], traffic)).toBe(false);
    await authorize(client, id, [{ ...http, priority: '1', sourceCidrIp: '10.0.1.9' }]);
    expect(ecs.allowsIngress([id], traffic)).toBe(true);
    expect(ecs.allowsIngress([id], { ...traffic, source: '10.0.1.10' })).toBe(false);
  });
});

describe('RevokeSecurityGroup', () => {
  const revoke = (client: Client, securityGroupId: string, more: Record<string, unknown>) =>
    client.revokeSecurityGroup(new sdk.RevokeSecurityGroupRequest({ regionId, securityGroupId, ...more }));
  const permission = (values: Record<string, unknown>) => new sdk.RevokeSecurityGroupRequestPermissions(values);

  it('P-041: fails for an unknown rule id, and then removes nothing', async () => {
    const { client, createGroup } = await start();
    const id = await createGroup();
    await authorize(client, id, [http]);
    const [rule] = await rulesOf(client, id);
    const ids = [rule?.securityGroupRuleId, 'sgr-none'];
    await expect(revoke(client, id, { securityGroupRuleId: ids })).rejects.toMatchObject({
      code: 'InvalidParam.SecurityGroupRuleId',
      statusCode: 400,
    });
    expect(await rulesOf(client, id)).toHaveLength(1);
    await revoke(client, id, { securityGroupRuleId: ids.slice(0, 1) });
    expect(await rulesOf(client, id)).toHaveLength(0);
  });

  it('P-041: succeeds for parameters that match no rule', async () => {
    const { client, createGroup } = await start();
    const id = await createGroup();
    await authorize(client, id, [http, httpIpv6]);
    await revoke(client, id, { permissions: [permission({ ...http, portRange: '81/81' })] });
    expect(await rulesOf(client, id)).toHaveLength(2);
    await revoke(client, id, { permissions: [permission(http)] });
    expect(await rulesOf(client, id)).toMatchObject([{ ipv6SourceCidrIp: '2408:4002:1000:101::/64' }]);
  });

  it('P-042: refuses ids beside Permissions', async () => {
    const { client, createGroup } = await start();
    const id = await createGroup();
    await authorize(client, id, [http]);
    const [rule] = await rulesOf(client, id);
    await expect(
      revoke(client, id, { securityGroupRuleId: [rule?.securityGroupRuleId], permissions: [permission(http)] }),
    ).rejects.toMatchObject({ code: 'InvalidParam.Permissions' });
  });
});

describe('ModifySecurityGroupRule', () => {
  const modify = (client: Client, securityGroupId: string, more: Record<string, unknown>) =>
    client.modifySecurityGroupRule(new sdk.ModifySecurityGroupRuleRequest({ regionId, securityGroupId, ...more }));

  it('P-043: cannot change the kind of source', async () => {
    const { client, createGroup } = await start();
    const id = await createGroup();
    await authorize(client, id, [http]);
    const securityGroupRuleId = (await rulesOf(client, id))[0]?.securityGroupRuleId;
    await expect(modify(client, id, { securityGroupRuleId, ipv6SourceCidrIp: '::/0' })).rejects.toMatchObject({
      code: 'InvalidOperation.ModifySgRuleEntityType',
    });
  });

  it('changes what is given, keeps the rest', async () => {
    const { client, createGroup } = await start();
    const id = await createGroup();
    await authorize(client, id, [http]);
    const securityGroupRuleId = (await rulesOf(client, id))[0]?.securityGroupRuleId;
    await modify(client, id, { securityGroupRuleId, portRange: '8080/8080', priority: '7' });
    expect(await rulesOf(client, id)).toMatchObject([
      { securityGroupRuleId, ipProtocol: 'TCP', portRange: '8080/8080', priority: '7', sourceCidrIp: '10.0.1.0/24' },
    ]);
    await expect(modify(client, id, { securityGroupRuleId: 'sgr-none', priority: '2' })).rejects.toMatchObject({
      code: 'InvalidSecurityGroupRuleId.NotFound',
      statusCode: 404,
    });
  });
});

describe('DeleteSecurityGroup', () => {
  it('is refused while another group refers to it', async () => {
    const { client, createGroup } = await start();
    const [one, two] = [await createGroup(), await createGroup()];
    await authorize(client, two, [{ ipProtocol: 'TCP', portRange: '80/80', sourceGroupId: one }]);
    const remove = (securityGroupId: string) =>
      client.deleteSecurityGroup(new sdk.DeleteSecurityGroupRequest({ regionId, securityGroupId }));
    await expect(remove(one)).rejects.toMatchObject({ code: 'DependencyViolation', statusCode: 403 });
    await remove(two);
    await remove(one);
    await expect(remove(one)).rejects.toMatchObject({ code: 'InvalidSecurityGroup.NotFound', statusCode: 404 });
  });
});
