import sdk from '@alicloud/vpc20160428';
import { describe, expect, it } from 'vitest';
import { vpcService } from '../../../local/vpc/index.ts';
import { testContext } from '../../support/cloud-context.ts';
import { sdkConfig, testEdge } from '../../support/edge.ts';

async function start() {
  const context = testContext();
  const service = vpcService(context);
  const { url, calls } = await testEdge(context, [service]);
  return { context, service, calls, client: new sdk.default(sdkConfig(url, context)) };
}

describe('CreateVpc: parameters', () => {
  it('refuses a CIDR block with host bits', async () => {
    const { client } = await start();
    const request = new sdk.CreateVpcRequest({ regionId: 'cn-shanghai', cidrBlock: '10.0.0.1/8' });
    await expect(client.createVpc(request)).rejects.toMatchObject({
      code: 'InvalidCidrBlock.Malformed',
      statusCode: 400,
    });
  });
});

describe('CreateVpc: state rules', () => {
  it('answers a repeated client token with the same VPC', async () => {
    const { client, service } = await start();
    const request = new sdk.CreateVpcRequest({ regionId: 'cn-shanghai', enableIpv6: true, clientToken: 'token-1' });
    const first = await client.createVpc(request);
    const second = await client.createVpc(request);
    expect(second.body?.vpcId).toBe(first.body?.vpcId);
    expect(service.state.vpcs.list()).toHaveLength(1);
  });

  it('P-001: reports a passed dry run as an error', async () => {
    const { client, service } = await start();
    const request = new sdk.CreateVpcRequest({ regionId: 'cn-shanghai', dryRun: true });
    await expect(client.createVpc(request)).rejects.toMatchObject({ code: 'DryRunOperation' });
    expect(service.state.vpcs.list()).toHaveLength(0);
  });
});

describe('CreateVpc: effects', () => {
  it('becomes Available after the configured time', async () => {
    const { client, context, service } = await start();
    const { body } = await client.createVpc(new sdk.CreateVpcRequest({ regionId: 'cn-shanghai', enableIpv6: true }));
    const vpc = service.state.vpc(body?.vpcId ?? '');
    expect(service.state.vpcs.statusOf(vpc)).toBe('Pending');
    expect(vpc.ipv6CidrBlock).toMatch(/^2408:4002:.*\/56$/);
    context.clock.advance(4000);
    expect(service.state.vpcs.statusOf(vpc)).toBe('Available');
  });
});
