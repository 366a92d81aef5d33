import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sealedFor } from '../support/message-keys.ts';
import { serveProbe } from '../../functions/probe/serve.ts';
import { alertAfterObservation } from '../../shared/alert/after-observation.ts';
import { backendHeader } from '../../shared/backend-header.ts';
import { normalAddress } from '../../shared/net/cidr.ts';
import type { Observation } from '../../shared/probe/observation.ts';
import type { WatchSpecInput } from '../../shared/watch/spec.ts';
import type { Watch } from '../../shared/watch/watch.ts';
import { newUlid } from '../../shared/ulid.ts';
import { byHand, writesOf } from '../support/by-hand.ts';
import { cloudResources } from '../support/cloud-resources.ts';
import {
  addForeignLoadBalancer,
  entry,
  type ForeignLoadBalancer,
  zoneMappings,
} from '../support/foreign-load-balancer.ts';
import { Harness } from '../support/harness.ts';
import { addReadyDeployment } from '../support/ready-deployment.ts';

let harness: Harness;
let foreign: ForeignLoadBalancer;
/** Where the wire log of the watching begins, and what stood in the cloud. */
let from = 0;
let standing: string[] = [];

beforeAll(async () => {
  harness = await Harness.start({ latency: 'none', sweeps: false, readTimeoutMs: 10_000 });
  foreign = await addForeignLoadBalancer(harness.cloud);
  await checked();
  const runtime = harness.runtime('api');
  const ours = newUlid(harness.clock.nowMs());
  await addReadyDeployment(runtime, ours, { name: 'ours' });
  await runtime.active.remove(ours);
  from = harness.cloud.wireLog.length;
  standing = cloudResources(harness.cloud);
});
afterEach(async () => {
  harness.cloud.faults.clear();
  await end(...active());
});
afterAll(() => harness.close());

/** The health checks have gone round. */
async function checked(): Promise<void> {
  const untilMs = harness.clock.nowMs() + 20_000;
  for (let nextMs = 0; nextMs < untilMs;) {
    nextMs = harness.clock.nextWaiterAtMs() ?? untilMs;
    harness.clock.advanceTo(Math.max(nextMs, harness.clock.nowMs()));
    for (let quiet = 0; quiet < 3;) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = harness.cloud.isIdle() ? quiet + 1 : 0;
    }
  }
}

type WatchOnly = Partial<WatchSpecInput['watchOnly']>;
const request = (watchOnly: WatchOnly = {}, more: Partial<WatchSpecInput> = {}) => ({
  ...more,
  watchOnly: { loadBalancerId: foreign.loadBalancerId, domain: 'example.com', ...watchOnly },
});
/** The servers by the names that they give themselves. */
const byName = (): WatchOnly => ({
  identifyBy: { by: 'header', header: backendHeader },
  backends: Object.entries(foreign.instances).map(([name, serverId]) => ({ name, serverId })),
});
const post = (body: unknown, headers: Record<string, string> = {}) =>
  harness.api('POST', '/load-balancers', body, headers);
async function watch(body: unknown = request(byName())): Promise<string> {
  const response = await post(body);
  expect(response.status, await response.clone().text()).toBe(201);
  return response.headers.get('location')?.split('/').at(-1) ?? '';
}
const call = (method: string, id: string, path = '', body?: unknown) =>
  harness.api(method, `/load-balancers/${id}${path}`, body);
const json = async <T>(response: Promise<Response>): Promise<T> => (await (await response).json()) as T;
async function end(...watched: string[]): Promise<void> {
  for (const id of watched) expect((await call('DELETE', id)).status).toBe(200);
}
const rows = (table: string) => harness.cloud.tablestore.rows(`dualstack_alb_${table}`);
const active = () => rows('active').map((row) => String(row['id']));
const rowOf = (id: string): Watch =>
  JSON.parse(String(rows('watches').find((row) => row['id'] === id)?.['doc'])) as Watch;
const historyOf = (id: string, kind: string): string[] =>
  rows('events').flatMap((row) => (row['deployment'] === id && row['kind'] === kind ? [String(row['text'])] : []));
const told = (id: string) => historyOf(id, 'alert').map((text) => text.split(':')[0]);

/** A minute passes: the probe's tick, then the sweep's. @returns what was observed, by id. */
async function tick(): Promise<Map<string, Observation>> {
  harness.clock.advance(60_000);
  const seen = new Map<string, Observation>();
  const runtime = harness.runtime('probe', `${harness.config.name}-prober`);
  const alert = alertAfterObservation(runtime);
  const event = { triggerTime: new Date(harness.clock.nowMs()).toISOString(), triggerName: 'timer', payload: '{}' };
  const after = async (observation: Observation): Promise<void> => {
    seen.set(observation.targetId, observation);
    await alert(observation);
  };
  await serveProbe(runtime, JSON.stringify(event), { holder: `run-${harness.clock.nowMs()}`, after });
  await harness.sweep();
  return seen;
}

describe('what is well', () => {
  const answer = (answers: [string, { status: number }][]) => {
    for (const id of Object.values(foreign.instances)) harness.cloud.ecs.instance(id).answers = new Map(answers);
  };
  afterEach(() => answer([]));

  it('is what the health check of its group asks for', async () => {
    const { healthCheck } = harness.cloud.alb.serverGroup(foreign.serverGroupId);
    const before = { path: healthCheck.path, codes: healthCheck.codes };
    Object.assign(healthCheck, { path: '/private', codes: ['http_4xx'] });
    answer([
      ['/', { status: 503 }],
      ['/private', { status: 401 }],
    ]);
    const id = await watch();
    expect(rowOf(id).front.check).toEqual({ path: '/private', method: 'HEAD', codes: ['http_4xx'] });
    const observation = (await tick()).get(id);
    Object.assign(healthCheck, before);
    expect(observation).toMatchObject({
      answeredWell: 20,
      configured: { well: { path: '/private', acceptedStatus: ['400-499'] } },
    });
    expect(observation?.shares.map(({ seen }) => seen)).toEqual([10, 10]);
  });

  it('is what its request says', async () => {
    answer([['/private', { status: 401 }]]);
    const id = await watch(request(byName(), { probe: { path: '/private', acceptedStatus: ['401'] } }));
    expect((await tick()).get(id)).toMatchObject({ verdict: 'ok', answeredWell: 20 });
    const changed = await call('PATCH', id, '', { probe: { acceptedStatus: ['200'] } });
    expect(changed.status).toBe(200);
    const observation = (await tick()).get(id);
    expect(observation?.fault?.evidence).toContain('answered 401 at /private; wanted 200');
  });

  it('is a redirect that leads where its request says', async () => {
    for (const id of Object.values(foreign.instances))
      harness.cloud.ecs.instance(id).answers = new Map([['/', { status: 302, location: '/login?next=%2F' }]]);
    const id = await watch(request(byName(), { probe: { redirectTo: '/login' } }));
    expect((await tick()).get(id)).toMatchObject({ answeredWell: 20 });
    expect((await call('PATCH', id, '', { probe: { redirectTo: '/logout' } })).status).toBe(200);
    expect((await tick()).get(id)?.fault?.evidence).toContain(
      'answered 302 to /login?next=%2F at /; wanted 300-399 to /logout',
    );
  });
});

describe('a request to watch', () => {
  it('is answered 201 with what was found', async () => {
    const response = await post(request(byName()));
    expect(response.status).toBe(201);
    const id = response.headers.get('location')?.replace('/load-balancers/', '') ?? '';
    const [zoneE, zoneG] = harness.cloud.alb.loadBalancer(foreign.loadBalancerId).zones;
    const shown = await response.json();
    expect(shown).toMatchObject({
      id,
      name: 'example.com',
      status: 'watching',
      domainName: 'example.com',
      dnsName: harness.cloud.alb.loadBalancer(foreign.loadBalancerId).dnsName,
      ipv6AddressType: 'Internet',
      ipv6Addresses: [zoneE?.ipv6Address, zoneG?.ipv6Address],
      listener: { listenerId: foreign.listenerId, port: 80, protocol: 'HTTP' },
      serverGroup: { serverGroupId: foreign.serverGroupId, scheduler: 'Wrr' },
      backends: [
        { name: 'ECS01', serverId: foreign.instances.ECS01, port: 80, weight: 100 },
        { name: 'ECS02', serverId: foreign.instances.ECS02, port: 80, weight: 100 },
      ],
    });
    expect(await json(call('GET', id))).toEqual(shown);
  });

  it('shows a name in other letters both ways', async () => {
    const response = await post(request({ domain: 'www.商店.中国.' }));
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      domainName: 'www.xn--czrs0t.xn--fiqs8s',
      domainNameUnicode: 'www.商店.中国',
    });
  });

  it('leaves one row and one place in the list, and no message', async () => {
    const before = rows('watches').length;
    const id = await watch();
    expect(rows('watches')).toHaveLength(before + 1);
    expect(active()).toEqual([id]);
    const queues = [...harness.cloud.mns.queues.values()];
    expect(queues.flatMap(({ messages }) => messages)).toEqual([]);
  });

  it('may name the listener by its id', async () => {
    const id = await watch(request({ listener: { listenerId: foreign.listenerId } }));
    expect(rowOf(id).front).toMatchObject({ port: 80, protocol: 'HTTP' });
  });

  it('is one watch however often it comes with its key', async () => {
    const key = { 'idempotency-key': 'watch-1' };
    const answers = await Promise.all([1, 2, 3].map(() => post(request(), key)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1);
    expect(active()).toHaveLength(1);
    expect((await post(request({ path: '/other' }), key)).status).toBe(422);
    expect((await post({ name: 'web' }, key)).status).toBe(422);
    const [id = ''] = active();
    await end(id);
    // Its key still stands for it.
    expect(await json(post(request(), key))).toMatchObject({ id, status: 'ended' });
    expect(active()).toEqual([]);
  });

  it('is looked at anew under its key where it was refused', async () => {
    const key = { 'idempotency-key': 'watch-2' };
    harness.cloud.faults.add({ kind: 'error', action: 'ListListeners', code: 'Forbidden.RAM', httpStatus: 403 });
    const refused = await post(request(), key);
    expect(refused.status).toBe(502);
    expect(await refused.json()).toMatchObject({ code: 'Forbidden.RAM' });
    const id = idOf(await post(request(), key));
    expect(active()).toEqual([id]);
  });

  const idOf = (response: Response): string => response.headers.get('location')?.split('/').at(-1) ?? '';

  it.each<[string, number, string, string, () => WatchOnly]>([
    [
      'no such load balancer',
      404,
      'load-balancer-not-found',
      'watchOnly.loadBalancerId',
      () => ({ loadBalancerId: 'alb-nothere' }),
    ],
    ['no such port', 404, 'listener-not-found', 'watchOnly.listener.port', () => ({ listener: { port: 8443 } })],
    [
      'another protocol at the port',
      404,
      'listener-not-found',
      'watchOnly.listener.port',
      () => ({ listener: { port: 80, protocol: 'HTTPS' } }),
    ],
    [
      'no such listener',
      404,
      'listener-not-found',
      'watchOnly.listener.listenerId',
      () => ({ listener: { listenerId: 'lsn-nothere' } }),
    ],
    [
      'no such server',
      404,
      'server-not-found',
      'watchOnly.backends.0',
      () => ({ backends: [{ name: 'ECS03', serverId: 'i-nothere' }] }),
    ],
    [
      'no such port of a server',
      404,
      'server-not-found',
      'watchOnly.backends.0',
      () => ({ backends: [{ name: 'ECS01', serverId: foreign.instances.ECS01, port: 81 }] }),
    ],
  ])('is refused where there is %s', async (_what, status, code, field, watchOnly) => {
    const response = await post(request(watchOnly()));
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ code, errors: [{ field }] });
    expect(active()).toEqual([]);
  });

  it('is refused where the load balancer has IPv4 only, with all that is wrong besides', async () => {
    const { LoadBalancerId } = await byHand(harness, 'alb', 'CreateLoadBalancer', {
      LoadBalancerName: 'ipv4-only',
      VpcId: foreign.vpcId,
      AddressType: 'Internet',
      AddressIpVersion: 'IPv4',
      LoadBalancerEdition: 'Basic',
      'LoadBalancerBillingConfig.PayType': 'PostPay',
      ...zoneMappings(),
    });
    const loadBalancerId = String(LoadBalancerId);
    const response = await post(request({ loadBalancerId }));
    await byHand(harness, 'alb', 'DeleteLoadBalancer', { LoadBalancerId: loadBalancerId });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: 'not-dual-stack',
      errors: [{ field: 'watchOnly.loadBalancerId' }, { field: 'watchOnly.listener.port' }],
    });
  });

  it('is refused with everything that is wrong with its body', async () => {
    const body = {
      network: {},
      watchOnly: {
        loadBalancerId: 'lb-1',
        domain: 'Example',
        path: 'x',
        port: 80,
        listener: { port: 0 },
        backends: [
          { name: 'a', serverId: 'i-1' },
          { name: 'a', serverId: 'i-1' },
        ],
      },
      probe: { vantage: 'instance' },
      alerts: { rules: { slow: { failures: 0 } } },
    };
    const response = await post(body);
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field).sort()).toEqual([
      'alerts.rules.slow.failures',
      'network',
      'probe.vantage',
      'watchOnly.backends',
      'watchOnly.backends',
      'watchOnly.domain',
      'watchOnly.listener.port',
      'watchOnly.loadBalancerId',
      'watchOnly.path',
      'watchOnly.port',
    ]);
    expect(active()).toEqual([]);
  });
});

describe('a load balancer that is only watched', () => {
  it('is seen in the listing among those that we made, page by page without a gap', async () => {
    const watched: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      harness.clock.advance(1000);
      watched.unshift(await watch(request({}, { name })));
    }
    interface Page {
      loadBalancers: { id: string; name: string; status: string }[];
      cursor?: string;
    }
    const all = await json<Page>(harness.api('GET', '/load-balancers?limit=100'));
    expect(all.loadBalancers.slice(0, 3)).toMatchObject([
      { id: watched[0], name: 'third', status: 'watching' },
      { id: watched[1], name: 'second', status: 'watching' },
      { id: watched[2], name: 'first', status: 'watching' },
    ]);
    expect(all.loadBalancers.map(({ name, status }) => `${name} ${status}`)).toContain('ours ready');
    for (const limit of [1, 4]) {
      const seen: string[] = [];
      let cursor: string | undefined = '';
      while (cursor !== undefined) {
        const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const page: Page = await json<Page>(harness.api('GET', `/load-balancers?limit=${limit}${query}`));
        seen.push(...page.loadBalancers.map(({ id }) => id));
        ({ cursor } = page);
      }
      expect(seen).toEqual(all.loadBalancers.map(({ id }) => id));
    }
  });

  it('is probed as one that we made', async () => {
    const id = await watch();
    const observation = (await tick()).get(id);
    expect(observation).toMatchObject({ verdict: 'ok', asked: 20, answered: 20 });
    expect(observation?.shares).toMatchObject([
      { backend: 'ECS01', expected: 0.5 },
      { backend: 'ECS02', expected: 0.5 },
    ]);
    expect(observation?.shares.every(({ seen }) => seen > 0)).toBe(true);
    expect(observation?.declared).toMatchObject({ listenerStatus: 'Running', available: ['ECS01', 'ECS02'] });
    expect(await json(call('GET', id, '/observations'))).toMatchObject({
      summaries: { '24h': { uptime: 1, ticks: 1 } },
      observations: [{ verdict: 'ok' }],
    });
    const observed = await json<{ curl: string[][] }>(call('POST', id, '/probe'));
    expect(observed).toMatchObject({ verdict: 'ok', isOnDemand: true });
    // As `curl -6 -v` shows them, of a request to each address.
    const addresses = rowOf(id).front.ipv6Addresses;
    expect(observed.curl.map(([tried]) => tried).toSorted()).toEqual(
      addresses.map((address) => `*   Trying [${address}]:80...`).toSorted(),
    );
    for (const lines of observed.curl)
      expect(lines).toEqual(
        expect.arrayContaining([
          '> GET / HTTP/1.1',
          '> Host: example.com',
          '< HTTP/1.1 200 OK',
          expect.stringMatching(/^< x-backend-server: ECS0[12]$/i),
        ]),
      );
  });

  it.each<[string, WatchOnly, string[]]>([
    ['a part of the page', { identifyBy: { by: 'pattern', pattern: 'this is (ipv[46]) rs' } }, ['ipv4', 'ipv6']],
    [
      'different answers',
      {},
      [expect.stringMatching(/^answer /) as string, expect.stringMatching(/^answer /) as string],
    ],
  ])('tells its backends apart by %s', async (_what, watchOnly, names) => {
    const id = await watch(request(watchOnly));
    const observation = (await tick()).get(id);
    expect(observation?.verdict).toBe('ok');
    expect(observation?.shares.map(({ backend }) => backend).sort()).toEqual(names);
  });

  it('is told about under its own name, and no more once it is watched no more', async () => {
    const id = await watch(request({ ...byName(), path: '/index.html' }, { name: 'shop' }));
    harness.cloud.ecs.stop(foreign.instances.ECS02);
    for (let count = 0; count < 3; count += 1) await tick();
    expect(told(id)).toEqual(['fired backend-down ECS02']);
    const notice = JSON.parse(String(rows('notices').at(-1)?.['doc'])) as { notice: { target: object } };
    expect(notice.notice.target).toEqual({ id, name: 'shop', url: 'http://example.com/index.html' });

    const ended = await json(call('DELETE', id));
    expect(ended).toMatchObject({ status: 'ended', endedAt: new Date(harness.clock.nowMs()).toISOString() });
    expect(told(id).sort()).toEqual(['fired backend-down ECS02', 'resolved backend-down ECS02']);
    expect(active()).toEqual([]);
    expect(rows('alerts')).toEqual([]);
    expect((await tick()).size).toBe(0);
    expect((await call('POST', id, '/probe')).status).toBe(409);
    expect((await call('PATCH', id, '', { name: 'other' })).status).toBe(409);
    expect(await json(call('GET', id))).toEqual(ended);
    expect(await json(call('DELETE', id))).toEqual(ended);
    harness.cloud.ecs.start(foreign.instances.ECS02);
  });

  it('has its alerts ended by the sweep where the call that ended it died', async () => {
    const id = await watch(request(byName(), { alerts: { rules: { 'no-observation': { failures: 1 } } } }));
    harness.clock.advance(4 * 60_000);
    await harness.sweep();
    expect(told(id)).toEqual(['fired no-observation']);
    harness.cloud.faults.add({
      kind: 'error',
      service: 'tablestore',
      action: 'GetRow',
      skip: 2,
      times: 0,
      code: 'OTSParameterInvalid',
    });
    expect((await call('DELETE', id)).status).toBe(503);
    harness.cloud.faults.clear();
    expect(active()).toEqual([id]);
    expect(await harness.sweep()).toMatchObject({ removed: 1 });
    expect(told(id)).toContain('resolved no-observation');
    expect(active()).toEqual([]);
    expect(rows('alerts')).toEqual([]);
  });

  it('stays in the list that the sweep walks, though it has no record', async () => {
    const id = await watch();
    harness.clock.advance(3_600_000);
    expect(await harness.sweep()).toMatchObject({ looked: 1, removed: 0, compared: 0, failed: 0 });
    expect(active()).toEqual([id]);
  });

  it('takes a changed request', async () => {
    const id = await watch();
    expect(await json(call('PATCH', id, '', { name: 'shop', watchOnly: { path: '/shop' } }))).toMatchObject({
      name: 'shop',
      spec: { watchOnly: { path: '/shop', identifyBy: { by: 'header' } } },
    });
    const other = await call('PATCH', id, '', { watchOnly: { loadBalancerId: 'alb-other' } });
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ code: 'field-fixed', errors: [{ field: 'watchOnly.loadBalancerId' }] });
    expect((await call('PATCH', id, '', { watchOnly: { listener: { port: 81 } } })).status).toBe(404);
    expect((await call('PATCH', id, '', { network: {} })).status).toBe(400);
    expect(rowOf(id).spec.watchOnly).toMatchObject({ path: '/shop', listener: { port: 80 } });
  });

  it.each([
    ['POST', '/apply'],
    ['POST', '/retry'],
    ['GET', '/drift'],
  ])('has no %s …%s', async (method, path) => {
    const id = await watch();
    const response = await call(method, id, path);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: 'watch-only',
      detail: expect.stringMatching(/^The load balancer is only watched: .+\.$/) as string,
    });
  });

  it.each([
    ['GET', ''],
    ['PATCH', ''],
    ['DELETE', ''],
    ['POST', '/apply'],
    ['POST', '/retry'],
    ['GET', '/drift'],
    ['POST', '/probe'],
    ['GET', '/observations'],
  ])('is unknown to %s …%s where there is none', async (method, path) => {
    const response = await call(method, '01zzzzzzzzzzzzzzzzzzzzzzzz', path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'unknown-load-balancer' });
  });
});

describe('what changes behind a load balancer that is only watched', () => {
  const albByHand = (action: string, params: Record<string, string>) => byHand(harness, 'alb', action, params);
  const ecs02 = (weight?: number): Record<string, string> => ({
    ServerGroupId: foreign.serverGroupId,
    ...entry(1, foreign.instances.ECS02, addressOf('ECS02'), weight),
  });
  const addressOf = (name: 'ECS01' | 'ECS02'): string => {
    const { privateIpAddress = '', ipv6Addresses: [ipv6] = [] } =
      harness.cloud.ecs.instances.find(foreign.instances[name]) ?? {};
    return ipv6 ?? privateIpAddress;
  };
  const looks = () => harness.cloud.wireLog.filter(({ action }) => action === 'ListListeners').length;

  it('is looked at each ten minutes while all is well', async () => {
    await watch(request({}, { probe: { mostRequests: 1 } }));
    const before = looks();
    for (let minutes = 0; minutes < 9; minutes += 1) await tick();
    expect(looks() - before).toBe(0);
    await tick();
    expect(looks() - before).toBe(1);
  });

  it('is looked at however many shards share the calls', async () => {
    const id = await watch(request({}, { probe: { mostRequests: 1 } }));
    harness.clock.advance(10 * 60_000);
    const before = looks();
    for (let minutes = 0; minutes < 3; minutes += 1) {
      harness.clock.advance(60_000);
      const tickMs = harness.clock.nowMs();
      const message = { v: 1, kind: 'shard', tickMs, shard: 3, shards: 7, deploymentIds: [id] };
      const messageBody = sealedFor('probe', message);
      const event = JSON.stringify([{ data: { messageId: `m-${tickMs}`, messageBody } }]);
      const runtime = harness.runtime('probe', `${harness.config.name}-prober`);
      await serveProbe(runtime, event, { holder: '', after: () => Promise.resolve() });
    }
    expect(looks() - before).toBe(1);
  });

  it('a server that leaves the group is soon no backend any more, and no alert', async () => {
    const id = await watch();
    await tick();
    const { 'Servers.1.Weight': _weight, ...server } = ecs02();
    await albByHand('RemoveServersFromServerGroup', server);
    const verdicts = [];
    for (let minutes = 0; minutes < 4; minutes += 1) verdicts.push((await tick()).get(id)?.verdict);
    expect(verdicts[0]).toBe('fault');
    expect(verdicts.slice(2)).toEqual(['ok', 'ok']);
    expect(told(id)).toEqual([]);
    expect(rowOf(id).front.servers.map(({ serverId }) => serverId)).toEqual([foreign.instances.ECS01]);
    expect(historyOf(id, 'front')).toEqual(['gone: server ECS02 with weight 100']);
  });

  it('a server that joins the group must answer from the next look on', async () => {
    const id = await watch(request({ identifyBy: { by: 'header', header: backendHeader } }));
    expect(rowOf(id).front.servers).toHaveLength(1);
    await albByHand('AddServersToServerGroup', ecs02(50));
    await checked();
    harness.clock.advance(9 * 60_000);
    const observation = (await tick()).get(id);
    // The names of the header are not ours: answers are told apart all the same.
    expect(observation?.shares.map(({ backend }) => backend).sort()).toEqual(['ECS01', 'ECS02']);
    const address = `[${normalAddress(addressOf('ECS02'))}]:80`;
    expect(observation?.configured?.backends).toEqual([
      { name: `${addressOf('ECS01')}:80`, weight: 100 },
      { name: address, weight: 50 },
    ]);
    expect(historyOf(id, 'front')).toEqual([`new: server ${address} with weight 50`]);
    await albByHand('UpdateServerGroupServersAttribute', ecs02(100));
  });

  it('a listener that is stopped is told as such', async () => {
    const id = await watch();
    await albByHand('StopListener', { ListenerId: foreign.listenerId });
    for (let minutes = 0; minutes < 3; minutes += 1)
      expect((await tick()).get(id)?.fault).toMatchObject({ kind: 'listener-stopped' });
    expect(told(id)).toContain('fired front-down');
    await albByHand('StartListener', { ListenerId: foreign.listenerId });
    for (let minutes = 0; minutes < 2; minutes += 1) await tick();
    expect(told(id)).toContain('resolved front-down');
  });

  it('stays as it was known where it cannot be looked at', async () => {
    const id = await watch();
    const { front } = rowOf(id);
    harness.clock.advance(9 * 60_000);
    for (const action of ['GetLoadBalancerAttribute', 'ListListeners'])
      harness.cloud.faults.add({
        kind: 'error',
        action,
        times: 0,
        code: action === 'ListListeners' ? 'Forbidden.RAM' : 'ResourceNotFound.LoadBalancer',
        httpStatus: action === 'ListListeners' ? 403 : 404,
      });
    expect((await tick()).get(id)?.verdict).toBe('ok');
    expect(rowOf(id).front).toEqual(front);
    expect(harness.logs.map(({ message }) => message)).toContain('what is watched could not be looked at');
  });
});

it('is never touched', () => {
  expect(cloudResources(harness.cloud)).toEqual(standing);
  const calls = harness.cloud.wireLog.slice(from).filter(({ caller }) => caller.startsWith('dualstack-alb-'));
  expect(calls.some(({ action }) => action === 'GetListenerHealthStatus')).toBe(true);
  expect(writesOf(harness, from)).toEqual([]);
});

it('asks the IPv4 side too, unless its request says otherwise', async () => {
  const [asked, off] = [await watch(), await watch(request(byName(), { name: 'six-only', probe: { ipv4: false } }))];
  const seen = await tick();
  expect(seen.get(asked)?.ipv4).toMatchObject({ verdict: 'ok' });
  expect(seen.get(off)?.ipv4).toMatchObject({
    verdict: 'off',
    evidence: 'the request says so (probe.ipv4)',
    samples: [],
  });
  expect(seen.get(off)).toMatchObject({ verdict: seen.get(asked)?.verdict });
});

it('asks the IPv4 side of a watch of the version before only once it has looked whether it is public', async () => {
  const id = await watch();
  const row = rows('watches').find((one) => one['id'] === id);
  const { addressType: _later, ...front } = rowOf(id).front;
  const { watches } = harness.runtime('api');
  await watches.update(id, (current) => ({ ...current, front }));
  expect(row).toBeDefined();
  expect((await tick()).get(id)?.ipv4).toMatchObject({ verdict: 'off' });
  harness.clock.advance(10 * 60_000);
  expect((await tick()).get(id)?.ipv4).toMatchObject({ verdict: 'ok' });
});
