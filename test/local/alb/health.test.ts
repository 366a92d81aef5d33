import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import type { ServerHealth } from '../../../local/alb/state.ts';
import { callGeneric, launch, runningListener, startCloud } from './cloud.ts';

/** A listener with one server of the given weight, whose checks came to `health`. */
async function start(options: { health?: ServerHealth; weight?: number } = {}) {
  const cloud = await startCloud();
  const made = await runningListener(cloud);
  const instance = launch(cloud);
  const server = new sdk.AddServersToServerGroupRequestServers({
    serverType: 'Ecs',
    serverId: instance.id,
    port: 80,
    weight: options.weight ?? 100,
  });
  await cloud.client.addServersToServerGroup(
    new sdk.AddServersToServerGroupRequest({ serverGroupId: made.serverGroupId, servers: [server] }),
  );
  cloud.clock.advance(6000);
  const { health } = options;
  if (health !== undefined) cloud.state.health = () => health;
  const read = async () =>
    (
      await cloud.client.getListenerHealthStatus(
        new sdk.GetListenerHealthStatusRequest({ listenerId: made.listenerId, includeRule: true }),
      )
    ).body;
  return { cloud, ...made, instance, read };
}

describe('GetListenerHealthStatus', () => {
  it('answers an unknown listener with 404', async () => {
    const { cloud } = await start();
    await expect(
      cloud.client.getListenerHealthStatus(new sdk.GetListenerHealthStatusRequest({ listenerId: 'lsn-none' })),
    ).rejects.toMatchObject({ code: 'ResourceNotFound.Listener', statusCode: 404 });
  });

  it('refuses pages of more than 30', async () => {
    const { cloud, listenerId } = await start();
    await expect(
      cloud.client.getListenerHealthStatus(new sdk.GetListenerHealthStatusRequest({ listenerId, maxResults: 31 })),
    ).rejects.toMatchObject({ code: 'IllegalParam.MaxResults' });
  });

  it('says Initial before the first check', async () => {
    const { read, instance, serverGroupId } = await start();
    expect((await read())?.listenerHealthStatus?.[0]?.serverGroupInfos).toMatchObject([
      {
        serverGroupId,
        actionType: 'ForwardGroup',
        healthCheckEnabled: 'on',
        nonNormalServers: [{ serverId: instance.id, serverIp: instance.privateIpAddress, port: 80, status: 'Initial' }],
      },
    ]);
  });

  it('P-068: leaves a healthy server out', async () => {
    const { read } = await start({ health: { status: 'Normal' } });
    expect((await read())?.listenerHealthStatus?.[0]?.serverGroupInfos?.[0]?.nonNormalServers).toEqual([]);
  });

  it('gives the reason of an unhealthy server', async () => {
    const health: ServerHealth = {
      status: 'Unhealthy',
      reasonCode: 'RESPONSE_MISMATCH',
      actualResponse: '404',
      expectedResponse: 'HTTP_2xx',
    };
    const { read } = await start({ health });
    expect((await read())?.listenerHealthStatus?.[0]?.serverGroupInfos?.[0]?.nonNormalServers).toMatchObject([
      {
        status: 'Unhealthy',
        reason: { reasonCode: 'RESPONSE_MISMATCH', actualResponse: '404', expectedResponse: 'HTTP_2xx' },
      },
    ]);
  });

  it('P-070: says Unused of a server with weight 0', async () => {
    const { read } = await start({ weight: 0, health: { status: 'Normal' } });
    expect((await read())?.listenerHealthStatus?.[0]?.serverGroupInfos?.[0]?.nonNormalServers).toMatchObject([
      { status: 'Unused' },
    ]);
  });

  it('tells of the server groups of rules when asked', async () => {
    const { cloud, read, listenerId, serverGroupId } = await start({ health: { status: 'Normal' } });
    await callGeneric(cloud, 'CreateRule', {
      ListenerId: listenerId,
      RuleName: 'forward',
      Priority: '1',
      'RuleConditions.1.Type': 'Host',
      'RuleConditions.1.HostConfig.Values.1': 'www.example.com',
      'RuleActions.1.Type': 'ForwardGroup',
      'RuleActions.1.Order': '1',
      'RuleActions.1.ForwardGroupConfig.ServerGroupTuples.1.ServerGroupId': serverGroupId,
    });
    expect((await read())?.ruleHealthStatus).toMatchObject([{ serverGroupInfos: [{ serverGroupId }] }]);
  });
});
