import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Channel } from '../../../shared/alert/channel.ts';
import { type ChannelSecrets, noSecrets } from '../../../shared/alert/stored-channel.ts';
import { Channels } from '../../../shared/store/channels.ts';
import { Documents } from '../../../shared/store/documents.ts';
import { startStore } from './start.ts';

const url = 'https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef';
const secret = 'SEC0123456789';
const ops: Channel = { type: 'dingtalk', name: 'ops', url, secret, keyword: 'alb' };

async function start() {
  const { rows, service } = await startStore();
  const documents = new Documents<unknown, 'channels'>(rows, 'channels');
  return {
    channelsWith: (secrets: Partial<ChannelSecrets>) => new Channels(rows, { ...noSecrets, ...secrets }),
    documentOf: async (name: string) => (await documents.find({ name })) as Record<string, unknown>,
    write: (name: string, document: unknown) => documents.update({ name }, () => document),
    table: () => JSON.stringify(service.rows('dualstack_alb_channels')),
  };
}

it('keeps nothing in a row that lets its reader write to the channel', async () => {
  const { channelsWith, table } = await start();
  const channels = channelsWith({ key: randomBytes(32) });
  await channels.put(ops);
  for (const hidden of [url, secret, '0123456789abcdef', Buffer.from(secret).toString('base64')])
    expect(table()).not.toContain(hidden);
  expect(table()).toContain('keyword');
  expect(await channels.list()).toEqual({ channels: [ops], forms: new Map([['ops', 'sealed']]), refused: [] });
});

it('encrypts the same channel differently each time', async () => {
  const { channelsWith, documentOf } = await start();
  const channels = channelsWith({ key: randomBytes(32) });
  await channels.put(ops);
  const first = await documentOf('ops');
  await channels.put(ops);
  expect((await documentOf('ops'))['sealed']).not.toBe(first['sealed']);
});

it('reads a row of the version before, and encrypts it at the next write', async () => {
  const { channelsWith, write, table } = await start();
  await write('ops', ops);
  const channels = channelsWith({ key: randomBytes(32) });
  expect(await channels.list()).toMatchObject({ channels: [ops], forms: new Map([['ops', 'plain']]) });
  expect(await channels.sealAnew('ops')).toBe(true);
  expect(await channels.sealAnew('ops')).toBe(false);
  expect(table()).not.toContain(secret);
  expect(await channels.list()).toMatchObject({ channels: [ops], forms: new Map([['ops', 'sealed']]) });
});

it('opens what the key before has encrypted, and encrypts it with the present one', async () => {
  const { channelsWith } = await start();
  const [old, key] = [randomBytes(32), randomBytes(32)];
  await channelsWith({ key: old }).put(ops);
  const during = channelsWith({ key, keyBefore: old });
  expect(await during.list()).toMatchObject({ channels: [ops], forms: new Map([['ops', 'sealed-before']]) });
  expect(await during.sealAnew('ops')).toBe(true);
  expect(await channelsWith({ key }).list()).toMatchObject({ channels: [ops], refused: [] });
});

it.each([
  ['another name', { name: 'team' }],
  ['another vendor', { type: 'feishu' }],
])('opens no secret in a row of %s', async (_what, other) => {
  const { channelsWith, documentOf, write } = await start();
  const channels = channelsWith({ key: randomBytes(32) });
  await channels.put(ops);
  const moved: Record<string, unknown> = { ...(await documentOf('ops')), ...other };
  await write(String(moved['name']), moved);
  expect((await channels.list()).refused).toEqual([
    { name: moved['name'], reason: 'sealed: was changed, or belongs to another row' },
  ]);
});

it.each([
  ['cut', (sealed: string) => sealed.slice(0, -4)],
  ['empty', (sealed: string) => sealed.slice(0, sealed.lastIndexOf('.') + 1)],
  ['changed', (sealed: string) => `${sealed.slice(0, -6)}AAAAAA`],
])('refuses an encrypted secret that was %s', async (_what, change) => {
  const { channelsWith, documentOf, write } = await start();
  const channels = channelsWith({ key: randomBytes(32) });
  await channels.put(ops);
  const document = await documentOf('ops');
  await write('ops', { ...document, sealed: change(String(document['sealed'])) });
  expect(await channels.list()).toMatchObject({
    channels: [],
    refused: [{ name: 'ops', reason: 'sealed: was changed, or belongs to another row' }],
  });
});

it.each([
  ['a key that is not known', { key: randomBytes(32) }, /^sealed: is sealed with a key \(id [0-9a-f]{8}\)/],
  ['no key', {}, /^sealed: DUALSTACK_ALB_CHANNEL_KEY is not set$/],
])('says of a row with %s why it cannot be used', async (_what, secrets, reason) => {
  const { channelsWith } = await start();
  await channelsWith({ key: randomBytes(32) }).put(ops);
  expect((await channelsWith(secrets).list()).refused).toEqual([
    { name: 'ops', reason: expect.stringMatching(reason) as string },
  ]);
});

it('takes the URL and the secret from the variable that a row names', async () => {
  const { channelsWith, write } = await start();
  const name = 'DUALSTACK_ALB_CHANNEL_SECRET_OPS';
  await write('ops', { type: 'dingtalk', name: 'ops', keyword: 'alb', secretRef: name });
  const named = new Map([[name, JSON.stringify({ url, secret })]]);
  expect(await channelsWith({ named }).list()).toMatchObject({
    channels: [ops],
    forms: new Map([['ops', 'reference']]),
  });
  const { channels } = await channelsWith({ named: new Map([[name, url]]) }).list();
  expect(channels).toEqual([{ type: 'dingtalk', name: 'ops', keyword: 'alb', url }]);
});

it.each([
  [
    { secretRef: 'DUALSTACK_ALB_CHANNEL_SECRET_NONE' },
    'secretRef: variable DUALSTACK_ALB_CHANNEL_SECRET_NONE is not set',
  ],
  [{ secretRef: 'ALIBABA_CLOUD_ACCESS_KEY_SECRET' }, 'secretRef: must name a variable DUALSTACK_ALB_CHANNEL_SECRET_…'],
  [{ secretRef: 7 }, 'secretRef: must name a variable DUALSTACK_ALB_CHANNEL_SECRET_…'],
  [{ secretRef: 'DUALSTACK_ALB_CHANNEL_SECRET_A', url }, 'url: must not stand beside secretRef'],
  [{ secretRef: 'DUALSTACK_ALB_CHANNEL_SECRET_A', sealed: 'x' }, 'secretRef: must not stand beside sealed'],
  [{ secretRef: 'DUALSTACK_ALB_CHANNEL_SECRET_B' }, 'secretRef: must hold a URL, or a JSON object of url and secret'],
])('refuses %j', async (part, reason) => {
  const { channelsWith, write } = await start();
  await write('ops', { type: 'dingtalk', name: 'ops', ...part });
  const named = new Map([
    ['DUALSTACK_ALB_CHANNEL_SECRET_A', url],
    ['DUALSTACK_ALB_CHANNEL_SECRET_B', '{"url":1}'],
  ]);
  expect((await channelsWith({ named }).list()).refused).toEqual([{ name: 'ops', reason }]);
});
