import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serveProbe } from '../../functions/probe/serve.ts';
import { lookForDrift } from '../../functions/sweep/look-for-drift.ts';
import { alertAfterObservation } from '../../shared/alert/after-observation.ts';
import type { Condition } from '../../shared/deployment/record.ts';
import { normalAddress } from '../../shared/net/cidr.ts';
import type { Observation } from '../../shared/probe/observation.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { byHand, driftOf, named, repair, writesOf } from '../support/by-hand.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

const zoneId = 'cn-shanghai-g';

let harness: Harness;
const ids = { ours: '', watch: '', instance: '' };
const observations: Observation[] = [];

beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks, sweeps: false, readTimeoutMs: 10_000 });
  ids.ours = await harness.request(tutorial());
  ids.instance = await harness.request({
    ...tutorial(),
    name: 'seen-from-inside',
    dns: { domain: 'example.com', rr: 'inside', icpFiled: true },
    probe: { vantage: 'instance', mostRequests: 4 },
  });
  for (const id of [ids.ours, ids.instance]) await harness.runUntil(id, 'ready');
  // A command for each of its probes: it is probed where that matters.
  await harness.runtime('sweep').active.remove(ids.instance);
  const answer = await harness.api('POST', '/load-balancers', {
    watchOnly: { loadBalancerId: loadBalancer().id, domain: 'example.com' },
  });
  ids.watch = ((await answer.json()) as { id: string }).id;
}, 90_000);
afterAll(() => harness.close());
beforeEach(() => {
  observations.length = 0;
});

const loadBalancer = () => {
  const found = harness.cloud.alb.loadBalancers.list().find(({ name }) => name === tutorial().name);
  if (found === undefined) throw new Error('the load balancer is gone');
  return found;
};
const zone = () => {
  const found = loadBalancer().zones.find((one) => one.zoneId === zoneId);
  if (found === undefined) throw new Error('the zone is gone');
  return found;
};
const shift = (action: 'StartShiftLoadBalancerZones' | 'CancelShiftLoadBalancerZones', of = loadBalancer()) =>
  byHand(harness, 'alb', action, {
    LoadBalancerId: of.id,
    'ZoneMappings.1.ZoneId': zoneId,
    'ZoneMappings.1.VSwitchId': of.zones.find((one) => one.zoneId === zoneId)?.vSwitchId ?? '',
  });
const control = async (what: string, of = zoneId): Promise<void> => {
  const path = `/_local/load-balancers/${loadBalancer().id}/zones/${of}/${what}`;
  const { status } = await fetch(`${harness.cloud.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${harness.cloud.controlToken}` },
  });
  expect(status).toBe(200);
};

/** So many minutes with a probe each. */
async function minutes(count: number, change: Partial<Runtime> = {}): Promise<void> {
  for (let minute = 0; minute < count; minute += 1) {
    harness.clock.advance(60_000);
    const runtime = { ...harness.runtime('probe', `${harness.config.name}-prober`), ...change };
    const alert = alertAfterObservation(runtime);
    const after = async (observation: Observation): Promise<void> => {
      observations.push(observation);
      await alert(observation);
    };
    const invoke = (event: string) => serveProbe(runtime, event, { holder: `run-${harness.clock.nowMs()}`, after });
    const triggerTime = new Date(harness.clock.nowMs()).toISOString();
    await invoke(JSON.stringify({ triggerTime, triggerName: 'timer', payload: '{}' }));
    const queue = harness.cloud.mns.queues.get(`${harness.config.name}-probe`);
    for (let nextMs = queue?.nextVisibleAtMs(); nextMs !== undefined; nextMs = queue?.nextVisibleAtMs()) {
      harness.clock.advanceTo(Math.max(nextMs, harness.clock.nowMs()));
      for (let quiet = 0; quiet < 3; quiet = harness.cloud.isIdle() ? quiet + 1 : 0)
        await new Promise((resolve) => setImmediate(resolve));
      const [message] = queue?.take(1) ?? [];
      if (message === undefined) continue;
      const messageBody = Buffer.from(message.body, 'base64').toString('utf8');
      await invoke(JSON.stringify([{ data: { messageId: message.id, messageBody } }]));
      queue?.delete(message.handle ?? '');
    }
  }
}
const seenOf = (id: string): (string | undefined)[] =>
  observations.filter(({ targetId }) => targetId === id).map(({ fault, verdict }) => fault?.kind ?? verdict);
const lastOf = (id: string) => observations.findLast(({ targetId }) => targetId === id);
const shown = async (id: string): Promise<{ status: string; conditions: Condition[] }> =>
  (await (await harness.api('GET', `/load-balancers/${id}`)).json()) as { status: string; conditions: Condition[] };
const zonesCondition = async (id: string) => {
  const { status, conditions } = await shown(id);
  const found = conditions.find(({ type }) => type === 'ZonesInService');
  return `${status}: ${found?.status} ${found?.reason}`;
};
const history = (id: string, kind: string): string[] =>
  harness.cloud.tablestore
    .rows('dualstack_alb_events')
    .flatMap((row) => (row['deployment'] === id && row['kind'] === kind ? [String(row['text'])] : []));
const alerts = (id: string) => history(id, 'alert').map((text) => text.split(':').slice(0, 2).join(':'));

describe('a zone that somebody shifts', () => {
  it('is shown, reported once as lost redundancy, and left as it is until it is back', async () => {
    await minutes(2);
    expect(seenOf(ids.ours)).toEqual(['ok', 'ok']);
    observations.length = 0;
    await shift('StartShiftLoadBalancerZones');
    await minutes(6);
    // No fault of the name, of an address or of the front, in no minute.
    for (const id of [ids.ours, ids.watch]) {
      expect(new Set(seenOf(id))).toEqual(new Set(['zone-out-of-service']));
      expect(seenOf(id)).toHaveLength(6);
      expect(alerts(id)).toEqual([expect.stringMatching(/^fired zone-out-of-service cn-shanghai-g/)]);
      expect(history(id, 'zones')).toEqual([`zone ${zoneId} is Shifted: its addresses are taken out of DNS`]);
    }
    expect(await zonesCondition(ids.ours)).toBe('ready: False ZoneOutOfService');
    expect(await zonesCondition(ids.watch)).toBe('watching: False ZoneOutOfService');
    expect(await zonesCondition(ids.instance)).toBe('ready: True AllZonesActive');

    const drift = await driftOf(harness, ids.ours);
    expect(drift.differences).toEqual([
      {
        stage: 'load-balancer',
        change: 'none',
        message: `zone ${zoneId} is Shifted: its addresses are taken out of DNS`,
        remedy: expect.stringContaining('an apply leaves it as it is'),
        hasOwnAlert: true,
      },
    ]);
    await lookForDrift(harness.runtime('sweep'), await harness.record(ids.ours));
    expect(alerts(ids.ours)).toHaveLength(1);

    const from = harness.cloud.wireLog.length;
    const record = await repair(harness, ids.ours);
    expect(named(writesOf(harness, from))).toEqual([]);
    expect(record.conditions.map(({ type, status }) => `${type} ${status}`)).toEqual([
      'HealthyByApi True',
      'AnswersOverIpv6 True',
      'AnswersOverIpv4 True',
      'NameResolves True',
      'ZonesInService False',
    ]);
    expect(record.status).toBe('ready');

    await shift('CancelShiftLoadBalancerZones');
    await minutes(3);
    for (const id of [ids.ours, ids.watch]) {
      expect(seenOf(id).at(-1)).toBe('ok');
      expect(alerts(id)).toEqual([
        expect.stringMatching(/^fired zone-out-of-service/),
        expect.stringMatching(/^resolved zone-out-of-service/),
      ]);
      expect(history(id, 'zones').at(-1)).toBe(`zone ${zoneId} is in service again`);
    }
    expect(await zonesCondition(ids.ours)).toBe('ready: True AllZonesActive');
    expect(await zonesCondition(ids.watch)).toBe('watching: True AllZonesActive');
    expect((await driftOf(harness, ids.ours)).differs).toBe(false);
  }, 60_000);

  it('is seen by an instance that probes, which asks only the zones in service', async () => {
    const other = harness.cloud.alb.loadBalancers.list().find(({ name }) => name === 'seen-from-inside');
    if (other === undefined) throw new Error('the other load balancer is gone');
    const { active } = harness.runtime('sweep');
    await active.add(ids.instance, harness.clock.nowMs());
    await shift('StartShiftLoadBalancerZones', other);
    await minutes(2);
    expect(seenOf(ids.instance)).toEqual(['zone-out-of-service', 'zone-out-of-service']);
    const last = lastOf(ids.instance);
    const inService = other.zones
      .filter((one) => one.zoneId !== zoneId)
      .map(({ ipv6Address }) => normalAddress(ipv6Address));
    expect([...new Set(last?.samples?.map(({ address }) => address))]).toEqual(inService);
    expect(last).toMatchObject({ vantage: 'instance', verdict: 'fault' });
    expect(await zonesCondition(ids.instance)).toBe('ready: False ZoneOutOfService');
    await shift('CancelShiftLoadBalancerZones', other);
    await minutes(1);
    expect(seenOf(ids.instance).at(-1)).toBe('ok');
    await active.remove(ids.instance);
  }, 60_000);
});

describe('a name that caches still lead to a zone out of service', () => {
  it('is no fault of the name, of an address or of the front', async () => {
    const { resolver } = harness.runtime('probe');
    const cached = await resolver.resolve('example.com', 'AAAA');
    const change: Partial<Runtime> = { resolver: { ...resolver, resolve: () => Promise.resolve(cached) } };
    await control('stop');
    await minutes(2, change);
    expect(seenOf(ids.ours)).toEqual(['zone-out-of-service', 'zone-out-of-service']);
    const last = lastOf(ids.ours);
    expect(last?.addresses).toContainEqual(
      expect.objectContaining({ address: normalAddress(zone().ipv6Address), isExpected: false }),
    );
    // From the second minute on nobody asks there.
    expect(last?.samples?.map(({ address }) => address)).not.toContain(normalAddress(zone().ipv6Address));
    expect(last).toMatchObject({ asked: 20, answered: 20 });
    await control('start');
    await minutes(1);
    expect(seenOf(ids.ours).at(-1)).toBe('ok');
  }, 30_000);
});

describe('an address that the load balancer declares unhealthy', () => {
  it('is an address that does not answer where the probe finds it dead, with what is declared', async () => {
    await control('unhealthy');
    await minutes(1);
    expect(lastOf(ids.ours)?.fault).toMatchObject({
      kind: 'address-unreached',
      subject: normalAddress(zone().ipv6Address),
      evidence: expect.stringContaining(`zone ${zoneId}: the load balancer declares its IPv6 address`),
    });
    expect(await zonesCondition(ids.ours)).toBe('ready: False AddressUnhealthy');
    await control('healthy');
    await minutes(1);
    expect(await zonesCondition(ids.ours)).toBe('ready: True AllZonesActive');
  }, 30_000);
});

describe('a deployment from before zones were looked at', () => {
  it('gets the condition with its next probe', async () => {
    await harness.runtime('sweep').deployments.update(ids.ours, (record) => ({
      ...record,
      conditions: record.conditions.filter(({ type }) => type !== 'ZonesInService'),
    }));
    expect(await zonesCondition(ids.ours)).toBe('ready: undefined undefined');
    const before = history(ids.ours, 'zones');
    await minutes(1);
    expect(seenOf(ids.ours)).toEqual(['ok']);
    expect(await zonesCondition(ids.ours)).toBe('ready: True AllZonesActive');
    expect(history(ids.ours, 'zones')).toEqual(before);
  });
});

describe('all zones out of service', () => {
  it('is an outage', async () => {
    const everywhere = (what: string) => Promise.all(loadBalancer().zones.map((one) => control(what, one.zoneId)));
    await everywhere('stop');
    await minutes(3);
    expect(seenOf(ids.ours)).toEqual(['no-aaaa', 'no-aaaa', 'no-aaaa']);
    expect(lastOf(ids.ours)?.fault?.evidence).toContain('no zone is in service');
    expect(alerts(ids.ours)).toContainEqual(expect.stringMatching(/^fired front-down/));
    expect(await zonesCondition(ids.ours)).toBe('ready: False NoZoneInService');
    await everywhere('start');
    await minutes(1);
    expect(seenOf(ids.ours).at(-1)).not.toBe('no-aaaa');
    expect(await zonesCondition(ids.ours)).toBe('ready: True AllZonesActive');
  }, 30_000);
});
