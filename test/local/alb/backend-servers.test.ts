import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import {
  addVpc,
  addVSwitch,
  availableServerGroup,
  type Cloud,
  launch,
  serverGroupRequest,
  startCloud,
} from './cloud.ts';

interface Entry {
  serverId: string;
  serverIp?: string | undefined;
  port?: number;
  weight?: number;
  description?: string;
  serverType?: string;
}

const entry = (fields: Entry) =>
  new sdk.AddServersToServerGroupRequestServers({ serverType: 'Ecs', port: 80, ...fields });
const add = (cloud: Cloud, serverGroupId: string, ...servers: Entry[]) =>
  cloud.client.addServersToServerGroup(
    new sdk.AddServersToServerGroupRequest({ serverGroupId, servers: servers.map(entry) }),
  );
const remove = (cloud: Cloud, serverGroupId: string, server: Entry) =>
  cloud.client.removeServersFromServerGroup(
    new sdk.RemoveServersFromServerGroupRequest({
      serverGroupId,
      servers: [new sdk.RemoveServersFromServerGroupRequestServers({ serverType: 'Ecs', port: 80, ...server })],
    }),
  );
const update = (cloud: Cloud, serverGroupId: string, server: Entry) =>
  cloud.client.updateServerGroupServersAttribute(
    new sdk.UpdateServerGroupServersAttributeRequest({
      serverGroupId,
      servers: [new sdk.UpdateServerGroupServersAttributeRequestServers({ serverType: 'Ecs', port: 80, ...server })],
    }),
  );
const list = async (cloud: Cloud, serverGroupId: string) =>
  (await cloud.client.listServerGroupServers(new sdk.ListServerGroupServersRequest({ serverGroupId }))).body?.servers;

async function start(changes: object = {}) {
  const cloud = await startCloud();
  const serverGroupId = await availableServerGroup(cloud, changes);
  const instance = launch(cloud);
  return { cloud, serverGroupId, instance, ipv4: instance.privateIpAddress, ipv6: instance.ipv6Addresses[0] ?? '' };
}

describe('AddServersToServerGroup: parameters', () => {
  it('refuses port 0', async () => {
    const { cloud, serverGroupId, instance } = await start();
    await expect(add(cloud, serverGroupId, { serverId: instance.id, port: 0 })).rejects.toMatchObject({
      code: 'IllegalParam.Port',
    });
  });

  it('refuses a weight above 100', async () => {
    const { cloud, serverGroupId, instance } = await start();
    await expect(add(cloud, serverGroupId, { serverId: instance.id, weight: 101 })).rejects.toMatchObject({
      code: 'IllegalParam.Weight',
    });
  });

  it('refuses the same server twice in one request', async () => {
    const { cloud, serverGroupId, instance, ipv4 } = await start();
    await expect(
      add(cloud, serverGroupId, { serverId: instance.id, serverIp: ipv4 }, { serverId: instance.id }),
    ).rejects.toMatchObject({ code: 'DuplicatedParam.BackendServer' });
  });

  it('refuses a server by IP address in a group of instances', async () => {
    const { cloud, serverGroupId, ipv4 } = await start();
    await expect(add(cloud, serverGroupId, { serverId: ipv4, serverIp: ipv4, serverType: 'Ip' })).rejects.toMatchObject(
      { code: 'Mismatch.ServerType' },
    );
  });
});

describe('AddServersToServerGroup: state rules', () => {
  it('refuses an instance that does not exist', async () => {
    const { cloud, serverGroupId } = await start();
    await expect(add(cloud, serverGroupId, { serverId: 'i-none' })).rejects.toMatchObject({
      code: 'ResourceNotFound.Ecs',
      statusCode: 404,
    });
  });

  it('refuses an address that the instance does not have', async () => {
    const { cloud, serverGroupId, instance } = await start();
    await expect(add(cloud, serverGroupId, { serverId: instance.id, serverIp: '10.0.1.250' })).rejects.toMatchObject({
      code: 'IllegalParam.ServerIp',
      statusCode: 400,
    });
  });

  it('refuses an instance of another VPC', async () => {
    const { cloud, serverGroupId } = await start();
    const other = addVpc(cloud.vpcState, true);
    const foreign = launch(cloud, addVSwitch(cloud.vpcState, other, 'cn-shanghai-e', '10.0.1.0/24', 1));
    await expect(add(cloud, serverGroupId, { serverId: foreign.id })).rejects.toMatchObject({ code: 'Mismatch.VpcId' });
  });

  it('refuses an IPv6 address in a group without IPv6', async () => {
    const { cloud, serverGroupId, instance, ipv6 } = await start({ ipv6Enabled: false });
    await expect(add(cloud, serverGroupId, { serverId: instance.id, serverIp: ipv6 })).rejects.toMatchObject({
      code: 'IllegalParam.ServerIp',
    });
  });

  it('refuses an instance that is Pending', async () => {
    const { cloud, serverGroupId } = await start();
    const pending = launch(cloud, cloud.vSwitchG, true);
    await expect(add(cloud, serverGroupId, { serverId: pending.id })).rejects.toMatchObject({
      code: 'IncorrectStatus.Eni',
    });
  });

  it('refuses a server that is in the group', async () => {
    const { cloud, serverGroupId, instance } = await start();
    await add(cloud, serverGroupId, { serverId: instance.id });
    cloud.clock.advance(6000);
    await expect(add(cloud, serverGroupId, { serverId: instance.id })).rejects.toMatchObject({
      code: 'Conflict.BackendServer',
    });
  });

  it('P-066: refuses a second write while the group is Configuring', async () => {
    const { cloud, serverGroupId, instance, ipv6 } = await start();
    await add(cloud, serverGroupId, { serverId: instance.id });
    await expect(add(cloud, serverGroupId, { serverId: instance.id, serverIp: ipv6 })).rejects.toMatchObject({
      code: 'IncorrectStatus.ServerGroup',
    });
  });

  it('refuses a group that is Creating', async () => {
    const { cloud, instance } = await start();
    const { body } = await cloud.client.createServerGroup(serverGroupRequest(cloud));
    await expect(add(cloud, body?.serverGroupId ?? '', { serverId: instance.id })).rejects.toMatchObject({
      code: 'IncorrectStatus.ServerGroup',
    });
  });
});

describe('AddServersToServerGroup: effects', () => {
  it('P-017: takes the servers out of the form body', async () => {
    const { cloud, serverGroupId, instance, ipv6 } = await start();
    await add(
      cloud,
      serverGroupId,
      { serverId: instance.id, description: 'ours' },
      { serverId: instance.id, serverIp: ipv6, weight: 10 },
    );
    expect(await list(cloud, serverGroupId)).toMatchObject([
      { serverIp: instance.privateIpAddress, weight: 100, status: 'Adding', description: 'ours', serverType: 'Ecs' },
      { serverIp: ipv6, weight: 10, status: 'Adding', port: 80 },
    ]);
  });

  it('is Available when the job has Succeeded', async () => {
    const { cloud, serverGroupId, instance } = await start();
    const { body } = await add(cloud, serverGroupId, { serverId: instance.id });
    const job = async () =>
      (await cloud.client.listAsynJobs(new sdk.ListAsynJobsRequest({ jobIds: [body?.jobId ?? ''] }))).body?.jobs?.[0];
    expect((await job())?.status).toBe('Processing');
    cloud.clock.advance(6000);
    expect((await job())?.status).toBe('Succeeded');
    expect(await list(cloud, serverGroupId)).toMatchObject([{ status: 'Available' }]);
  });

  it('knows an IPv6 address in any spelling', async () => {
    const { cloud, serverGroupId, instance, ipv6 } = await start();
    await add(cloud, serverGroupId, { serverId: instance.id, serverIp: ipv6.toUpperCase() });
    expect((await list(cloud, serverGroupId))?.[0]?.serverIp).toBe(ipv6);
  });

  it('P-072: keeps the entry of a released instance', async () => {
    const { cloud, serverGroupId, instance } = await start();
    await add(cloud, serverGroupId, { serverId: instance.id });
    cloud.clock.advance(6000);
    cloud.ecs.deleteInstance(instance);
    cloud.clock.advance(60_000);
    expect(await list(cloud, serverGroupId)).toMatchObject([{ serverId: instance.id, status: 'Available' }]);
  });
});

describe('UpdateServerGroupServersAttribute', () => {
  it('changes the weight', async () => {
    const { cloud, serverGroupId, instance, ipv4 } = await start();
    await add(cloud, serverGroupId, { serverId: instance.id, description: 'ours' });
    cloud.clock.advance(6000);
    await update(cloud, serverGroupId, { serverId: instance.id, serverIp: ipv4, weight: 0 });
    expect(await list(cloud, serverGroupId)).toMatchObject([{ weight: 0, description: 'ours', status: 'Configuring' }]);
  });

  it('refuses an entry that is not in the group', async () => {
    const { cloud, serverGroupId, instance } = await start();
    await expect(update(cloud, serverGroupId, { serverId: instance.id, weight: 0 })).rejects.toMatchObject({
      code: 'ResourceNotFound.BackendServer',
      statusCode: 404,
    });
  });
});

describe('RemoveServersFromServerGroup', () => {
  it('refuses an entry that is not in the group', async () => {
    const { cloud, serverGroupId, instance, ipv4, ipv6 } = await start();
    await add(cloud, serverGroupId, { serverId: instance.id, serverIp: ipv4 });
    cloud.clock.advance(6000);
    await expect(remove(cloud, serverGroupId, { serverId: instance.id, serverIp: ipv6 })).rejects.toMatchObject({
      code: 'ResourceNotFound.BackendServer',
      statusCode: 404,
    });
  });

  it('is Removing, then not listed', async () => {
    const { cloud, serverGroupId, instance, ipv4 } = await start();
    await add(cloud, serverGroupId, { serverId: instance.id });
    cloud.clock.advance(6000);
    await remove(cloud, serverGroupId, { serverId: instance.id, serverIp: ipv4 });
    expect(await list(cloud, serverGroupId)).toMatchObject([{ status: 'Removing' }]);
    cloud.clock.advance(6000);
    expect(await list(cloud, serverGroupId)).toEqual([]);
  });

  it('answers an unknown group with 404', async () => {
    const { cloud } = await start();
    await expect(remove(cloud, 'sgp-none', { serverId: 'i-none' })).rejects.toMatchObject({
      code: 'ResourceNotFound.ServerGroup',
      statusCode: 404,
    });
  });
});
