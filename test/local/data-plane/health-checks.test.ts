import { describe, expect, it } from 'vitest';
import { startDataPlane } from './start.ts';

async function started() {
  const cloud = await startDataPlane();
  const { alb, serverGroup, server01, server02, tick } = cloud;
  cloud.addListener(cloud.loadBalancer, serverGroup);
  await tick(0);
  const health = () => [server01, server02].map((server) => alb.health(serverGroup, server));
  const statuses = () => health().map(({ status }) => status);
  /** `count` rounds at the configured interval of two seconds. */
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round += 1) await tick(2000);
  };
  return { ...cloud, health, statuses, rounds };
}

describe('health checks', () => {
  it('turn servers Normal after three checks in a row', async () => {
    const { statuses, rounds } = await started();
    expect(statuses()).toEqual(['Initial', 'Initial']);
    await rounds(1);
    expect(statuses()).toEqual(['Initial', 'Initial']);
    await rounds(1);
    expect(statuses()).toEqual(['Normal', 'Normal']);
  });

  it('turn a server of a stopped instance Unhealthy after three checks in a row', async () => {
    const { statuses, health, rounds, ecs, ecs02, tick } = await started();
    await rounds(3);
    ecs.stop(ecs02.id);
    await rounds(2);
    expect(statuses()).toEqual(['Normal', 'Normal']);
    await tick(2000);
    expect(health()).toEqual([{ status: 'Normal' }, { status: 'Unhealthy', reasonCode: 'CONNECT_TIMEOUT' }]);
  });

  it('P-069: all servers get requests when none is healthy', async () => {
    const { rounds, statuses, serverGroup, fetch, ipv6 } = await started();
    serverGroup.healthCheck.path = '/none';
    await rounds(4);
    expect(statuses()).toEqual(['Unhealthy', 'Unhealthy']);
    const seen = [await fetch(ipv6), await fetch(ipv6)].map(({ headers }) => headers['x-backend']);
    expect(new Set(seen)).toEqual(new Set(['ecs01', 'ecs02']));
  });

  it('only healthy servers get requests while there are any', async () => {
    const { rounds, ecs, ecs01, fetch, ipv6 } = await started();
    ecs.stop(ecs01.id);
    await rounds(4);
    for (let index = 0; index < 3; index += 1) expect((await fetch(ipv6)).headers['x-backend']).toBe('ecs02');
  });

  it('say which status came and which was expected', async () => {
    const { rounds, health, serverGroup } = await started();
    serverGroup.healthCheck.path = '/none';
    serverGroup.healthCheck.codes = ['http_2xx', 'http_3xx'];
    await rounds(3);
    expect(health()[0]).toEqual({
      status: 'Unhealthy',
      reasonCode: 'RESPONSE_MISMATCH',
      actualResponse: '404',
      expectedResponse: 'HTTP_2xx,HTTP_3xx',
    });
  });

  it('P-037: time out when the security group does not let the IPv6 side in', async () => {
    const { rounds, health, group } = await started();
    group.rules = group.rules.filter((rule) => rule.ipv6SourceCidrIp === '');
    await rounds(3);
    expect(health()).toEqual([{ status: 'Normal' }, { status: 'Unhealthy', reasonCode: 'CONNECT_TIMEOUT' }]);
  });

  it('fail when one of the zones is not let in', async () => {
    const { rounds, statuses, group, vSwitches } = await started();
    group.rules = group.rules.filter((rule) => rule.sourceCidrIp !== vSwitches[1].cidrBlock);
    await rounds(3);
    expect(statuses()).toEqual(['Unhealthy', 'Normal']);
  });

  it('are refused where nothing listens', async () => {
    const { rounds, health, serverGroup, addServer, launch, vSwitches, alb, tick } = await started();
    const bare = launch('bare', vSwitches[0], '#cloud-config\n');
    await tick(65_000);
    const server = addServer(serverGroup, bare, bare.privateIpAddress);
    await rounds(4);
    expect(alb.health(serverGroup, server)).toEqual({ status: 'Unhealthy', reasonCode: 'CONNECT_FAILED' });
    expect(health()[0]).toEqual({ status: 'Normal' });
  });

  it('survive a path that no request can carry', async () => {
    const { rounds, health, serverGroup, statuses } = await started();
    serverGroup.healthCheck.path = '/a b';
    await rounds(3);
    expect(health()[0]).toEqual({ status: 'Unhealthy', reasonCode: 'SEND_REQUEST_FAILED' });
    serverGroup.healthCheck.path = '/';
    await rounds(3);
    expect(statuses()).toEqual(['Normal', 'Normal']);
  });

  it('P-070: leave servers of weight 0 alone', async () => {
    const { rounds, statuses, server02 } = await started();
    server02.weight = 0;
    await rounds(3);
    expect(statuses()).toEqual(['Normal', 'Unused']);
  });

  it('report nothing when they are off', async () => {
    const { rounds, statuses, serverGroup } = await started();
    serverGroup.healthCheck.enabled = false;
    await rounds(3);
    expect(statuses()).toEqual(['Unavailable', 'Unavailable']);
  });

  it('leave groups alone that no listener uses', async () => {
    const { rounds, alb, addServerGroup, addServer, ecs01 } = await started();
    const group = addServerGroup();
    const server = addServer(group, ecs01, ecs01.privateIpAddress);
    await rounds(4);
    expect(alb.health(group, server)).toEqual({ status: 'Initial' });
  });

  it('wait on the clock between rounds', async () => {
    const { plane, clock } = await started();
    expect(plane.busy).toBe(0);
    expect(clock.nextWaiterAtMs()).toBe(clock.nowMs() + 2000);
  });

  it('wait on nothing while there is no listener', async () => {
    const { clock } = await startDataPlane();
    expect(clock.nextWaiterAtMs()).toBeUndefined();
  });

  it('end with the data plane', async () => {
    const { plane, clock } = await started();
    await plane.close();
    expect(clock.nextWaiterAtMs()).toBeUndefined();
  });
});
