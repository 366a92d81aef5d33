import { expect } from 'vitest';
import sdk from '@alicloud/vpc20160428';
import { vpcService } from '../../../local/vpc/index.ts';
import type { Dependent } from '../../../local/vpc/state.ts';
import { testContext } from '../../support/cloud-context.ts';
import { sdkConfig, testEdge } from '../../support/edge.ts';
import { genericClient } from '../../support/rpc-call.ts';

export const regionId = 'cn-shanghai';
export const zoneA = 'cn-shanghai-e';
export const zoneB = 'cn-shanghai-g';

/** A VPC service behind a real socket, the official client for it, and what other services would keep in it. */
export async function start() {
  const context = testContext();
  const service = vpcService(context);
  const { state } = service;
  const dependents: Dependent[] = [];
  state.addDependents(() => dependents);
  const { url, calls } = await testEdge(context, [service]);
  const client = new sdk.default(sdkConfig(url, context));
  return {
    context,
    clock: context.clock,
    state,
    url,
    calls,
    client,
    /** Any action with any parameters. */
    call: genericClient(url, context, '2016-04-28'),
    dependents,
    /** An Available VPC, made by the API. */
    vpc: async (
      options: { enableIpv6?: boolean; cidrBlock?: string; tag?: { key: string; value: string }[] } = {},
    ): Promise<string> => {
      const { tag = [], ...rest } = options;
      const { body } = await client.createVpc(
        new sdk.CreateVpcRequest({
          regionId,
          cidrBlock: '192.168.0.0/16',
          enableIpv6: true,
          ...rest,
          tag: tag.map((each) => new sdk.CreateVpcRequestTag(each)),
        }),
      );
      context.clock.advance(4000);
      return body?.vpcId ?? '';
    },
    vSwitch: async (
      vpcId: string,
      options: { cidrBlock: string; zoneId?: string; ipv6CidrBlock?: number },
    ): Promise<string> => {
      const { body } = await client.createVSwitch(
        new sdk.CreateVSwitchRequest({ regionId, vpcId, zoneId: zoneA, ...options }),
      );
      return body?.vSwitchId ?? '';
    },
    gateway: async (vpcId: string): Promise<string> => {
      const { body } = await client.createIpv6Gateway(new sdk.CreateIpv6GatewayRequest({ regionId, vpcId }));
      return body?.ipv6GatewayId ?? '';
    },
  };
}

/** What a refused call of the official client looks like. */
export const refusal = (code: string, statusCode = 400) => expect.objectContaining({ code, statusCode }) as unknown;
