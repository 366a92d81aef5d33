import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readFileSync } from 'node:fs';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import type { Observation } from '../../shared/probe/observation.ts';
import { httpGet } from '../support/http-get.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { remainsOf } from '../support/remains.ts';
import { sandboxDial } from '../support/sandbox-dial.ts';

const event = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer-https.json', import.meta.url), 'utf8'),
) as SpecInput;

describe('a load balancer with HTTPS', () => {
  let harness: Harness;
  let record: DeploymentRecord;

  beforeAll(async () => {
    harness = await Harness.start();
    record = await harness.runUntil(await harness.request(event), 'ready', 'failed');
  });
  afterAll(() => harness.close());

  const listenerOn = (port: number) => {
    const found = harness.cloud.alb.listeners.list().find((listener) => listener.port === port);
    if (found === undefined) throw new Error(`no listener on port ${port}`);
    return found;
  };
  const ask = (port: number, path = '/') =>
    httpGet(sandboxDial(harness.cloud), {
      address: harness.cloud.alb.loadBalancers.list()[0]?.zones[0]?.ipv6Address ?? '',
      port,
      host: 'www.example.com',
      path,
      tls: port === 443,
      timeoutMs: 5000,
    });

  it('becomes ready', () => {
    expect(record.failure).toBeUndefined();
    expect(record.status).toBe('ready');
    expect(record.conditions.map(({ type, status }) => `${type} ${status}`)).toEqual([
      'HealthyByApi True',
      'AnswersOverIpv6 True',
      'AnswersOverIpv4 True',
      'NameResolves True',
      'ZonesInService True',
    ]);
  });

  it('P-082: has the first certificate from its creation, the others afterwards', () => {
    const { certificateIds, additionalCertificates } = listenerOn(443);
    expect(certificateIds).toEqual(['1234567-cn-shanghai']);
    expect(additionalCertificates.map(({ id }) => id)).toEqual(['7654321-cn-shanghai']);
    const calls = harness.cloud.wireLog.filter(({ action }) => action.startsWith('AssociateAdditional'));
    expect(calls.map(({ code }) => code)).toEqual(['']);
  });

  it('P-080: has the TLS policy of the request, not the weakest one', () => {
    expect(listenerOn(443).securityPolicyId).toBe('tls_cipher_policy_1_2');
  });

  it('P-076: redirects by a rule on an HTTP listener, which has a server group all the same', () => {
    const plain = listenerOn(80);
    expect(plain.protocol).toBe('HTTP');
    expect(plain.serverGroupId).toBe(record.stages['server-group'].outputs['serverGroupId']);
    expect(plain.rules).toHaveLength(1);
  });

  it('P-077: redirects with all fields of the target', () => {
    expect(listenerOn(80).rules[0]?.actions).toEqual([
      {
        type: 'Redirect',
        order: 1,
        protocol: 'HTTPS',
        port: '443',
        host: '${host}',
        path: '${path}',
        query: '${query}',
        httpCode: 301,
      },
    ]);
  });

  it('P-078: answers port 80 with 301 to HTTPS from the load balancer itself', async () => {
    const answer = await ask(80, '/path?a=1');
    expect(answer.status).toBe(301);
    expect(answer.headers['location']).toMatch(/^https:\/\/www\.example\.com(:443)?\/path\?a=1$/);
    expect(answer.headers['x-backend-server']).toBeUndefined();
  });

  it('answers port 443 from both servers in turn', async () => {
    const bodies = [];
    for (let count = 0; count < 4; count += 1) bodies.push((await ask(443)).body.trim());
    expect(new Set(bodies)).toEqual(new Set(['Hello World ! this is ipv4 rs.', 'Hello World ! this is ipv6 rs.']));
  });

  const probed = async () => {
    harness.clock.advance(1000);
    const response = await harness.api('POST', `/load-balancers/${record.deploymentId}/probe`);
    expect(response.status).toBe(200);
    return (await response.json()) as Observation;
  };

  it('is probed over TLS, its self-signed certificate accepted as the request says', async () => {
    const observation = await probed();
    expect(observation).toMatchObject({
      verdict: 'ok',
      answered: 20,
      configured: { port: 443 },
      certificateProblem: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(observation.certificateDaysLeft).toBeGreaterThan(300);
    expect(observation.phases?.tlsMs?.p50Ms).toBeGreaterThan(0);
  });

  it('is a fault to a probe that accepts no certificate which clients refuse', async () => {
    const change = async (acceptAnyIssuer: boolean) => {
      const path = `/load-balancers/${record.deploymentId}`;
      expect((await harness.api('PATCH', path, { probe: { acceptAnyIssuer } })).status).toBe(202);
      await harness.runUntil(record.deploymentId, 'ready', 'failed');
    };
    await change(false);
    const { verdict, fault, answered } = await probed();
    expect({ verdict, fault, answered }).toEqual({
      verdict: 'fault',
      fault: { kind: 'tls', evidence: 'clients refuse the certificate: DEPTH_ZERO_SELF_SIGNED_CERT' },
      answered: 20,
    });
    await change(true);
  });

  it('P-083: names both listeners and the rule among its resources', () => {
    const owned = record.stages.listener.resources.map(({ type, id, created }) => ({ type, id, created }));
    expect(owned).toEqual([
      { type: 'Listener', id: listenerOn(443).id, created: true },
      { type: 'Listener', id: listenerOn(80).id, created: true },
      { type: 'Rule', id: listenerOn(80).rules[0]?.id, created: true },
    ]);
  });

  it('makes no writing call when it is applied again', async () => {
    const before = harness.cloud.wireLog.length;
    expect((await harness.api('POST', `/load-balancers/${record.deploymentId}/apply`)).status).toBe(202);
    await harness.runUntil(record.deploymentId, 'ready', 'failed');
    const calls = harness.cloud.wireLog.slice(before).filter(({ service }) => service === 'alb');
    expect(calls.map(({ action }) => action)).toContain('ListListenerCertificates');
    expect(calls.map(({ action }) => action).filter((action) => !/^(Describe|Get|List)/.test(action))).toEqual([]);
  });

  it('gets back a certificate, a rule and a policy that were changed by hand', async () => {
    const { alb } = harness.cloud;
    const listener = listenerOn(443);
    alb.setAdditionalCertificates(listener, []);
    listener.securityPolicyId = 'tls_cipher_policy_1_0';
    alb.rules.clear();
    await harness.api('POST', `/load-balancers/${record.deploymentId}/apply`);
    const repaired = await harness.runUntil(record.deploymentId, 'ready', 'failed');
    expect(repaired.failure).toBeUndefined();
    expect(listener.additionalCertificates.map(({ id }) => id)).toEqual(['7654321-cn-shanghai']);
    expect(listener.securityPolicyId).toBe('tls_cipher_policy_1_2');
    expect((await ask(80)).status).toBe(301);
  });

  it('P-079: fails while another rule has the priority of the redirect, which stays as it is', async () => {
    const [rule] = listenerOn(80).rules;
    if (rule === undefined) throw new Error('no redirect');
    const { alb } = harness.cloud;
    alb.rules.clear();
    alb.rules.add({ ...rule, id: 'rule-theirs', tags: [] });
    await harness.api('POST', `/load-balancers/${record.deploymentId}/apply`);
    const failed = await harness.runUntil(record.deploymentId, 'ready', 'failed');
    expect(failed.failure).toMatchObject({ stage: 'listener', code: 'listener.rule-priority-taken' });
    const untilMs = harness.clock.nowMs() + 30_000;
    await harness.run(() => harness.clock.nowMs() >= untilMs);
    expect(listenerOn(80).rules.map(({ id }) => id)).toEqual(['rule-theirs']);
    alb.rules.clear();
    expect((await harness.api('POST', `/load-balancers/${record.deploymentId}/retry`)).status).toBe(202);
    expect((await harness.runUntil(record.deploymentId, 'ready')).failure).toBeUndefined();
  });

  it('warns of another name for which its certificate is not, and takes one for which it is in silence', async () => {
    const warningsAfter = async (rr: string): Promise<unknown> => {
      const { deploymentId } = record;
      expect((await harness.api('PATCH', `/load-balancers/${deploymentId}`, { dns: { rr } })).status).toBe(202);
      return (await harness.runUntil(deploymentId, 'ready')).stages.preflight.outputs['warnings'];
    };
    expect(await warningsAfter('shop')).toEqual([]);
    expect(await warningsAfter('a.shop')).toEqual([
      {
        field: 'dns.rr',
        message: expect.stringContaining(
          'the certificate that the load balancer shows now is not for a.shop.example.com',
        ) as string,
      },
    ]);
  });

  it('leaves nothing behind when it is released', async () => {
    expect((await harness.api('DELETE', `/load-balancers/${record.deploymentId}`)).status).toBe(202);
    await harness.runUntil(record.deploymentId, 'released');
    expect(remainsOf(harness.cloud)).toEqual([]);
  });
});

it('asks for the certificates in calls of 15 at most', async () => {
  const certificateIds = Array.from({ length: 20 }, (_, index) => `${1000 + index}-cn-shanghai`);
  const harness = await Harness.start({ latency: rareChecks });
  onTestFinished(() => harness.close());
  harness.cloud.certificates.certificates.push(
    ...certificateIds.map((id) => ({ id: Number.parseInt(id, 10), name: id, names: [], notAfterMs: 4e12 })),
  );
  const id = await harness.request({ ...event, listener: { protocol: 'HTTPS', certificateIds, redirectHttp: false } });
  const record = await harness.runUntil(id, 'ready', 'failed');
  expect(record.failure).toBeUndefined();
  const [listener] = harness.cloud.alb.listeners.list();
  expect([
    ...(listener?.certificateIds ?? []),
    ...(listener?.additionalCertificates.map((one) => one.id) ?? []),
  ]).toEqual(certificateIds);
  expect(harness.cloud.alb.listeners.list()).toHaveLength(1);
});

it.each([
  ['default', ['7654321-cn-shanghai', '1234567-cn-shanghai']],
  ['additional', ['1234567-cn-shanghai', '7654321-cn-shanghai']],
])('fails with code and remedy when the %s certificate has gone since preflight', async (_, certificateIds) => {
  const harness = await Harness.start({ latency: rareChecks });
  onTestFinished(() => harness.close());
  harness.cloud.alb.dependencies.hasCertificate = (id) => id !== '7654321-cn-shanghai';
  const id = await harness.request({
    ...event,
    onFailure: 'retain',
    listener: { protocol: 'HTTPS', certificateIds },
  });
  const { failure, status } = await harness.runUntil(id, 'ready', 'failed');
  expect(status).toBe('failed');
  expect(failure).toMatchObject({
    stage: 'listener',
    code: 'ResourceNotFound.Certificate',
    message: expect.stringContaining('7654321-cn-shanghai') as string,
    remedy: expect.stringContaining('<CertId>-<region>') as string,
    requestId: expect.stringMatching(/.{8,}/) as string,
  });
});
