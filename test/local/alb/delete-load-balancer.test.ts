import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import { activeLoadBalancer, type Cloud, loadBalancerRequest, runningListener, startCloud } from './cloud.ts';

const remove = (cloud: Cloud, loadBalancerId: string, changes: object = {}) =>
  cloud.client.deleteLoadBalancer(new sdk.DeleteLoadBalancerRequest({ loadBalancerId, ...changes }));
const get = (cloud: Cloud, loadBalancerId: string) =>
  cloud.client.getLoadBalancerAttribute(new sdk.GetLoadBalancerAttributeRequest({ loadBalancerId }));

describe('DeleteLoadBalancer: parameters', () => {
  it('answers an unknown load balancer with 404', async () => {
    const cloud = await startCloud();
    await expect(remove(cloud, 'alb-none')).rejects.toMatchObject({ code: 'ResourceNotFound.LoadBalancer' });
  });
});

describe('DeleteLoadBalancer: state rules', () => {
  it('refuses a load balancer that is Provisioning', async () => {
    const cloud = await startCloud();
    const { body } = await cloud.client.createLoadBalancer(loadBalancerRequest(cloud));
    await expect(remove(cloud, body?.loadBalancerId ?? '')).rejects.toMatchObject({
      code: 'IncorrectStatus.LoadBalancer',
    });
  });

  it('refuses a load balancer with deletion protection', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud, { deletionProtectionEnabled: true });
    await expect(remove(cloud, id)).rejects.toMatchObject({ code: 'OperationDenied.DeletionProtectionEnabled' });
  });

  it('refuses a load balancer that still has a listener', async () => {
    const cloud = await startCloud();
    const { loadBalancerId } = await runningListener(cloud);
    await expect(remove(cloud, loadBalancerId)).rejects.toMatchObject({ code: 'ResourceInUse.LoadBalancer' });
  });

  it('P-014: keeps refusing under the token of a refused attempt', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud, { deletionProtectionEnabled: true });
    await expect(remove(cloud, id, { clientToken: 'old' })).rejects.toThrow();
    await cloud.client.disableDeletionProtection(new sdk.DisableDeletionProtectionRequest({ resourceId: id }));
    cloud.clock.advance(8000);
    await expect(remove(cloud, id, { clientToken: 'old' })).rejects.toMatchObject({
      code: 'OperationDenied.DeletionProtectionEnabled',
    });
    expect((await remove(cloud, id, { clientToken: 'new' })).statusCode).toBe(200);
  });
});

describe('DeleteLoadBalancer: effects', () => {
  it('is Deleting, then gone with its job Succeeded', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    const { body } = await remove(cloud, id);
    expect((await get(cloud, id)).body?.loadBalancerStatus).toBe('Deleting');
    cloud.clock.advance(8000);
    await expect(get(cloud, id)).rejects.toMatchObject({ code: 'ResourceNotFound.LoadBalancer', statusCode: 404 });
    const jobs = await cloud.client.listAsynJobs(new sdk.ListAsynJobsRequest({ jobIds: [body?.jobId ?? ''] }));
    expect(jobs.body?.jobs).toMatchObject([{ status: 'Succeeded', operateType: 'Delete', resourceId: id }]);
  });

  it('P-036: leaves network cards and the managed security group behind for a while', async () => {
    const cloud = await startCloud();
    await remove(cloud, await activeLoadBalancer(cloud));
    cloud.clock.advance(8000);
    expect(cloud.ecs.networkInterfaces.list()).toHaveLength(6);
    expect(cloud.ecs.securityGroups.list()).toHaveLength(1);
    cloud.clock.advance(20_000);
    expect(cloud.ecs.networkInterfaces.list()).toEqual([]);
    expect(cloud.ecs.securityGroups.list()).toEqual([]);
  });

  it('P-034: holds IPv6 Internet bandwidth until the leftovers are gone', async () => {
    const cloud = await startCloud();
    const loadBalancerId = await activeLoadBalancer(cloud);
    await cloud.client.enableLoadBalancerIpv6Internet(
      new sdk.EnableLoadBalancerIpv6InternetRequest({ loadBalancerId }),
    );
    cloud.clock.advance(20_000);
    await remove(cloud, loadBalancerId);
    const kinds = () => new Set(cloud.vpcState.dependents({ vpcId: cloud.vpc.id }).map(({ kind }) => kind));
    cloud.clock.advance(27_999);
    expect(kinds().has('Ipv6InternetBandwidth')).toBe(true);
    expect(kinds().has('CloudService')).toBe(true);
    cloud.clock.advance(1);
    expect([...kinds()]).toEqual([]);
  });

  it('deletes one that is CreateFailed in spite of deletion protection', async () => {
    const cloud = await startCloud();
    cloud.state.createFailed.add('doomed');
    const changes = { loadBalancerName: 'doomed', deletionProtectionEnabled: true };
    await remove(cloud, await activeLoadBalancer(cloud, changes));
    cloud.clock.advance(8000);
    expect(cloud.state.loadBalancers.list()).toEqual([]);
  });
});
