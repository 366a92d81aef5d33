import sdk from '@alicloud/alb20200616';
import { describe, expect, it, vi } from 'vitest';
import { activeLoadBalancer, callGeneric, loadBalancerRequest, serverGroupRequest, startCloud } from './cloud.ts';

describe('ALB: regions, zones and policies', () => {
  it('P-061: says nothing about dual-stack in DescribeZones', async () => {
    const { client } = await startCloud();
    const { body } = await client.describeZones(new sdk.DescribeZonesRequest({}));
    expect(body?.zones?.map((zone) => zone.zoneId)).toContain('cn-shanghai-e');
    expect(Object.keys(body?.zones?.[0] ?? {}).sort()).toEqual(['localName', 'zoneId']);
  });

  it('names the regional endpoint', async () => {
    const { client } = await startCloud();
    const { body } = await client.describeRegions(new sdk.DescribeRegionsRequest({}));
    expect(body?.regions).toMatchObject([{ regionId: 'cn-shanghai', regionEndpoint: 'alb.cn-shanghai.aliyuncs.com' }]);
  });

  it('lists the six system policies with their TLS versions', async () => {
    const { client } = await startCloud();
    const { body } = await client.listSystemSecurityPolicies();
    expect(body?.securityPolicies?.map((policy) => policy.securityPolicyId)).toEqual([
      'tls_cipher_policy_1_0',
      'tls_cipher_policy_1_1',
      'tls_cipher_policy_1_2',
      'tls_cipher_policy_1_2_strict',
      'tls_cipher_policy_1_2_strict_with_1_3',
      'tls_cipher_policy_1_0_to_1_3',
    ]);
    expect(body?.securityPolicies?.at(4)?.TLSVersions).toEqual(['TLSv1.2', 'TLSv1.3']);
  });

  it('lists the account’s own policies by id', async () => {
    const { client, state } = await startCloud();
    state.customPolicies.set('spy-one', { tlsVersions: ['TLSv1.3'], ciphers: ['TLS_AES_128_GCM_SHA256'] });
    const list = async (securityPolicyIds: string[]) =>
      (await client.listSecurityPolicies(new sdk.ListSecurityPoliciesRequest({ securityPolicyIds }))).body
        ?.securityPolicies;
    expect(await list(['spy-one'])).toMatchObject([{ securityPolicyId: 'spy-one', TLSVersions: ['TLSv1.3'] }]);
    expect(await list(['spy-none'])).toEqual([]);
  });
});

describe('ALB: protocol', () => {
  it('refuses a parameter that no rule names', async () => {
    const cloud = await startCloud();
    await expect(callGeneric(cloud, 'ListLoadBalancers', { LoadBalancerId: 'alb-1' })).rejects.toMatchObject({
      code: 'IllegalParam.LoadBalancerId',
      statusCode: 400,
    });
  });

  it('P-064: has no ListAsyncJobs', async () => {
    const cloud = await startCloud();
    await expect(callGeneric(cloud, 'ListAsyncJobs', {})).rejects.toMatchObject({ code: 'InvalidAction.NotFound' });
  });

  it('refuses an unsigned request', async () => {
    const { url } = await startCloud();
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'x-acs-action': 'ListLoadBalancers', 'x-acs-version': '2020-06-16' },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ Code: 'IncompleteSignature' });
  });

  it('P-013: refuses a client token whose first call is still running', async () => {
    const cloud = await startCloud();
    cloud.edge.faults.add({ kind: 'late', action: 'CreateLoadBalancer', delayMs: 500 });
    const request = loadBalancerRequest(cloud, { clientToken: 'token-1' });
    const first = cloud.client.createLoadBalancer(request);
    await vi.waitFor(() => expect(cloud.state.loadBalancers.list()).toHaveLength(1), { interval: 5 });
    await expect(cloud.client.createLoadBalancer(request)).rejects.toMatchObject({ code: 'IdempotenceProcessing' });
    const { body } = await first;
    const third = await cloud.client.createLoadBalancer(request);
    expect(third.body?.loadBalancerId).toBe(body?.loadBalancerId);
  });

  it('P-003: throttles the 21st read of a second with HTTP 400', async () => {
    const { client } = await startCloud();
    const request = new sdk.DescribeZonesRequest({});
    for (let call = 0; call < 20; call += 1) await client.describeZones(request);
    await expect(client.describeZones(request)).rejects.toMatchObject({ code: 'Throttling.User', statusCode: 400 });
  });

  it('allows 60 reads of the attribute in a second', async () => {
    const cloud = await startCloud();
    const request = new sdk.GetLoadBalancerAttributeRequest({ loadBalancerId: await activeLoadBalancer(cloud) });
    for (let call = 0; call < 60; call += 1) await cloud.client.getLoadBalancerAttribute(request);
    await expect(cloud.client.getLoadBalancerAttribute(request)).rejects.toMatchObject({ code: 'Throttling.User' });
    cloud.clock.advance(1000);
    expect((await cloud.client.getLoadBalancerAttribute(request)).statusCode).toBe(200);
  });
});

describe('ListAsynJobs', () => {
  it('answers an unknown job with an empty list', async () => {
    const { client } = await startCloud();
    const { body } = await client.listAsynJobs(new sdk.ListAsynJobsRequest({ jobIds: ['none'] }));
    expect(body).toMatchObject({ jobs: [], totalCount: 0 });
  });

  it('filters by resource, action and time', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    await cloud.client.createServerGroup(serverGroupRequest(cloud));
    const count = async (filter: object) =>
      (await cloud.client.listAsynJobs(new sdk.ListAsynJobsRequest(filter))).body?.totalCount;
    expect(await count({})).toBe(2);
    expect(await count({ resourceIds: [id] })).toBe(1);
    expect(await count({ resourceType: 'servergroup' })).toBe(1);
    expect(await count({ apiName: 'CreateServerGroup' })).toBe(1);
    expect(await count({ beginTime: cloud.clock.nowMs() })).toBe(1);
  });
});
