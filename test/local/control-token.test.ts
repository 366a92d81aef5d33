import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedCloud } from '../../local/cloud.ts';
import { VirtualClock } from '../../shared/clock.ts';

let cloud: EmbeddedCloud;
beforeAll(async () => {
  cloud = new EmbeddedCloud({ clock: new VirtualClock(Date.now()), latency: 'none' });
  await cloud.start();
});
afterAll(() => cloud.close());

const basic = (password: string): string => `Basic ${Buffer.from(`local:${password}`).toString('base64')}`;
const call = (path: string, headers: Record<string, string>, init: RequestInit = {}) =>
  fetch(`${cloud.url}/_local/${path}`, { ...init, headers });

describe('the controls of an embedded cloud', () => {
  it.each(['endpoints', 'inbox', 'snapshot', 'no-such-control', 'credentials'])(
    'answer 401 at %s without the token, with another one, and to a signature’s key',
    async (path) => {
      const { accessKeyId } = cloud.credentials.root;
      const { controlToken } = cloud;
      const others = [
        '',
        'Bearer',
        'Bearer x',
        basic('x'),
        `Bearer ${accessKeyId}`,
        `${controlToken}`,
        `Token ${controlToken}`,
      ];
      for (const authorization of others) {
        const answer = await call(path, authorization === '' ? {} : { authorization });
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
        expect(await answer.text()).not.toContain(cloud.credentials.root.accessKeySecret);
      }
    },
  );

  it('say where the token stands', async () => {
    cloud.keysFile = '/run/user/1000/dualstack-alb-1000/8081.json';
    const answer = await call('endpoints', {});
    expect(await answer.json()).toMatchObject({
      error: expect.stringContaining('It stands in /run/user/1000/dualstack-alb-1000/8081.json') as string,
    });
  });

  it('are open to the token, as Bearer and as a browser sends what its user typed', async () => {
    for (const authorization of [`Bearer ${cloud.controlToken}`, basic(cloud.controlToken ?? '')]) {
      const answer = await call('endpoints', { authorization });
      expect(await answer.json()).toMatchObject({
        credentials: { accessKeyId: 'LTAI5tLocalRoot', accessKeySecret: cloud.credentials.root.accessKeySecret },
      });
    }
  });

  it('take JSON that is called JSON alone, as a form of a page never is', async () => {
    const authorization = `Bearer ${cloud.controlToken}`;
    const post = (type: string) =>
      call('domains', { authorization, 'content-type': type }, { method: 'POST', body: '{"name":"shop.cn"}' });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
    ]) {
      expect((await post(type)).status).toBe(415);
      expect(cloud.dns.domains.has('shop.cn')).toBe(false);
    }
    expect((await post('application/json; charset=utf-8')).status).toBe(200);
    expect(cloud.dns.domains.has('shop.cn')).toBe(true);
  });
});

it('another start has another secret and another token', () => {
  const other = new EmbeddedCloud({ clock: new VirtualClock(Date.now()) });
  expect(other.credentials.root.accessKeySecret).not.toBe(cloud.credentials.root.accessKeySecret);
  expect(other.controlToken).not.toBe(cloud.controlToken);
});

it('a start can be given both', () => {
  const given = new EmbeddedCloud({ clock: new VirtualClock(0), rootSecret: 'known', controlToken: 'token' });
  expect([given.credentials.root.accessKeySecret, given.controlToken]).toEqual(['known', 'token']);
});

it('controls without a token take what clients say that name no type, and no text', async ({ onTestFinished }) => {
  const open = new EmbeddedCloud({ clock: new VirtualClock(0), controlToken: null });
  onTestFinished(() => open.close());
  const url = await open.start();
  const post = async (type: string, name: string): Promise<number> => {
    const body = JSON.stringify({ name });
    return (await fetch(`${url}/_local/domains`, { method: 'POST', headers: { 'content-type': type }, body })).status;
  };
  expect(await post('application/x-www-form-urlencoded', 'one.cn')).toBe(200);
  for (const type of ['text/plain', 'multipart/form-data; boundary=x', ''])
    expect(await post(type, 'two.cn')).toBe(415);
  expect([open.dns.domains.has('one.cn'), open.dns.domains.has('two.cn')]).toEqual([true, false]);
});
