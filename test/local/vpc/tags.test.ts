import sdk from '@alicloud/vpc20160428';
import { describe, expect, it } from 'vitest';
import { refusal, regionId, start } from './start.ts';

const list = (options: Record<string, unknown>) => new sdk.ListTagResourcesRequest({ regionId, ...options });
const wanted = (key: string, value?: string) =>
  new sdk.ListTagResourcesRequestTag(value === undefined ? { key } : { key, value });
const given = (key: string, value: string) => new sdk.TagResourcesRequestTag({ key, value });

async function startWithTagged() {
  const cloud = await start();
  const both = [
    { key: 'app', value: 'shop' },
    { key: 'stage', value: 'network' },
  ];
  const first = await cloud.vpc({ tag: both });
  const second = await cloud.vpc({ tag: [{ key: 'app', value: 'shop' }] });
  return { ...cloud, first, second };
}

describe('ListTagResources: parameters', () => {
  it('wants ids or tags', async () => {
    const { client } = await start();
    await expect(client.listTagResources(list({ resourceType: 'VPC' }))).rejects.toEqual(
      refusal('BothEmpty.TagsAndResources'),
    );
  });

  it.each(['vpc', 'INSTANCE'])('P-023: refuses the resource type %s', async (resourceType) => {
    const { client } = await start();
    await expect(client.listTagResources(list({ resourceType, tag: [wanted('app')] }))).rejects.toEqual(
      refusal('InvalidInstanceType.NotFound'),
    );
  });

  it('knows types of which there is nothing', async () => {
    const { client } = await start();
    const { body } = await client.listTagResources(list({ resourceType: 'ROUTETABLE', tag: [wanted('app')] }));
    expect(body?.tagResources?.tagResource).toEqual([]);
  });

  it('refuses more than 50 results', async () => {
    const { client } = await start();
    const request = list({ resourceType: 'VPC', tag: [wanted('app')], maxResults: 51 });
    await expect(client.listTagResources(request)).rejects.toEqual(refusal('InvalidParameter'));
  });

  it('refuses a token that it never gave', async () => {
    const { client } = await start();
    const request = list({ resourceType: 'VPC', tag: [wanted('app')], nextToken: 'mine' });
    await expect(client.listTagResources(request)).rejects.toEqual(refusal('InvalidParameter'));
  });

  it('refuses an id that is not there', async () => {
    const { client } = await start();
    await expect(client.listTagResources(list({ resourceType: 'VPC', resourceId: ['vpc-none'] }))).rejects.toEqual(
      refusal('InvalidInstanceIds.NotFound'),
    );
  });
});

describe('ListTagResources: effects', () => {
  it('P-022: gives one row per tag', async () => {
    const { client, first } = await startWithTagged();
    const { body } = await client.listTagResources(list({ resourceType: 'VPC', resourceId: [first] }));
    expect(body?.tagResources?.tagResource).toMatchObject([
      { resourceId: first, resourceType: 'VPC', tagKey: 'app', tagValue: 'shop' },
      { resourceId: first, resourceType: 'VPC', tagKey: 'stage', tagValue: 'network' },
    ]);
    expect(body?.nextToken).toBe('');
  });

  it('wants every tag to match, a key alone with any value', async () => {
    const { client, first } = await startWithTagged();
    const tag = [wanted('app', 'shop'), wanted('stage')];
    const { body } = await client.listTagResources(list({ resourceType: 'VPC', tag }));
    expect(new Set(body?.tagResources?.tagResource?.map((row) => row.resourceId))).toEqual(new Set([first]));
  });

  it('goes on where the token says', async () => {
    const { client, second } = await startWithTagged();
    const request = { resourceType: 'VPC', tag: [wanted('app')], maxResults: 2 };
    const page = (await client.listTagResources(list(request))).body;
    expect(page?.tagResources?.tagResource).toHaveLength(2);
    const rest = (await client.listTagResources(list({ ...request, nextToken: page?.nextToken }))).body;
    expect(rest?.tagResources?.tagResource?.map((row) => row.resourceId)).toEqual([second]);
    expect(rest?.nextToken).toBe('');
  });

  it('forgets the tags of a resource that is gone', async () => {
    const { client, clock, first, second } = await startWithTagged();
    await client.deleteVpc(new sdk.DeleteVpcRequest({ vpcId: second }));
    clock.advance(8000);
    const { body } = await client.listTagResources(list({ resourceType: 'VPC', tag: [wanted('app')] }));
    expect(body?.tagResources?.tagResource?.every((row) => row.resourceId === first)).toBe(true);
  });
});

describe('TagResources', () => {
  const tagging = (resourceId: string[], ...tag: sdk.TagResourcesRequestTag[]) =>
    new sdk.TagResourcesRequest({ regionId, resourceType: 'VPC', resourceId, tag });

  it('P-016: takes no client token', async () => {
    const { call, first } = await startWithTagged();
    const query = {
      RegionId: regionId,
      ResourceType: 'VPC',
      'ResourceId.1': first,
      'Tag.1.Key': 'a',
      'Tag.1.Value': 'b',
      ClientToken: 'token-1',
    };
    await expect(call('TagResources', query)).rejects.toEqual(refusal('InvalidParameter'));
  });

  it('replaces the value of a key', async () => {
    const { client, first, state } = await startWithTagged();
    await client.tagResources(tagging([first], given('app', 'other')));
    expect(state.vpc(first).tags).toEqual([
      { key: 'stage', value: 'network' },
      { key: 'app', value: 'other' },
    ]);
  });

  it('tags nothing when one resource is not there', async () => {
    const { client, first, state } = await startWithTagged();
    await expect(client.tagResources(tagging([first, 'vpc-none'], given('new', '1')))).rejects.toEqual(
      refusal('InvalidInstanceIds.NotFound'),
    );
    expect(state.vpc(first).tags.map(({ key }) => key)).toEqual(['app', 'stage']);
  });

  it('stops at 20 tags for a resource', async () => {
    const { client, first } = await startWithTagged();
    const many = Array.from({ length: 19 }, (_, index) => given(`key-${index}`, '1'));
    await expect(client.tagResources(tagging([first], ...many))).rejects.toEqual(refusal('QuotaExceeded.TagNum'));
  });

  it('wants tags', async () => {
    const { client, first } = await startWithTagged();
    await expect(client.tagResources(tagging([first]))).rejects.toEqual(refusal('MissingParam.Tags'));
  });
});

describe('UnTagResources', () => {
  const untag = (resourceId: string[], options: { tagKey?: string[]; all?: boolean }) =>
    new sdk.UnTagResourcesRequest({ regionId, resourceType: 'VPC', resourceId, ...options });

  it('takes the named keys away', async () => {
    const { client, first, state } = await startWithTagged();
    await client.unTagResources(untag([first], { tagKey: ['stage', 'absent'] }));
    expect(state.vpc(first).tags).toEqual([{ key: 'app', value: 'shop' }]);
  });

  it('takes all away only when told so', async () => {
    const { client, first, state } = await startWithTagged();
    await client.unTagResources(untag([first], {}));
    expect(state.vpc(first).tags).toHaveLength(2);
    await client.unTagResources(untag([first], { all: true }));
    expect(state.vpc(first).tags).toEqual([]);
  });
});
