import type { Scenario } from '../scenario.ts';
import type { DeploymentName, World } from '../world.ts';

const driftPath = (world: World, name: DeploymentName): string => `/load-balancers/${world.idOf(name)}/drift`;

const lookingForDrift = (name: DeploymentName, gone?: { action: string; code: string }): Scenario => ({
  async prepare(world) {
    await world.ready(name);
    if (gone !== undefined) world.cloud.faults.add({ kind: 'error', httpStatus: 404, ...gone });
  },
  act: (world) => world.answered('GET', driftPath(world, name)),
});

/** Fails in preflight before anything is made. */
const doomed = { name: 'doomed', onFailure: 'rollback', dns: { domain: 'unknown.example', icpFiled: true } } as const;
const doomedKey = { 'idempotency-key': 'doomed' };

/** What is asked of the API. */
export const askingScenarios = {
  'a look for drift': lookingForDrift('plain'),

  'a look for drift where the VPC is gone': lookingForDrift('plain', {
    action: 'DescribeVpcAttribute',
    code: 'InvalidVpcId.NotFound',
  }),

  'a look for drift where the load balancer is gone': lookingForDrift('plain', {
    action: 'GetLoadBalancerAttribute',
    code: 'ResourceNotFound.LoadBalancer',
  }),

  'a look for drift with HTTPS': lookingForDrift('https'),

  'a probe at once': {
    prepare: (world) => world.ready('plain'),
    act: (world) => world.answered('POST', `/load-balancers/${world.idOf('plain')}/probe`),
  },

  'a request': { act: (world) => world.answered('POST', '/load-balancers', doomed, doomedKey) },

  'a listing': { act: (world) => world.answered('GET', '/load-balancers') },

  'a release of what has left nothing': {
    async prepare(world) {
      await world.harness.api('POST', '/load-balancers', doomed, doomedKey);
      await world.driver.run();
    },
    async act(world) {
      const response = await world.harness.api('POST', '/load-balancers', doomed, doomedKey);
      return await world.answered('DELETE', response.headers.get('location') ?? '');
    },
  },
} satisfies Record<string, Scenario>;
