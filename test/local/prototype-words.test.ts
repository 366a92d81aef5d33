import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EmbeddedCloud } from '../../local/cloud.ts';
import { images } from '../../local/ecs/catalog.ts';
import { Edge } from '../../local/edge.ts';
import { VirtualClock } from '../../shared/clock.ts';
import { testContext } from '../support/cloud-context.ts';
import { prototypeNames, prototypeWords } from '../support/prototype-words.ts';
import { genericClient } from '../support/rpc-call.ts';
import { signedCall } from '../support/signed-call.ts';
import { columnsOf, createTable, putRow, startTablestore } from '../support/tablestore.ts';
import { create, startApi } from './fc/api/support.ts';
import { start as startMns } from './mns/support.ts';

const clock = new VirtualClock(Date.now());
let cloud: EmbeddedCloud;
beforeAll(async () => {
  cloud = new EmbeddedCloud({ clock, controlToken: null, throttles: false, latency: 'none' });
  await cloud.start();
});
afterAll(() => cloud.close());

const apiOf = (name: string): { version: string; actions: string[] } =>
  cloud.services.find((candidate) => candidate.name === name)?.api ?? { version: '', actions: [] };

const clientOf = (name: string) => genericClient(cloud.url, cloud.context, apiOf(name).version);

/** A file or a stack in an answer. */
const leak = /\.ts\b|\bat \w+ \(|\[native code\]/;

describe.each(['vpc', 'ecs', 'alb', 'alidns', 'resourcemanager', 'ram', 'sts'])('%s', (name) => {
  const call = async (action: string, params?: [string, string][]) =>
    await signedCall(cloud.url, cloud.context, apiOf(name).version, action, params);

  it('has no action with such a name', async () => {
    for (const word of prototypeWords) {
      const { code, status, text } = await call(word);
      expect([code, status]).toEqual(['InvalidAction.NotFound', 404]);
      expect(text).not.toMatch(leak);
    }
  });

  it('takes parameters with such names as it takes any that it does not know', async () => {
    const answer = async (action: string, word: string, form: string) => {
      const { status, code, text } = await call(action, [
        ['RegionId', 'cn-shanghai'],
        [`${word}${form}`, 'x'],
      ]);
      expect(text).not.toMatch(leak);
      return [action, status, code.replace(word, 'WORD')];
    };
    const { actions } = apiOf(name);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions)
      for (const form of ['', '.1.Key']) {
        const usual = await answer(action, 'ordinary', form);
        for (const word of ['constructor', '__proto__']) expect(await answer(action, word, form)).toEqual(usual);
      }
  });
});

describe('a tag', () => {
  it.each(prototypeNames)('may have the key %s', async (word) => {
    const call = clientOf('vpc');
    const { VpcId: id = '' } = await call<{ VpcId?: string }>('CreateVpc', {
      RegionId: 'cn-shanghai',
      CidrBlock: '10.0.0.0/8',
    });
    const tagged = { RegionId: 'cn-shanghai', ResourceType: 'VPC', 'ResourceId.1': id };
    await call('TagResources', { ...tagged, 'Tag.1.Key': word, 'Tag.1.Value': 'x' });
    // Lists lag behind.
    clock.advance(10_000);
    const found = await call('DescribeVpcs', { RegionId: 'cn-shanghai', 'Tag.1.Key': word, 'Tag.1.Value': 'x' });
    expect(JSON.stringify(found)).toContain(`{"Tag":[{"Key":"${word}","Value":"x"}]}`);
    expect(found).toMatchObject({ TotalCount: 1 });
  });
});

it('prices no disk of a category that only Object.prototype has', async () => {
  const price = clientOf('ecs')('DescribePrice', {
    RegionId: 'cn-shanghai',
    ResourceType: 'instance',
    InstanceType: 'ecs.g6.large',
    ImageId: images[0]?.id ?? '',
    'SystemDisk.Category': 'constructor',
  });
  await expect(price).rejects.toMatchObject({ code: 'InvalidSystemDiskCategory.ValueNotSupported' });
});

it.each(prototypeWords)('has no control %s', async (word) => {
  const answer = await fetch(`${cloud.url}/_local/${word}`);
  expect(answer.status).toBe(404);
});

it.each(prototypeNames)('keeps the DNS record %s', async (word) => {
  const call = clientOf('alidns');
  const rr = word.toLowerCase();
  await call('AddDomainRecord', { DomainName: 'example.com', RR: rr, Type: 'A', Value: '192.0.2.1' });
  const found = await call('DescribeDomainRecords', { DomainName: 'example.com', RRKeyWord: rr });
  expect(found).toMatchObject({ TotalCount: 1 });
});

it('keeps queues with such names', async () => {
  const { client } = await startMns();
  for (const word of prototypeNames) {
    await client.createQueue(word);
    await client.sendMessage(word, { MessageBody: word });
    expect((await client.receiveMessage(word)).body).toMatchObject({ MessageBody: word });
  }
});

it('keeps tables and columns with such names', async () => {
  const { client, service } = await startTablestore();
  for (const word of prototypeWords) {
    await createTable(client, word);
    await putRow(client, word, [{ id: word }], { [`c_${word}`]: word, constructor: word });
    const { row } = await client.getRow({ tableName: word, primaryKey: [{ id: word }] });
    expect(columnsOf(row)).toEqual({ [`c_${word}`]: word, constructor: word });
  }
  expect((await client.listTable({})).tableNames.sort()).toEqual([...prototypeWords].sort());
  expect(Object.keys(service.snapshot()['dualstack-alb'] ?? {}).sort()).toEqual([...prototypeWords].sort());
});

it('keeps functions and variables with such names', async () => {
  const api = await startApi();
  const environmentVariables = Object.fromEntries(prototypeNames.map((word) => [word, word]));
  for (const word of prototypeNames) {
    await create(api, word, { environmentVariables });
    const shown = (await api.client.getFunction(word, new api.sdk.GetFunctionRequest({}))).body;
    expect(shown).toMatchObject({ functionName: word, environmentVariables });
  }
});

it('says neither stack nor paths of a defect of its own', async () => {
  const context = testContext();
  const onDefect = vi.fn<(error: unknown, requestId: string) => void>();
  const edge = new Edge({
    clock: context.clock,
    credentials: context.credentials,
    onDefect,
    services: [
      {
        name: 'broken',
        accepts: () => true,
        describe: () => ({ service: 'broken', version: '1', action: 'Break', params: {} }),
        refuse: (request, status, code, message) => ({
          status,
          headers: {},
          body: JSON.stringify({ id: request.id, code, message }),
        }),
        handle: () => Promise.reject(new TypeError('x.run is not a function')),
      },
    ],
  });
  try {
    const answer = await fetch(await edge.listen());
    const { id, ...body } = (await answer.json()) as { id: string };
    expect(answer.status).toBe(500);
    expect(body).toEqual({
      code: 'EmbeddedCloudDefect',
      message: 'The embedded cloud has a defect; what it prints beside this request id says more.',
    });
    expect(onDefect).toHaveBeenCalledExactlyOnceWith(new TypeError('x.run is not a function'), id);
  } finally {
    await edge.close();
  }
});
