import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../functions/api/app.ts';
import { serveProbe } from '../../../functions/probe/serve.ts';
import type { TickReport } from '../../../functions/probe/tick.ts';
import type { SpecInput } from '../../../shared/deployment/spec.ts';
import { derivedToken } from '../../../shared/alibaba/derived-token.ts';
import type { Dial } from '../../../shared/net/dial.ts';
import { Observations } from '../../../shared/store/observations.ts';
import type { Observation } from '../../../shared/probe/observation.ts';
import type { ProbeState } from '../../../shared/probe/state.ts';
import type { Runtime } from '../../../shared/runtime.ts';
import { Harness } from '../../support/harness.ts';
import { tutorial } from '../../support/tutorial.ts';

const minute = 60_000;

let harness: Harness;
const ids: Record<'instance' | 'auto' | 'intranet' | 'missing', string> = {
  instance: '',
  auto: '',
  intranet: '',
  missing: '',
};
/** What alerts would be evaluated on. */
const after: Observation[] = [];

const named = (rr: string, other: SpecInput): SpecInput => ({
  ...tutorial(),
  name: rr,
  dns: { domain: 'example.com', rr, icpFiled: true },
  ...other,
});

beforeAll(async () => {
  harness = await Harness.start({ latency: 'none' });
  // Few requests where it is not the requests that matter: each is a process.
  ids.instance = await harness.request(named('instance', { probe: { vantage: 'instance', mostRequests: 4 } }));
  ids.auto = await harness.request(named('auto', { probe: { mostRequests: 4 } }));
  ids.intranet = await harness.request(named('intranet', { loadBalancer: { addressType: 'Intranet' } }));
  const missing = { path: '/missing', method: 'HEAD' as const, acceptedStatus: ['404'], host: 'shop.example.net' };
  ids.missing = await harness.request(
    named('missing', { probe: { vantage: 'instance', mostRequests: 4, ...missing } }),
  );
  for (const id of Object.values(ids)) await harness.runUntil(id, 'ready');
  for (const id of Object.values(ids)) await harness.runtime('sweep').active.remove(id);
}, 90_000);
afterAll(() => harness.close());
afterEach(() => {
  after.length = 0;
});

let runs = 0;
const invoke = async (event: string, change: Partial<Runtime> = {}): Promise<unknown> =>
  await serveProbe({ ...harness.runtime('probe', `${harness.config.name}-prober`), ...change }, event, {
    holder: `run-${(runs += 1)}`,
    after: (observation) => {
      after.push(observation);
      return Promise.resolve();
    },
  });
const timerEvent = (): string =>
  JSON.stringify({ triggerTime: new Date(harness.clock.nowMs()).toISOString(), triggerName: 'timer', payload: '{}' });

/** A tick of one deployment only; what instances print is not collected yet. */
const tick = async (id: string, change: Partial<Runtime> = {}): Promise<TickReport> => {
  const { active } = harness.runtime('sweep');
  harness.clock.advance(minute);
  await active.add(id, harness.clock.nowMs());
  try {
    return (await invoke(timerEvent(), change)) as TickReport;
  } finally {
    await active.remove(id);
  }
};

/** Until nothing is under way but what the clock brings about. */
const settle = async (): Promise<void> => {
  for (let quiet = 0; quiet < 3; quiet = harness.cloud.isIdle() ? quiet + 1 : 0)
    await new Promise((resolve) => setImmediate(resolve));
};
/** Hands the messages of the probe queue over as they come due. @param times - deliveries of each. */
const deliver = async (times = 1): Promise<unknown[]> => {
  const queue = harness.cloud.mns.queues.get(`${harness.config.name}-probe`);
  const reports: unknown[] = [];
  for (;;) {
    await settle();
    const [message] = queue?.take(1) ?? [];
    if (message === undefined) {
      const nextMs = queue?.nextVisibleAtMs();
      if (nextMs === undefined) return reports;
      harness.clock.advanceTo(nextMs);
      continue;
    }
    const messageBody = Buffer.from(message.body, 'base64').toString('utf8');
    const event = JSON.stringify([{ data: { messageId: message.id, messageBody } }]);
    const served = await Promise.all(Array.from({ length: times }, () => invoke(event)));
    reports.push(...served.flat());
    queue?.delete(message.handle ?? '');
  }
};
const observe = async (id: string, change: Partial<Runtime> = {}): Promise<Observation> => {
  await tick(id, change);
  await deliver();
  expect(after).toHaveLength(1);
  return after.pop() as Observation;
};

const commands = (): number => harness.cloud.ecs.invocations.size;
const instanceOf = async (id: string, name: string): Promise<string> =>
  String((await harness.record(id)).stages.instances.outputs['ids']?.[name as never]);
const stateOf = (id: string): ProbeState => {
  const row = harness.cloud.tablestore.rows('dualstack_alb_probes').find((one) => one['id'] === id);
  return JSON.parse(String(row?.['doc'])) as ProbeState;
};
const noRoute: Dial = ({ address }) => {
  const socket = new Socket();
  const error = Object.assign(new Error(`connect ENETUNREACH ${address}`), { code: 'ENETUNREACH' });
  process.nextTick(() => socket.destroy(error));
  return socket;
};
/** A function without IPv6 to load balancers; its name servers it reaches. */
const withoutRoute = (): Partial<Runtime> => ({ dial: noRoute });

describe('what is well', () => {
  it('is asked by the instance too, and judged by the same notion', async () => {
    const observation = await observe(ids.missing);
    expect(observation).toMatchObject({
      vantage: 'instance',
      verdict: 'ok',
      asked: 4,
      answeredWell: 4,
      configured: { well: { method: 'HEAD', path: '/missing', host: 'shop.example.net', acceptedStatus: ['404'] } },
    });
    expect(observation.shares.map(({ backend, seen }) => ({ backend, seen }))).toEqual([
      { backend: 'ECS01', seen: 2 },
      { backend: 'ECS02', seen: 2 },
    ]);
    expect(new Set(observation.samples?.map(({ status }) => status))).toEqual(new Set([404]));
  });

  it('is named where an answer is not', async () => {
    const instances = await Promise.all(['ECS01', 'ECS02'].map((name) => instanceOf(ids.missing, name)));
    const answer = (answers: [string, { status: number }][]) => {
      for (const id of instances) harness.cloud.ecs.instance(id).answers = new Map(answers);
    };
    answer([['/missing', { status: 200 }]]);
    const { verdict, fault, answeredWell } = await observe(ids.missing);
    answer([]);
    expect({ verdict, answeredWell }).toEqual({ verdict: 'fault', answeredWell: 0 });
    expect(fault?.evidence).toBe(
      '4 of 4 requests were answered 200 to HEAD at /missing of shop.example.net; wanted 404, though every health check passes',
    );
  });

  it('is what the command asked for, though the request has changed since', async () => {
    await tick(ids.missing);
    const patch = (probe: object) => harness.api('PATCH', `/load-balancers/${ids.missing}`, { probe });
    expect((await patch({ path: '/', method: 'GET', acceptedStatus: null })).status).toBe(202);
    await deliver();
    expect(after).toMatchObject([{ verdict: 'ok', configured: { well: { path: '/missing' } } }]);
    await harness.runUntil(ids.missing, 'ready');
    after.length = 0;
    expect((await observe(ids.missing)).configured?.well).toMatchObject({ path: '/', acceptedStatus: ['200-399'] });
  });
});

describe('the vantage instance', () => {
  it('lets an instance with IPv6 run curl, and makes the same observation of it', async () => {
    const report = await tick(ids.instance);
    expect(report.own).toMatchObject({ asked: 1, probed: 0, failed: 0 });
    expect(after).toEqual([]);
    await deliver();
    const [observation] = after;
    expect(observation).toMatchObject({
      targetId: ids.instance,
      vantage: 'instance',
      scope: 'vpc',
      instanceId: await instanceOf(ids.instance, 'ECS02'),
      verdict: 'ok',
      asked: 4,
      answered: 4,
      wanted: 20,
      missProbability: 0.0625,
      declared: { listenerStatus: 'Running', unhealthy: [] },
    });
    expect(observation?.shares.map(({ backend, seen }) => ({ backend, seen }))).toEqual([
      { backend: 'ECS01', seen: 2 },
      { backend: 'ECS02', seen: 2 },
    ]);
    for (const { address, remoteAddress, phases } of observation?.samples ?? []) {
      expect(remoteAddress).toBe(address);
      expect(observation?.name.ipv6Addresses).toContain(address);
      expect(phases.totalMs).toBeGreaterThan(0);
    }
    expect(observation?.addresses.every(({ isReached }) => isReached)).toBe(true);
    // The function has asked for it meanwhile.
    expect(observation?.ipv4).toMatchObject({ verdict: 'ok', samples: { length: 2 } });
  });

  it('marks each script by a word of its own, which nobody can derive and the row keeps', async () => {
    const marks: string[] = [];
    for (let count = 0; count < 2; count += 1) {
      await tick(ids.instance);
      const at = new Date(harness.clock.nowMs()).toISOString();
      const { command } = (await new Observations(harness.runtime('probe').rows).pending(ids.instance, at)) ?? {};
      expect(command?.mark).toMatch(/^p[0-9a-f]{12}$/);
      expect(command?.script).toContain(`echo ${command?.mark} $?`);
      const token = derivedToken(ids.instance, 'probe', String(harness.clock.nowMs()));
      expect(token).not.toContain(command?.mark.slice(1));
      marks.push(command?.mark ?? '');
      await deliver();
      expect(after.pop()).toMatchObject({ verdict: 'ok', answered: 4 });
    }
    expect(new Set(marks).size).toBe(2);
  });

  it('counts for uptime and the window, once', async () => {
    const summary = async () => {
      const response = await harness.api('GET', `/load-balancers/${ids.instance}/observations`);
      const { summaries } = (await response.json()) as { summaries: { '24h': { ticks: number } } };
      return summaries['24h'].ticks;
    };
    const before = await summary();
    const ticks = stateOf(ids.instance).ticks.length;
    await tick(ids.instance);
    await deliver(2);
    expect(await summary()).toBe(before + 1);
    expect(stateOf(ids.instance).ticks).toHaveLength(ticks + 1);
    expect(new Set(after.map(({ atMs }) => atMs)).size).toBe(1);
  });

  it('runs one command for a tick, however often anything of it is delivered', async () => {
    const { active } = harness.runtime('sweep');
    const before = commands();
    harness.clock.advance(minute);
    await active.add(ids.instance, harness.clock.nowMs());
    const event = timerEvent();
    await Promise.all([invoke(event), invoke(event)]);
    await deliver(2);
    await invoke(event);
    await active.remove(ids.instance);
    expect(commands()).toBe(before + 1);
    expect(after.every(({ atMs }) => atMs === after[0]?.atMs)).toBe(true);
  });

  it('asks for the command once more, with the same token, when its answer was lost', async () => {
    const before = commands();
    harness.cloud.edge.faults.add({ kind: 'reset-after', service: 'ecs', action: 'RunCommand' });
    expect(await observe(ids.instance)).toMatchObject({ verdict: 'ok' });
    expect(commands()).toBe(before + 1);
  });

  it('looks again while the command runs', async () => {
    harness.cloud.edge.faults.add({
      kind: 'unavailable',
      service: 'ecs',
      action: 'DescribeInvocationResults',
      times: 2,
    });
    await tick(ids.instance);
    const waits = 'ServiceUnavailable';
    expect(await deliver()).toEqual([{ waits }, { waits }, { collected: 'ok' }]);
  });

  it('is inconclusive when the command never answers', async () => {
    harness.cloud.edge.faults.add({
      kind: 'throttle',
      service: 'ecs',
      action: 'DescribeInvocationResults',
      times: 0,
    });
    const observation = await observe(ids.instance);
    harness.cloud.edge.faults.clear();
    expect(observation).toMatchObject({ verdict: 'inconclusive', fault: { kind: 'command-failed' }, asked: 0 });
    expect(observation.fault?.evidence).toMatch(/has not ended in time \(Throttling/);
  });

  it('is inconclusive at once when the answer may not be read', async () => {
    harness.cloud.edge.faults.add({
      kind: 'error',
      service: 'ecs',
      action: 'DescribeInvocationResults',
      code: 'Forbidden.RAM',
      httpStatus: 403,
    });
    await tick(ids.instance);
    expect(await deliver()).toEqual([{ collected: 'inconclusive' }]);
    expect(after).toMatchObject([{ fault: { kind: 'command-failed' } }]);
    expect(after[0]?.fault?.evidence).toContain('could not be read: Forbidden.RAM');
  });

  it('is inconclusive when the command may not be sent', async () => {
    harness.cloud.edge.faults.add({
      kind: 'error',
      service: 'ecs',
      action: 'RunCommand',
      code: 'Forbidden.RAM',
      httpStatus: 403,
    });
    const observation = await observe(ids.instance);
    expect(observation).toMatchObject({
      verdict: 'inconclusive',
      fault: { kind: 'command-failed', evidence: 'no instance could be asked: Forbidden.RAM' },
    });
  });

  it('is inconclusive when no instance can look', async () => {
    const id = await instanceOf(ids.instance, 'ECS02');
    harness.cloud.ecs.stop(id);
    const before = commands();
    const observation = await observe(ids.instance);
    expect(observation).toMatchObject({ vantage: 'instance', verdict: 'inconclusive', fault: { kind: 'no-instance' } });
    expect(commands()).toBe(before);
    harness.cloud.ecs.start(id);
  });

  it('lets another instance look where the first cannot', async () => {
    const [ecs01, ecs02] = [await instanceOf(ids.instance, 'ECS01'), await instanceOf(ids.instance, 'ECS02')];
    const { ecs } = harness.cloud;
    const card = ecs.networkInterfaces.list().find(({ instanceId }) => instanceId === ecs01);
    if (card === undefined) throw new Error('no network card');
    ecs.assignIpv6(card, [], 1);
    ecs.stop(ecs02);
    expect(await observe(ids.instance)).toMatchObject({
      vantage: 'instance',
      instanceId: ecs01,
      answered: expect.any(Number) as number,
    });
    ecs.start(ecs02);
  });

  it('names a front that refuses', async () => {
    const { listenerId } = (await harness.record(ids.instance)).stages.listener.outputs as { listenerId: string };
    const listener = harness.cloud.alb.listeners.find(listenerId);
    if (listener === undefined) throw new Error('no listener');
    const { port } = listener;
    listener.port = 81;
    const observation = await observe(ids.instance);
    listener.port = port;
    expect(observation).toMatchObject({ verdict: 'fault', fault: { kind: 'front-refused' }, answered: 0, asked: 4 });
    expect(observation.fault?.evidence).toContain('ECONNREFUSED');
  });

  it('names what the name lacks without asking anybody', async () => {
    const { dns } = harness.cloud;
    const record = [...dns.records.values()].find(({ rr, type }) => rr === 'instance' && type === 'CNAME');
    if (record === undefined) throw new Error('no record');
    const before = commands();
    record.rr = 'elsewhere';
    const observation = await observe(ids.instance);
    record.rr = 'instance';
    expect(observation).toMatchObject({ vantage: 'instance', verdict: 'fault' });
    expect(['name-unresolved', 'no-aaaa']).toContain(observation.fault?.kind);
    expect(commands()).toBe(before);
  });
});

describe('the vantage auto', () => {
  it('looks from the function where that has IPv6', async () => {
    expect(await observe(ids.auto)).toMatchObject({ vantage: 'function', scope: 'internet', verdict: 'ok' });
  });

  it('P-155: looks from an instance where the function has none, for a quarter of an hour', async () => {
    expect(await observe(ids.auto, withoutRoute())).toMatchObject({ vantage: 'instance', verdict: 'ok' });
    for (let minutes = 1; minutes < 15; minutes += 7)
      expect(await observe(ids.auto)).toMatchObject({ vantage: 'instance', verdict: 'ok' });
    harness.clock.advance(15 * minute);
    expect(await observe(ids.auto)).toMatchObject({ vantage: 'function', verdict: 'ok' });
  });

  it('is inconclusive, with both reasons, where an instance cannot either', async () => {
    const id = await instanceOf(ids.auto, 'ECS02');
    harness.cloud.ecs.stop(id);
    const observation = await observe(ids.auto, withoutRoute());
    harness.cloud.ecs.start(id);
    expect(observation).toMatchObject({ verdict: 'inconclusive', fault: { kind: 'no-ipv6-route' } });
    expect(observation.fault?.evidence).toMatch(/no IPv6 route \(ENETUNREACH\); no instance/);
    // Nobody stands in for it: the next tick tries the function again.
    expect(await observe(ids.auto)).toMatchObject({ vantage: 'function', verdict: 'ok' });
  });

  it('looks from an instance at once where only the VPC reaches the IPv6 side', async () => {
    const observation = await observe(ids.intranet);
    expect(observation).toMatchObject({ vantage: 'instance', scope: 'vpc', verdict: 'ok', asked: 20, answered: 20 });
    expect(observation.missProbability).toBeLessThan(1e-6);
    expect(observation.addresses).toMatchObject([{ isReached: true }, { isReached: true }]);
  });
});

describe('a probe on demand from an instance', () => {
  const show = async (location: string) => await harness.api('GET', location);
  const ask = async (id: string): Promise<string> => {
    harness.clock.advance(1000);
    const response = await harness.api('POST', `/load-balancers/${id}/probe`);
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ loadBalancer: id, vantage: 'instance', status: 'pending' });
    return response.headers.get('location') ?? '';
  };

  it('is answered with where it will stand', async () => {
    const location = await ask(ids.instance);
    const pending = await show(location);
    expect(pending.status).toBe(404);
    expect(pending.headers.get('retry-after')).toBe('5');
    expect(await pending.json()).toMatchObject({ code: 'observation-pending' });
    await deliver();
    const found = await show(location);
    expect(found.status).toBe(200);
    expect(await found.json()).toMatchObject({ vantage: 'instance', verdict: 'ok', isOnDemand: true });
    expect(after).toEqual([]);
  });

  it('is not listed before it is there', async () => {
    const list = async () => {
      const response = await harness.api('GET', `/load-balancers/${ids.instance}/observations?limit=1`);
      return ((await response.json()) as { observations: { at: string }[] }).observations.map(({ at }) => at);
    };
    const at = (await ask(ids.instance)).split('/').at(-1);
    expect(await list()).not.toContain(at);
    await deliver();
    expect(await list()).toEqual([at]);
  });

  it('runs one command however often its messages are delivered', async () => {
    const before = commands();
    await ask(ids.instance);
    await deliver(2);
    expect(commands()).toBe(before + 1);
  });

  it('says that no instance can look', async () => {
    const id = await instanceOf(ids.intranet, 'ECS02');
    harness.cloud.ecs.stop(id);
    const location = await ask(ids.intranet);
    await deliver();
    harness.cloud.ecs.start(id);
    expect(await (await show(location)).json()).toMatchObject({
      verdict: 'inconclusive',
      fault: { kind: 'no-instance' },
      isOnDemand: true,
    });
  });

  it('is what becomes of one from a function without IPv6', async () => {
    const runtime = harness.runtime('api', `${harness.config.name}-api`);
    const app = createApp({ ...runtime, ...withoutRoute() }, '');
    harness.clock.advance(1000);
    const response = await app.fetch(new Request(`http://local/load-balancers/${ids.auto}/probe`, { method: 'POST' }));
    expect(response.status).toBe(202);
    await deliver();
    const location = response.headers.get('location') ?? '';
    expect(await (await show(location)).json()).toMatchObject({ vantage: 'instance', verdict: 'ok', isOnDemand: true });
    expect(stateOf(ids.auto).instanceUntilMs ?? 0).toBeLessThan(harness.clock.nowMs());
  });

  it('says that it is lost when nothing came of it', async () => {
    const location = await ask(ids.instance);
    const queue = harness.cloud.mns.queues.get(`${harness.config.name}-probe`);
    for (const message of queue?.take(10) ?? []) queue?.delete(message.handle ?? '');
    harness.clock.advance(5 * minute + 1);
    const response = await show(location);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'observation-lost' });
  });
});

it('takes every right over instances that the policy of the prober gives, and the API takes none of them', () => {
  const policy = JSON.parse(readFileSync(new URL('../../../policies/prober.json', import.meta.url), 'utf8')) as {
    Statement: { Action: string[] }[];
  };
  const actions = policy.Statement.flatMap(({ Action }) => Action).filter((action) => action.startsWith('ecs:'));
  const takenBy = (functionName: string) =>
    harness.cloud.wireLog
      .filter(({ caller }) => caller === `${harness.config.name}-${functionName}`)
      .map(({ service, action }) => `${service}:${action}`);
  expect(takenBy('probe')).toEqual(expect.arrayContaining(actions));
  expect(takenBy('api')).not.toContain('ecs:RunCommand');
});
