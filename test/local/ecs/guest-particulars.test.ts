import { expect, it, onTestFinished } from 'vitest';
import { EmbeddedCloud } from '../../../local/cloud.ts';
import { answerScript } from '../../../local/ecs/guest.ts';
import type { Instance } from '../../../local/ecs/state.ts';
import { VirtualClock } from '../../../shared/clock.ts';
import { addForeignLoadBalancer } from '../../support/foreign-load-balancer.ts';

async function started() {
  const cloud = new EmbeddedCloud({ controlToken: null, latency: 'none', clock: new VirtualClock(Date.now()) });
  onTestFinished(() => cloud.close());
  await cloud.start();
  await addForeignLoadBalancer(cloud);
  const instance = cloud.ecs.instances.list().find(({ name }) => name === 'ECS02');
  if (instance === undefined) throw new Error('no instance');
  const put = async (path: string, body: unknown) =>
    await fetch(`${cloud.url}/_local/${path}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const run = (script: string) => answerScript(cloud.ecs, instance, script);
  return { cloud, instance, put, run };
}

/** Returns what a neighbour in the vSwitch meets at the guest. */
const met = async (cloud: EmbeddedCloud, { ipv6Addresses, vpcId }: Instance): Promise<unknown> => {
  const route = await cloud.dataPlane.route(ipv6Addresses[0] ?? '', 80, { vpcId });
  return 'refusal' in route ? route.refusal : 'nginx';
};

it.each([
  ['iptables', 'DROP', 'ETIMEDOUT', 'ip6tables-save', '-A INPUT -p tcp -m tcp --dport 80 -j DROP'],
  ['iptables', 'REJECT', 'ECONNREFUSED', 'ip6tables-save -t filter', '-j REJECT --reject-with icmp6-port-unreachable'],
  ['nft', 'DROP', 'ETIMEDOUT', 'nft list ruleset', 'meta nfproto ipv6 tcp dport 80 drop'],
  ['firewalld', 'REJECT', 'EHOSTUNREACH', 'firewall-cmd --state', 'running'],
] as const)('has a firewall of %s, which does %s what it says', async (tool, action, refusal, script, printed) => {
  const { cloud, instance, put, run } = await started();
  expect(await met(cloud, instance)).toBe('nginx');
  const rules = [{ family: 6, port: 80, action }];
  expect((await put('instances/ECS02/firewall', { tool, rules })).status).toBe(200);
  expect(await met(cloud, instance)).toBe(refusal);
  expect(run(script).output).toContain(printed);
  expect((await put('instances/ECS02/firewall', {})).status).toBe(200);
  expect(await met(cloud, instance)).toBe('nginx');
  expect(run('iptables-save; ip6tables-save; nft list ruleset').output).toBe('');
});

it.each([
  ['instances/ECS02/firewall', { tool: 'pf', rules: [] }],
  ['instances/ECS02/firewall', { tool: 'nft', rules: [{ source: 'anywhere', action: 'DROP' }] }],
  ['instances/ECS02/firewall', []],
  ['images/acs:one', { inet6: 'none' }],
  ['images/acs:one', { inet6: 'module', more: 1 }],
])('PUT %s refuses %j', async (path, body) => {
  const { put } = await started();
  expect((await put(path, body)).status).toBe(400);
});

it('has images whose guests lack IPv6 inside, until the plugin has set it up', async () => {
  const { cloud, instance, put, run } = await started();
  const [address = ''] = instance.ipv6Addresses;
  await put(`images/${instance.imageFamily}`, { inet6: 'address' });
  // Of those that are made from then on.
  expect(await met(cloud, instance)).toBe('nginx');
  instance.lacksInet6 = 'address';
  expect(await met(cloud, instance)).toBe('ETIMEDOUT');
  expect(run('ip -6 addr show scope global').output).not.toContain('inet6');
  expect(run('acs-plugin-manager --exec --plugin=ecs-utils-ipv6').output).toContain(
    '[Done]  IPv6 Auto Config Finished.',
  );
  expect(run('ip -6 addr show scope global').output).toContain(`inet6 ${address}`);
  expect(await met(cloud, instance)).toBe('nginx');
});

it('has kernels with IPv6 turned off, which the plugin does not change', async () => {
  const { cloud, instance, run } = await started();
  instance.lacksInet6 = 'module';
  run('acs-plugin-manager --exec --plugin=ecs-utils-ipv6');
  expect(await met(cloud, instance)).toBe('ETIMEDOUT');
});
