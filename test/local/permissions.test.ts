import core, { $OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedCloud } from '../../local/cloud.ts';
import { type ControlPlane, startControlPlane } from '../../local/control-plane.ts';
import type { PolicyDocument } from '../../local/credentials.ts';
import { functionActions } from '../../local/fc/api/index.ts';
import { VirtualClock } from '../../shared/clock.ts';
import { sdkConfig } from '../support/edge.ts';
import { genericClient } from '../support/rpc-call.ts';

/** Code of a refused permission in the services of the RPC style; MNS and Tablestore have tests of their own. */
const codes: Record<string, string> = {
  vpc: 'Forbidden.RAM',
  ecs: 'Forbidden.RAM',
  alb: 'Forbidden.RAM',
  alidns: 'Forbidden.RAM',
  resourcemanager: 'NoPermission',
  ram: 'NoPermission',
};

const allowing = (...actions: string[]): PolicyDocument[] => [
  { Version: '1', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] },
];

let cloud: EmbeddedCloud;
let plane: ControlPlane;
beforeAll(async () => {
  cloud = new EmbeddedCloud({ clock: new VirtualClock(Date.now()), throttles: false });
  await cloud.start();
  plane = startControlPlane(cloud, { workerPath: '', environment: {} });
});
afterAll(async () => {
  await plane.close();
  await cloud.close();
});

interface Refusal {
  code?: string;
  statusCode?: number;
  message?: string;
}

const refusalOf = async (call: Promise<unknown>): Promise<Refusal> => {
  try {
    await call;
    return {};
  } catch (error) {
    return error as Refusal;
  }
};

describe('a role whose policy lacks an action', () => {
  it.each(Object.entries(codes))('is denied every action of %s, by name', { timeout: 30_000 }, async (name, code) => {
    cloud.credentials.setRolePolicies('nothing', []);
    const service = cloud.services.find((candidate) => candidate.name === name);
    const { version = '', actions = [] } = service?.api ?? {};
    const call = genericClient(cloud.url, cloud.context, version, cloud.credentials.issue('nothing', 'f'));
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) {
      const refusal = await refusalOf(call(action));
      expect([action, refusal.code, refusal.statusCode]).toEqual([action, code, 403]);
      expect(refusal.message).toContain(`:${action})`);
    }
  });

  it('is denied every action of Function Compute, by name', { timeout: 30_000 }, async () => {
    cloud.credentials.setRolePolicies('nothing', []);
    const { accessKeyId, accessKeySecret, securityToken } = cloud.credentials.issue('nothing', 'f');
    const client = new core.default(
      Object.assign(sdkConfig(cloud.url, cloud.context), { accessKeyId, accessKeySecret, securityToken, type: 'sts' }),
    );
    for (const { name, method, path } of functionActions) {
      const params = new $OpenApiUtil.Params({
        action: name,
        version: '2023-03-30',
        protocol: 'HTTP',
        pathname: `/2023-03-30${path.replaceAll(/\{\w+\}/g, 'x')}`,
        method,
        authType: 'AK',
        style: 'ROA',
        reqBodyType: 'json',
        bodyType: 'json',
      });
      const refusal = await refusalOf(
        client.callApi(params, new $OpenApiUtil.OpenApiRequest({}), new RuntimeOptions({})),
      );
      expect([name, refusal.code, refusal.statusCode]).toEqual([name, 'AccessDenied', 403]);
      expect(refusal.message).toContain(`not authorized to perform 'fc:${name}'`);
    }
  });

  it('may do what the policy names, until it no longer does', async () => {
    cloud.credentials.setRolePolicies('reader', allowing('vpc:DescribeVpcs'));
    const call = genericClient(cloud.url, cloud.context, '2016-04-28', cloud.credentials.issue('reader', 'f'));
    await call('DescribeVpcs', { RegionId: cloud.context.regionId });
    expect(await refusalOf(call('CreateVpc', { RegionId: cloud.context.regionId }))).toMatchObject({
      code: 'Forbidden.RAM',
    });
    cloud.credentials.setRolePolicies('reader', allowing('vpc:CreateVpc'));
    expect(await refusalOf(call('DescribeVpcs', { RegionId: cloud.context.regionId }))).toMatchObject({
      code: 'Forbidden.RAM',
    });
  });
});
