import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Budget } from '../../shared/budget.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { byHand, driftOf, idsOf, named, repair, writesOf } from '../support/by-hand.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let harness: Harness;
let id = '';
let record: DeploymentRecord;

beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
  id = await harness.request({ name: 'by-default', listener: { requestTimeoutSeconds: 60 } });
  await harness.runUntil(id, 'ready');
});
beforeEach(async () => {
  record = await harness.record(id);
  expect(record.status).toBe('ready');
});
afterAll(() => harness.close());

const loadBalancer = () => harness.cloud.alb.loadBalancer(idsOf(record)['loadBalancer'] ?? '');
const listener = () => harness.cloud.alb.listener(idsOf(record)['listener'] ?? '');
const group = () => harness.cloud.alb.serverGroup(idsOf(record)['serverGroup'] ?? '');
const alb = (action: string, params: Record<string, string>) => byHand(harness, 'alb', action, params);
const adopt = (body: unknown) => harness.api('POST', `/load-balancers/${id}/apply`, body);

/** Fields that a load balancer's request left to their defaults, changed in the console. */
const hands: { field: string; change: () => Promise<unknown>; found: unknown; default: unknown }[] = [
  {
    field: 'loadBalancer.deletionProtection',
    change: () => alb('EnableDeletionProtection', { ResourceId: loadBalancer().id }),
    found: true,
    default: false,
  },
  {
    field: 'listener.idleTimeoutSeconds',
    change: () => alb('UpdateListenerAttribute', { ListenerId: listener().id, IdleTimeout: '33' }),
    found: 33,
    default: 15,
  },
  {
    field: 'serverGroup.scheduler',
    change: () => alb('UpdateServerGroupAttribute', { ServerGroupId: group().id, Scheduler: 'Wlc' }),
    found: 'Wlc',
    default: 'Wrr',
  },
  {
    field: 'serverGroup.healthCheck.intervalSeconds',
    change: () =>
      alb('UpdateServerGroupAttribute', {
        ServerGroupId: group().id,
        'HealthCheckConfig.HealthCheckEnabled': 'true',
        'HealthCheckConfig.HealthCheckInterval': '9',
      }),
    found: 9,
    default: 2,
  },
  {
    field: 'serverGroup.stickySession.enabled',
    change: () =>
      alb('UpdateServerGroupAttribute', {
        ServerGroupId: group().id,
        'StickySessionConfig.StickySessionEnabled': 'true',
        'StickySessionConfig.StickySessionType': 'Insert',
        'StickySessionConfig.CookieTimeout': '77',
      }),
    found: true,
    default: false,
  },
  {
    field: 'backends.ECS01.weight',
    change: () => {
      const server = group().servers.find(({ serverIp }) => !serverIp.includes(':'));
      return alb('UpdateServerGroupServersAttribute', {
        ServerGroupId: group().id,
        'Servers.1.ServerType': 'Ecs',
        'Servers.1.ServerId': server?.serverId ?? '',
        'Servers.1.ServerIp': server?.serverIp ?? '',
        'Servers.1.Port': '80',
        'Servers.1.Weight': '30',
      });
    },
    found: 30,
    default: 100,
  },
];

describe('what the request leaves to its default and somebody changed by hand', () => {
  it('is kept by an apply, which says so, and is no difference', async () => {
    for (const { change } of hands) {
      await change();
      harness.clock.advance(60_000);
    }
    const wanted = hands.map(({ field, found, default: byDefault }) => ({ field, default: byDefault, found }));
    const before = await driftOf(harness, id);
    expect(before.differences).toEqual([]);
    expect(before.kept.map(({ stage: _stage, ...kept }) => kept)).toEqual(expect.arrayContaining(wanted));
    expect(before.kept).toHaveLength(wanted.length);
    const from = harness.cloud.wireLog.length;
    const after = await repair(harness, id);
    expect(after.failure).toBeUndefined();
    expect(named(writesOf(harness, from))).toEqual([]);
    const shown = (await (await harness.api('GET', `/load-balancers/${id}`)).json()) as { kept: object[] };
    expect(shown.kept).toEqual(expect.arrayContaining(before.kept));
  });

  it('counts for DELETE: kept deletion protection is lifted by the word only', async () => {
    const response = await harness.api('DELETE', `/load-balancers/${id}`);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'deletion-protection' });
  });

  it('is put back where the request writes it, with the value of the default too', async () => {
    expect((await harness.api('PATCH', `/load-balancers/${id}`, { serverGroup: { scheduler: 'Wrr' } })).status).toBe(
      202,
    );
    await harness.runUntil(id, 'ready');
    expect(group().scheduler).toBe('Wrr');
  });
});

describe('adopt', () => {
  it('takes the value of the cloud into the request, which enforces it from then on', async () => {
    const fields = ['listener.idleTimeoutSeconds', 'serverGroup.stickySession', 'backends.ECS01.weight'];
    const from = harness.cloud.wireLog.length;
    const response = await adopt({ adopt: fields });
    expect(response.status, await response.clone().text()).toBe(202);
    const after = await harness.runUntil(id, 'ready');
    expect(named(writesOf(harness, from))).toEqual([]);
    expect(after.spec.listener.idleTimeoutSeconds).toBe(33);
    expect(after.spec.serverGroup.stickySession).toEqual({ enabled: true, type: 'Insert', cookieTimeoutSeconds: 77 });
    expect(after.spec.backends.map(({ weight }) => weight)).toEqual([30, 100]);
    expect((await driftOf(harness, id)).kept.map(({ field }) => field).sort()).toEqual([
      'loadBalancer.deletionProtection',
      'serverGroup.healthCheck.intervalSeconds',
    ]);
    await alb('UpdateListenerAttribute', { ListenerId: listener().id, IdleTimeout: '12' });
    await repair(harness, id);
    expect(listener().idleTimeoutSeconds).toBe(33);
  });

  it('takes a value that the request has already, and makes it explicit', async () => {
    expect(record.explicit).not.toContain('serverGroup.healthCheck.path');
    expect((await adopt({ adopt: ['serverGroup.healthCheck.path'] })).status).toBe(202);
    const after = await harness.runUntil(id, 'ready');
    expect(after.explicit).toContain('serverGroup.healthCheck.path');
    expect(after.spec).toEqual(record.spec);
  });

  it.each<[string, unknown, string, RegExp]>([
    ['a body with another request', { dns: { ttl: 1200 }, nonsense: true }, 'dns', /is not a field of the request/],
    ['a body that is no object', [], '', /./],
    ['a body that is null', 'null', '', /./],
    ['adopt that is no list', { adopt: 'listener' }, 'adopt', /./],
    ['a name that is no field', { adopt: ['listener.nonsense'] }, 'adopt.0', /listener\.nonsense is not a field/],
    ['a word of JavaScript', { adopt: ['constructor'] }, 'adopt.0', /constructor is not a field/],
    ['a server that is not asked for', { adopt: ['backends.ECS99.weight'] }, 'adopt.0', /is not a field/],
    [
      'a field that is fixed',
      { adopt: ['network.cidrBlock'] },
      'adopt.0',
      /cannot be adopted: what stands in a network/,
    ],
    ['a field of ours alone', { adopt: ['onFailure'] }, 'adopt.0', /cannot be adopted: the cloud does not hold it/],
    ['fields of ours alone', { adopt: ['alerts'] }, 'adopt.0', /cannot be adopted: the cloud does not hold it/],
  ])('refuses %s with 400', async (_what, body, field, message) => {
    const response = await adopt(body);
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { field: string; message: string }[] };
    expect(errors[0]?.field).toBe(field);
    expect(errors[0]?.message).toMatch(message);
    expect((await harness.record(id)).version).toBe(record.version);
  });

  it('refuses what the cloud has no value of, and a value that no request can have', async () => {
    const none = await adopt({ adopt: ['listener.certificateIds'] });
    expect(none.status).toBe(409);
    expect(await none.json()).toMatchObject({ errors: [{ field: 'listener.certificateIds' }] });
    group().healthCheck.method = 'POST';
    const odd = await adopt({ adopt: ['serverGroup.healthCheck.method'] });
    expect(odd.status).toBe(409);
    expect(await odd.json()).toMatchObject({
      code: 'not-adopted',
      errors: [
        { field: 'serverGroup.healthCheck.method', message: expect.stringContaining('cannot be part') as string },
      ],
    });
    group().healthCheck.method = 'HEAD';
    expect((await harness.record(id)).version).toBe(record.version);
  });

  it('is refused while a repair is under way, without which the same call goes on', async () => {
    expect((await adopt({})).status).toBe(202);
    expect((await adopt({ adopt: ['serverGroup.healthCheck.path'] })).status).toBe(409);
    expect((await adopt(undefined)).status).toBe(202);
    await harness.runUntil(id, 'ready');
  });
});

it('where no time is left, drift names the stages that it has not looked at', async () => {
  harness.budgetOf = () => new Budget(0);
  const drift = await driftOf(harness, id);
  harness.budgetOf = () => Budget.unlimited();
  expect(drift.differences).toEqual([]);
  expect(drift.undecided).toHaveLength(10);
  expect(new Set(drift.undecided.map(({ reason }) => reason))).toEqual(new Set(['no time was left to look']));
});
