import { isIP } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sealedFor, sentMessage } from '../../support/message-keys.ts';
import { serveProbe } from '../../../functions/probe/serve.ts';
import type { TickReport } from '../../../functions/probe/tick.ts';
import type { Observation } from '../../../shared/probe/observation.ts';
import { Harness } from '../../support/harness.ts';
import { tutorial } from '../../support/tutorial.ts';

let harness: Harness;
let id: string;
const after: Observation[] = [];

beforeAll(async () => {
  harness = await Harness.start({ latency: 'none' });
  id = await harness.request(tutorial());
  await harness.runUntil(id, 'ready');
}, 60_000);
afterAll(() => harness.close());
afterEach(() => {
  after.length = 0;
  meanwhile = () => Promise.resolve();
});

const timerEvent = (ms = harness.clock.nowMs()): string =>
  JSON.stringify({ triggerTime: new Date(ms).toISOString(), triggerName: 'timer', payload: '{}' });
let runs = 0;
/** What happens once an observation stands, besides that it is noted. */
let meanwhile: () => Promise<unknown> = () => Promise.resolve();
const invoke = async (event: string) =>
  await serveProbe(harness.runtime('probe', `${harness.config.name}-prober`), event, {
    holder: `run-${(runs += 1)}`,
    after: async (observation) => {
      after.push(observation);
      await meanwhile();
    },
  });
const nextTick = async (): Promise<Observation> => {
  harness.clock.advance(60_000);
  const report = (await invoke(timerEvent())) as TickReport;
  expect(report.own).toMatchObject({ probed: 1, failed: 0 });
  return after.at(-1) as Observation;
};
const show = async (path: string): Promise<unknown> => {
  const response = await harness.api('GET', `/load-balancers/${id}/${path}`);
  expect(response.status).toBe(200);
  return await response.json();
};

describe('a tick', () => {
  it('sees both backends of a ready deployment by its own name, over IPv6 only', async () => {
    const observation = await nextTick();
    expect(observation).toMatchObject({ targetId: id, verdict: 'ok', asked: 20, answered: 20, vantage: 'function' });
    expect(observation.shares.map(({ backend, seen }) => ({ backend, seen }))).toEqual([
      { backend: 'ECS01', seen: 10 },
      { backend: 'ECS02', seen: 10 },
    ]);
    for (const { remoteAddress } of observation.samples ?? [])
      expect(observation.name.ipv6Addresses).toContain(remoteAddress);
    expect(observation.addresses.every(({ isReached }) => isReached)).toBe(true);
    expect(observation.declared).toMatchObject({
      listenerStatus: 'Running',
      unhealthy: [],
      available: ['ECS01', 'ECS02'],
    });
  });

  it('P-154: is not made up for when it comes late', async () => {
    expect(await invoke(timerEvent(harness.clock.nowMs() - 61_000))).toMatchObject({ dropped: 'late' });
    expect(after).toEqual([]);
  });

  it('is not made of an instant in the future, by timer or by message, and the next ones are made', async () => {
    const farMs = harness.clock.nowMs() + 10 * 365 * 86_400_000;
    expect(await invoke(timerEvent(farMs))).toMatchObject({ dropped: 'early' });
    const forged = { v: 1, kind: 'shard', tickMs: farMs, shard: 0, shards: 1, deploymentIds: [id] };
    const kinds = [
      forged,
      { v: 1, kind: 'on-demand', deploymentId: id, atMs: farMs },
      { v: 1, kind: 'collect', deploymentId: id, atMs: farMs, invokeId: 't-1', look: 0 },
    ];
    for (const kind of kinds) {
      const messageBody = sealedFor('probe', kind);
      expect(await invoke(JSON.stringify([{ id: 'e', data: { messageId: 'early', messageBody } }]))).toEqual([]);
    }
    expect(after).toEqual([]);
    await nextTick();
    await nextTick();
    expect(after).toHaveLength(2);
  });

  it('has no effect when it comes twice', async () => {
    harness.clock.advance(60_000);
    const event = timerEvent();
    const reports = (await Promise.all([invoke(event), invoke(event)])) as TickReport[];
    expect(reports.filter(({ dropped }) => dropped === 'repeated')).toHaveLength(1);
    expect(after).toHaveLength(1);
    expect(await invoke(event)).toMatchObject({ dropped: 'repeated' });
  });

  it('is kept, with uptime and quantiles', async () => {
    const { atMs } = await nextTick();
    const { summaries, observations } = (await show('observations?limit=2')) as {
      summaries: Record<string, { uptime: number; ticks: number; phases: Record<string, { p95Ms: number }> }>;
      observations: { at: string; samples?: unknown }[];
    };
    expect(observations).toHaveLength(2);
    expect(observations[0]?.at).toBe(new Date(atMs).toISOString());
    expect(observations[0]).not.toHaveProperty('samples');
    expect(summaries['24h']).toMatchObject({ uptime: 1 });
    expect(summaries['24h']?.phases['totalMs']?.p95Ms).toBeGreaterThan(0);
    expect(await show(`observations/${observations[0]?.at}`)).toMatchObject({ samples: { length: 20 } });
  });

  it('remembers the ticks before', async () => {
    const { window } = await nextTick();
    expect(window?.ticks).toBeGreaterThan(2);
    expect(window?.shares.every(({ deviates }) => !deviates)).toBe(true);
  });

  it('leaves out what is not ready', async () => {
    const other = await harness.request({ ...tutorial(), name: 'other' });
    harness.clock.advance(60_000);
    expect(await invoke(timerEvent())).toMatchObject({ deployments: 2, own: { probed: 1, skipped: 1 } });
    await harness.api('DELETE', `/load-balancers/${other}`);
    await harness.runUntil(other, 'released', 'failed');
  });
});

describe('more targets than a shard holds', () => {
  it('fan out over the queue', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `01zzzzzzzzzzzzzzzzzzzzzz${String(index).padStart(2, '0')}`);
    const runtime = harness.runtime('sweep');
    for (const one of ids) await runtime.active.add(one, harness.clock.nowMs());
    harness.clock.advance(60_000);
    const report = (await invoke(timerEvent())) as TickReport;
    for (const one of ids) await runtime.active.remove(one);
    expect(report).toMatchObject({ deployments: 61, sent: 1, own: { probed: 1, skipped: 49 } });
    const queue = harness.cloud.mns.queues.get(`${harness.config.name}-probe`);
    const [message] = queue?.take(1) ?? [];
    const body = sentMessage(message ?? { body: '' }) as Record<string, unknown>;
    expect(body).toMatchObject({ v: 1, kind: 'shard', shard: 1, shards: 2, deploymentIds: { length: 11 } });
    queue?.delete(message?.handle ?? '');
    const delivery = JSON.stringify([{ id: 'm-1', data: { messageId: 'm-1', messageBody: sealedFor('probe', body) } }]);
    expect(await invoke(delivery)).toMatchObject([{ probed: 0, skipped: 11 }]);
    // Delivered once more: the tick of this shard has been begun.
    expect(await invoke(delivery)).toMatchObject([{ dropped: 'busy' }]);
  });

  it('are told what the load balancer declares, however many shards share the calls', async () => {
    const ages: (number | undefined)[] = [];
    for (let tick = 0; tick < 3; tick += 1) {
      harness.clock.advance(60_000);
      const body = { v: 1, kind: 'shard', tickMs: harness.clock.nowMs(), shard: 2, shards: 7, deploymentIds: [id] };
      const delivery = JSON.stringify([
        { data: { messageId: `m-of-7-${tick}`, messageBody: sealedFor('probe', body) } },
      ]);
      expect(await invoke(delivery)).toMatchObject([{ probed: 1 }]);
      ages.push(after.at(-1)?.declaredAgeMs);
    }
    // At one tick in seven this shard is the last to get a view.
    expect(ages.filter((ageMs) => ageMs === 0).length).toBeGreaterThanOrEqual(2);
  });

  it('are left alone when the message comes late', async () => {
    const body = {
      v: 1,
      kind: 'shard',
      tickMs: harness.clock.nowMs() - 61_000,
      shard: 1,
      shards: 2,
      deploymentIds: [id],
    };
    expect(
      await invoke(JSON.stringify([{ data: { messageId: 'm-2', messageBody: sealedFor('probe', body) } }])),
    ).toMatchObject([{ dropped: 'late' }]);
  });

  it('never go where a message says, but where the record does', async () => {
    const body = {
      v: 1,
      kind: 'shard',
      tickMs: 0,
      shard: 1,
      shards: 2,
      deploymentIds: [id],
      url: 'http://elsewhere.example/',
    };
    expect(
      await invoke(JSON.stringify([{ data: { messageId: 'm-3', messageBody: sealedFor('probe', body) } }])),
    ).toEqual([]);
  });
});

describe('the messages of the shards', () => {
  it('go out in spite of one that the queue refuses', async () => {
    const ids = Array.from({ length: 150 }, (_, index) => `01zzzzzzzzzzzzzzzzzzzzz${String(index).padStart(3, '0')}`);
    const runtime = harness.runtime('sweep');
    for (const one of ids) await runtime.active.add(one, harness.clock.nowMs());
    harness.cloud.faults.add({ kind: 'error', service: 'mns', action: 'SendMessage', code: 'InvalidArgument' });
    harness.clock.advance(60_000);
    const report = await invoke(timerEvent());
    for (const one of ids) await runtime.active.remove(one);
    expect(report).toMatchObject({ deployments: 151, sent: 2, unsent: 1, own: { probed: 1 } });
    const queue = harness.cloud.mns.queues.get(`${harness.config.name}-probe`);
    for (const { handle = '' } of queue?.take(2) ?? []) queue?.delete(handle);
  });
});

describe('two ticks of one shard', () => {
  const shardOf = (tickMs: number, messageId: string): string =>
    JSON.stringify([
      {
        data: {
          messageId,
          messageBody: sealedFor('probe', { v: 1, kind: 'shard', tickMs, shard: 7, shards: 8, deploymentIds: [id] }),
        },
      },
    ]);

  it('never run at once', async () => {
    const nowMs = harness.clock.nowMs();
    const overlapping: unknown[] = [];
    meanwhile = async () => {
      meanwhile = () => Promise.resolve();
      overlapping.push(await invoke(shardOf(nowMs, 'm-5')));
    };
    // The one before came almost a minute late.
    expect(await invoke(shardOf(nowMs - 60_000, 'm-4'))).toMatchObject([{ probed: 1 }]);
    expect(overlapping).toMatchObject([[{ probed: 0, dropped: 'busy' }]]);
    expect(after).toHaveLength(1);
  });

  it('run one after the other', async () => {
    harness.clock.advance(60_000);
    const nowMs = harness.clock.nowMs();
    expect(await invoke(shardOf(nowMs - 60_000, 'm-6'))).toMatchObject([{ probed: 1 }]);
    expect(await invoke(shardOf(nowMs, 'm-7'))).toMatchObject([{ probed: 1 }]);
  });

  it('do not run in the wrong order', async () => {
    harness.clock.advance(60_000);
    const nowMs = harness.clock.nowMs();
    expect(await invoke(shardOf(nowMs, 'm-8'))).toMatchObject([{ probed: 1 }]);
    expect(await invoke(shardOf(nowMs - 30_000, 'm-9'))).toMatchObject([{ dropped: 'busy' }]);
  });
});

describe('a probe on demand', () => {
  it('answers with the observation', async () => {
    harness.clock.advance(1000);
    const response = await harness.api('POST', `/load-balancers/${id}/probe`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ loadBalancer: id, verdict: 'ok', answered: 20, isOnDemand: true });
    const location = response.headers.get('content-location') ?? '';
    expect((await harness.api('GET', location)).status).toBe(200);
  });

  it('counts neither for alerts nor for uptime', async () => {
    const ticks = async () =>
      ((await show('observations')) as { summaries: { '24h': { ticks: number } } }).summaries['24h'].ticks;
    const before = await ticks();
    harness.clock.advance(1000);
    await harness.api('POST', `/load-balancers/${id}/probe`);
    expect(await ticks()).toBe(before);
    expect(after).toEqual([]);
  });

  it.each([
    ['POST', '01zzzzzzzzzzzzzzzzzzzzzzzz/probe', 404],
    ['GET', '01zzzzzzzzzzzzzzzzzzzzzzzz/observations', 404],
  ])('%s %s is answered with %i', async (method, path, status) => {
    expect((await harness.api(method, `/load-balancers/${path}`)).status).toBe(status);
  });

  it.each(['limit=0', 'limit=101', 'before=yesterday'])('refuses %s', async (query) => {
    expect((await harness.api('GET', `/load-balancers/${id}/observations?${query}`)).status).toBe(400);
  });
});

describe('a load balancer that serves', () => {
  const apply = async () => expect((await harness.api('POST', `/load-balancers/${id}/apply`)).status).toBe(202);

  it('is probed while a repair is under way', async () => {
    await apply();
    expect(await nextTick()).toMatchObject({ verdict: 'ok', answered: 20 });
    expect((await harness.record(id)).status).toBe('repairing');
    expect((await harness.api('POST', `/load-balancers/${id}/probe`)).status).toBe(200);
    expect((await harness.api('GET', `/load-balancers/${id}/drift`)).status).toBe(200);
    await harness.runUntil(id, 'ready');
  });

  it('is probed when a repair has failed', async () => {
    harness.cloud.faults.add({
      kind: 'error',
      service: 'alb',
      action: 'ListServerGroups',
      functionName: `${harness.config.name}-server-group`,
      code: 'Forbidden.RAM',
      httpStatus: 403,
    });
    await apply();
    await harness.runUntil(id, 'failed');
    expect(await nextTick()).toMatchObject({ verdict: 'ok', answered: 20 });
    expect((await harness.api('POST', `/load-balancers/${id}/probe`)).status).toBe(200);
    await apply();
    await harness.runUntil(id, 'ready');
  });

  it('owes no answer of a server that a change is still bringing in', async () => {
    const { backends = [] } = tutorial();
    const ecs03 = { name: 'ECS03', family: 'ipv6', page: 'three' };
    const response = await harness.api('PATCH', `/load-balancers/${id}`, { backends: [...backends, ecs03] });
    expect(response.status).toBe(202);
    expect(await nextTick()).toMatchObject({ verdict: 'ok', asked: 20, shares: [{}, {}, { seen: 0, expected: 0 }] });

    await harness.run(async () => (await harness.record(id)).stages['backend-servers'].apply.state === 'done');
    const instance = harness.cloud.ecs.instances.list().find(({ name }) => name === 'ECS03');
    harness.cloud.ecs.stop(instance?.id ?? '');
    const checkedMs = harness.clock.nowMs() + 60_000;
    await harness.run(() => harness.clock.nowMs() >= checkedMs);
    const observation = await nextTick();
    expect((await harness.record(id)).status).toBe('repairing');
    expect(observation).toMatchObject({ verdict: 'ok', declared: { unhealthy: [] } });

    harness.cloud.ecs.start(instance?.id ?? '');
    await harness.runUntil(id, 'ready');
    const { verdict, shares } = await nextTick();
    expect(verdict).toBe('ok');
    expect(shares.map(({ expected }) => expected)).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });
});

describe('the IPv4 side', () => {
  const front = async (family: 4 | 6, refusal: 'ECONNREFUSED' | 'ENETUNREACH') => {
    const { dataPlane } = harness.cloud;
    const route = dataPlane.route.bind(dataPlane);
    dataPlane.route = async (address, port, from) =>
      port === 80 && isIP(address) === family ? { refusal } : await route(address, port, from);
    const observation = await nextTick();
    dataPlane.route = route;
    return observation;
  };

  it('is asked once at each of its addresses in every tick, beside the many requests over IPv6', async () => {
    const { asked, ipv4, samples } = await nextTick();
    const [loadBalancer] = harness.cloud.alb.loadBalancers.list();
    const addresses = loadBalancer?.zones.map(({ address }) => address).toSorted();
    expect(asked).toBeGreaterThanOrEqual(20);
    expect(ipv4).toMatchObject({ verdict: 'ok' });
    expect(ipv4?.samples.map(({ remoteAddress }) => remoteAddress).toSorted()).toEqual(addresses);
    for (const { remoteAddress = '' } of samples ?? []) expect(isIP(remoteAddress)).toBe(6);
  });

  it('fails without a word against the IPv6 side', async () => {
    const observation = await front(4, 'ECONNREFUSED');
    expect(observation).toMatchObject({
      verdict: 'ok',
      ipv4: { verdict: 'fault', kind: 'front-unreached' },
    });
    expect(observation.answered).toBe(observation.asked);
    const { summaries } = (await show('observations?limit=1')) as { summaries: Record<string, object> };
    expect(summaries['24h']).toMatchObject({ healthy: 1, ipv4: { uptime: expect.any(Number) as number } });
  });

  it('answers without a word for the IPv6 side', async () => {
    const observation = await front(6, 'ECONNREFUSED');
    expect(observation).toMatchObject({ verdict: 'fault', answered: 0, ipv4: { verdict: 'ok' } });
    expect(observation.fault?.kind).toBe('front-refused');
  });
});
