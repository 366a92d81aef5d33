import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepDeadLetter } from '../../../functions/dead-letter/keep.ts';
import { readDeliveries } from '../../../shared/messages.ts';
import { eventDeploymentId, sealedBytes, seedEventDeployment } from '../../support/events.ts';
import { Harness } from '../../support/harness.ts';
import { rareChecks } from '../../support/stage-driver.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({ latency: rareChecks });
});
afterEach(() => harness.close());

/** One invocation of the function with the event of a file. */
async function invoke(file: string, requestId = 'request-1'): Promise<void> {
  const runtime = harness.runtime('dead-letter');
  for (const delivery of readDeliveries(sealedBytes(file, 'dead-letter'), requestId))
    await keepDeadLetter(runtime, delivery);
}

const history = async (deploymentId = eventDeploymentId) =>
  (await harness.runtime('api', 'dualstack-alb-api').events.list(deploymentId, { limit: 100 })).events;

const sent = () => harness.cloud.wireLog.filter(({ action }) => action === 'SendMessage').length;

const letters = [
  'dead-letter-stream-event.json',
  'dead-letter-single.json',
  'dead-letter-destination.json',
  'queue-stream.json',
] as const;

describe('a message that died before it was served', () => {
  it.each(letters)('%s: is in the history, and the next sweep sends it again', async (file) => {
    await seedEventDeployment(harness.runtime('api'));
    await invoke(file);
    expect(await history()).toMatchObject([{ kind: 'dead-letter', details: { body: expect.any(String) as string } }]);
    expect(await harness.sweep()).toMatchObject({ looked: 1, lost: 1 });
    const { messages } = harness.cloud.mns.queues.get('dualstack-alb-preflight') ?? { messages: [] };
    expect(messages).toHaveLength(1);
  });

  it.each(letters)('%s: is recorded once however often it comes', async (file) => {
    await seedEventDeployment(harness.runtime('api'));
    for (const requestId of ['request-1', 'request-2', 'request-3']) await invoke(file, requestId);
    expect(await history()).toHaveLength(1);
    expect(await harness.sweep()).toMatchObject({ lost: 1 });
    expect(await harness.sweep()).toMatchObject({ lost: 0 });
  });

  it('changes nothing when its turn has been served since, and all is ready', async () => {
    await seedEventDeployment(harness.runtime('api'));
    await invoke('queue-stream.json');
    await harness.sweep();
    await harness.runUntil(eventDeploymentId, 'ready');
    const before = await harness.record(eventDeploymentId);
    const from = sent();
    await invoke('dead-letter-destination.json');
    expect(await harness.record(eventDeploymentId)).toEqual(before);
    expect(sent()).toBe(from);
    expect(await history()).toHaveLength(2);
  });

  it('is recorded although its deployment does not exist', async () => {
    await invoke('queue-stream.json');
    expect(await history()).toHaveLength(1);
    expect(harness.cloud.tablestore.rows('dualstack_alb_deployments')).toEqual([]);
  });

  it('is served again by the trigger when the store does not answer', async () => {
    await seedEventDeployment(harness.runtime('api'));
    harness.cloud.faults.add({ kind: 'unavailable', service: 'tablestore', action: 'PutRow', times: 0 });
    await expect(invoke('queue-stream.json')).rejects.toThrow();
    harness.cloud.faults.clear();
    await invoke('queue-stream.json');
    expect(await history()).toHaveLength(1);
    expect(await harness.sweep()).toMatchObject({ lost: 1 });
  });

  it('shows in the history that the API tells', async () => {
    await seedEventDeployment(harness.runtime('api'));
    await invoke('dead-letter-stream-event.json');
    const response = await harness.api('GET', `/load-balancers/${eventDeploymentId}/events`);
    expect(await response.json()).toMatchObject({
      events: [{ kind: 'dead-letter', text: 'undelivered: the trigger gave up after its retries' }],
    });
  });
});

describe('a message that nobody can serve', () => {
  it('is in nobody’s history with its reason and body, and nothing is sent for it', async () => {
    await seedEventDeployment(harness.runtime('api'));
    const before = await harness.record(eventDeploymentId);
    const from = sent();
    for (const requestId of ['request-1', 'request-2']) await invoke('dead-letter-refused.json', requestId);
    expect(await history('none')).toMatchObject([
      {
        kind: 'dead-letter',
        text: expect.stringMatching(/^refused: not a message of this version/) as string,
        details: { body: '"<order>not ours</order>"' },
      },
    ]);
    expect(await harness.record(eventDeploymentId)).toEqual(before);
    expect(sent()).toBe(from);
  });
});
