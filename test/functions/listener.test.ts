import { describe, expect, it, onTestFinished } from 'vitest';
import type { Listener } from '../../local/alb/state.ts';
import type { HarnessOptions } from '../support/harness.ts';
import { cloudResources, recordedResources } from '../support/cloud-resources.ts';
import { StageDriver, type Taken } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start({ latency: 'none', ...options });
  onTestFinished(() => driver.close());
  return driver;
}

const held = ['security-group'] as const;

const https = {
  protocol: 'HTTPS' as const,
  certificateIds: ['1234567-cn-shanghai'] as [string],
};

const listeners = ({ harness }: StageDriver): Listener[] => harness.cloud.alb.listeners.list();

/** A listener that somebody else has put there before the stage's first turn. */
function occupy(driver: StageDriver, port: number): void {
  const { alb } = driver.harness.cloud;
  const [loadBalancer] = alb.loadBalancers.list();
  const [group] = alb.serverGroups.list();
  if (loadBalancer === undefined || group === undefined) throw new Error('too early');
  alb.addListener({
    id: 'lsn-somebodys',
    createdAtMs: 0,
    status: { during: 'Running', after: 'Running', atMs: 0 },
    tags: [],
    loadBalancerId: loadBalancer.id,
    port,
    protocol: 'HTTP',
    serverGroupId: group.id,
    description: 'by hand',
    requestTimeoutSeconds: 60,
    idleTimeoutSeconds: 15,
    gzipEnabled: true,
    certificateIds: [],
    additionalCertificates: [],
    securityPolicyId: '',
    http2Enabled: false,
    forwardedHeaders: {},
  } as unknown as Parameters<typeof alb.addListener>[0]);
}

async function toListener(driver: StageDriver, spec = tutorial()): Promise<Taken> {
  await driver.harness.request({ ...spec, onFailure: 'retain' });
  return await driver.runTo('listener');
}

describe('an HTTP listener', () => {
  it('forwards port 80 to the server group', async () => {
    const driver = await start();
    const { stages } = await driver.provision(tutorial(), { held });
    const [group] = driver.harness.cloud.alb.serverGroups.list();
    expect(listeners(driver)).toMatchObject([{ port: 80, protocol: 'HTTP', serverGroupId: group?.id }]);
    expect(stages.listener.outputs).toEqual({ listenerId: listeners(driver)[0]?.id, port: 80, protocol: 'HTTP' });
  });

  it('takes port and timeouts from the request', async () => {
    const driver = await start();
    const listener = { protocol: 'HTTP' as const, port: 8080, requestTimeoutSeconds: 120, idleTimeoutSeconds: 30 };
    await driver.provision({ ...tutorial(), listener }, { held });
    expect(listeners(driver)).toMatchObject([{ port: 8080, requestTimeoutSeconds: 120, idleTimeoutSeconds: 30 }]);
  });

  it('P-083: carries our mark as tags and as description', async () => {
    const driver = await start();
    const { deploymentId } = await driver.provision(tutorial(), { held });
    const [listener] = listeners(driver);
    expect(listener?.description).toBe(`dualstack-alb/${deploymentId}/listener`);
    expect(listener?.tags).toEqual(
      expect.arrayContaining([
        { key: 'dualstack-alb-deployment', value: deploymentId },
        { key: 'dualstack-alb-stage', value: 'listener' },
      ]),
    );
  });

  it('fails when the port is taken, and leaves that listener alone', async () => {
    const driver = await start();
    const taken = await toListener(driver);
    occupy(driver, 80);
    const [before] = listeners(driver).map((listener) => JSON.stringify(listener));
    await driver.serveOnce(taken);
    await driver.run();
    const record = await driver.harness.record(taken.message.deploymentId);
    const [loadBalancer] = driver.harness.cloud.alb.loadBalancers.list();
    expect(record.status).toBe('failed');
    expect(record.failure).toMatchObject({
      stage: 'listener',
      action: 'apply',
      code: 'listener.port-taken',
      message: `port 80 of load balancer ${loadBalancer?.id} has a listener that is not ours (lsn-somebodys)`,
      remedy: 'Delete that listener or choose another listener.port, then retry.',
    });
    expect(listeners(driver).map((listener) => JSON.stringify(listener))).toEqual([before]);
    expect(cloudResources(driver.harness.cloud).filter((resource) => resource !== 'Listener lsn-somebodys')).toEqual(
      recordedResources(record),
    );
  });

  it('fails when the port is taken between the look and the create', async () => {
    const driver = await start();
    const taken = await toListener(driver);
    driver.harness.cloud.faults.add({
      kind: 'error',
      action: 'CreateListener',
      code: 'ResourceAlreadyExist.Listener',
      httpStatus: 400,
      message: 'The listener already exists.',
    });
    await driver.serveOnce(taken);
    expect((await driver.harness.record(taken.message.deploymentId)).failure).toMatchObject({
      stage: 'listener',
      code: 'ResourceAlreadyExist.Listener',
      remedy: 'Another listener has the port: remove it or choose another port.',
    });
  });

  it('starts it when somebody has stopped it', async () => {
    const driver = await start();
    const taken = await toListener(driver);
    await driver.serveOnce(taken);
    for (const listener of listeners(driver)) listener.status = { during: 'Stopped', after: 'Stopped', atMs: 0 };
    await driver.run({ held });
    const record = await driver.harness.record(taken.message.deploymentId);
    expect(record.failure).toBeUndefined();
    expect(record.stages.listener.apply.state).toBe('done');
    const { alb } = driver.harness.cloud;
    expect(listeners(driver).map((listener) => alb.listeners.statusOf(listener))).toEqual(['Running']);
  });

  it('P-066: waits while another write is under way on the load balancer', async () => {
    const driver = await start({ latency: 'short' });
    const taken = await toListener(driver);
    const [loadBalancer] = driver.harness.cloud.alb.loadBalancers.list();
    if (loadBalancer === undefined) throw new Error('no load balancer');
    driver.harness.cloud.alb.configure(loadBalancer, 4000);
    await driver.serveOnce(taken);
    const record = await driver.harness.record(taken.message.deploymentId);
    expect(record.stages.listener.apply).toMatchObject({ state: 'waiting', attempts: 0, waits: 1 });
    await driver.run({ held });
    expect((await driver.harness.record(taken.message.deploymentId)).stages.listener.apply.state).toBe('done');
    expect(listeners(driver)).toHaveLength(1);
  });

  it.each(['-21020', '-22031', '-22001', 'ResourceInConfiguring.Listener', 'VipStatusNotSupport'])(
    'P-067: takes %s for busy',
    async (code) => {
      const driver = await start();
      const taken = await toListener(driver);
      driver.harness.cloud.faults.add({ kind: 'error', action: 'CreateListener', code, httpStatus: 400 });
      await driver.serveOnce(taken);
      const record = await driver.harness.record(taken.message.deploymentId);
      expect(record.stages.listener.apply).toMatchObject({ state: 'waiting', attempts: 0 });
    },
  );
});

describe('an HTTPS listener', () => {
  it('P-081: fails when the certificate has gone since preflight, with how its id must look', async () => {
    const driver = await start();
    driver.harness.cloud.alb.dependencies.hasCertificate = () => false;
    const record = await driver.provision({
      ...tutorial(),
      listener: https,
    });
    expect(record.status).toBe('failed');
    expect(record.failure).toMatchObject({
      stage: 'listener',
      action: 'apply',
      code: 'ResourceNotFound.Certificate',
      requestId: expect.stringMatching(/^[0-9A-F-]{36}$/) as string,
      remedy: 'Use the full certificate identifier, <CertId>-<region>, of a certificate of this account.',
    });
    expect(listeners(driver)).toEqual([]);
    expect(cloudResources(driver.harness.cloud)).toEqual(recordedResources(record));
  });

  it('fails when the TLS policy has gone since preflight', async () => {
    const driver = await start();
    const { customPolicies } = driver.harness.cloud.alb;
    customPolicies.set('spy-one', { tlsVersions: ['TLSv1.2'], ciphers: [] });
    const taken = await toListener(driver, { ...tutorial(), listener: { ...https, securityPolicyId: 'spy-one' } });
    customPolicies.clear();
    await driver.serveOnce(taken);
    const record = await driver.harness.record(taken.message.deploymentId);
    expect(record.failure).toMatchObject({
      code: 'ResourceNotFound.SecurityPolicy',
      remedy: 'Use one of the system TLS policies, such as tls_cipher_policy_1_2.',
    });
    expect(listeners(driver)).toEqual([]);
  });

  it('P-076: has a second listener whose rule redirects to it', async () => {
    const driver = await start();
    const { stages } = await driver.provision({ ...tutorial(), listener: https }, { held });
    expect(stages.listener.resources.map(({ type, created }) => `${type} ${created}`)).toEqual([
      'Listener true',
      'Listener true',
      'Rule true',
    ]);
    expect(listeners(driver).map(({ protocol, port }) => `${protocol} ${port}`)).toEqual(['HTTPS 443', 'HTTP 80']);
  });

  it('fails when the port of the redirect is taken, and keeps its own listener in the record', async () => {
    const driver = await start();
    const taken = await toListener(driver, { ...tutorial(), listener: https });
    occupy(driver, 80);
    await driver.serveOnce(taken);
    await driver.run();
    const record = await driver.harness.record(taken.message.deploymentId);
    expect(record.failure).toMatchObject({ stage: 'listener', code: 'listener.port-taken' });
    const ours = listeners(driver).find(({ port }) => port === 443);
    expect(recordedResources(record, 'listener')).toEqual([`Listener ${ours?.id}`]);
  });

  it('makes one listener, one redirect and one rule though each create is cut off after its effect', async () => {
    const driver = await start();
    for (const action of ['CreateListener', 'CreateListener', 'CreateRule'])
      driver.harness.cloud.faults.add({ kind: 'kill-after', action });
    const record = await driver.provision({ ...tutorial(), listener: https });
    expect(record.failure).toBeUndefined();
    expect(record.status).toBe('ready');
    expect(driver.harness.cloud.faults.list().map(({ struck }) => struck)).toEqual([1, 1, 1]);
    expect(listeners(driver)).toHaveLength(2);
    expect(driver.harness.cloud.alb.rules.list()).toHaveLength(1);
    expect(cloudResources(driver.harness.cloud)).toEqual(recordedResources(record));
  });
});
