import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { functionNames } from '../../cli/build.mjs';
import { addressed, eventsOf, sealedEvent } from '../../cli/event-files.ts';
import { loadConfig } from '../../shared/config.ts';
import { stageNames } from '../../shared/pipeline.ts';
import { createRuntime } from '../../shared/runtime.ts';
import { eventBytes, eventDeploymentId as id, seedEventDeployment } from '../support/events.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

// Some of them let a whole deployment run.
vi.setConfig({ testTimeout: patienceMs });

let installation: TestInstallation;
beforeAll(async () => {
  installation = await TestInstallation.start({ latency: rareChecks });
  const { cloud, clock } = installation;
  const runtime = createRuntime({
    config: loadConfig({
      DUALSTACK_ALB_REGION: cloud.context.regionId,
      DUALSTACK_ALB_ACCOUNT_ID: cloud.credentials.accountId,
      DUALSTACK_ALB_ENDPOINT: cloud.url,
    }),
    credentials: cloud.credentials.root,
    clock,
    log: () => undefined,
  });
  await seedEventDeployment(runtime, { ...tutorial(), name: 'of-the-events' });
}, patienceMs);
afterAll(() => installation.close());

const invoked = new Set<string>();

/** Runs the function, as it is deployed, with exactly the bytes of the file unless given others. @returns its output. */
async function invoke(functionName: string, file: string, bytes = eventBytes(file)): Promise<string> {
  invoked.add(`${functionName} ${file}`);
  const spec = installation.functions.functions.find((one) => one.functionName === `dualstack-alb-${functionName}`);
  const sealed = sealedEvent(bytes, functionName, spec?.environmentVariables ?? {});
  const result = await installation.functions.invoke(`dualstack-alb-${functionName}`, sealed);
  expect(result.error).toBeUndefined();
  expect(result.statusCode).toBe(200);
  return result.body.toString();
}

/** The HTTP response that the `api` function answers an event with. */
async function request(file: string): Promise<{ status: number; headers: Record<string, string>; json: unknown }> {
  const { statusCode, headers, body } = JSON.parse(await invoke('api', file)) as {
    statusCode: number;
    headers: Record<string, string>;
    body: string;
  };
  return { status: statusCode, headers, json: JSON.parse(body) };
}

const history = () =>
  installation.cloud.tablestore
    .rows('dualstack_alb_events')
    .flatMap((row) => (row['kind'] === 'dead-letter' ? [`${String(row['deployment'])} ${String(row['text'])}`] : []));

const preflight = () => installation.record(id).stages.preflight.apply;
const becomes = async (...statuses: string[]) => {
  await installation.run(() => statuses.includes(installation.record(id).status));
};

/** In the order of a life; the deployment that the events name is one throughout. */
describe('the events of events/', { timeout: patienceMs }, () => {
  it('dead-letter-refused.json: the dead-letter function records what a stage refused', async () => {
    await invoke('dead-letter', 'dead-letter-refused.json');
    expect(history()).toEqual([expect.stringMatching(/^none refused: not a message of this version/)]);
  });

  it.each(['dead-letter-stream-event.json', 'dead-letter-single.json', 'dead-letter-destination.json'])(
    '%s: the dead-letter function records it and makes its turn due',
    async (file) => {
      const before = history().length;
      await invoke('dead-letter', file);
      await invoke('dead-letter', file);
      expect(history()).toHaveLength(before + 1);
      expect(preflight().dueAtMs).toBeLessThanOrEqual(installation.clock.nowMs() - 300_000);
    },
  );

  it('timer-sweep.json: the sweep sends again what was lost', async () => {
    expect(JSON.parse(await invoke('sweep', 'timer-sweep.json'))).toMatchObject({ looked: 1, lost: 1 });
    await becomes('ready');
  });

  it('timer-probe.json: the probe makes up for no tick that is long past', async () => {
    expect(JSON.parse(await invoke('probe', 'timer-probe.json'))).toEqual({
      deployments: 0,
      sent: 0,
      unsent: 0,
      dropped: 'late',
    });
  });

  it('queue-probe.json: a shard of a tick that is long past is not probed', async () => {
    expect(JSON.parse(await invoke('probe', 'queue-probe.json'))).toMatchObject([{ probed: 0, dropped: 'late' }]);
  });

  it.each(['queue-probe-on-demand.json', 'queue-probe-collect.json'])(
    '%s: the probe asks no instance where nobody waits for what it sees',
    async (file) => {
      expect(JSON.parse(await invoke('probe', file))).toEqual([{ dropped: 'nobody waits for it' }]);
    },
  );

  it('http-probe.json: the API probes at once', async () => {
    const { status, json } = await request('http-probe.json');
    expect(status).toBe(200);
    expect(json).toMatchObject({ loadBalancer: id, verdict: 'ok', answered: 20, isOnDemand: true });
  });

  it('http-observations.json: the API shows what probes saw', async () => {
    const { status, json } = await request('http-observations.json');
    expect(status).toBe(200);
    const { observations } = json as { observations: { verdict: string; isOnDemand?: boolean }[] };
    expect(observations.some(({ isOnDemand }) => isOnDemand === true)).toBe(true);
  });

  it.each(['queue-stream.json', 'queue-single.json', 'queue-raw-data.json', 'queue-previous-version.json'])(
    'P-113: %s: every stage reads its message, and drops it since its turn is over',
    async (file) => {
      const before = installation.record(id);
      for (const stage of stageNames) {
        const from = installation.logs.length;
        await invoke(stage, file, addressed(eventBytes(file), { stage }));
        expect(installation.logs.slice(from).map(({ message }) => message)).toContainEqual(
          expect.stringMatching(`"stage":"${stage}".*turn 0 has been served`),
        );
      }
      expect(installation.record(id)).toEqual(before);
    },
  );

  it('queue-foreign.json: every stage puts away what is none of its messages', async () => {
    const before = history();
    const served = () => installation.functions.stats.get('dualstack-alb-dead-letter')?.durationsMs.length ?? 0;
    const count = served();
    for (const stage of stageNames) await invoke(stage, 'queue-foreign.json');
    await installation.run(() => served() >= count + stageNames.length);
    // That of preflight is the very message that the dead-letter function has recorded above.
    expect(history()).toHaveLength(before.length + stageNames.length - 1);
  });

  it('queue-alert.json: the alert function has nothing to tell', async () => {
    expect(JSON.parse(await invoke('alert', 'queue-alert.json'))).toEqual({ pending: 0, sent: 0, refused: 0 });
  });

  it('http-create.json: the API accepts it once, however often it comes', async () => {
    const first = await request('http-create.json');
    expect(first.status).toBe(202);
    expect(first.headers['location']).toMatch(/^\/load-balancers\/[0-9a-z]{26}$/);
    const second = await request('http-create.json');
    expect(second.headers['location']).toBe(first.headers['location']);
    expect(first.json).toMatchObject({ status: 'provisioning', name: tutorial().name });
  });

  it('http-list.json: the API lists both', async () => {
    const { status, json } = await request('http-list.json');
    expect(status).toBe(200);
    expect((json as { loadBalancers: { id: string }[] }).loadBalancers).toHaveLength(2);
  });

  it('http-show.json: the API shows the deployment', async () => {
    expect(await request('http-show.json')).toMatchObject({ status: 200, json: { id, status: 'ready' } });
  });

  it('http-events.json: the API tells its history', async () => {
    const { status, json } = await request('http-events.json');
    expect(status).toBe(200);
    expect((json as { events: unknown[] }).events).toHaveLength(3);
  });

  it('http-drift.json: the API looks for drift', async () => {
    expect(await request('http-drift.json')).toMatchObject({ status: 200, json: { differs: false } });
  });

  it('http-repair.json: the API applies once more', async () => {
    expect(await request('http-repair.json')).toMatchObject({ status: 202, json: { status: 'repairing' } });
    await becomes('ready', 'failed');
    expect(installation.record(id).status).toBe('ready');
  });

  it('http-change.json: the API changes it', async () => {
    expect(await request('http-change.json')).toMatchObject({ status: 202, json: { spec: { dns: { ttl: 1200 } } } });
    await becomes('ready', 'failed');
    expect(installation.record(id).status).toBe('ready');
  });

  it('http-retry.json: the API has nothing to retry', async () => {
    expect(await request('http-retry.json')).toMatchObject({ status: 409, json: { code: 'not-failed' } });
  });

  it('http-release.json: the API releases it', async () => {
    expect(await request('http-release.json')).toMatchObject({ status: 202, json: { status: 'releasing' } });
    await becomes('released');
  });

  it('are all there is, and each function is tried on all that it can receive', () => {
    const files = readdirSync(new URL('../../events/', import.meta.url));
    // The function behind the one queue belongs to another installation: see the test of npm run invoke.
    const names = functionNames().filter((name) => name !== 'stages');
    const pairs = names.flatMap((name) => eventsOf(name, files).map((file) => `${name} ${file}`));
    expect([...invoked].sort()).toEqual(pairs.sort());
  });
});
