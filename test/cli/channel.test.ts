import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Environment } from '../../cli/account/account.ts';
import { root } from '../../cli/build.mjs';
import { runChannel } from '../../cli/channel.ts';
import { capture, startAccount, type TestAccount } from '../support/account.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const url = 'https://hooks.slack.com/services/T0/B0/0123456789abcdef';
const key = Buffer.alloc(32, 7).toString('base64');

let account: TestAccount;
beforeAll(async () => {
  account = await startAccount();
  await account.bootstrap();
});
afterAll(() => account.close());

const run = (args: string[], more: Environment = { DUALSTACK_ALB_CHANNEL_KEY: key }) =>
  capture(account.cloud, () => runChannel(args, { root }, { ...account.env, ...more }));
const fileOf = (channel: unknown): string => {
  const file = join(temporaryFolder(onTestFinished), 'channel.json');
  writeFileSync(file, typeof channel === 'string' ? channel : JSON.stringify(channel));
  return file;
};
const table = () => JSON.stringify(account.cloud.tablestore.rows('mine_channels'));

it('writes a channel with its secret encrypted, lists it without, and removes it', async () => {
  expect(await run(['put', fileOf({ type: 'slack', name: 'chat', url })])).toMatchObject({
    exitCode: 0,
    lines: ['  chat: written, its secret encrypted'],
  });
  expect(table()).not.toContain('0123456789abcdef');
  expect((await run(['list'])).lines).toEqual(['  chat  slack  sealed']);
  await run(['remove', 'chat']);
  expect((await run(['list'])).lines).toEqual([]);
});

it('writes the name of a variable as it is, though only the function has it', async () => {
  const secretRef = 'DUALSTACK_ALB_CHANNEL_SECRET_OWN';
  await run(['put', fileOf({ type: 'webhook', name: 'own', secretRef })], {});
  expect(table()).toContain(secretRef);
  expect(await run(['list'], { [secretRef]: JSON.stringify({ url, secret: 'whsec' }) })).toMatchObject({
    lines: ['  own  webhook  reference'],
    exitCode: 0,
  });
  expect(await run(['list'])).toMatchObject({
    lines: [`  own  invalid: secretRef: variable ${secretRef} is not set`],
    exitCode: 1,
  });
  await run(['remove', 'own']);
});

it.each([
  ['no key', { type: 'slack', name: 'chat', url }, {}, /DUALSTACK_ALB_CHANNEL_KEY is not set/],
  [
    'a URL of http',
    { type: 'slack', name: 'chat', url: url.replace('https', 'http') },
    undefined,
    /url: must be https/,
  ],
  ['what is no JSON', `{"url": ${url}`, undefined, /is no JSON object/],
])('writes nothing with %s, and does not show the secret', async (_what, channel, env, error) => {
  const outcome = await run(['put', fileOf(channel)], env);
  expect(outcome.error).toMatch(error);
  expect(JSON.stringify(outcome)).not.toContain('0123456789abcdef');
  expect(table()).toBe('[]');
});
