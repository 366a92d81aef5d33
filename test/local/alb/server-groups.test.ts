import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import {
  availableServerGroup,
  callGeneric,
  type Cloud,
  listenerRequest,
  runningListener,
  serverGroupRequest,
  startCloud,
} from './cloud.ts';

const healthCheck = (fields: object) =>
  new sdk.CreateServerGroupRequestHealthCheckConfig({ healthCheckEnabled: true, ...fields });
const create = (cloud: Cloud, changes: object = {}) =>
  cloud.client.createServerGroup(serverGroupRequest(cloud, changes));
const list = async (cloud: Cloud, filter: object = {}) =>
  (await cloud.client.listServerGroups(new sdk.ListServerGroupsRequest(filter))).body;
const remove = (cloud: Cloud, serverGroupId: string) =>
  cloud.client.deleteServerGroup(new sdk.DeleteServerGroupRequest({ serverGroupId }));

describe('CreateServerGroup: parameters', () => {
  it('refuses a request without HealthCheckEnabled', async () => {
    const cloud = await startCloud();
    const healthCheckConfig = new sdk.CreateServerGroupRequestHealthCheckConfig({ healthCheckPath: '/' });
    await expect(create(cloud, { healthCheckConfig })).rejects.toMatchObject({ code: 'MissingHealthCheckEnabled' });
  });

  it('refuses a health-check interval of 51 s', async () => {
    const cloud = await startCloud();
    await expect(create(cloud, { healthCheckConfig: healthCheck({ healthCheckInterval: 51 }) })).rejects.toMatchObject({
      code: 'IllegalParam.HealthCheckInterval',
    });
  });

  it('P-073: refuses IpVersionAffinityMode', async () => {
    const cloud = await startCloud();
    await expect(create(cloud, { ipVersionAffinityMode: 'Affinity' })).rejects.toMatchObject({
      code: 'UnsupportedFeature.NotEmulated',
    });
  });

  it('refuses a group of functions', async () => {
    const cloud = await startCloud();
    await expect(create(cloud, { serverGroupType: 'Fc' })).rejects.toMatchObject({
      code: 'UnsupportedFeature.FcServerGroup',
    });
  });

  it('takes the name of a cookie to rewrite', async () => {
    const cloud = await startCloud();
    const stickySessionConfig = new sdk.CreateServerGroupRequestStickySessionConfig({
      stickySessionEnabled: true,
      stickySessionType: 'Server',
      cookie: 'SESSION',
    });
    await create(cloud, { stickySessionConfig });
    expect(cloud.state.serverGroups.list()[0]?.stickySession).toMatchObject({ type: 'Server', cookie: 'SESSION' });
  });

  it.each(['AUTH_SESSION_ID', 'session-id', 'a b', '$session', 'a'.repeat(201)])(
    'refuses %s as the name of a cookie',
    async (cookie) => {
      const cloud = await startCloud();
      const stickySessionConfig = new sdk.CreateServerGroupRequestStickySessionConfig({
        stickySessionEnabled: true,
        stickySessionType: 'Server',
        cookie,
      });
      await expect(create(cloud, { stickySessionConfig })).rejects.toMatchObject({ code: 'IllegalParam.Cookie' });
    },
  );

  it('refuses to rewrite a cookie without name', async () => {
    const cloud = await startCloud();
    const stickySessionConfig = new sdk.CreateServerGroupRequestStickySessionConfig({
      stickySessionEnabled: true,
      stickySessionType: 'Server',
    });
    await expect(create(cloud, { stickySessionConfig })).rejects.toMatchObject({ code: 'IllegalParam.Cookie' });
  });
});

describe('CreateServerGroup: state rules', () => {
  it('refuses a VPC that does not exist', async () => {
    const cloud = await startCloud();
    await expect(create(cloud, { vpcId: 'vpc-none' })).rejects.toMatchObject({
      code: 'ResourceNotFound.Vpc',
      statusCode: 404,
    });
  });

  it('refuses IPv6 in a VPC without IPv6', async () => {
    const cloud = await startCloud({ ipv6: false });
    await expect(create(cloud)).rejects.toMatchObject({ code: 'OperationDenied.VpcNotSupportIpv6' });
  });
});

describe('CreateServerGroup: effects', () => {
  it('is Creating, then Available with the documented defaults', async () => {
    const cloud = await startCloud();
    await create(cloud);
    expect((await list(cloud))?.serverGroups?.[0]?.serverGroupStatus).toBe('Creating');
    cloud.clock.advance(5000);
    expect((await list(cloud))?.serverGroups).toMatchObject([
      {
        serverGroupStatus: 'Available',
        protocol: 'HTTP',
        scheduler: 'Wrr',
        ipv6Enabled: true,
        crossZoneEnabled: true,
        healthCheckConfig: {
          healthCheckCodes: ['http_2xx'],
          healthCheckConnectPort: 0,
          healthCheckInterval: 2,
          healthCheckMethod: 'HEAD',
          healthCheckPath: '/',
          healthCheckProtocol: 'HTTP',
          healthCheckTimeout: 5,
          healthyThreshold: 3,
          unhealthyThreshold: 3,
        },
        stickySessionConfig: { stickySessionEnabled: false, stickySessionType: 'Insert', cookieTimeout: 1000 },
      },
    ]);
  });
});

describe('ListServerGroups: parameters', () => {
  it('P-084: takes at most 10 tags', async () => {
    const cloud = await startCloud();
    const tag = Array.from({ length: 11 }, (_, index) => new sdk.ListServerGroupsRequestTag({ key: `k${index}` }));
    await expect(list(cloud, { tag })).rejects.toMatchObject({ code: 'IllegalParam.Tag' });
  });
});

describe('ListServerGroups: effects', () => {
  it('answers an unknown id with an empty list', async () => {
    const cloud = await startCloud();
    expect(await list(cloud, { serverGroupIds: ['sgp-none'] })).toMatchObject({ serverGroups: [], totalCount: 0 });
  });

  it('names the load balancers that use the group', async () => {
    const cloud = await startCloud();
    const { loadBalancerId } = await runningListener(cloud);
    expect((await list(cloud))?.serverGroups?.[0]?.relatedLoadBalancerIds).toEqual([loadBalancerId]);
  });
});

describe('UpdateServerGroupAttribute: parameters', () => {
  it('P-074: knows no Ipv6Enabled', async () => {
    const cloud = await startCloud();
    const serverGroupId = await availableServerGroup(cloud);
    await expect(
      callGeneric(cloud, 'UpdateServerGroupAttribute', { ServerGroupId: serverGroupId, Ipv6Enabled: 'false' }),
    ).rejects.toMatchObject({ code: 'IllegalParam.Ipv6Enabled' });
  });
});

describe('UpdateServerGroupAttribute: state rules', () => {
  it('P-066: refuses a group that is Creating', async () => {
    const cloud = await startCloud();
    const { body } = await create(cloud);
    const request = new sdk.UpdateServerGroupAttributeRequest({ serverGroupId: body?.serverGroupId, scheduler: 'Wlc' });
    await expect(cloud.client.updateServerGroupAttribute(request)).rejects.toMatchObject({
      code: 'IncorrectStatus.ServerGroup',
    });
  });
});

const update = (cloud: Cloud, serverGroupId: string, fields: object) =>
  cloud.client.updateServerGroupAttribute(new sdk.UpdateServerGroupAttributeRequest({ serverGroupId, ...fields }));
const slowStartConfig = new sdk.UpdateServerGroupAttributeRequestSlowStartConfig({
  slowStartEnabled: true,
  slowStartDuration: 45,
});
const connectionDrainConfig = new sdk.UpdateServerGroupAttributeRequestConnectionDrainConfig({
  connectionDrainEnabled: true,
});

describe('UpdateServerGroupAttribute: draining and slow start', () => {
  it('are kept and answered back, the drain timeout by its default', async () => {
    const cloud = await startCloud();
    const { serverGroupId } = await runningListener(cloud);
    await update(cloud, serverGroupId, { connectionDrainConfig, slowStartConfig });
    expect((await list(cloud))?.serverGroups?.[0]).toMatchObject({
      connectionDrainConfig: { connectionDrainEnabled: true, connectionDrainTimeout: 300 },
      slowStartConfig: { slowStartEnabled: true, slowStartDuration: 45 },
    });
  });

  it('are refused outside their bounds, and slow start beside another scheduler', async () => {
    const cloud = await startCloud();
    const { serverGroupId } = await runningListener(cloud);
    const tooLong = new sdk.UpdateServerGroupAttributeRequestConnectionDrainConfig({ connectionDrainTimeout: 901 });
    await expect(update(cloud, serverGroupId, { connectionDrainConfig: tooLong })).rejects.toMatchObject({
      code: 'IllegalParam.ConnectionDrainTimeout',
    });
    await expect(update(cloud, serverGroupId, { scheduler: 'Wlc', slowStartConfig })).rejects.toMatchObject({
      code: 'Mismatch.ServerGroupSchedulerAndSlowStartEnable',
    });
  });

  it('are refused for the group of a Basic load balancer, and such a group for a listener of one', async () => {
    const cloud = await startCloud();
    const { serverGroupId, loadBalancerId } = await runningListener(cloud, { edition: 'Basic' });
    await expect(update(cloud, serverGroupId, { connectionDrainConfig })).rejects.toMatchObject({
      code: 'Mismatch.LoadBalancerEditionAndConnectionDrain',
    });
    const slow = await availableServerGroup(cloud, {
      slowStartConfig: new sdk.CreateServerGroupRequestSlowStartConfig({ slowStartEnabled: true }),
    });
    const request = listenerRequest(loadBalancerId, slow, { listenerPort: 8081 });
    await expect(cloud.client.createListener(request)).rejects.toMatchObject({
      code: 'Mismatch.LoadBalancerEditionAndSlowStartEnable',
    });
  });
});

describe('UpdateServerGroupAttribute: effects', () => {
  it('changes what is given, and only that', async () => {
    const cloud = await startCloud();
    const serverGroupId = await availableServerGroup(cloud);
    await cloud.client.updateServerGroupAttribute(
      new sdk.UpdateServerGroupAttributeRequest({
        serverGroupId,
        healthCheckConfig: new sdk.UpdateServerGroupAttributeRequestHealthCheckConfig({ healthCheckPath: '/ready' }),
      }),
    );
    expect((await list(cloud))?.serverGroups).toMatchObject([
      {
        serverGroupStatus: 'Configuring',
        serverGroupName: 'backends',
        healthCheckConfig: { healthCheckPath: '/ready', healthCheckInterval: 2 },
      },
    ]);
  });
});

describe('DeleteServerGroup: state rules', () => {
  it('refuses a group that a listener forwards to', async () => {
    const cloud = await startCloud();
    const { serverGroupId } = await runningListener(cloud);
    await expect(remove(cloud, serverGroupId)).rejects.toMatchObject({
      code: 'ResourceInUse.ServerGroup',
      statusCode: 400,
    });
  });

  it('answers an unknown group with 404', async () => {
    const cloud = await startCloud();
    await expect(remove(cloud, 'sgp-none')).rejects.toMatchObject({
      code: 'ResourceNotFound.ServerGroup',
      statusCode: 404,
    });
  });
});

describe('DeleteServerGroup: effects', () => {
  it('is Deleting, then absent', async () => {
    const cloud = await startCloud();
    await remove(cloud, await availableServerGroup(cloud));
    expect((await list(cloud))?.serverGroups?.[0]?.serverGroupStatus).toBe('Deleting');
    cloud.clock.advance(8000);
    expect((await list(cloud))?.serverGroups).toEqual([]);
  });
});
