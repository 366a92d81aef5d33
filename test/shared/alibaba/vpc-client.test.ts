import { describe, expect, it } from 'vitest';
import { createVpcClient } from '../../../shared/alibaba/vpc-client.ts';
import { startCloud } from './cloud.ts';
import { json, rawServer } from './raw-server.ts';

describe('VPCs', () => {
  it('are created with IPv6', async () => {
    const { vpc, pass } = await startCloud();
    const vpcId = await vpc.createVpc({ name: 'net', cidrBlock: '10.0.0.0/16', tags: { a: '1' }, clientToken: 't' });
    pass();
    expect(await vpc.findVpc(vpcId)).toEqual({
      vpcId,
      name: 'net',
      status: 'Available',
      cidrBlock: '10.0.0.0/16',
      ipv6CidrBlock: expect.stringMatching(/\/56$/) as string,
      ipv6Enabled: true,
      tags: { a: '1' },
      cloudResources: expect.any(Array) as [],
    });
  });

  it('P-001: answer a passed dry run with an empty id', async () => {
    const { vpc } = await startCloud();
    const dryRun = { name: 'net', cidrBlock: '10.0.0.0/16', tags: {}, clientToken: 't', dryRun: true };
    expect(await vpc.createVpc(dryRun)).toBe('');
    expect(await vpc.listVpcs()).toEqual([]);
  });

  it('that do not exist are undefined', async () => {
    const { vpc } = await startCloud();
    expect(await vpc.findVpc('vpc-none')).toBeUndefined();
  });

  it('P-029: answered with an empty id are undefined', async () => {
    const { settings } = await rawServer(json(200, { RequestId: 'r', VpcId: '' }));
    expect(await createVpcClient(settings).findVpc('vpc-gone')).toBeUndefined();
  });

  it('say what still lives in them', async () => {
    const answer = {
      VpcId: 'vpc-1',
      Status: 'Available',
      CloudResources: { CloudResourceSetType: [{ ResourceType: 'VSwitch', ResourceCount: 2 }] },
    };
    const { settings } = await rawServer(json(200, answer));
    expect((await createVpcClient(settings).findVpc('vpc-1'))?.cloudResources).toEqual([{ type: 'VSwitch', count: 2 }]);
  });

  it('P-032: are listed over all pages', async () => {
    const { settings, calls } = await rawServer((response, call, index) => {
      const page = Number(call.query['PageNumber']);
      const rows = Array.from({ length: page === 3 ? 7 : 50 }, (_, row) => ({ VpcId: `vpc-${page}-${row}` }));
      json(200, { TotalCount: 107, Vpcs: { Vpc: rows } })(response, call, index);
    });
    expect(await createVpcClient(settings).listVpcs()).toHaveLength(107);
    expect(calls.map((call) => call.query['PageNumber'])).toEqual(['1', '2', '3']);
  });

  it('are listed by all tags of the filter', async () => {
    const { vpc, pass } = await startCloud();
    await vpc.createVpc({ name: 'one', cidrBlock: '10.0.0.0/16', tags: { a: '1', b: '2' }, clientToken: 't1' });
    await vpc.createVpc({ name: 'two', cidrBlock: '10.0.0.0/16', tags: { a: '1', b: '3' }, clientToken: 't2' });
    pass();
    const found = await vpc.listVpcs({ tags: { a: '1', b: '2' } });
    expect(found.map((each) => each.name)).toEqual(['one']);
  });

  it('that are gone count as deleted', async () => {
    const { vpc } = await startCloud();
    await expect(vpc.deleteVpc('vpc-none', 't')).resolves.toBeUndefined();
  });

  it('get IPv6 later', async () => {
    const { vpc, states, network } = await startCloud();
    const { vpcId } = await network();
    states.vpc.vpc(vpcId).ipv6CidrBlock = '';
    await vpc.enableVpcIpv6(vpcId);
    expect((await vpc.findVpc(vpcId))?.ipv6Enabled).toBe(true);
  });
});

describe('vSwitches', () => {
  it('are read with their free addresses', async () => {
    const { vpc, network } = await startCloud();
    const { vpcId, vSwitchG } = await network();
    expect(await vpc.findVSwitch(vSwitchG)).toMatchObject({
      vSwitchId: vSwitchG,
      vpcId,
      zoneId: 'cn-shanghai-g',
      status: 'Available',
      cidrBlock: '10.0.1.0/24',
      ipv6CidrBlock: expect.stringMatching(/\/64$/) as string,
      availableIpAddressCount: 252,
      tags: { a: '1' },
    });
  });

  it('are listed by VPC', async () => {
    const { vpc, network } = await startCloud();
    const first = await network();
    await network();
    const found = await vpc.listVSwitches({ vpcId: first.vpcId });
    expect(found.map((each) => each.vSwitchId).toSorted()).toEqual([first.vSwitchE, first.vSwitchG].toSorted());
  });

  it('that have IPv6 already count as enabled', async () => {
    const { vpc, network, actions } = await startCloud();
    const { vSwitchE } = await network();
    await vpc.enableVSwitchIpv6(vSwitchE, 0);
    expect(actions()).toContain('ModifyVSwitchAttribute');
  });

  it.each([
    ['InvalidVSwitchId.NotFound', 404],
    ['InvalidVswitchID.NotFound', 400],
  ])('P-030: that are gone (%s, %s) count as deleted', async (Code, status) => {
    const { settings } = await rawServer(json(status, { RequestId: 'r', Code, Message: 'gone' }));
    await expect(createVpcClient(settings).deleteVSwitch('vsw-none')).resolves.toBeUndefined();
  });

  it('that do not exist are undefined', async () => {
    const { vpc } = await startCloud();
    expect(await vpc.findVSwitch('vsw-none')).toBeUndefined();
  });
});

describe('IPv6 gateways', () => {
  it('P-026: are found by VPC', async () => {
    const { vpc, network, token, pass } = await startCloud();
    const { vpcId } = await network();
    expect(await vpc.findIpv6Gateway({ vpcId })).toBeUndefined();
    const ipv6GatewayId = await vpc.createIpv6Gateway({ vpcId, name: 'gw', tags: { a: '1' }, clientToken: token() });
    pass();
    expect(await vpc.findIpv6Gateway({ vpcId })).toEqual({
      ipv6GatewayId,
      vpcId,
      name: 'gw',
      status: 'Available',
      businessStatus: 'Normal',
      tags: { a: '1' },
    });
  });

  it('P-025: of other owners are left out of a list by tag', async () => {
    const all = { Ipv6Gateway: [{ Ipv6GatewayId: 'ipv6gw-1', VpcId: 'v', Tags: { Tag: [{ Key: 'a', Value: '2' }] } }] };
    const { settings } = await rawServer(json(200, { TotalCount: 1, Ipv6Gateways: all }));
    expect(await createVpcClient(settings).listIpv6Gateways({ tags: { a: '1' } })).toEqual([]);
  });

  it('P-026: answer the existing one where the VPC has one of ours', async () => {
    const { vpc, network, token, pass } = await startCloud();
    const { vpcId } = await network();
    const first = await vpc.createIpv6Gateway({ vpcId, name: 'gw', tags: { a: '1' }, clientToken: token() });
    pass();
    expect(await vpc.createIpv6Gateway({ vpcId, name: 'other', tags: { a: '1' }, clientToken: token() })).toBe(first);
    expect((await vpc.listIpv6Gateways({ tags: { a: '1' } })).map((each) => each.ipv6GatewayId)).toEqual([first]);
  });

  it('P-026: do not answer one that others made', async () => {
    const { vpc, network, token, pass } = await startCloud();
    const { vpcId } = await network();
    await vpc.createIpv6Gateway({ vpcId, name: 'gw', tags: { a: '1' }, clientToken: token() });
    pass();
    await expect(
      vpc.createIpv6Gateway({ vpcId, name: 'other', tags: { a: '2' }, clientToken: token() }),
    ).rejects.toMatchObject({ code: 'OperationUnsupported.OnlyOneIpv6GatewayInVpc' });
  });

  it('that are gone count as deleted', async () => {
    const { vpc } = await startCloud();
    await expect(vpc.deleteIpv6Gateway('ipv6gw-none', 't')).resolves.toBeUndefined();
  });
});
