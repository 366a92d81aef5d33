import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { changeTable } from '../../shared/deployment/changes/table.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { byHand, driftOf, idsOf, instanceIdsOf, named, repair, writesOf } from '../support/by-hand.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

const [one, two, three] = ['1234567-cn-shanghai', '7654321-cn-shanghai', '2222222-cn-shanghai'];

let harness: Harness;
let id = '';
let record: DeploymentRecord;

beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
  const [known] = harness.cloud.certificates.certificates;
  if (known === undefined) throw new Error('the account has no certificate');
  harness.cloud.certificates.certificates.push({ ...known, id: 2_222_222, name: 'third' });
  id = await harness.request({
    name: 'in-place',
    loadBalancer: { edition: 'Basic' },
    listener: { protocol: 'HTTPS', certificateIds: [one, two] },
    probe: { acceptAnyIssuer: true },
  });
  await harness.runUntil(id, 'ready');
});
beforeEach(async () => {
  record = await harness.record(id);
  expect(record.status).toBe('ready');
});
afterAll(() => harness.close());

const alb = () => harness.cloud.alb;
const loadBalancer = () => alb().loadBalancer(idsOf(record)['loadBalancer'] ?? '');
const listener = () => alb().listener(idsOf(record)['listener'] ?? '');
const group = () => alb().serverGroup(idsOf(record)['serverGroup'] ?? '');
const certificates = () => [...listener().certificateIds, ...listener().additionalCertificates.map((each) => each.id)];
const ports = () =>
  alb()
    .listenersOf(loadBalancer().id)
    .map(({ port }) => port)
    .sort();

async function patch(body: unknown): Promise<string[]> {
  const from = harness.cloud.wireLog.length;
  const response = await harness.api('PATCH', `/load-balancers/${id}`, body);
  expect(response.status, await response.clone().text()).toBe(202);
  const after = await harness.runUntil(id, 'ready');
  expect(after.unsettled).toBeUndefined();
  return named(writesOf(harness, from));
}

interface Case {
  fields: string[];
  patch: object;
  look: () => unknown;
  expected: unknown;
  /** What changes it, in this order. */
  writes: string[];
}

const cases: Case[] = [
  {
    fields: ['loadBalancer.edition', 'serverGroup.connectionDrain.enabled', 'serverGroup.slowStart.enabled'],
    patch: { loadBalancer: { edition: 'Standard' }, serverGroup: { connectionDrain: {}, slowStart: {} } },
    look: () => [loadBalancer().edition, group().connectionDrain, group().slowStart],
    expected: ['Standard', { enabled: true, timeoutSeconds: 300 }, { enabled: true, durationSeconds: 30 }],
    // Draining and slow start come with the edition.
    writes: ['alb UpdateLoadBalancerEdition', 'alb UpdateServerGroupAttribute'],
  },
  {
    fields: ['serverGroup.connectionDrain.timeoutSeconds', 'serverGroup.slowStart.durationSeconds'],
    patch: { serverGroup: { connectionDrain: { timeoutSeconds: 20 }, slowStart: { durationSeconds: 40 } } },
    look: () => [group().connectionDrain.timeoutSeconds, group().slowStart.durationSeconds],
    expected: [20, 40],
    writes: ['alb UpdateServerGroupAttribute'],
  },
  {
    fields: [
      'serverGroup.scheduler',
      'serverGroup.name',
      'serverGroup.stickySession.enabled',
      'serverGroup.stickySession.type',
      'serverGroup.stickySession.cookieTimeoutSeconds',
    ],
    patch: {
      serverGroup: {
        slowStart: null,
        scheduler: 'Wlc',
        name: 'renamed-group',
        stickySession: { enabled: true, type: 'Insert', cookieTimeoutSeconds: 50 },
      },
    },
    look: () => [group().scheduler, group().name, group().slowStart.enabled, group().stickySession],
    expected: ['Wlc', 'renamed-group', false, { enabled: true, type: 'Insert', cookie: '', cookieTimeoutSeconds: 50 }],
    writes: ['alb UpdateServerGroupAttribute'],
  },
  {
    fields: ['serverGroup.stickySession.cookie'],
    patch: { serverGroup: { stickySession: { type: 'Server', cookie: 'SESSION' } } },
    look: () => group().stickySession,
    expected: expect.objectContaining({ enabled: true, type: 'Server', cookie: 'SESSION' }),
    writes: ['alb UpdateServerGroupAttribute'],
  },
  {
    fields: [
      'serverGroup.healthCheck.path',
      'serverGroup.healthCheck.method',
      'serverGroup.healthCheck.codes',
      'serverGroup.healthCheck.intervalSeconds',
      'serverGroup.healthCheck.timeoutSeconds',
      'serverGroup.healthCheck.healthyThreshold',
      'serverGroup.healthCheck.unhealthyThreshold',
    ],
    patch: {
      serverGroup: {
        stickySession: { enabled: false },
        healthCheck: {
          path: '/index.html',
          method: 'GET',
          codes: ['http_2xx', 'http_4xx'],
          intervalSeconds: 3,
          timeoutSeconds: 4,
          healthyThreshold: 2,
          unhealthyThreshold: 4,
        },
      },
    },
    look: () => [group().stickySession.enabled, group().healthCheck],
    expected: [
      false,
      expect.objectContaining({
        path: '/index.html',
        method: 'GET',
        codes: ['http_2xx', 'http_4xx'],
        intervalSeconds: 3,
        timeoutSeconds: 4,
        healthyThreshold: 2,
        unhealthyThreshold: 4,
      }),
    ],
    writes: ['alb UpdateServerGroupAttribute'],
  },
  {
    fields: ['serverGroup.healthCheck.enabled'],
    patch: { serverGroup: { healthCheck: { enabled: false } } },
    look: () => group().healthCheck.enabled,
    expected: false,
    writes: ['alb UpdateServerGroupAttribute'],
  },
  {
    fields: ['listener.requestTimeoutSeconds', 'listener.idleTimeoutSeconds', 'listener.securityPolicyId'],
    patch: {
      listener: {
        requestTimeoutSeconds: 33,
        idleTimeoutSeconds: 22,
        securityPolicyId: 'tls_cipher_policy_1_2_strict',
      },
    },
    look: () => [listener().requestTimeoutSeconds, listener().idleTimeoutSeconds, listener().securityPolicyId],
    expected: [33, 22, 'tls_cipher_policy_1_2_strict'],
    // The listener of the redirect has time limits too.
    writes: ['alb UpdateListenerAttribute', 'alb UpdateListenerAttribute'],
  },
  {
    fields: ['listener.redirectHttp'],
    patch: { listener: { redirectHttp: false } },
    look: ports,
    expected: [443],
    writes: ['alb DeleteListener'],
  },
  {
    fields: ['loadBalancer.name', 'loadBalancer.deletionProtection'],
    patch: { loadBalancer: { name: 'renamed', deletionProtection: true } },
    look: () => [loadBalancer().name, loadBalancer().deletionProtection],
    expected: ['renamed', true],
    writes: ['alb UpdateLoadBalancerAttribute', 'alb EnableDeletionProtection'],
  },
  {
    fields: ['loadBalancer.addressType'],
    patch: { loadBalancer: { addressType: 'Intranet' } },
    look: () => [loadBalancer().addressType, loadBalancer().ipv6AddressType],
    expected: ['Intranet', 'Intranet'],
    writes: ['alb UpdateLoadBalancerAddressTypeConfig', 'alb DisableLoadBalancerIpv6Internet'],
  },
];

/** Tested elsewhere: with servers, names and networks of their own. */
const elsewhere = /^(backends|dns|network|securityGroup)\b/;

describe('a PATCH in place', () => {
  it('has a case for each field that a stage changes', () => {
    const tested = new Set([...cases.flatMap(({ fields }) => fields), 'listener.certificateIds']);
    const changing = Object.entries(changeTable).filter(
      ([field, change]) => change.kind === 'in-place' && change.stages.length > 0 && !elsewhere.test(field),
    );
    expect(changing.map(([field]) => field).filter((field) => !tested.has(field))).toEqual([]);
  });

  it.each(cases)('changes $fields, and nothing is made anew', async ({ patch: body, look, expected, writes }) => {
    expect(await patch(body)).toEqual(writes);
    expect(look()).toEqual(expected);
    const after = await harness.record(id);
    expect(idsOf(after)).toEqual(idsOf(record));
    expect(instanceIdsOf(after)).toEqual(instanceIdsOf(record));
    const from = harness.cloud.wireLog.length;
    expect((await repair(harness, id)).failure).toBeUndefined();
    expect(named(writesOf(harness, from))).toEqual([]);
    expect(await driftOf(harness, id)).toMatchObject({ differs: false, kept: [] });
  });

  it('goes back: a public load balancer, a redirect, and health checks', async () => {
    const { dnsName } = loadBalancer();
    const writes = await patch({
      loadBalancer: { addressType: null },
      listener: { redirectHttp: true },
      serverGroup: { healthCheck: { enabled: null, path: null, codes: null } },
    });
    expect(writes.sort()).toEqual([
      'alb CreateListener',
      'alb CreateRule',
      'alb EnableLoadBalancerIpv6Internet',
      'alb UpdateLoadBalancerAddressTypeConfig',
      'alb UpdateServerGroupAttribute',
    ]);
    expect(ports()).toEqual([443, 80].sort());
    expect([loadBalancer().addressType, loadBalancer().ipv6AddressType]).toEqual(['Internet', 'Internet']);
    expect(loadBalancer().dnsName).toBe(dnsName);
    expect([group().healthCheck.enabled, group().healthCheck.path]).toEqual([true, '/']);
    const { stages, conditions } = await harness.record(id);
    const addresses = loadBalancer().zones.map(({ address }) => address);
    expect(stages['ipv6-internet'].outputs['zones']).toMatchObject(addresses.map((ipv4Address) => ({ ipv4Address })));
    expect(conditions.find(({ type }) => type === 'AnswersOverIpv6')).toMatchObject({
      status: 'True',
      scope: 'internet',
    });
    expect(await driftOf(harness, id)).toMatchObject({ differs: false, kept: [] });
  });

  it('refuses a way down for the edition, with what to do instead', async () => {
    const response = await harness.api('PATCH', `/load-balancers/${id}`, { loadBalancer: { edition: 'Basic' } });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      errors: [{ field: 'loadBalancer.edition', message: expect.stringContaining('Instead') as string }],
    });
  });

  it('refuses slow start beside another scheduler', async () => {
    const response = await harness.api('PATCH', `/load-balancers/${id}`, { serverGroup: { slowStart: {} } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ field: 'serverGroup.slowStart' }] });
  });
});

describe('certificates', () => {
  const asked = (...certificateIds: string[]) => patch({ listener: { certificateIds } });

  it.each<[string, string[], string[]]>([
    ['renews the default one in one call', [three, two], ['UpdateListenerAttribute']],
    [
      'adds before it takes away',
      [three, one],
      ['AssociateAdditionalCertificatesWithListener', 'DissociateAdditionalCertificatesFromListener'],
    ],
    [
      'exchanges the default one with an additional one',
      [one, three],
      [
        'DissociateAdditionalCertificatesFromListener',
        'UpdateListenerAttribute',
        'AssociateAdditionalCertificatesWithListener',
      ],
    ],
    ['takes the last additional one away', [one], ['DissociateAdditionalCertificatesFromListener']],
  ])('%s', async (_what, wanted, writes) => {
    expect(await asked(...wanted)).toEqual(writes.map((action) => `alb ${action}`));
    expect(certificates()).toEqual(wanted);
    expect(idsOf(await harness.record(id))).toEqual(idsOf(record));
    expect(await driftOf(harness, id)).toMatchObject({ differs: false, kept: [] });
  });

  it('is put back after a change by hand, which drift shows, and is kept by a PATCH or by adopt', async () => {
    const byHands = async (certificateId: string) => {
      await byHand(harness, 'alb', 'UpdateListenerAttribute', {
        ListenerId: listener().id,
        'Certificates.1.CertificateId': certificateId,
      });
      harness.clock.advance(60_000);
    };
    await byHands(two);
    expect((await driftOf(harness, id)).differences).toMatchObject([{ stage: 'listener', change: 'update-main' }]);
    await repair(harness, id);
    expect(certificates()).toEqual([one]);

    await byHands(two);
    const response = await harness.api('POST', `/load-balancers/${id}/apply`, { adopt: ['listener.certificateIds'] });
    expect(response.status).toBe(202);
    expect((await harness.runUntil(id, 'ready')).spec.listener).toMatchObject({ certificateIds: [two] });
    await repair(harness, id);
    expect(certificates()).toEqual([two]);

    await asked(three);
    await byHands(three);
    await repair(harness, id);
    expect(certificates()).toEqual([three]);
  });

  it('named with the other region are the same ones', async () => {
    await asked(three, two);
    listener().certificateIds = ['2222222-cn-hangzhou'];
    alb().setAdditionalCertificates(listener(), [
      { id: '7654321-cn-hangzhou', status: { during: 'Associated', after: 'Associated', atMs: 0 } },
    ]);
    expect(await driftOf(harness, id)).toMatchObject({ differs: false, kept: [] });
    await asked(three);
    expect(certificates()).toEqual(['2222222-cn-hangzhou']);
    listener().certificateIds = [three];
  });

  it('of an unknown id fails the change, and the old one goes on serving', async () => {
    const response = await harness.api('PATCH', `/load-balancers/${id}`, {
      listener: { certificateIds: ['9999999-cn-shanghai'] },
    });
    expect(response.status).toBe(202);
    const failed = await harness.runUntil(id, 'failed');
    expect(failed.rolledBack).toBeUndefined();
    expect(certificates()).toEqual([three]);
    expect((await harness.api('POST', `/load-balancers/${id}/retry`, record.spec)).status).toBe(202);
    await harness.runUntil(id, 'ready');
    expect(certificates()).toEqual([three]);
  });
});
