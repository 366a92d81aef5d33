import { describe, expect, it } from 'vitest';
import { genericClient } from '../../../support/rpc-call.ts';
import { accountId, type Api, create, inline, refusal, regionId, startApi } from './support.ts';

interface Streams {
  Data: {
    Total: number;
    NextToken?: string;
    EventStreamings: { EventStreamingName: string; Status: string; Source: object }[];
  };
}
interface Quotas {
  Quotas: { QuotaName: string; TotalQuota: number; TotalUsage?: number }[];
  TotalCount: number;
  NextToken?: string;
}

const queueConfig = (QueueName: string, more: object = {}) =>
  JSON.stringify({
    triggerEnable: true,
    eventSourceConfig: {
      eventSourceType: 'MNS',
      eventSourceParameters: { sourceMNSParameters: { RegionId: regionId, QueueName, IsBase64Decode: true } },
    },
    runOptions: { mode: 'event-streaming' },
    ...more,
  });

const put = async (api: Api, triggerName: string, triggerConfig = queueConfig(triggerName)) => {
  const body = new api.sdk.CreateTriggerInput({ triggerName, triggerType: 'eventbridge', triggerConfig });
  await api.client.createTrigger('f', new api.sdk.CreateTriggerRequest({ body }));
};

async function start() {
  const api = await startApi();
  await create(api, 'f', { code: inline('exports.handler = async () => {}') });
  const list = genericClient(api.url, api.context, '2020-04-01');
  const quotas = genericClient(api.url, api.context, '2020-05-10');
  return {
    api,
    streams: async (query: Record<string, string> = {}) => (await list<Streams>('ListEventStreamings', query)).Data,
    quotas: (query: Record<string, string>) => quotas<Quotas>('ListProductQuotas', query),
  };
}

describe('the event streams of queue triggers', () => {
  it('are there from when the trigger is made until it is deleted', async () => {
    const { api, streams } = await start();
    expect(await streams()).toEqual({ EventStreamings: [], Total: 0 });
    await put(api, 'orders');
    expect(await streams()).toMatchObject({
      Total: 1,
      EventStreamings: [
        {
          Status: 'RUNNING',
          Source: { SourceMNSParameters: { RegionId: regionId, QueueName: 'orders', IsBase64Decode: true } },
          Sink: {
            SinkFcParameters: { FunctionName: { Value: `acs:fc:${regionId}:${accountId}:functions/f` } },
          },
        },
      ],
    });
    await api.client.deleteTrigger('f', 'orders');
    expect(await streams()).toMatchObject({ Total: 0 });
  });

  it('pause with their trigger', async () => {
    const { api, streams } = await start();
    await put(api, 'orders', queueConfig('orders', { triggerEnable: false }));
    expect((await streams()).EventStreamings).toMatchObject([{ Status: 'PAUSED' }]);
  });

  it('are none where the trigger is event-driven', async () => {
    const { api, streams } = await start();
    await put(api, 'orders', queueConfig('orders', { runOptions: { mode: 'event-driven' } }));
    expect(await streams()).toMatchObject({ Total: 0 });
  });

  it('come in pages', async () => {
    const { api, streams } = await start();
    for (const name of ['a', 'b', 'c']) await put(api, name);
    const first = await streams({ Limit: '2' });
    const second = await streams({ Limit: '2', NextToken: first.NextToken ?? '' });
    expect([first.Total, second.Total, second.NextToken]).toEqual([3, 3, undefined]);
    const names = [first, second].flatMap(({ EventStreamings }) => EventStreamings);
    expect(names.map(({ EventStreamingName }) => EventStreamingName)).toEqual(['f_a', 'f_b', 'f_c']);
    expect((await streams({ NamePrefix: 'f_b' })).Total).toBe(1);
  });

  it('are as many as the quota, and not one more', async () => {
    const { api } = await start();
    api.eventBridge.streamQuota = 2;
    await put(api, 'a');
    await put(api, 'b');
    expect(await refusal(put(api, 'c'))).toEqual(['InvalidArgument', 400]);
    const body = new api.sdk.UpdateTriggerInput({ triggerConfig: queueConfig('b', { triggerEnable: false }) });
    await api.client.updateTrigger('f', 'b', new api.sdk.UpdateTriggerRequest({ body }));
    await api.client.deleteTrigger('f', 'a');
    await put(api, 'c');
  });

  it.each([
    ['a limit above 100', { Limit: '101' }],
    ['a filter that is not emulated', { SourceArn: 'acs:mns' }],
    ['a token that nobody gave', { NextToken: 'x' }],
  ])('refuse %s', async (_what, query) => {
    const { streams } = await start();
    await expect(streams(query)).rejects.toMatchObject({ code: 'InvalidArgument', statusCode: 400 });
  });

  it('are shown to nobody without the permission', async () => {
    const { api } = await start();
    api.context.credentials.setRolePolicies('reader', []);
    const call = genericClient(api.url, api.context, '2020-04-01', api.context.credentials.issue('reader', 'x'));
    await expect(call('ListEventStreamings')).rejects.toMatchObject({ code: 'AccessDenied', statusCode: 403 });
  });
});

describe('the quota of event streams', () => {
  it('is listed with its usage', async () => {
    const { api, quotas } = await start();
    await put(api, 'a');
    const { Quotas } = await quotas({
      ProductCode: 'eventbridge',
      'Dimensions.1.Key': 'regionId',
      'Dimensions.1.Value': regionId,
    });
    expect(Quotas.find(({ QuotaName }) => QuotaName === 'Event streams')).toMatchObject({
      ProductCode: 'eventbridge',
      QuotaCategory: 'CommonQuota',
      Dimensions: { regionId },
      TotalQuota: 50,
      TotalUsage: 1,
    });
  });

  it('comes in pages with the others of the product', async () => {
    const { quotas } = await start();
    const first = await quotas({ ProductCode: 'eventbridge', MaxResults: '2' });
    expect([first.Quotas.length, first.TotalCount]).toEqual([2, 3]);
    const second = await quotas({ ProductCode: 'eventbridge', MaxResults: '2', NextToken: first.NextToken ?? '' });
    expect([second.Quotas.length, second.NextToken]).toEqual([1, undefined]);
  });

  it.each([
    ['no product', {}, 'MissingProductCode', 400],
    ['a product that is not emulated', { ProductCode: 'ecs' }, 'EmbeddedCloud.NotEmulated', 501],
    ['a parameter that it does not know', { ProductCode: 'eventbridge', Region: 'x' }, 'PARAMETER.ILLEGALL', 400],
    [
      'another region',
      { ProductCode: 'eventbridge', 'Dimensions.1.Key': 'regionId', 'Dimensions.1.Value': 'cn-beijing' },
      'QUOTA.DIMENSION.VALUE.UNSUPPORT',
      400,
    ],
  ])('is not asked for with %s', async (_what, query, code, statusCode) => {
    const { quotas } = await start();
    await expect(quotas(query as Record<string, string>)).rejects.toMatchObject({ code, statusCode });
  });

  it('is shown to nobody without the permission', async () => {
    const { api } = await start();
    api.context.credentials.setRolePolicies('reader', []);
    const call = genericClient(api.url, api.context, '2020-05-10', api.context.credentials.issue('reader', 'x'));
    await expect(call('ListProductQuotas', { ProductCode: 'eventbridge' })).rejects.toMatchObject({
      code: 'RAM.PERMISSION.DENIED',
      statusCode: 400,
    });
  });
});
