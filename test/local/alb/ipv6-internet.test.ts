import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import { activeLoadBalancer, type Cloud, loadBalancerRequest, startCloud } from './cloud.ts';

const enable = (cloud: Cloud, loadBalancerId: string) =>
  cloud.client.enableLoadBalancerIpv6Internet(new sdk.EnableLoadBalancerIpv6InternetRequest({ loadBalancerId }));
const disable = (cloud: Cloud, loadBalancerId: string) =>
  cloud.client.disableLoadBalancerIpv6Internet(new sdk.DisableLoadBalancerIpv6InternetRequest({ loadBalancerId }));

async function seen(cloud: Cloud, loadBalancerId: string): Promise<[string | undefined, string | undefined]> {
  const { body } = await cloud.client.getLoadBalancerAttribute(
    new sdk.GetLoadBalancerAttributeRequest({ loadBalancerId }),
  );
  return [body?.loadBalancerStatus, body?.ipv6AddressType];
}

const bandwidth = (cloud: Cloud) =>
  cloud.vpcState.dependents({ vpcId: cloud.vpc.id }).filter((dependent) => dependent.kind === 'Ipv6InternetBandwidth');

describe('EnableLoadBalancerIpv6Internet: parameters', () => {
  it('answers an unknown load balancer with 404', async () => {
    const cloud = await startCloud();
    await expect(enable(cloud, 'alb-none')).rejects.toMatchObject({
      code: 'ResourceNotFound.LoadBalancer',
      statusCode: 404,
    });
  });
});

describe('EnableLoadBalancerIpv6Internet: state rules', () => {
  it('refuses a load balancer that is Provisioning', async () => {
    const cloud = await startCloud();
    const { body } = await cloud.client.createLoadBalancer(loadBalancerRequest(cloud));
    await expect(enable(cloud, body?.loadBalancerId ?? '')).rejects.toMatchObject({
      code: 'IncorrectStatus.LoadBalancer',
      statusCode: 400,
    });
  });

  it('P-066: refuses a second write while the first is under way', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await enable(cloud, id);
    await expect(enable(cloud, id)).rejects.toMatchObject({ code: 'IncorrectStatus.LoadBalancer' });
  });

  it('refuses a load balancer whose business status is Abnormal', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    cloud.state.loadBalancer(id).businessStatus = 'Abnormal';
    await expect(enable(cloud, id)).rejects.toMatchObject({ code: 'IncorrectBusinessStatus.LoadBalancer' });
  });

  it('P-061: refuses an IPv4 load balancer', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud, { addressIpVersion: 'IPv4' });
    await expect(enable(cloud, id)).rejects.toMatchObject({ code: 'OperationDenied.NonDualStackInstance' });
  });

  it('refuses what is Internet already', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await enable(cloud, id);
    cloud.clock.advance(20_000);
    await expect(enable(cloud, id)).rejects.toMatchObject({ code: 'OperationDenied.Ipv6InternetInstance' });
  });

  it('refuses a VPC without IPv6 gateway', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    cloud.vpcState.ipv6Gateways.clear();
    await expect(enable(cloud, id)).rejects.toMatchObject({ code: 'ResourceNotFound.Ipv6Gateway' });
  });

  it('refuses to disable what is Intranet', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await expect(disable(cloud, id)).rejects.toMatchObject({ code: 'OperationDenied.Ipv6IntranetInstance' });
  });
});

describe('EnableLoadBalancerIpv6Internet: effects', () => {
  it('P-063: is Active again before the address type is Internet', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await enable(cloud, id);
    expect(await seen(cloud, id)).toEqual(['Configuring', 'Intranet']);
    cloud.clock.advance(15_000);
    expect(await seen(cloud, id)).toEqual(['Active', 'Intranet']);
    cloud.clock.advance(5000);
    expect(await seen(cloud, id)).toEqual(['Active', 'Internet']);
  });

  it('P-034: holds IPv6 Internet bandwidth of the VPC', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    expect(bandwidth(cloud)).toEqual([]);
    await enable(cloud, id);
    expect(bandwidth(cloud)).toMatchObject([{ id, vpcId: cloud.vpc.id }]);
  });

  it('goes back to a private address by DisableLoadBalancerIpv6Internet', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await enable(cloud, id);
    cloud.clock.advance(20_000);
    await disable(cloud, id);
    cloud.clock.advance(20_000);
    expect(await seen(cloud, id)).toEqual(['Active', 'Intranet']);
    expect(bandwidth(cloud)).toEqual([]);
  });
});
