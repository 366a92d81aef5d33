import { expect, it, onTestFinished } from 'vitest';
import type { GuestFirewall } from '../../local/ecs/guest-firewall.ts';
import type { HarnessOptions } from '../support/harness.ts';
import { rareChecks, StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start(options);
  onTestFinished(() => driver.close());
  return driver;
}

const held = ['dns'] as const;

it('ends when the load balancer has called every server healthy twice in a row', async () => {
  const driver = await start();
  const { stages } = await driver.provision(tutorial(), { held });
  expect(stages.health.apply.state).toBe('done');
  expect(stages.health.outputs).toMatchObject({ healthyServers: 2, looks: 2 });
});

it('P-068: does not take an empty answer for health while no check is reported', async () => {
  const driver = await start({ latency: 'none' });
  const id = await driver.harness.request(tutorial());
  const taken = await driver.runTo('health');
  const { alb } = driver.harness.cloud;
  // The group that the listener forwards to is another one: nothing is said of ours.
  const [listener] = alb.listeners.list();
  if (listener === undefined) throw new Error('no listener');
  const { serverGroupId } = listener;
  listener.serverGroupId = 'sgp-another';
  await driver.serveOnce(taken);
  const waiting = await driver.harness.record(id);
  expect(waiting.stages.health.apply).toMatchObject({ state: 'waiting' });
  expect(waiting.stages.health.outputs['looks']).toBeUndefined();
  listener.serverGroupId = serverGroupId;
  await driver.run({ held });
  expect((await driver.harness.record(id)).stages.health.apply.state).toBe('done');
});

it('begins its count anew when a server falls ill between two looks', async () => {
  const driver = await start();
  const id = await driver.harness.request(tutorial());
  const { ecs, alb } = driver.harness.cloud;
  const realHealth = alb.health;
  const looks: unknown[] = [];
  let isIll = false;
  alb.health = (group, server) =>
    isIll ? { status: 'Unhealthy', reasonCode: 'CONNECT_TIMEOUT' } : realHealth(group, server);
  await driver.run({
    held,
    async deliver(taken) {
      await driver.serveOnce(taken);
      if (taken.stage !== 'health') return;
      const record = await driver.harness.record(id);
      looks.push(record.stages.health.outputs['looks']);
      // Once, right after the first healthy look.
      isIll = looks.filter((count) => count === 1).length === 1 && looks.at(-1) === 1;
    },
  });
  expect(looks.filter((count) => count !== undefined)).toEqual([1, 0, 1, 2]);
  expect(ecs.instances.list()).toHaveLength(2);
});

it('P-051: gives the servers eight minutes, then fails with what they say of themselves', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('health');
  const { cloud } = driver.harness;
  const [first] = cloud.ecs.securityGroups.list().filter(({ serviceManaged }) => !serviceManaged);
  // Somebody closes the port over IPv6.
  first?.rules.splice(0, first.rules.length, ...first.rules.filter(({ ipv6SourceCidrIp }) => ipv6SourceCidrIp === ''));
  await driver.serveOnce(taken);
  await driver.run();
  const { status, failure, stages } = await driver.harness.record(id);
  expect(status).toBe('failed');
  expect(failure).toMatchObject({ stage: 'health', action: 'apply', code: 'health.unhealthy' });
  const ill = cloud.ecs.instances.list()[1]?.ipv6Addresses[0] ?? '';
  expect(failure?.message).toMatch(/^after 8 minutes: server /);
  expect(failure?.message).toContain(ill);
  for (const evidence of ['ECS01: [cloud-init]', 'ECS02: [cloud-init]', '[inet6]', '[nginx]'])
    expect(failure?.message).toContain(evidence);
  expect(failure?.remedy).toContain('security group');
  const { startedAtMs = 0, finishedAtMs = 0 } = stages.health.apply;
  expect(finishedAtMs - startedAtMs).toBeGreaterThanOrEqual(480_000);
  expect(finishedAtMs - startedAtMs).toBeLessThan(660_000);
  // The default minute is too short for a busy server (P-051).
  const runs = cloud.wireLog.filter(({ action }) => action === 'RunCommand');
  expect(runs.map(({ params }) => params['Timeout'])).toEqual(['120']);
});

it('fails with its own verdict, whatever Cloud Assistant refuses', async () => {
  const driver = await start({ latency: rareChecks });
  const { cloud } = driver.harness;
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('health');
  const [first] = cloud.ecs.securityGroups.list().filter(({ serviceManaged }) => !serviceManaged);
  first?.rules.splice(0);
  await driver.serveOnce(taken);
  // What passes is asked again before the refusal.
  cloud.faults.add({ kind: 'throttle', functionName: 'dualstack-alb-health', action: 'DescribeInvocationResults' });
  const refused = [
    { action: 'DescribeCloudAssistantStatus', code: 'Forbidden.RAM', httpStatus: 403 },
    { action: 'RunCommand', code: 'Invocation.ExceedQuota', httpStatus: 403 },
    { action: 'DescribeInvocationResults', code: 'Operation.Forbidden', httpStatus: 403 },
  ];
  for (const [index, refusal] of refused.entries()) {
    if (index > 0) await driver.harness.api('POST', `/load-balancers/${id}/retry`);
    cloud.faults.add({ kind: 'error', functionName: 'dualstack-alb-health', message: 'refused', ...refusal });
    await driver.run();
    const { failure } = await driver.harness.record(id);
    expect(failure).toMatchObject({ stage: 'health', code: 'health.unhealthy' });
    expect(failure?.message).toContain(`Cloud Assistant could not be asked: ecs ${refusal.action} was refused`);
    expect(failure?.message).toContain(refusal.code);
  }
  expect(cloud.faults.list().every(({ struck }) => struck === 1)).toBe(true);
});

it('fails without evidence when Cloud Assistant reaches no server', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('health');
  for (const { id: instanceId } of driver.harness.cloud.ecs.instances.list()) driver.harness.cloud.ecs.stop(instanceId);
  await driver.serveOnce(taken);
  await driver.run();
  const { failure } = await driver.harness.record(id);
  expect(failure).toMatchObject({ stage: 'health', code: 'health.unhealthy' });
  expect(failure?.message).toContain('Cloud Assistant reaches none of the servers.');
});

it('asks nothing of servers whose checks are off', async () => {
  const driver = await start({ latency: 'none' });
  const { stages } = await driver.provision(
    { ...tutorial(), serverGroup: { healthCheck: { enabled: false } } },
    { held },
  );
  expect(stages.health.apply.state).toBe('done');
});

it('P-070: does not wait for a server of weight 0', async () => {
  const driver = await start({ latency: 'none' });
  const backends = [
    { name: 'ECS01', family: 'ipv4' as const, page: 'one' },
    { name: 'ECS02', family: 'ipv6' as const, page: 'two', weight: 0 },
  ];
  const { stages } = await driver.provision({ backends }, { held });
  expect(stages.health.apply.state).toBe('done');
});

it.each<[GuestFirewall, RegExp]>([
  [
    { tool: 'iptables', rules: [{ family: 6, port: 80, action: 'DROP' }], policy: 'ACCEPT' },
    /ECS02: .*\[firewall\] rule "-A INPUT -p tcp -m tcp --dport 80 -j DROP" in chain INPUT of ip6tables keeps TCP 80 from vSwitch block 2408:\S+\/64 out/,
  ],
  [
    { tool: 'nft', rules: [{ port: 22, action: 'ACCEPT' }], policy: 'DROP' },
    /ECS02: .*\[firewall\] the policy of chain input of nft table inet filter drops what no rule accepts keeps TCP 80/,
  ],
  [
    { tool: 'firewalld', rules: [], policy: 'ACCEPT' },
    /ECS02: .*\[firewall\] rule "reject with icmpx admin-prohibited" in chain filter_INPUT of nft table inet firewalld keeps TCP 80.*firewalld is running/,
  ],
])('names what $tool inside a guest drops of the health checks', async (firewall, said) => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('health');
  const [, second] = driver.harness.cloud.ecs.instances.list();
  if (second === undefined) throw new Error('too early');
  second.firewall = firewall;
  await driver.serveOnce(taken);
  await driver.run();
  const { failure } = await driver.harness.record(id);
  expect(failure).toMatchObject({ stage: 'health', code: 'health.unhealthy' });
  expect(failure?.message).toMatch(said);
  expect(failure?.message).toContain('[firewall] no firewall of the guest shows rules ; ECS02: ');
  expect(failure?.remedy).toContain('a firewall of the guest');
});

it('is healthy behind a firewall of the guest that lets the vSwitches in', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request(tutorial());
  const taken = await driver.runTo('health');
  const { ecs, vpc } = driver.harness.cloud;
  for (const instance of ecs.instances.list())
    instance.firewall = {
      tool: 'iptables',
      policy: 'DROP',
      rules: vpc.vSwitches.list().flatMap(({ cidrBlock, ipv6CidrBlock }) => [
        { family: 4 as const, source: cidrBlock, port: 80, action: 'ACCEPT' as const },
        { family: 6 as const, source: ipv6CidrBlock, port: 80, action: 'ACCEPT' as const },
      ]),
    };
  await driver.serveOnce(taken);
  await driver.run({ held });
  expect((await driver.harness.record(id)).stages.health.apply.state).toBe('done');
});
