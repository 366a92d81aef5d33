import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveProbe } from '../../functions/probe/serve.ts';
import type { GuestAnswer } from '../../local/ecs/state.ts';
import { alertAfterObservation } from '../../shared/alert/after-observation.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import type { Observation } from '../../shared/probe/observation.ts';
import { seedServers } from '../support/adopted.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';

/** What the servers answer: nothing that is usually taken for well, but at one path. */
const answers: Record<string, GuestAnswer> = {
  '/': { status: 404 },
  '/healthz': { status: 200 },
  '/private': { status: 401 },
  '/away': { status: 302, location: 'https://login.example.net/' },
  '/old': { status: 301, location: '/new' },
};
const checked = { serverGroup: { healthCheck: { path: '/healthz' } } };

/** Sites of these servers, each well in its own way. */
const sites: Record<string, SpecInput> = {
  'answers 404 at / and 200 where its health check asks': checked,
  'answers 401, which its health check takes for healthy': {
    serverGroup: { healthCheck: { path: '/private', codes: ['http_2xx', 'http_4xx'] } },
  },
  'redirects to another name': { serverGroup: { healthCheck: { path: '/away' } } },
  'redirects where its probe says': { ...checked, probe: { path: '/old', redirectTo: '/new' } },
  'answers 401 where its probe asks': { ...checked, probe: { path: '/private', acceptedStatus: ['401'] } },
  'answers 404 everywhere, unchecked': {
    serverGroup: { healthCheck: { enabled: false } },
    probe: { acceptedStatus: [404] },
  },
};

let harness: Harness;
let instanceIds: string[] = [];
const ids = new Map<string, string>();

beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks, sweeps: false });
  ({ instanceIds } = seedServers(harness.cloud));
  answer(answers);
  for (const [index, [site, more]] of Object.entries(sites).entries())
    ids.set(site, await harness.request(specOf(`site-${index}`, more)));
  for (const id of ids.values()) await harness.runUntil(id, 'ready');
}, 60_000);
afterAll(() => harness.close());

const specOf = (rr: string, more: SpecInput): SpecInput => ({
  network: {
    vpcId: 'vpc-uf6existing0000000001',
    vSwitchIds: ['vsw-uf6existing0000000001', 'vsw-uf6existing0000000002'],
  },
  backends: [
    { name: 'ECS01', family: 'ipv4', instanceId: 'i-uf6existing0000000001' },
    { name: 'ECS02', family: 'ipv6', instanceId: 'i-uf6existing0000000002' },
  ],
  name: rr,
  dns: { domain: 'example.com', rr, icpFiled: true },
  onFailure: 'retain',
  ...more,
});

/** Each server with a text of its own, by which they are told apart. */
function answer(given: Record<string, GuestAnswer>): void {
  for (const id of instanceIds)
    harness.cloud.ecs.instance(id).answers = new Map(
      Object.entries(given).map(([path, one]) => [path, { body: `${path} of ${id}`, ...one }]),
    );
}

/** A minute passes, and the timer's probe with it. @returns what was observed, by id. */
async function tick(): Promise<Map<string, Observation>> {
  harness.clock.advance(60_000);
  const runtime = harness.runtime('probe', `${harness.config.name}-prober`);
  const alert = alertAfterObservation(runtime);
  const seen = new Map<string, Observation>();
  const event = { triggerTime: new Date(harness.clock.nowMs()).toISOString(), triggerName: 'timer', payload: '{}' };
  await serveProbe(runtime, JSON.stringify(event), {
    holder: `run-${harness.clock.nowMs()}`,
    after: async (observation) => {
      seen.set(observation.targetId, observation);
      await alert(observation);
    },
  });
  return seen;
}

const alertsOf = (id: string): string[] =>
  harness.cloud.tablestore
    .rows('dualstack_alb_events')
    .flatMap((row) => (row['deployment'] === id && row['kind'] === 'alert' ? [String(row['text'])] : []));
const idOf = (site: string): string => ids.get(site) ?? '';
const conditionOf = ({ conditions }: DeploymentRecord) => conditions.find(({ type }) => type === 'AnswersOverIpv6');

describe('a site that is well in its own way', () => {
  it.each(Object.keys(sites))('is ready: it %s', async (site) => {
    expect(conditionOf(await harness.record(idOf(site)))).toMatchObject({
      status: 'True',
      reason: 'AllBackendsAnswer',
    });
  });

  it('is no reason for an alert', async () => {
    for (let minute = 0; minute < 3; minute += 1)
      expect([...(await tick()).values()].map(({ verdict, answeredWell }) => `${verdict} ${answeredWell}`)).toEqual(
        Array.from(ids, () => 'ok 20'),
      );
    expect([...ids.values()].flatMap(alertsOf)).toEqual([]);
  });

  it('is shown with what was asked and what is wanted', async () => {
    const id = idOf('answers 401 where its probe asks');
    const { observations, summaries } = (await (
      await harness.api('GET', `/load-balancers/${id}/observations`)
    ).json()) as { observations: unknown[]; summaries: unknown };
    expect(observations[0]).toMatchObject({
      configured: { well: { method: 'GET', path: '/private', acceptedStatus: ['401'] } },
    });
    expect(summaries).toMatchObject({ '24h': { uptime: 1 } });
  });

  it('is a fault once it answers otherwise, good as that may seem, until the request says that it is well', async () => {
    const id = idOf('answers 401 where its probe asks');
    answer({ ...answers, '/private': { status: 200 } });
    for (let minute = 0; minute < 3; minute += 1)
      expect((await tick()).get(id)).toMatchObject({ verdict: 'fault', answeredWell: 0 });
    expect(alertsOf(id).join()).toContain('answered 200 at /private; wanted 401');
    const patched = await harness.api('PATCH', `/load-balancers/${id}`, { probe: { acceptedStatus: ['200', '401'] } });
    expect(patched.status, await patched.clone().text()).toBe(202);
    await harness.runUntil(id, 'ready');
    expect((await tick()).get(id)).toMatchObject({ verdict: 'ok', answeredWell: 20 });
    answer(answers);
  });
});

describe('a site that is not', () => {
  it('fails at verify with what was asked, and goes on once the request says that it is well', async () => {
    const spec = specOf('ill', { ...checked, probe: { path: '/missing' } });
    const id = await harness.request(spec);
    const { failure } = await harness.runUntil(id, 'failed');
    expect(failure).toMatchObject({ stage: 'verify', code: 'verify.no-answer' });
    expect(failure?.message).toContain('answered 404 at /missing; wanted 200-399');
    expect(failure?.remedy).toContain('acceptedStatus');
    const probe = { path: '/missing', acceptedStatus: ['404'] };
    const retried = await harness.api('POST', `/load-balancers/${id}/retry`, { ...spec, probe });
    expect(retried.status, await retried.clone().text()).toBe(202);
    await harness.runUntil(id, 'ready');
  });

  it('fails at health with what the health check asks', async () => {
    const { failure } = await harness.runUntil(await harness.request(specOf('unhealthy', {})), 'failed');
    expect(failure).toMatchObject({ stage: 'health', code: 'health.unhealthy' });
    expect(failure?.message).toContain('answered 404 to HEAD at /; the health check wants 200-399');
    expect(failure?.remedy).toContain('serverGroup.healthCheck');
  });
});
