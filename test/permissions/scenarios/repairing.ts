import { settled } from '../../../local/lifecycle.ts';
import { byHand, instanceIdsOf } from '../../support/by-hand.ts';
import type { Scenario } from '../scenario.ts';
import type { DeploymentName, World } from '../world.ts';

const applyPath = (world: World, name: DeploymentName): string => `/load-balancers/${world.idOf(name)}/apply`;

/** A deployment that was ready is applied again after somebody has changed something. */
const repairing = (spoil: (world: World) => unknown, name: DeploymentName = 'plain'): Scenario => ({
  async prepare(world) {
    await world.served(name);
    await spoil(world);
  },
  async act(world) {
    await world.ask('POST', applyPath(world, name));
    await world.driver.run();
    return await world.failure(name);
  },
});

const untagged =
  (service: 'vpc' | 'alb' | 'ecs', type: string, id: (world: World) => Promise<string>) => async (world: World) =>
    await byHand(world.harness, service, service === 'ecs' ? 'UntagResources' : 'UnTagResources', {
      ...(service === 'alb' ? {} : { RegionId: world.cloud.context.regionId }),
      ResourceType: type,
      'ResourceId.1': await id(world),
      All: 'true',
    });

const loadBalancerOf =
  (name: DeploymentName) =>
  (world: World): Promise<string> =>
    world.output(name, 'load-balancer', 'loadBalancerId');

const instanceOf = async (world: World, backend: string): Promise<string> =>
  instanceIdsOf(await world.record('plain'))[backend] ?? '';

const serverGroupOf = async (world: World) =>
  world.cloud.alb.serverGroup(await world.output('plain', 'server-group', 'serverGroupId'));

const recordOf = async (world: World) => world.cloud.dns.records.get(await world.output('plain', 'dns', 'recordId'));

/** What an apply mends of a deployment that was ready. */
export const repairingScenarios = {
  'a repair of a VPC without its tags': repairing(
    untagged('vpc', 'VPC', (world) => world.output('plain', 'network', 'vpcId')),
  ),

  'a repair of another health check': repairing(async (world) => {
    (await serverGroupOf(world)).healthCheck.path = '/elsewhere';
  }),

  'a repair of a load balancer without its tags': repairing(untagged('alb', 'loadbalancer', loadBalancerOf('plain'))),

  'a repair of unasked deletion protection': repairing(async (world) => {
    world.cloud.alb.loadBalancer(await loadBalancerOf('plain')(world)).deletionProtection = true;
  }),

  'a repair of lifted deletion protection': repairing(async (world) => {
    world.cloud.alb.loadBalancer(await loadBalancerOf('https')(world)).deletionProtection = false;
  }, 'https'),

  'a change that adds a zone': {
    prepare: (world) => world.served('plain'),
    async act(world) {
      const { spec } = await world.record('plain');
      if ('vpcId' in spec.network) throw new Error('its network is ours');
      const third = { zoneId: 'cn-shanghai-f', cidrBlock: '192.168.3.0/24', name: 'vSwitch3' };
      await world.ask('PATCH', `/load-balancers/${world.idOf('plain')}`, {
        network: { vSwitches: [...spec.network.vSwitches.slice(0, 2), third] },
      });
      await world.driver.run();
      return await world.failure('plain');
    },
  },
  'a repair of another name': repairing(async (world) => {
    world.cloud.alb.loadBalancer(await loadBalancerOf('plain')(world)).name = 'theirs';
  }),

  'a repair of a lower edition': repairing(async (world) => {
    world.cloud.alb.loadBalancer(await loadBalancerOf('plain')(world)).edition = 'Basic';
  }),

  'a repair of a private load balancer': repairing(async (world) => {
    world.cloud.alb.loadBalancer(await loadBalancerOf('plain')(world)).addressType = 'Intranet';
  }),

  'a repair of one certificate too many': repairing((world) => {
    const { alb } = world.cloud;
    for (const one of alb.listeners.list())
      if (one.protocol === 'HTTPS')
        alb.setAdditionalCertificates(one, [
          ...one.additionalCertificates,
          { id: '1111111-cn-hangzhou', status: settled('Associated') },
        ]);
  }, 'https'),

  'a repair of an instance without its tags': repairing(
    untagged('ecs', 'instance', (world) => instanceOf(world, 'ECS01')),
  ),

  'a repair of an instance without its IPv6 address': repairing(async (world) => {
    world.cloud.ecs.instance(await instanceOf(world, 'ECS02')).ipv6Addresses.length = 0;
  }),

  'a repair of a stopped instance': repairing(async (world) => {
    world.cloud.ecs.stop(await instanceOf(world, 'ECS01'));
  }),

  'a repair of another weight': repairing(async (world) => {
    for (const server of (await serverGroupOf(world)).servers) server.weight = 3;
  }),

  'a repair of a changed rule': repairing(async (world) => {
    const group = world.cloud.ecs.ownSecurityGroup(await world.output('plain', 'security-group', 'securityGroupId'));
    for (const rule of group.rules) rule.portRange = rule.portRange.replace('80/80', '81/81');
  }),

  'a repair of a rule of another priority': repairing(async (world) => {
    const group = world.cloud.ecs.ownSecurityGroup(await world.output('plain', 'security-group', 'securityGroupId'));
    for (const rule of group.rules) if (rule.ipProtocol.toUpperCase() === 'ICMPV6') rule.priority = 90;
  }),

  'a repair of other time limits': repairing(async (world) => {
    world.cloud.alb.listener(await world.output('plain', 'listener', 'listenerId')).requestTimeoutSeconds = 7;
  }),

  'a repair of a redirect that leads elsewhere': repairing((world) => {
    for (const { actions } of world.cloud.alb.rules.list())
      for (const action of actions) if (action.type === 'Redirect') action.port = '8443';
  }, 'https'),

  'a repair of a redirect without its tags': repairing((world) => {
    for (const rule of world.cloud.alb.rules.list()) rule.tags = [];
  }, 'https'),

  'a repair of a stopped listener': repairing(async (world) => {
    await byHand(world.harness, 'alb', 'StopListener', {
      ListenerId: await world.output('plain', 'listener', 'listenerId'),
    });
    world.harness.clock.advance(60_000);
  }),

  'servers that stay unhealthy': {
    async prepare(world) {
      await world.served('plain');
      world.cloud.alb.health = () => ({ status: 'Unhealthy', reasonCode: 'CONNECT_TIMEOUT' });
    },
    async act(world) {
      await world.ask('POST', applyPath(world, 'plain'));
      await world.driver.serveOnce(await world.driver.runTo('health'));
      // Past the time that servers are given.
      world.harness.clock.advance(8 * 60_000);
      await world.driver.run();
      return await world.failure('plain');
    },
    finish: (world) => world.restoreHealth(),
  },

  'a repair of another TTL': repairing(async (world) => {
    const record = await recordOf(world);
    if (record !== undefined) record.ttl = 86_400;
  }),

  'a repair of a disabled record': repairing(async (world) => {
    const record = await recordOf(world);
    if (record !== undefined) record.status = 'DISABLE';
  }),
} satisfies Record<string, Scenario>;
