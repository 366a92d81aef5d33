import { OpenApiRequest, Params } from '@alicloud/openapi-core/dist/utils.js';
import { describe, expect, it, vi } from 'vitest';
import { latencies } from '../../../local/latency.ts';
import { base64, imageFamily, regionId, start } from './fixture.ts';

type Started = Awaited<ReturnType<typeof start>>;

/** A signed call with any parameters: what the typed client would not send. */
async function raw({ client }: Started, action: string, query: Record<string, string>): Promise<unknown> {
  const params = new Params({
    action,
    version: '2014-05-26',
    protocol: 'HTTP',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const runtime = {} as Parameters<typeof client.callApi>[2];
  const answer: unknown = await client.callApi(params, new OpenApiRequest({ query }), runtime);
  return (answer as { body: unknown }).body;
}

describe('ECS on the wire', () => {
  it('refuses a misspelt parameter', async () => {
    const started = await start();
    await expect(
      raw(started, 'DescribeSecurityGroups', { RegionId: regionId, 'Tags.1.Key': 'a' }),
    ).rejects.toMatchObject({ code: 'InvalidParameter', statusCode: 400 });
  });

  it('refuses a list with a gap', async () => {
    const started = await start();
    await expect(raw(started, 'DeleteInstances', { RegionId: regionId, 'InstanceId.2': 'i-1' })).rejects.toMatchObject({
      code: 'InvalidParameter',
    });
  });

  it('P-016: refuses a client token where the real action takes none', async () => {
    const started = await start();
    for (const [action, query] of [
      ['DeleteSecurityGroup', { SecurityGroupId: 'sg-1' }],
      ['StopInstance', { InstanceId: 'i-1' }],
      ['StartInstance', { InstanceId: 'i-1' }],
      ['DeleteInstance', { InstanceId: 'i-1' }],
    ] as const)
      await expect(raw(started, action, { ...query, RegionId: regionId, ClientToken: 't' })).rejects.toMatchObject({
        code: 'InvalidParameter',
      });
  });

  it('P-002: refuses a dry run of AuthorizeSecurityGroup', async () => {
    const started = await start();
    const query = { RegionId: regionId, SecurityGroupId: await started.createGroup(), DryRun: 'true' };
    await expect(raw(started, 'AuthorizeSecurityGroup', query)).rejects.toMatchObject({ code: 'InvalidParameter' });
  });

  it('says that an action is not emulated', async () => {
    const started = await start();
    await expect(raw(started, 'CreateInstance', { RegionId: regionId })).rejects.toMatchObject({
      code: 'InvalidAction.NotFound',
      statusCode: 404,
    });
  });

  it('takes user data of the full 32 KB in the query', async () => {
    const started = await start();
    const id = await started.run(await started.createGroup(), { userData: base64('+'.repeat(32 * 1024)) });
    expect(started.ecs.instance(id).userData).toHaveLength(32 * 1024);
  });

  it('answers with the names of the wire', async () => {
    const started = await start();
    const id = await started.run(await started.createGroup());
    started.context.clock.advance(latencies.realistic.instanceMs);
    const answer = await raw(started, 'DescribeInstances', { RegionId: regionId, InstanceIds: `["${id}"]` });
    expect(answer).toMatchObject({
      TotalCount: 1,
      PageNumber: 1,
      PageSize: 10,
      Instances: {
        Instance: [
          {
            InstanceId: id,
            Status: 'Running',
            VpcAttributes: { VpcId: 'vpc-1', VSwitchId: 'vsw-e' },
            NetworkInterfaces: { NetworkInterface: [{ Type: 'Primary', Ipv6Sets: { Ipv6Set: [{}] } }] },
          },
        ],
      },
    });
  });

  it('P-013: refuses a token whose first call is still under way', async () => {
    const started = await start();
    const group = await started.createGroup();
    const call = () =>
      raw(started, 'RunInstances', {
        RegionId: regionId,
        ImageFamily: imageFamily,
        InstanceType: 'ecs.g7.large',
        VSwitchId: 'vsw-e',
        SecurityGroupId: group,
        ClientToken: 'same',
      });
    started.edge.faults.add({ kind: 'late', action: 'RunInstances', delayMs: 300 });
    const first = call();
    await vi.waitFor(() => expect(started.ecs.instances.list()).toHaveLength(1));
    await expect(call()).rejects.toMatchObject({ code: 'IdempotentProcessing', statusCode: 403 });
    expect(await first).toMatchObject({ InstanceIdSets: { InstanceIdSet: [expect.any(String)] } });
    expect(started.ecs.instances.list()).toHaveLength(1);
  });
});
