import sdk from '@alicloud/alb20200616';
import { describe, expect, it } from 'vitest';
import { activeLoadBalancer, addVpc, addVSwitch, loadBalancerRequest, startCloud, zone } from './cloud.ts';

const attribute = (loadBalancerId: string) => new sdk.GetLoadBalancerAttributeRequest({ loadBalancerId });

describe('CreateLoadBalancer: parameters', () => {
  it('refuses a missing VpcId as the API gateway does', async () => {
    const cloud = await startCloud();
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud, { vpcId: '' }))).rejects.toMatchObject({
      code: 'MissingVpcId',
      statusCode: 400,
    });
  });

  it('refuses a name that starts with a digit', async () => {
    const cloud = await startCloud();
    const request = loadBalancerRequest(cloud, { loadBalancerName: '1front' });
    await expect(cloud.client.createLoadBalancer(request)).rejects.toMatchObject({
      code: 'IllegalParam.LoadBalancerName',
    });
  });

  it('refuses a tag key with a reserved prefix', async () => {
    const cloud = await startCloud();
    const tag = [new sdk.CreateLoadBalancerRequestTag({ key: 'acs:mark', value: '1' })];
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud, { tag }))).rejects.toMatchObject({
      code: 'IllegalParam.Key',
    });
  });

  it('refuses the same zone twice', async () => {
    const cloud = await startCloud();
    const zoneMappings = [zone('cn-shanghai-e', cloud.vSwitchE), zone('cn-shanghai-e', cloud.vSwitchE)];
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud, { zoneMappings }))).rejects.toMatchObject({
      code: 'DuplicatedParam.ZoneId',
      statusCode: 400,
    });
  });

  it('refuses a single zone', async () => {
    const cloud = await startCloud();
    const zoneMappings = [zone('cn-shanghai-e', cloud.vSwitchE)];
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud, { zoneMappings }))).rejects.toMatchObject({
      code: 'IllegalParam.ZoneMappings',
    });
  });
});

describe('CreateLoadBalancer: state rules', () => {
  it('P-060: needs the service-linked role', async () => {
    const cloud = await startCloud({ hasRole: false });
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud))).rejects.toMatchObject({
      code: 'OperationDenyed.ServiceLinkedRoleNotExist',
      statusCode: 400,
    });
  });

  it('refuses a vSwitch of another zone', async () => {
    const cloud = await startCloud();
    const zoneMappings = [zone('cn-shanghai-e', cloud.vSwitchG), zone('cn-shanghai-g', cloud.vSwitchE)];
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud, { zoneMappings }))).rejects.toMatchObject({
      code: 'Mismatch.ZoneIdAndVSwitchId',
    });
  });

  it('refuses a vSwitch that does not exist', async () => {
    const cloud = await startCloud();
    const zoneMappings = [
      zone('cn-shanghai-e', cloud.vSwitchE),
      new sdk.CreateLoadBalancerRequestZoneMappings({ zoneId: 'cn-shanghai-g', vSwitchId: 'vsw-none' }),
    ];
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud, { zoneMappings }))).rejects.toMatchObject({
      code: 'ResourceNotFound.VSwitch',
      statusCode: 404,
    });
  });

  it('refuses dual-stack in a VPC without IPv6', async () => {
    const cloud = await startCloud({ ipv6: false });
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud))).rejects.toMatchObject({
      code: 'OperationDenied.VpcNotSupportIpv6',
    });
  });

  it('refuses dual-stack on a vSwitch without IPv6', async () => {
    const cloud = await startCloud();
    cloud.vSwitchG.ipv6CidrBlock = '';
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud))).rejects.toMatchObject({
      code: 'OperationFailed.vSwitchNotSupportIpv6',
    });
  });

  it('P-031: refuses a vSwitch with two free addresses', async () => {
    const cloud = await startCloud({ cidrBlocks: ['10.0.1.0/29', '10.0.2.0/24'] });
    cloud.vpcState.takeAddress(cloud.vSwitchE, 4, 'i-1');
    cloud.vpcState.takeAddress(cloud.vSwitchE, 4, 'i-2');
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud))).rejects.toMatchObject({
      code: 'ResourceNotEnough.VSwitchIp',
    });
  });

  it('refuses the 61st load balancer', async () => {
    const cloud = await startCloud();
    cloud.state.quota.loadBalancers = 1;
    await activeLoadBalancer(cloud);
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud))).rejects.toMatchObject({
      code: 'QuotaExceeded.LoadBalancersNum',
    });
  });

  it('P-061: reports a passed dry run of dual-stack as an error and creates nothing', async () => {
    const cloud = await startCloud();
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud, { dryRun: true }))).rejects.toMatchObject({
      code: 'DryRunOperation',
    });
    expect(cloud.state.loadBalancers.list()).toEqual([]);
    expect(cloud.ecs.networkInterfaces.list()).toEqual([]);
  });

  it('answers a repeated client token with the same load balancer', async () => {
    const cloud = await startCloud();
    const request = loadBalancerRequest(cloud, { clientToken: 'token-1' });
    const first = await cloud.client.createLoadBalancer(request);
    const second = await cloud.client.createLoadBalancer(request);
    expect(second.body?.loadBalancerId).toBe(first.body?.loadBalancerId);
    expect(cloud.state.loadBalancers.list()).toHaveLength(1);
  });

  it('P-012: refuses a client token with other parameters', async () => {
    const cloud = await startCloud();
    await cloud.client.createLoadBalancer(loadBalancerRequest(cloud, { clientToken: 'token-1' }));
    const other = loadBalancerRequest(cloud, { clientToken: 'token-1', loadBalancerName: 'other' });
    await expect(cloud.client.createLoadBalancer(other)).rejects.toMatchObject({
      code: 'IdempotentParameterMismatch',
      statusCode: 400,
    });
  });
});

describe('CreateLoadBalancer: effects', () => {
  it('P-062: answers with the id alone', async () => {
    const cloud = await startCloud();
    const { body } = await cloud.client.createLoadBalancer(loadBalancerRequest(cloud));
    expect(body?.loadBalancerId).toMatch(/^alb-[a-z0-9]{17}$/);
    expect(Object.keys(body ?? {}).sort()).toEqual(['loadBalancerId', 'requestId']);
  });

  it('is Provisioning without addresses first', async () => {
    const cloud = await startCloud();
    const { body } = await cloud.client.createLoadBalancer(loadBalancerRequest(cloud));
    const { body: now } = await cloud.client.getLoadBalancerAttribute(attribute(body?.loadBalancerId ?? ''));
    expect(now?.loadBalancerStatus).toBe('Provisioning');
    expect(now?.zoneMappings?.map((mapping) => mapping.loadBalancerAddresses)).toEqual([[], []]);
  });

  it('has a public IPv4 address and an IPv6 address of its vSwitch in each zone', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    const { body } = await cloud.client.getLoadBalancerAttribute(attribute(id));
    const addresses = body?.zoneMappings?.flatMap((mapping) => mapping.loadBalancerAddresses ?? []) ?? [];
    expect(body?.loadBalancerStatus).toBe('Active');
    expect(addresses.map(({ address }) => address)).toEqual(['47.100.1.2', '47.100.1.3']);
    expect(addresses[0]?.ipv6Address?.startsWith(cloud.vSwitchE.ipv6CidrBlock.split('::')[0] ?? '-')).toBe(true);
    expect(addresses[1]?.ipv4LocalAddresses?.every((address) => address.startsWith('10.0.2.'))).toBe(true);
  });

  it('P-018: names the DNS name with its capitals', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    const { body } = await cloud.client.getLoadBalancerAttribute(attribute(id));
    expect(body?.DNSName).toBe(`${id}.cn-shanghai.alb.aliyuncsslb.com`);
  });

  it('P-064: keeps the misspelt business status', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    const { body } = await cloud.client.getLoadBalancerAttribute(attribute(id));
    expect(body?.loadBalancerBussinessStatus).toBe('Normal');
  });

  it('starts with a private IPv6 address when dual-stack', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud);
    const { body } = await cloud.client.getLoadBalancerAttribute(attribute(id));
    expect(body).toMatchObject({ addressIpVersion: 'DualStack', ipv6AddressType: 'Intranet' });
  });

  it('has no IPv6 address when IPv4 only', async () => {
    const cloud = await startCloud({ ipv6: false });
    const id = await activeLoadBalancer(cloud, { addressIpVersion: undefined });
    expect(cloud.state.loadBalancer(id).zones.map((mapping) => mapping.ipv6Address)).toEqual(['', '']);
  });

  it('answers the private address when Intranet', async () => {
    const cloud = await startCloud();
    const id = await activeLoadBalancer(cloud, { addressType: 'Intranet' });
    const [first] = cloud.state.loadBalancer(id).zones;
    expect(first?.address).toMatch(/^10\.0\.1\./);
    expect(first?.address).toBe(first?.intranetAddress);
  });

  it('takes three addresses of each vSwitch', async () => {
    const cloud = await startCloud();
    const before = cloud.vpcState.availableIpAddressCount(cloud.vSwitchE);
    await activeLoadBalancer(cloud);
    expect(before - cloud.vpcState.availableIpAddressCount(cloud.vSwitchE)).toBe(3);
  });

  it('makes a managed security group in the VPC', async () => {
    const cloud = await startCloud();
    await activeLoadBalancer(cloud);
    expect(cloud.ecs.securityGroups.list()).toMatchObject([{ vpcId: cloud.vpc.id, serviceManaged: true }]);
  });

  it('P-062: tells the reason of CreateFailed by ListAsynJobs', async () => {
    const cloud = await startCloud();
    cloud.state.createFailed.add('doomed');
    const id = await activeLoadBalancer(cloud, { loadBalancerName: 'doomed' });
    const { body } = await cloud.client.getLoadBalancerAttribute(attribute(id));
    expect(body?.loadBalancerStatus).toBe('CreateFailed');
    const jobs = await cloud.client.listAsynJobs(
      new sdk.ListAsynJobsRequest({ resourceIds: [id], apiName: 'CreateLoadBalancer' }),
    );
    expect(jobs.body?.jobs).toMatchObject([
      { status: 'Failed', errorCode: '506', errorMessage: 'AllocateEipAddress Failed', operateType: 'Create' },
    ]);
    expect(cloud.ecs.networkInterfaces.list()).toEqual([]);
  });

  it('refuses a vSwitch of another VPC', async () => {
    const cloud = await startCloud();
    const other = addVpc(cloud.vpcState, true);
    const foreign = addVSwitch(cloud.vpcState, other, 'cn-shanghai-g', '10.0.9.0/24', 9);
    const zoneMappings = [zone('cn-shanghai-e', cloud.vSwitchE), zone('cn-shanghai-g', foreign)];
    await expect(cloud.client.createLoadBalancer(loadBalancerRequest(cloud, { zoneMappings }))).rejects.toMatchObject({
      code: 'Mismatch.VpcId',
    });
  });
});
