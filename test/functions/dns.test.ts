import { expect, it, onTestFinished } from 'vitest';
import type { HarnessOptions } from '../support/harness.ts';
import { cloudResources, recordedResources } from '../support/cloud-resources.ts';
import { StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start({ latency: 'none', ...options });
  onTestFinished(() => driver.close());
  return driver;
}

const held = ['verify'] as const;

const named = (more: object = {}) => ({
  ...tutorial(),
  dns: { domain: 'example.com', rr: 'www', icpFiled: true, ...more },
});

const recordsOf = ({ harness }: StageDriver) => [...harness.cloud.dns.records.values()];

const addCname = (driver: StageDriver, value = 'other.example.net') => {
  const { dns } = driver.harness.cloud;
  return dns.addRecord(dns.domain('example.com'), { rr: 'www', type: 'CNAME', value, line: 'default', ttl: 900 });
};

const calls = ({ harness }: StageDriver, action: string) =>
  harness.cloud.wireLog.filter((entry) => entry.action === action);

it('P-089: adds a CNAME at the apex as @ on the default line', async () => {
  const driver = await start();
  const { stages, deploymentId } = await driver.provision(tutorial(), { held });
  const [loadBalancer] = driver.harness.cloud.alb.loadBalancers.list();
  expect(recordsOf(driver)).toMatchObject([
    {
      rr: '@',
      type: 'CNAME',
      line: 'default',
      ttl: 600,
      value: loadBalancer?.dnsName,
      remark: `dualstack-alb/${deploymentId}/dns`,
    },
  ]);
  expect(stages.dns.outputs).toMatchObject({ domainName: 'example.com', recordId: recordsOf(driver)[0]?.id });
});

it('writes its intent into the record before the call', async () => {
  const driver = await start();
  await driver.harness.request(tutorial());
  const taken = await driver.runTo('dns');
  driver.harness.cloud.faults.add({ kind: 'kill-before', action: 'AddDomainRecord' });
  await driver.serveOnce(taken);
  expect(recordsOf(driver)).toEqual([]);
  const { stages } = await driver.harness.record(taken.message.deploymentId);
  const [loadBalancer] = driver.harness.cloud.alb.loadBalancers.list();
  expect(stages.dns.outputs['intent']).toEqual({
    rr: '@',
    type: 'CNAME',
    line: 'default',
    value: loadBalancer?.dnsName,
  });
});

it('P-085: takes a record that the lost first call has made for its own', async () => {
  const driver = await start();
  await driver.harness.request(tutorial());
  const taken = await driver.runTo('dns');
  const { cloud } = driver.harness;
  cloud.faults.add({ kind: 'reset-after', action: 'AddDomainRecord' });
  // The listing does not show the record yet when the call is repeated.
  await driver.serveOnce(taken);
  await driver.run({ held });
  const record = await driver.harness.record(taken.message.deploymentId);
  expect(record.stages.dns.apply.state).toBe('done');
  expect(recordsOf(driver)).toHaveLength(1);
  expect(recordedResources(record, 'dns')).toEqual([`DomainRecord ${recordsOf(driver)[0]?.id}`]);
});

it('does nothing without a domain in the request', async () => {
  const driver = await start();
  const { dns: _dns, ...spec } = tutorial();
  const record = await driver.provision(spec);
  expect(record.status).toBe('ready');
  expect(recordsOf(driver)).toEqual([]);
  expect(driver.harness.cloud.wireLog.filter(({ service }) => service === 'alidns')).toEqual([]);
});

it('P-086: fails when somebody has taken the name since the check, and leaves the record alone', async () => {
  const driver = await start();
  await driver.harness.request({ ...named(), onFailure: 'retain' });
  const taken = await driver.runTo('dns');
  const theirs = addCname(driver);
  await driver.serveOnce(taken);
  const record = await driver.harness.record(taken.message.deploymentId);
  expect(record.failure).toMatchObject({
    stage: 'dns',
    action: 'apply',
    code: 'dns.record-taken',
    message: 'www.example.com is a CNAME to other.example.net, which is not ours',
    remedy: 'Delete that record, choose another dns.rr, or set dns.replaceExisting.',
  });
  expect(recordsOf(driver)).toEqual([theirs]);
  expect(theirs.value).toBe('other.example.net');
  const others = cloudResources(driver.harness.cloud).filter((resource) => resource !== `DomainRecord ${theirs.id}`);
  expect(others).toEqual(recordedResources(record));
});

it('fails when a conflicting record has come since the check', async () => {
  const driver = await start();
  await driver.harness.request({ ...named(), onFailure: 'retain' });
  const taken = await driver.runTo('dns');
  const { dns } = driver.harness.cloud;
  dns.addRecord(dns.domain('example.com'), { rr: 'www', type: 'A', value: '192.0.2.1', line: 'default', ttl: 600 });
  await driver.serveOnce(taken);
  const record = await driver.harness.record(taken.message.deploymentId);
  expect(record.failure).toMatchObject({
    stage: 'dns',
    code: 'DomainRecordConflict',
    remedy: 'Remove the record that conflicts with a CNAME at this host, or choose another host.',
  });
  expect(recordsOf(driver)).toHaveLength(1);
  expect(record.stages.dns.resources).toEqual([]);
});

it('P-086: changes somebody else’s CNAME in place with replaceExisting, and remembers what it was', async () => {
  const driver = await start();
  const theirs = addCname(driver);
  const { stages } = await driver.provision(named({ replaceExisting: true }), { held });
  const [loadBalancer] = driver.harness.cloud.alb.loadBalancers.list();
  expect(recordsOf(driver)).toMatchObject([{ id: theirs.id, value: loadBalancer?.dnsName, ttl: 600 }]);
  expect(stages.dns.outputs['intent']).toMatchObject({ previousValue: 'other.example.net', previousTtl: 900 });
  expect(calls(driver, 'AddDomainRecord')).toEqual([]);
});

it.each(['kill-before', 'kill-after', 'reset-after', 'throttle'] as const)(
  'remembers what stood there though the replacing call meets a %s',
  async (kind) => {
    const driver = await start();
    addCname(driver);
    await driver.harness.request(named({ replaceExisting: true }));
    const taken = await driver.runTo('dns');
    driver.harness.cloud.faults.add({ kind, action: 'UpdateDomainRecord' });
    await driver.serveOnce(taken);
    await driver.run({ held });
    const { stages } = await driver.harness.record(taken.message.deploymentId);
    expect(driver.harness.cloud.faults.list()[0]?.struck).toBe(1);
    expect(stages.dns.apply.state).toBe('done');
    expect(stages.dns.outputs['intent']).toMatchObject({ previousValue: 'other.example.net', previousTtl: 900 });
    expect(recordsOf(driver)).toHaveLength(1);
  },
);

it('P-091: goes on without a remark', async () => {
  const driver = await start();
  driver.harness.cloud.faults.add({
    kind: 'error',
    action: 'UpdateDomainRecordRemark',
    code: 'Forbidden.RAM',
    httpStatus: 403,
  });
  const record = await driver.provision(tutorial());
  expect(record.status).toBe('ready');
  expect(recordsOf(driver)[0]?.remark).toBe('');
});

it('P-094: waits while the service still works on the zone', async () => {
  const driver = await start();
  driver.harness.cloud.faults.add({
    kind: 'error',
    action: 'AddDomainRecord',
    code: 'LastOperationNotFinished',
    httpStatus: 400,
  });
  const { stages } = await driver.provision(tutorial(), { held });
  expect(stages.dns.apply).toMatchObject({ state: 'done', attempts: 0 });
  expect(recordsOf(driver)).toHaveLength(1);
});

it('puts a TTL right that somebody has changed meanwhile', async () => {
  const driver = await start();
  await driver.harness.request(named());
  const taken = await driver.runTo('dns');
  await driver.serveOnce(taken);
  for (const record of recordsOf(driver)) record.ttl = 3600;
  await driver.run({ held });
  expect(recordsOf(driver).map(({ ttl }) => ttl)).toEqual([600]);
});
