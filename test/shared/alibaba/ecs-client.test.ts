import { describe, expect, it } from 'vitest';
import { createEcsClient } from '../../../shared/alibaba/ecs-client.ts';
import { startCloud } from './cloud.ts';
import { json, rawServer } from './raw-server.ts';

const family = 'acs:alibaba_cloud_linux_3_2104_lts_x64';

describe('the catalog', () => {
  it('knows an image family by its whole name', async () => {
    const { ecs } = await startCloud();
    expect(await ecs.findImage(family)).toMatchObject({ architecture: 'x86_64', sizeGib: 20 });
    expect(await ecs.findImage('acs:alibaba_cloud_linux_3')).toBeUndefined();
  });

  it('takes the newest image of a family, as an instance does', async () => {
    const image = (imageId: string, creationTime: string) => ({
      ImageId: imageId,
      ImageFamily: family,
      Architecture: 'x86_64',
      Size: 20,
      CreationTime: creationTime,
    });
    const images = [
      image('m-1', '2025-01-01T00:00:00Z'),
      image('m-3', '2026-01-01T00:00:00Z'),
      image('m-2', '2025-06-01T00:00:00Z'),
    ];
    const { settings } = await rawServer(json(200, { RequestId: 'r', TotalCount: 3, Images: { Image: images } }));
    expect((await createEcsClient(settings).findImage(family))?.imageId).toBe('m-3');
  });

  it('knows what a type can', async () => {
    const { ecs } = await startCloud();
    expect(await ecs.findInstanceType('ecs.g6.large')).toEqual({ cpuArchitecture: 'X86', ipv6AddressesPerCard: 6 });
    expect(await ecs.findInstanceType('ecs.n4.small')).toEqual({ cpuArchitecture: 'X86', ipv6AddressesPerCard: 0 });
    expect(await ecs.findInstanceType('ecs.none.large')).toBeUndefined();
  });

  it('knows the system disks of a type in a zone', async () => {
    const { ecs } = await startCloud();
    const disks = async (zoneId: string) =>
      (await ecs.listSystemDisks({ zoneId, instanceType: 'ecs.n4.small' })).map(({ category }) => category);
    expect(await disks('cn-shanghai-e')).toEqual(['cloud_ssd', 'cloud_efficiency']);
    expect(await disks('cn-shanghai-f')).toEqual([]);
  });

  it('knows what a zone has in stock', async () => {
    const { ecs, states } = await startCloud();
    const wanted = { zoneId: 'cn-shanghai-e', instanceType: 'ecs.g7.large' };
    expect(await ecs.isInstanceTypeAvailable(wanted)).toBe(true);
    states.ecs.outOfStock.add('cn-shanghai-e/ecs.g7.large');
    expect(await ecs.isInstanceTypeAvailable(wanted)).toBe(false);
    expect(await ecs.isInstanceTypeAvailable({ ...wanted, instanceType: 'ecs.none' })).toBe(false);
  });
});

describe('security groups', () => {
  it('P-046: are found by tag', async () => {
    const { ecs, network, securityGroup } = await startCloud();
    const { vpcId } = await network();
    const securityGroupId = await securityGroup(vpcId);
    const group = { securityGroupId, vpcId, name: 'web', description: '', serviceManaged: false, tags: { a: '1' } };
    expect(await ecs.listSecurityGroups({ tags: { a: '1' } })).toEqual([group]);
    expect(await ecs.listSecurityGroups({ tags: { a: '2' } })).toEqual([]);
    expect(await ecs.listSecurityGroups({ vpcId, serviceManaged: true })).toEqual([]);
  });

  it('are none for no ids', async () => {
    const { ecs, calls } = await startCloud();
    expect(await ecs.listSecurityGroups({ securityGroupIds: [] })).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('P-038 P-040: get each rule once, with the protocol of its source', async () => {
    const { ecs, network, securityGroup } = await startCloud();
    const id = await securityGroup((await network()).vpcId);
    const ping = { protocol: 'ICMP', portRange: '-1/-1', sourceCidr: '::/0', description: 'ours' } as const;
    await ecs.authorizeSecurityGroup(
      id,
      [
        ping,
        { ...ping, description: 'again' },
        { protocol: 'TCP', portRange: '80/80', sourceCidr: '10.0.0.0/24', priority: 5, policy: 'drop' },
      ],
      't',
    );
    const rules = await ecs.getSecurityGroupRules(id);
    expect(rules?.filter((rule) => rule.direction === 'ingress')).toEqual([
      expect.objectContaining({
        protocol: 'ICMPv6',
        portRange: '-1/-1',
        sourceCidr: '::/0',
        description: 'ours',
        policy: 'accept',
        priority: 1,
      }),
      expect.objectContaining({ protocol: 'TCP', sourceCidr: '10.0.0.0/24', policy: 'drop', priority: 5 }),
    ]);
    expect(rules?.every((rule) => rule.ruleId !== '')).toBe(true);
  });

  it('that are gone have no rules', async () => {
    const { ecs } = await startCloud();
    expect(await ecs.getSecurityGroupRules('sg-none')).toBeUndefined();
  });

  it('have rules of which one value changes, and no other', async () => {
    const { ecs, network, securityGroup } = await startCloud();
    const id = await securityGroup((await network()).vpcId);
    const rule = { protocol: 'ICMPv6', portRange: '-1/-1', sourceCidr: '::/0', description: 'ours' } as const;
    await ecs.authorizeSecurityGroup(id, [{ ...rule, priority: 7 }], 't');
    const [before] = (await ecs.getSecurityGroupRules(id)) ?? [];
    await ecs.changeSecurityGroupRule(id, before?.ruleId ?? '', { description: 'theirs' }, 't1');
    expect(await ecs.getSecurityGroupRules(id)).toEqual([{ ...before, description: 'theirs' }]);
    await ecs.changeSecurityGroupRule(id, before?.ruleId ?? '', { priority: 1 }, 't2');
    expect(await ecs.getSecurityGroupRules(id)).toEqual([{ ...before, description: 'theirs', priority: 1 }]);
    await ecs.changeSecurityGroupRule(id, 'sgr-none', { priority: 1 }, 't3');
    await ecs.changeSecurityGroupRule('sg-none', 'sgr-none', { priority: 1 }, 't4');
  });

  it('P-041: lose the rules that are left when one is gone already', async () => {
    const { ecs, network, securityGroup } = await startCloud();
    const id = await securityGroup((await network()).vpcId);
    await ecs.authorizeSecurityGroup(
      id,
      ['10.0.0.0/24', '10.0.1.0/24'].map((sourceCidr) => ({ protocol: 'TCP', portRange: '80/80', sourceCidr })),
      't',
    );
    const ids = (await ecs.getSecurityGroupRules(id))?.map((rule) => rule.ruleId) ?? [];
    await ecs.revokeSecurityGroup(id, ids.slice(0, 1), 't1');
    await ecs.revokeSecurityGroup(id, ids, 't2');
    expect(await ecs.getSecurityGroupRules(id)).toEqual([]);
  });

  it('P-041: that have none of the rules count as revoked', async () => {
    const { ecs, network, securityGroup } = await startCloud();
    const id = await securityGroup((await network()).vpcId);
    await ecs.revokeSecurityGroup(id, ['sgr-none'], 't1');
    await ecs.revokeSecurityGroup('sg-none', ['sgr-none'], 't2');
  });

  it('that are gone count as deleted', async () => {
    const { ecs } = await startCloud();
    await ecs.deleteSecurityGroup('sg-none');
  });
});

async function withInstance() {
  const cloud = await startCloud();
  const { vpcId, vSwitchE } = await cloud.network();
  const securityGroupId = await cloud.securityGroup(vpcId);
  const [instanceId = ''] = await cloud.ecs.runInstances(cloud.newInstance(vSwitchE, securityGroupId));
  cloud.pass();
  return { ...cloud, vpcId, vSwitchE, securityGroupId, instanceId };
}

describe('instances', () => {
  it('are read with addresses of both families', async () => {
    const { ecs, vpcId, vSwitchE, securityGroupId, instanceId } = await withInstance();
    expect(await ecs.listInstances({ instanceIds: [instanceId] })).toEqual([
      {
        instanceId,
        name: 'ecs01',
        status: 'Running',
        instanceType: 'ecs.g7.large',
        zoneId: 'cn-shanghai-e',
        vpcId,
        vSwitchId: vSwitchE,
        securityGroupIds: [securityGroupId],
        privateIpAddress: expect.stringMatching(/^10\.0\.0\./) as string,
        ipv6Addresses: [expect.stringContaining(':') as string],
        networkInterfaceId: expect.stringMatching(/^eni-/) as string,
        tags: { a: '1' },
      },
    ]);
  });

  it('P-048: that do not exist are left out', async () => {
    const { ecs, instanceId } = await withInstance();
    expect(await ecs.listInstances({ instanceIds: [instanceId, 'i-none'] })).toHaveLength(1);
  });

  it('are none for no ids', async () => {
    const { ecs, calls } = await startCloud();
    expect(await ecs.listInstances({ instanceIds: [] })).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('P-001: answer a passed dry run with an empty list', async () => {
    const { ecs, newInstance, vSwitchE, securityGroupId } = await withInstance();
    expect(await ecs.runInstances({ ...newInstance(vSwitchE, securityGroupId), dryRun: true })).toEqual([]);
  });

  it('P-045: take a system disk of a size', async () => {
    const { ecs, newInstance, vSwitchE, securityGroupId, calls } = await withInstance();
    await ecs.runInstances({
      ...newInstance(vSwitchE, securityGroupId),
      systemDisk: { category: 'cloud_essd', sizeGib: 40 },
    });
    expect(calls.at(-1)?.params).toMatchObject({ 'SystemDisk.Category': 'cloud_essd', 'SystemDisk.Size': '40' });
  });

  it('P-053: get one more IPv6 address', async () => {
    const { ecs, instanceId } = await withInstance();
    const [before] = await ecs.listInstances({ instanceIds: [instanceId] });
    const [address] = await ecs.assignIpv6Address(before?.networkInterfaceId ?? '', 't');
    const [after] = await ecs.listInstances({ instanceIds: [instanceId] });
    expect(after?.ipv6Addresses).toEqual([...(before?.ipv6Addresses ?? []), address]);
  });

  it('P-054: are deleted also when another one of the call is gone', async () => {
    const { ecs, instanceId, pass, actions, calls } = await withInstance();
    const from = calls.length;
    await ecs.deleteInstances(['i-none', instanceId], 't');
    pass();
    expect(await ecs.listInstances({ instanceIds: [instanceId] })).toEqual([]);
    expect(actions(from).slice(0, 3)).toEqual(['DeleteInstances', 'DescribeInstances', 'DeleteInstances']);
  });

  it('P-012: are deleted with another token where the rest is deleted', async () => {
    const { ecs, instanceId, calls } = await withInstance();
    await ecs.deleteInstances(['i-none', instanceId], 't');
    const tokens = calls.filter((call) => call.action === 'DeleteInstances').map((call) => call.clientToken);
    expect(tokens[0]).toBe('t');
    expect(tokens[1]).toMatch(/^[0-9a-f]{64}$/);
  });

  it('that are gone count as deleted', async () => {
    const { ecs } = await startCloud();
    await ecs.deleteInstances(['i-none', 'i-neither'], 't');
  });

  it('P-056 P-057: stop and start, where the wanted state counts as done', async () => {
    const { ecs, instanceId, pass, calls } = await withInstance();
    await ecs.startInstance(instanceId);
    await ecs.stopInstance(instanceId);
    expect(calls.findLast((call) => call.action === 'StopInstance')?.params).toMatchObject({
      StoppedMode: 'KeepCharging',
    });
    pass();
    await ecs.stopInstance(instanceId);
    expect((await ecs.listInstances({ instanceIds: [instanceId] }))[0]?.status).toBe('Stopped');
    await ecs.startInstance(instanceId);
    pass();
    expect((await ecs.listInstances({ instanceIds: [instanceId] }))[0]?.status).toBe('Running');
  });

  it('show their network cards', async () => {
    const { ecs, instanceId, vpcId, vSwitchE } = await withInstance();
    const [card] = await ecs.listNetworkInterfaces({ vSwitchId: vSwitchE });
    expect(card).toMatchObject({ vpcId, vSwitchId: vSwitchE, instanceId, type: 'Primary', serviceManaged: false });
    expect(await ecs.listNetworkInterfaces({ vpcId, serviceManaged: true })).toEqual([]);
  });
});

describe('lists', () => {
  it('P-032: go on while there is a token for the next page', async () => {
    const { settings, calls } = await rawServer((response, call, index) => {
      const NextToken = index < 2 ? `page-${index + 2}` : '';
      const rows = index === 1 ? [] : [{ InstanceId: `i-${index}` }];
      json(200, { NextToken, Instances: { Instance: rows } })(response, call, index);
    });
    expect((await createEcsClient(settings).listInstances({})).map((each) => each.instanceId)).toEqual(['i-0', 'i-2']);
    expect(calls.map((call) => call.query['NextToken'])).toEqual([undefined, 'page-2', 'page-3']);
  });
});

describe('Cloud Assistant', () => {
  it('P-050: is not ready where an instance is gone', async () => {
    const { ecs, instanceId } = await withInstance();
    expect(await ecs.cloudAssistantReady([instanceId, 'i-none'])).toEqual(new Set([instanceId]));
  });

  it('P-051 P-052: runs a script', async () => {
    const { ecs, instanceId, pass, token } = await withInstance();
    const invokeId = await ecs.runCommand({
      instanceIds: [instanceId],
      command: 'ip -6 addr',
      timeoutSeconds: 120,
      clientToken: token(),
    });
    pass();
    expect(await ecs.commandResults(invokeId)).toEqual([
      {
        instanceId,
        status: 'Success',
        isFinal: true,
        exitCode: 0,
        output: expect.stringContaining('inet6') as string,
        errorCode: '',
      },
    ]);
  });

  it('has no exit code while the script runs', async () => {
    const row = { InstanceId: 'i', InvocationStatus: 'Running', ExitCode: 0, Output: '' };
    const { settings } = await rawServer(json(200, { Invocation: { InvocationResults: { InvocationResult: [row] } } }));
    expect(await createEcsClient(settings).commandResults('t-1')).toMatchObject([
      { isFinal: false, exitCode: undefined },
    ]);
  });
});
