import { isIP } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { begin, settled } from '../../local/lifecycle.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { HarnessOptions } from '../support/harness.ts';
import { rareChecks, StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start({ latency: 'none', ...options });
  onTestFinished(() => driver.close());
  return driver;
}

const conditionsOf = ({ conditions }: DeploymentRecord): string[] =>
  conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`);

it('records the conditions, each with where it was seen from', async () => {
  const driver = await start();
  const record = await driver.provision(tutorial());
  expect(conditionsOf(record)).toEqual([
    'HealthyByApi True AllServersHealthy',
    'AnswersOverIpv6 True AllBackendsAnswer',
    'AnswersOverIpv4 True AllAddressesAnswer',
    'NameResolves True LeadsHere',
    'ZonesInService True AllZonesActive',
  ]);
  expect(record.conditions[1]).toMatchObject({ vantage: 'function', scope: 'internet' });
  const { zones } = driver.harness.cloud.alb.loadBalancers.list()[0] ?? { zones: [] };
  for (const { ipv6Address } of zones) expect(record.conditions[1]?.message).toContain(ipv6Address);
});

it('says whom the records of another resolution line lead elsewhere', async () => {
  const driver = await start();
  const { dns } = driver.harness.cloud;
  const telecom = { rr: '@', type: 'A', value: '198.51.100.7', line: 'telecom', ttl: 600 };
  dns.addRecord(dns.domain('example.com'), telecom);
  const record = await driver.provision(tutorial());
  expect(record.status).toBe('ready');
  expect(record.conditions[3]).toMatchObject({
    type: 'NameResolves',
    status: 'True',
    message: expect.stringMatching(
      /^example\.com leads to .*; not for clients of the resolution lines telecom \(A 198\.51\.100\.7\)$/,
    ) as string,
  });
});

it('asks for one of the names that a wildcard stands for', async () => {
  const driver = await start();
  const record = await driver.provision({
    ...tutorial(),
    dns: { domain: 'example.com', rr: '*.dev', icpFiled: true },
  });
  expect(record.status).toBe('ready');
  expect(record.conditions[3]?.message).toContain('any.dev.example.com leads to');
});

it('shows a name in other letters both ways', async () => {
  const driver = await start();
  driver.harness.cloud.dns.addDomain('xn--czrs0t.xn--fiqs8s');
  const record = await driver.provision({ ...tutorial(), dns: { domain: '商店.中国', rr: 'www', icpFiled: true } });
  expect(record.conditions[3]?.message).toMatch(/^www\.商店\.中国 \(www\.xn--czrs0t\.xn--fiqs8s\) leads to /);
});

it('does not pass a CNAME that leads to another load balancer', async () => {
  const driver = await start({ latency: rareChecks });
  const other = await driver.provision({
    ...tutorial(),
    name: 'other',
    dns: { domain: 'example.com', rr: 'other', icpFiled: true },
  });
  expect(other.status).toBe('ready');
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('verify');
  const [stranger] = driver.harness.cloud.alb.loadBalancers.list();
  const record = [...driver.harness.cloud.dns.records.values()].find(({ rr }) => rr === '@');
  if (record === undefined || stranger === undefined) throw new Error('too early');
  // It answers, and with both pages: only the name tells that it is the wrong one.
  record.value = stranger.dnsName;
  await driver.serveOnce(taken);
  await driver.run();
  const after = await driver.harness.record(id);
  expect(after.status).toBe('failed');
  expect(after.failure).toMatchObject({ stage: 'verify', code: 'verify.cname-elsewhere' });
  expect(after.failure?.message).toContain(`example.com is a CNAME to ${stranger.dnsName}`);
  expect(after.failure?.remedy).toContain('CNAME');
});

it('does not pass a second CNAME beside its own', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('verify');
  const { dns } = driver.harness.cloud;
  dns.addRecord(dns.domain('example.com'), {
    rr: '@',
    type: 'CNAME',
    value: 'stale.example.net',
    line: 'default',
    ttl: 600,
  });
  await driver.serveOnce(taken);
  await driver.run();
  expect((await driver.harness.record(id)).status).toBe('failed');
});

it('waits for a name that the servers do not answer yet', async () => {
  const driver = await start();
  const id = await driver.harness.request(tutorial());
  const taken = await driver.runTo('verify');
  for (const record of driver.harness.cloud.dns.records.values())
    record.visibleAtMs = driver.harness.clock.nowMs() + 30_000;
  await driver.serveOnce(taken);
  const waiting = await driver.harness.record(id);
  expect(waiting.stages.verify.apply).toMatchObject({ state: 'waiting', attempts: 0 });
  expect(conditionsOf(waiting)[3]).toBe('NameResolves False no-cname');
  await driver.run();
  const record = await driver.harness.record(id);
  expect(record.status).toBe('ready');
  expect(conditionsOf(record)[3]).toBe('NameResolves True LeadsHere');
});

it('P-092: does not pass a domain whose delegation has gone since the check', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('verify');
  driver.harness.cloud.dns.domain('example.com').delegatedTo = [];
  await driver.serveOnce(taken);
  await driver.run();
  const { failure } = await driver.harness.record(id);
  expect(failure).toMatchObject({ stage: 'verify', code: 'verify.no-dns' });
});

it('P-069: does not take the load balancer’s own answer for that of its servers', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({
    ...tutorial(),
    serverGroup: { healthCheck: { enabled: false } },
    onFailure: 'retain',
  });
  const taken = await driver.runTo('verify');
  const { ecs } = driver.harness.cloud;
  for (const { id: instanceId } of ecs.instances.list()) ecs.stop(instanceId);
  await driver.serveOnce(taken);
  await driver.run();
  const { failure } = await driver.harness.record(id);
  expect(failure).toMatchObject({ stage: 'verify', code: 'verify.no-answer' });
  expect(failure?.message).toMatch(/answered 50\d at \/; wanted 200-399/);
});

it('P-155: is ready with an Unknown where the vantage has no IPv6', async () => {
  const driver = await start();
  const { dataPlane } = driver.harness.cloud;
  const route = dataPlane.route.bind(dataPlane);
  dataPlane.route = async (address, port, from) =>
    address.includes(':') && port === 80 ? { refusal: 'ENETUNREACH' } : await route(address, port, from);
  const record = await driver.provision(tutorial());
  expect(record.status).toBe('ready');
  expect(conditionsOf(record)).toEqual([
    'HealthyByApi True AllServersHealthy',
    'AnswersOverIpv6 Unknown NoIpv6Route',
    'AnswersOverIpv4 True AllAddressesAnswer',
    'NameResolves True LeadsHere',
    'ZonesInService True AllZonesActive',
  ]);
});

it('says of a private IPv6 side that it cannot be tried from outside', async () => {
  const driver = await start();
  const record = await driver.provision({ ...tutorial(), loadBalancer: { addressType: 'Intranet' } });
  expect(record.status).toBe('ready');
  expect(conditionsOf(record)[1]).toBe('AnswersOverIpv6 Unknown PrivateIpv6');
  expect(conditionsOf(record)[2]).toBe('AnswersOverIpv4 Unknown NotAsked');
  expect(record.conditions[2]?.message).toContain('only clients in the VPC reach it');
});

it('says that no name was asked for', async () => {
  const driver = await start();
  const { dns: _dns, ...spec } = tutorial();
  const record = await driver.provision(spec);
  expect(record.status).toBe('ready');
  expect(conditionsOf(record)[3]).toBe('NameResolves Unknown NotRequested');
});

it('is ready with a zone that somebody has shifted, and says so', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('verify');
  const { alb } = driver.harness.cloud;
  const [shifted, other] = alb.loadBalancers.list()[0]?.zones ?? [];
  if (shifted === undefined || other === undefined) throw new Error('too early');
  shifted.status = settled('Shifted');
  await driver.serveOnce(taken);
  const record = await driver.harness.record(id);
  expect(record.status).toBe('ready');
  expect(conditionsOf(record)).toEqual([
    'HealthyByApi True AllServersHealthy',
    'AnswersOverIpv6 True AllBackendsAnswer',
    'AnswersOverIpv4 True AllAddressesAnswer',
    'NameResolves True LeadsHere',
    'ZonesInService False ZoneOutOfService',
  ]);
  expect(record.conditions[1]?.message).toContain(other.ipv6Address);
  expect(record.conditions[1]?.message).not.toContain(shifted.ipv6Address);
});

it('does not ask a stopped zone for answers', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('verify');
  const [stopped] = driver.harness.cloud.alb.loadBalancers.list()[0]?.zones ?? [];
  if (stopped === undefined) throw new Error('too early');
  stopped.status = settled('Stopped');
  await driver.serveOnce(taken);
  expect((await driver.harness.record(id)).status).toBe('ready');
});

it('waits for a zone that is starting', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('verify');
  const [starting] = driver.harness.cloud.alb.loadBalancers.list()[0]?.zones ?? [];
  if (starting === undefined) throw new Error('too early');
  starting.status = begin(driver.harness.clock, 'Starting', 'Active', 60_000);
  await driver.serveOnce(taken);
  const waiting = await driver.harness.record(id);
  expect(waiting.stages.verify.apply).toMatchObject({
    state: 'waiting',
    reason: expect.stringContaining('is Starting'),
  });
  await driver.run();
  expect(conditionsOf(await driver.harness.record(id)).at(-1)).toBe('ZonesInService True AllZonesActive');
});

it('fails where no zone comes into service', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('verify');
  for (const zone of driver.harness.cloud.alb.loadBalancers.list()[0]?.zones ?? []) zone.status = settled('Stopped');
  await driver.serveOnce(taken);
  await driver.run();
  const record = await driver.harness.record(id);
  expect(record.status).toBe('failed');
  expect(record.failure?.message).toContain('ZonesInService: no zone is in service');
});

/** No packet of this family gets to a load balancer's listener. */
function breakFamily(driver: StageDriver, family: 4 | 6): void {
  const { dataPlane } = driver.harness.cloud;
  const route = dataPlane.route.bind(dataPlane);
  dataPlane.route = async (address, port, from) =>
    port === 80 && isIP(address) === family ? { refusal: 'ECONNREFUSED' } : await route(address, port, from);
}

it('does not pass an IPv4 side that does not answer, which says nothing of the IPv6 side', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('verify');
  breakFamily(driver, 4);
  await driver.serveOnce(taken);
  expect((await driver.harness.record(id)).stages.verify.apply).toMatchObject({ state: 'waiting' });
  await driver.run();
  const record = await driver.harness.record(id);
  expect(conditionsOf(record)).toEqual([
    'HealthyByApi True AllServersHealthy',
    'AnswersOverIpv6 True AllBackendsAnswer',
    'AnswersOverIpv4 False no-answer-over-ipv4',
    'NameResolves True LeadsHere',
    'ZonesInService True AllZonesActive',
  ]);
  expect(record.failure).toMatchObject({ stage: 'verify', code: 'verify.no-answer-over-ipv4' });
  expect(record.failure?.message).toMatch(/does not answer over IPv4 at 47\.100\.\d+\.\d+ \(ECONNREFUSED\)/);
  expect(record.failure?.remedy).toContain('IPv4');
});

it('does not take answers over IPv4 for any over IPv6', async () => {
  const driver = await start({ latency: rareChecks });
  const id = await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
  const taken = await driver.runTo('verify');
  breakFamily(driver, 6);
  await driver.serveOnce(taken);
  expect(conditionsOf(await driver.harness.record(id)).slice(1, 3)).toEqual([
    'AnswersOverIpv6 False no-answer',
    'AnswersOverIpv4 True AllAddressesAnswer',
  ]);
});

it('says why IPv4 is not asked', async () => {
  const driver = await start();
  const record = await driver.provision({ ...tutorial(), probe: { ipv4: false } });
  expect(record.status).toBe('ready');
  expect(record.conditions[2]).toMatchObject({
    type: 'AnswersOverIpv4',
    status: 'Unknown',
    reason: 'NotAsked',
    message: 'IPv4 is not asked: the request says so (probe.ipv4)',
  });
});
