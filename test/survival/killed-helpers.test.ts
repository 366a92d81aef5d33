import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { FaultRule } from '../../local/faults.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { becomesReady, isReleased } from '../support/whole-life.ts';

let installation: TestInstallation;
beforeAll(async () => {
  installation = await TestInstallation.start();
}, patienceMs);
afterAll(async () => {
  await installation.close();
});
beforeEach(() => {
  installation.cloud.faults.clear();
  installation.doubles.clear();
});

const expectNoDoubles = () => expect([...installation.doubles]).toEqual([]);

const expectStruck = () =>
  expect(installation.cloud.faults.list().filter(({ struck, times = 1 }) => struck !== times)).toEqual([]);

const killAt = (functionName: string, kind: FaultRule['kind'], action: string, more = {}): FaultRule => ({
  kind,
  action,
  functionName: `dualstack-alb-${functionName}`,
  ...more,
});
const afterPut = (table: string): FaultRule =>
  killAt('api', 'kill-after', 'PutRow', { params: { table_name: `dualstack_alb_${table}` } });
const beforeSend = killAt('api', 'kill-before', 'SendMessage');
const afterSend = killAt('api', 'kill-after', 'SendMessage');

it(
  'the api’s instance dies after each of its writes, and before its send: a request, a release, each once',
  { timeout: patienceMs },
  async () => {
    const { faults } = installation.cloud;
    faults.add(afterPut('idempotency'), afterPut('deployments'), afterPut('active'), beforeSend);
    const { deploymentId: id } = await becomesReady(installation, 'request');
    expectStruck();
    expectNoDoubles();

    faults.clear();
    faults.add(afterPut('deployments'));
    // The client cannot know whether its request came through, and repeats it.
    expect((await installation.api('DELETE', `/load-balancers/${id}`)).status).toBe(502);
    expect(installation.record(id)).toMatchObject({ status: 'releasing', epoch: 1 });
    await isReleased(installation, id);
    expect(installation.record(id).epoch).toBe(1);
    expectStruck();
    expectNoDoubles();
  },
);

it(
  'the api’s instance dies at each write of a change, a repair and a retry: each comes about, and once',
  { timeout: patienceMs },
  async () => {
    const { cloud } = installation;
    const { deploymentId: id } = await becomesReady(installation, 'changed');
    const path = `/load-balancers/${id}`;
    const weights = (weight: number) => ({
      backends: installation.record(id).spec.backends.map((backend) => ({ ...backend, weight })),
    });
    /** Asks under the fault and hears nothing; what was asked for comes about by itself, or when it is asked for again. */
    const dying = async (rule: FaultRule, method: string, url: string, body?: object): Promise<void> => {
      cloud.faults.clear();
      cloud.faults.add(rule);
      const { epoch } = installation.record(id);
      expect((await installation.api(method, url, body)).status).toBe(502);
      expectStruck();
      if (installation.record(id).epoch === epoch) expect((await installation.api(method, url, body)).status).toBe(202);
      await installation.run(() => ['ready', 'failed'].includes(installation.record(id).status));
      expect(installation.record(id).epoch).toBe(epoch + 1);
    };
    let weight = 10;
    for (const rule of [killAt('api', 'kill-before', 'PutRow'), afterPut('deployments'), beforeSend, afterSend]) {
      weight += 1;
      await dying(rule, 'PATCH', path, weights(weight));
      expect(installation.record(id).status).toBe('ready');
      const [group] = cloud.alb.serverGroups.list();
      expect(group?.servers.map((server) => server.weight)).toEqual([weight, weight]);

      await dying(rule, 'POST', `${path}/apply`);
      expect(installation.record(id).status).toBe('ready');

      cloud.faults.clear();
      cloud.faults.add(
        killAt('health', 'error', 'GetListenerHealthStatus', { code: 'Forbidden.RAM', httpStatus: 403 }),
      );
      expect((await installation.api('POST', `${path}/apply`)).status).toBe(202);
      await installation.run(() => installation.record(id).status === 'failed');
      await dying(rule, 'POST', `${path}/retry`);
      expect(installation.record(id).status).toBe('ready');
    }
    expectNoDoubles();
    cloud.faults.clear();
    await isReleased(installation, id);
  },
);

it(
  'a message is lost, and the sweep’s instance dies after its mark, before its send',
  { timeout: patienceMs },
  async () => {
    installation.cloud.mns.loseNext('dualstack-alb-network');
    installation.cloud.faults.add(killAt('sweep', 'kill-before', 'SendMessage'));
    const { deploymentId } = await becomesReady(installation, 'lost');
    expectStruck();
    expectNoDoubles();
    expect(installation.cloud.mns.queues.get('dualstack-alb-network')?.lost).toHaveLength(1);
    installation.cloud.faults.clear();
    await isReleased(installation, deploymentId);
  },
);

it(
  'a message ends as a dead letter, and the instance that keeps it dies before and after each of its writes',
  { timeout: patienceMs },
  async () => {
    // A trigger pushes a message four times.
    installation.cloud.faults.add(
      killAt('server-group', 'kill-before', 'CreateServerGroup', { times: 4 }),
      ...[0, 1].flatMap((skip) => [
        killAt('dead-letter', 'kill-before', 'PutRow', { skip }),
        killAt('dead-letter', 'kill-after', 'PutRow', { skip }),
      ]),
    );
    const { deploymentId } = await becomesReady(installation, 'dead-letter');
    expectStruck();
    expectNoDoubles();
    const told = installation.cloud.tablestore
      .rows('dualstack_alb_events')
      .filter(({ kind, deployment }) => kind === 'dead-letter' && deployment === deploymentId);
    expect(told).toHaveLength(1);
    installation.cloud.faults.clear();
    await isReleased(installation, deploymentId);
  },
);

it('the answer with a message in it never reaches the trigger: it is seen again', { timeout: patienceMs }, async () => {
  const { cloud, clock } = installation;
  const startMs = clock.nowMs();
  // A poll that has begun before is not struck, and one that ends without a message loses nothing.
  cloud.faults.add(
    ...['network', 'listener'].map((stage): FaultRule => ({
      kind: 'reset-after',
      service: 'mns',
      action: 'ReceiveMessage',
      params: { QueueName: `dualstack-alb-${stage}` },
      times: 2,
    })),
  );
  const { deploymentId, readyAtMs = 0 } = await becomesReady(installation, 'unheard');
  expectStruck();
  expectNoDoubles();
  // The message is hidden for as long as an invocation may take, and nobody knows of it meanwhile.
  expect(readyAtMs - startMs).toBeGreaterThan(240_000);
  await isReleased(installation, deploymentId);
});
