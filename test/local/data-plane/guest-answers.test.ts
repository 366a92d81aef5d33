import { expect, it, onTestFinished } from 'vitest';
import { EmbeddedCloud } from '../../../local/cloud.ts';
import { VirtualClock } from '../../../shared/clock.ts';
import { addForeignLoadBalancer, type ForeignLoadBalancer } from '../../support/foreign-load-balancer.ts';

async function started(): Promise<{ cloud: EmbeddedCloud; foreign: ForeignLoadBalancer }> {
  const cloud = new EmbeddedCloud({ controlToken: null, latency: 'none', clock: new VirtualClock(Date.now()) });
  onTestFinished(() => cloud.close());
  await cloud.start();
  return { cloud, foreign: await addForeignLoadBalancer(cloud) };
}

const put = async (cloud: EmbeddedCloud, instance: string, body: unknown, what = 'answers') =>
  await fetch(`${cloud.url}/_local/instances/${instance}/${what}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Requests over IPv6 until the server that speaks has this name. */
async function ask(cloud: EmbeddedCloud, backend: string, path: string, method = 'GET'): Promise<Response> {
  const { zones } = cloud.alb.loadBalancers.list()[0] ?? { zones: [] };
  const route = await cloud.dataPlane.route(zones[0]?.ipv6Address ?? '', 80);
  if ('refusal' in route) throw new Error(route.refusal);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const answer = await fetch(`http://[${route.host}]:${route.port}${path}`, { method, redirect: 'manual' });
    if (answer.headers.get('x-backend-server') === backend) return answer;
  }
  throw new Error(`${backend} does not answer`);
}

it('has one server answer another status at one path', async () => {
  const { cloud } = await started();
  expect((await put(cloud, 'ECS01', { '/private': { status: 401 } })).status).toBe(200);
  expect((await ask(cloud, 'ECS01', '/private?again')).status).toBe(401);
  expect((await ask(cloud, 'ECS02', '/private')).status).toBe(404);
  expect((await ask(cloud, 'ECS01', '/')).status).toBe(200);
});

it('has a server redirect', async () => {
  const { cloud } = await started();
  await put(cloud, 'ECS02', { '/': { status: 302, location: '/login', body: 'this way' } });
  const answer = await ask(cloud, 'ECS02', '/');
  expect(answer.status).toBe(302);
  expect(answer.headers.get('location')).toBe('/login');
  expect(await answer.text()).toBe('this way');
});

it('sends no body to HEAD', async () => {
  const { cloud } = await started();
  await put(cloud, 'ECS01', { '/': { status: 404, body: 'nothing here' } });
  const answer = await ask(cloud, 'ECS01', '/', 'HEAD');
  expect(answer.status).toBe(404);
  expect(await answer.text()).toBe('');
});

it('serves the pages again once it is taken back', async () => {
  const { cloud } = await started();
  await put(cloud, 'ECS01', { '/': { status: 500 } });
  await put(cloud, 'ECS01', {});
  expect((await ask(cloud, 'ECS01', '/')).status).toBe(200);
});

it.each([
  ['a path without /', { 'a/b': { status: 404 } }, 'does not begin with /'],
  ['a status that is none', { '/': { status: 700 } }, 'from 200 to 599'],
  ['a field that is none', { '/': { status: 404, headers: {} } }, 'headers is none of'],
  ['a list', [], 'an object of paths'],
])('refuses %s', async (_what, body, message) => {
  const { cloud, foreign } = await started();
  const answer = await put(cloud, foreign.instances.ECS01, body);
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(message);
});

it('knows no other control', async () => {
  const { cloud } = await started();
  expect((await put(cloud, 'ECS01', {}, 'pages')).status).toBe(404);
  expect((await put(cloud, 'nobody', {})).status).toBe(404);
});
