import { isIPv6 } from 'node:net';
import { deliver } from '../../../functions/alert/deliver.ts';
import { serveProbe } from '../../../functions/probe/serve.ts';
import { alertAfterObservation } from '../../../shared/alert/after-observation.ts';
import { outputsOf } from '../../../shared/deployment/record.ts';
import { observed, silent } from '../../shared/alert/observations.ts';
import { addReadyDeployment } from '../../support/ready-deployment.ts';
import type { Scenario } from '../scenario.ts';
import type { Told, World } from '../world.ts';

const timerEvent = (world: World): string =>
  JSON.stringify({
    triggerTime: new Date(world.harness.clock.nowMs()).toISOString(),
    triggerName: 'timer',
    payload: '',
  });

/** The record of one that is ready, which nothing walks to. */
async function addTarget(world: World, target: string): Promise<void> {
  const runtime = world.runtime('sweep');
  await addReadyDeployment(runtime, target);
  await runtime.active.remove(target);
}

/** Observations of a silent server; three in a row begin an alert. */
async function observeSilence(world: World, target: string, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    world.harness.clock.advance(1000);
    const observation = { ...observed(world.harness.clock.nowMs(), silent('ECS02')), targetId: target };
    await alertAfterObservation(world.runtime('probe', 'prober'))(observation);
  }
}

/** One tick, told by what it logs; and what instances have printed, once it is due. */
async function observe(world: World): Promise<Told> {
  const runtime = world.runtime('probe', 'prober');
  const parts = { holder: timerEvent(world), after: alertAfterObservation(runtime) };
  const { text } = await world.thrown('probe', async () => {
    await serveProbe(runtime, timerEvent(world), parts);
    await world.harness.run(() => true);
    world.harness.clock.advance(5000);
    const queue = world.cloud.mns.queues.get(`${world.harness.config.name}-probe`);
    for (const message of queue?.take(16) ?? []) {
      const messageBody = Buffer.from(message.body, 'base64').toString('utf8');
      await serveProbe(runtime, JSON.stringify([{ data: { messageId: message.id, messageBody } }]), parts);
      queue?.delete(message.handle ?? '');
    }
  });
  return { at: 'probe', text: `${text}\n${world.logged('probe').text}` };
}

const tell = (world: World) => deliver(world.runtime('alert', 'alert'), 'run');

/** What is seen, and told. */
export const observingScenarios = {
  'a tick': {
    async prepare(world) {
      await world.ready('plain');
      world.harness.clock.advance(60_000);
    },
    act: observe,
  },

  'a tick at which what is only watched is looked at': {
    async prepare(world) {
      await world.served('plain');
      const loadBalancerId = await world.output('plain', 'load-balancer', 'loadBalancerId');
      const headers = { 'idempotency-key': 'watched' };
      await world.harness.api(
        'POST',
        '/load-balancers',
        { watchOnly: { loadBalancerId, domain: 'example.com' } },
        headers,
      );
      world.harness.clock.advance(10 * 60_000);
    },
    act: observe,
  },

  'a tick that an instance looks at': {
    async prepare(world) {
      await world.served('looking');
      world.harness.clock.advance(60_000);
    },
    act: observe,
  },

  'a tick that another instance looks at': {
    async prepare(world) {
      await world.served('looking');
      const { instances = [] } = outputsOf(await world.record('looking'), 'instances');
      for (const { instanceId, address } of instances) if (isIPv6(address)) world.cloud.ecs.stop(instanceId);
      world.harness.clock.advance(60_000);
    },
    act: observe,
  },

  'an observation that begins an alert': {
    async prepare(world) {
      await addTarget(world, '01khq0000000000000000000aa');
      await observeSilence(world, '01khq0000000000000000000aa', 2);
    },
    act: (world) => world.thrown('probe', () => observeSilence(world, '01khq0000000000000000000aa', 1)),
  },

  'an alert that is told': {
    async prepare(world) {
      await addTarget(world, '01khq0000000000000000000ab');
      await observeSilence(world, '01khq0000000000000000000ab', 3);
    },
    act: (world) => world.thrown('alert', () => tell(world)),
  },

  'an alert that must wait': {
    async prepare(world) {
      world.harness.clock.advance(60_000);
      for (const target of ['01khq0000000000000000000ac', '01khq0000000000000000000ad']) await addTarget(world, target);
      await observeSilence(world, '01khq0000000000000000000ac', 3);
      await tell(world);
      await observeSilence(world, '01khq0000000000000000000ad', 3);
    },
    act: (world) => world.thrown('alert', () => tell(world)),
  },
} satisfies Record<string, Scenario>;
