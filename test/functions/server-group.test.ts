import { expect, it, onTestFinished } from 'vitest';
import type { HarnessOptions } from '../support/harness.ts';
import { recordedResources } from '../support/cloud-resources.ts';
import { StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start(options);
  onTestFinished(() => driver.close());
  return driver;
}

const held = ['security-group', 'load-balancer'] as const;

const creates = ({ harness }: StageDriver) =>
  harness.cloud.wireLog.filter(({ action }) => action === 'CreateServerGroup');

it('makes an IPv6 group with weighted round robin in the VPC', async () => {
  const driver = await start({ latency: 'none' });
  const { stages } = await driver.provision(tutorial(), { held });
  expect(driver.harness.cloud.alb.serverGroups.list()).toMatchObject([
    { vpcId: stages.network.outputs['vpcId'], protocol: 'HTTP', scheduler: 'Wrr', ipv6Enabled: true },
  ]);
});

it('P-073: leaves IpVersionAffinityMode unset', async () => {
  const driver = await start({ latency: 'none' });
  await driver.provision(tutorial(), { held });
  const [call] = creates(driver);
  expect(call?.params['Ipv6Enabled']).toBe('true');
  expect(Object.keys(call?.params ?? {}).filter((name) => name.includes('Affinity'))).toEqual([]);
});

it('takes health check and sticky session from the request', async () => {
  const driver = await start({ latency: 'none' });
  await driver.provision(
    {
      ...tutorial(),
      serverGroup: {
        scheduler: 'Wlc',
        healthCheck: { path: '/index.html', method: 'GET', intervalSeconds: 7, codes: ['http_2xx'] },
        stickySession: { enabled: true, cookieTimeoutSeconds: 300 },
      },
    },
    { held },
  );
  expect(driver.harness.cloud.alb.serverGroups.list()).toMatchObject([
    {
      scheduler: 'Wlc',
      healthCheck: { path: '/index.html', method: 'GET', intervalSeconds: 7, codes: ['http_2xx'] },
      stickySession: { cookieTimeoutSeconds: 300 },
    },
  ]);
});

it('does not wait for the load balancer', async () => {
  const driver = await start();
  const { stages } = await driver.provision(tutorial(), { held });
  expect(stages['server-group'].apply.state).toBe('done');
  expect(stages['load-balancer'].apply.state).toBe('queued');
});

it('P-012: makes another group, with another token, when the first is gone at the next look', async () => {
  const driver = await start();
  const id = await driver.harness.request(tutorial());
  const { alb } = driver.harness.cloud;
  let removed: string | undefined;
  await driver.run({
    held,
    async deliver(taken) {
      await driver.serveOnce(taken);
      const [group] = alb.serverGroups.list();
      if (removed !== undefined || group === undefined) return;
      removed = group.id;
      group.status = { during: 'Deleting', after: undefined, atMs: 0 };
    },
  });
  const [group, ...more] = alb.serverGroups.list();
  expect(more).toEqual([]);
  expect(group?.id).not.toBe(removed);
  expect(new Set(creates(driver).map(({ clientToken }) => clientToken)).size).toBe(2);
  expect(recordedResources(await driver.harness.record(id), 'server-group')).toEqual([`ServerGroup ${group?.id}`]);
});

it('P-014: keeps its token through a failure of the service', async () => {
  const driver = await start({ latency: 'none' });
  driver.harness.cloud.faults.add(
    { kind: 'unavailable', action: 'CreateServerGroup' },
    { kind: 'html-502', action: 'CreateServerGroup' },
    { kind: 'reset-before', action: 'CreateServerGroup' },
  );
  await driver.provision(tutorial(), { held });
  expect(creates(driver)).toHaveLength(4);
  expect(new Set(creates(driver).map(({ clientToken }) => clientToken)).size).toBe(1);
});

it('P-014: takes another token after a refusal for a wrong state', async () => {
  const driver = await start({ latency: 'none' });
  driver.harness.cloud.faults.add({ kind: 'error', code: 'IncorrectStatus.Vpc', action: 'CreateServerGroup' });
  await driver.provision(tutorial(), { held });
  expect(creates(driver).map(({ code }) => code)).toEqual(['IncorrectStatus.Vpc', '']);
  expect(new Set(creates(driver).map(({ clientToken }) => clientToken)).size).toBe(2);
});

it('P-013: keeps its token while the first call with it still runs', async () => {
  const driver = await start({ latency: 'none' });
  driver.harness.cloud.faults.add({
    kind: 'error',
    code: 'IdempotenceProcessing',
    action: 'CreateServerGroup',
    times: 2,
  });
  const { stages } = await driver.provision(tutorial(), { held });
  expect(new Set(creates(driver).map(({ clientToken }) => clientToken)).size).toBe(1);
  expect(stages['server-group'].apply.state).toBe('done');
});

it('fails when the service stays down, after a bounded number of tries', async () => {
  const driver = await start({ latency: 'none' });
  driver.harness.cloud.faults.add({ kind: 'unavailable', action: 'CreateServerGroup', times: 0 });
  const { status, failure } = await driver.provision(tutorial());
  expect(status).toBe('failed');
  expect(failure).toMatchObject({
    stage: 'server-group',
    code: 'ServiceUnavailable',
    remedy: 'Look at the state of the service, then retry the deployment.',
  });
  expect(creates(driver)).toHaveLength(14);
});
