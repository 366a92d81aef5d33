import sdk from '@alicloud/ecs20140526';
import { ecsService } from '../../../local/ecs/index.ts';
import type { LatencyName } from '../../../local/latency.ts';
import { settled } from '../../../local/lifecycle.ts';
import { VpcState } from '../../../local/vpc/state.ts';
import { testContext } from '../../support/cloud-context.ts';
import { sdkConfig, testEdge } from '../../support/edge.ts';

export const regionId = 'cn-shanghai';
export const imageFamily = 'acs:alibaba_cloud_linux_3_2104_lts_x64';

/** ECS behind a socket, with one VPC: a vSwitch in zone e with IPv6 and one in zone g without. */
export async function start(latency: LatencyName = 'realistic') {
  const context = testContext(latency);
  const vpc = new VpcState(context);
  const service = ecsService(context, vpc);
  const { edge, url, calls } = await testEdge(context, [service]);
  const common = { createdAtMs: context.clock.nowMs(), status: settled('Available'), tags: [], description: '' };
  vpc.vpcs.add({
    ...common,
    id: 'vpc-1',
    name: 'one',
    cidrBlock: '10.0.0.0/16',
    ipv6CidrBlock: '2408:4002:1000:100::/56',
  });
  for (const [id, zone, cidrBlock, ipv6CidrBlock] of [
    ['vsw-e', 'e', '10.0.1.0/24', '2408:4002:1000:101::/64'],
    ['vsw-g', 'g', '10.0.2.0/28', ''],
  ] as const)
    vpc.vSwitches.add({
      ...common,
      id,
      name: id,
      vpcId: 'vpc-1',
      zoneId: `cn-shanghai-${zone}`,
      cidrBlock,
      ipv6CidrBlock,
      addresses: new Map(),
    });
  const client = new sdk.default(sdkConfig(url, context));

  const createGroup = async (more: Record<string, unknown> = {}): Promise<string> => {
    const { body } = await client.createSecurityGroup(
      new sdk.CreateSecurityGroupRequest({ regionId, vpcId: 'vpc-1', securityGroupName: 'web', ...more }),
    );
    return body?.securityGroupId ?? '';
  };

  /** Runs one instance with IPv6 unless `more` says otherwise; returns its id. */
  const run = async (securityGroupId: string, more: Record<string, unknown> = {}): Promise<string> => {
    const { body } = await client.runInstances(
      new sdk.RunInstancesRequest({
        regionId,
        imageFamily,
        instanceType: 'ecs.g7.large',
        securityGroupId,
        vSwitchId: 'vsw-e',
        ipv6AddressCount: 1,
        ...more,
      }),
    );
    return body?.instanceIdSets?.instanceIdSet?.[0] ?? '';
  };

  return { context, vpc, service, ecs: service.state, client, edge, url, calls, createGroup, run };
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
