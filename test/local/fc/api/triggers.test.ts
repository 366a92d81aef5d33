import { describe, expect, it } from 'vitest';
import { triggerHost } from '../../../../local/fc/http-trigger.ts';
import { until } from '../support/function-compute.ts';
import { accountId, type Api, create, inline, refusal, regionId, startApi } from './support.ts';

const timerConfig = JSON.stringify({ cronExpression: '@every 1m', enable: true, payload: 'p' });
const queueConfig = (RegionId = regionId) => ({
  triggerEnable: true,
  asyncInvocationType: false,
  eventRuleFilterPattern: '{}',
  eventSourceConfig: {
    eventSourceType: 'MNS',
    eventSourceParameters: { sourceMNSParameters: { RegionId, QueueName: 'q', IsBase64Decode: true } },
  },
  runOptions: { mode: 'event-streaming', errorsTolerance: 'ALL' },
});

const put = async (api: Api, name: string, type: string, config: unknown, more: object = {}) => {
  const body = new api.sdk.CreateTriggerInput({
    triggerName: name,
    triggerType: type,
    triggerConfig: typeof config === 'string' ? config : JSON.stringify(config),
    ...more,
  });
  return (await api.client.createTrigger('f', new api.sdk.CreateTriggerRequest({ body }))).body;
};

async function start() {
  const api = await startApi();
  await create(api, 'f', { code: inline("exports.handler = async (event) => console.log('ran', String(event))") });
  return api;
}

describe('Function Compute API: triggers', () => {
  it('keeps the configuration as the text that was sent', async () => {
    const api = await start();
    await put(api, 't', 'timer', timerConfig, { description: 'd', qualifier: 'LATEST' });
    expect((await api.client.getTrigger('f', 't')).body).toMatchObject({
      triggerName: 't',
      triggerType: 'timer',
      triggerConfig: timerConfig,
      description: 'd',
      qualifier: 'LATEST',
      targetArn: `acs:fc:${regionId}:${accountId}:functions/f/LATEST`,
    });
  });

  it('fires a timer that was made, with the payload of its update, and no more once it is deleted', async () => {
    const api = await start();
    await put(api, 't', 'timer', timerConfig);
    const body = new api.sdk.UpdateTriggerInput({ triggerConfig: timerConfig.replace('"p"', '"second"') });
    await api.client.updateTrigger('f', 't', new api.sdk.UpdateTriggerRequest({ body }));
    const ran = () => api.compute.stats.get('f')?.invocations ?? 0;
    api.clock.advance(60_000);
    await until(() => ran() === 1 && api.compute.isIdle(), 'the tick');
    expect((await api.client.deleteTrigger('f', 't')).statusCode).toBe(204);
    api.clock.advance(600_000);
    await until(() => api.compute.isIdle());
    expect(ran()).toBe(1);
  });

  it('serves an HTTP trigger under the address that it shows', async () => {
    const api = await startApi();
    await create(api, 'f', { code: inline("exports.handler = async () => ({ statusCode: 201, body: 'made' })") });
    const made = await put(api, 'api', 'http', { authType: 'anonymous', methods: ['GET'] });
    const host = triggerHost('f', regionId, accountId);
    expect(made?.httpTrigger).toMatchObject({
      urlInternet: `https://${host}`,
      urlIntranet: `https://${host.replace(`.${regionId}.`, `.${regionId}-vpc.`)}`,
    });
  });

  it('reads a queue from the moment its trigger is made', async () => {
    const api = await start();
    await put(api, 'queue', 'eventbridge', queueConfig());
    await until(() => api.compute.polling === 1, 'the long poll');
    expect(api.compute.streams).toEqual([{ functionName: 'f', triggerName: 'queue', state: 'Running' }]);
    await api.client.deleteTrigger('f', 'queue');
    expect(api.compute.streams).toEqual([]);
  });

  it('takes triggers in any order: only a file has one', async () => {
    const api = await start();
    await put(api, 'queue', 'eventbridge', queueConfig());
    await put(api, 't', 'timer', timerConfig);
    const page = (nextToken?: string) =>
      api.client.listTriggers(
        'f',
        new api.sdk.ListTriggersRequest({ limit: 1, ...(nextToken === undefined ? {} : { nextToken }) }),
      );
    const first = (await page()).body;
    const second = (await page(first?.nextToken)).body;
    expect([first, second].flatMap((body) => body?.triggers ?? []).map(({ triggerName }) => triggerName)).toEqual([
      'queue',
      't',
    ]);
    expect(second?.nextToken).toBeUndefined();
  });

  it('keeps a function from being deleted', async () => {
    const api = await start();
    await put(api, 't', 'timer', timerConfig);
    expect(await refusal(api.client.deleteFunction('f'))).toEqual(['FunctionNotEmpty', 409]);
    await api.client.deleteTrigger('f', 't');
    await api.client.deleteFunction('f');
  });
});

describe('Function Compute API: triggers that are refused', () => {
  it('refuses a second one of the name, and what is not there', async () => {
    const api = await start();
    await put(api, 't', 'timer', timerConfig);
    expect(await refusal(put(api, 't', 'timer', timerConfig))).toEqual(['TriggerAlreadyExists', 409]);
    expect(await refusal(api.client.getTrigger('f', 'u'))).toEqual(['TriggerNotFound', 404]);
    expect(await refusal(api.client.deleteTrigger('f', 'u'))).toEqual(['TriggerNotFound', 404]);
    expect(await refusal(api.client.getTrigger('g', 't'))).toEqual(['FunctionNotFound', 404]);
    const update = new api.sdk.UpdateTriggerRequest({ body: new api.sdk.UpdateTriggerInput({ description: 'd' }) });
    expect(await refusal(api.client.updateTrigger('f', 'u', update))).toEqual(['TriggerNotFound', 404]);
  });

  it.each([
    ['a configuration that is no JSON', 'timer', 'every minute'],
    ['a schedule that it cannot read', 'timer', { cronExpression: 'every minute' }],
    ['P-163: a misspelt member', 'eventbridge', { ...queueConfig(), runOption: {} }],
    ['P-163: an unknown tolerance', 'eventbridge', { ...queueConfig(), runOptions: { errorsTolerance: 'BOGUS' } }],
    ['P-122: a queue of another region', 'eventbridge', queueConfig('cn-beijing')],
    ['a type that there is not', 'mns_queue', {}],
    ['an HTTP trigger without methods', 'http', { authType: 'anonymous', methods: [] }],
  ])('refuses %s', async (_what, type, config) => {
    const api = await start();
    expect(await refusal(put(api, 't', type, config))).toEqual(['InvalidArgument', 400]);
  });

  it('refuses a second HTTP trigger', async () => {
    const api = await start();
    const config = { authType: 'anonymous', methods: ['GET'] };
    await put(api, 'a', 'http', config);
    expect(await refusal(put(api, 'b', 'http', config))).toEqual(['InvalidArgument', 400]);
  });

  it('says that a trigger of another service is not emulated', async () => {
    const api = await start();
    expect(await refusal(put(api, 't', 'oss', { events: [] }))).toEqual(['EmbeddedCloud.NotEmulated', 501]);
  });

  it('changes nothing when an update is refused', async () => {
    const api = await start();
    await put(api, 't', 'timer', timerConfig);
    const body = new api.sdk.UpdateTriggerInput({ triggerConfig: '{}' });
    const update = new api.sdk.UpdateTriggerRequest({ body });
    expect(await refusal(api.client.updateTrigger('f', 't', update))).toEqual(['InvalidArgument', 400]);
    expect((await api.client.getTrigger('f', 't')).body?.triggerConfig).toBe(timerConfig);
  });
});
