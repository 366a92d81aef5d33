import { describe, expect, it, onTestFinished } from 'vitest';
import type { SecurityGroupRule } from '../../local/ecs/rules.ts';
import type { HarnessOptions } from '../support/harness.ts';
import { seedServers } from '../support/adopted.ts';
import { recordedResources } from '../support/cloud-resources.ts';
import { StageDriver } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

async function start(options: HarnessOptions = {}): Promise<StageDriver> {
  const driver = await StageDriver.start({ latency: 'none', ...options });
  onTestFinished(() => driver.close());
  return driver;
}

const held = ['instances', 'server-group', 'load-balancer'] as const;

const shown = (rule: SecurityGroupRule): string =>
  `${rule.ipProtocol} ${rule.portRange} ${rule.sourceCidrIp}${rule.ipv6SourceCidrIp} ${rule.priority}`;

const groupsOf = ({ harness }: StageDriver) =>
  harness.cloud.ecs.securityGroups.list().filter(({ serviceManaged }) => !serviceManaged);

const authorizations = ({ harness }: StageDriver) =>
  harness.cloud.wireLog.filter(({ action }) => action === 'AuthorizeSecurityGroup');

describe('a group of our own', () => {
  it('P-037: lets the service port in from the vSwitches over IPv4 as over IPv6', async () => {
    const driver = await start();
    const { stages } = await driver.provision(tutorial(), { held });
    const vSwitches = stages.network.outputs['vSwitches'] as { cidrBlock: string; ipv6CidrBlock: string }[];
    const [group] = groupsOf(driver);
    expect(group?.rules.map(shown).sort()).toEqual(
      [
        ...vSwitches.flatMap(({ cidrBlock, ipv6CidrBlock }) => [
          `TCP 80/80 ${cidrBlock} 1`,
          `TCP 80/80 ${ipv6CidrBlock} 1`,
        ]),
        'ICMPv6 -1/-1 ::/0 1',
      ].sort(),
    );
  });

  it('P-040: sends a rule once that the request repeats', async () => {
    const driver = await start();
    const rule = { protocol: 'TCP' as const, portRange: '22/22', sourceCidr: '10.0.0.0/8' };
    const { failure } = await driver.provision({ securityGroup: { rules: [rule, rule] } }, { held });
    expect(failure).toBeUndefined();
    const [group] = groupsOf(driver);
    expect(group?.rules.map(shown).filter((line) => line.startsWith('TCP 22/22'))).toEqual(['TCP 22/22 10.0.0.0/8 1']);
    expect(authorizations(driver)).toHaveLength(1);
  });

  it('authorizes once what a record of a former version spells in its own way', async () => {
    const driver = await start();
    const { deploymentId } = await driver.provision({}, { held: ['security-group'] });
    const rules = [
      { protocol: 'TCP' as const, portRange: '022/22', sourceCidr: '2001:DB8:0:0::/64', priority: 1 },
      { protocol: 'TCP' as const, portRange: '22/022', sourceCidr: '2001:db8::/064', priority: 1 },
    ];
    await driver.harness.runtime('security-group').deployments.update(deploymentId, (record) => ({
      ...record,
      spec: { ...record.spec, securityGroup: { ...record.spec.securityGroup, rules } },
    }));
    await driver.run({ held });
    expect((await driver.harness.record(deploymentId)).stages['security-group'].apply.state).toBe('done');
    expect(authorizations(driver)).toHaveLength(1);
    const [group] = groupsOf(driver);
    expect(group?.rules.map(shown).filter((line) => line.startsWith('TCP 22'))).toEqual(['TCP 22/22 2001:db8::/64 1']);
  });

  it('P-039: marks its rules, and does not authorize again what is there', async () => {
    const driver = await start();
    const { deploymentId } = await driver.provision(tutorial(), { held });
    const [group] = groupsOf(driver);
    expect(group?.rules.map(({ description }) => description)).toEqual(
      Array.from({ length: 5 }, () => `dualstack-alb/${deploymentId}/security-group`),
    );
    expect(authorizations(driver)).toHaveLength(1);
  });

  it('opens each port that a backend listens on', async () => {
    const driver = await start();
    const backends = [
      { name: 'ECS01', family: 'ipv4' as const, page: 'one', port: 80 },
      { name: 'ECS02', family: 'ipv6' as const, page: 'two', port: 8080 },
    ];
    await driver.provision({ backends }, { held });
    const [group] = groupsOf(driver);
    const ports = group?.rules.filter(({ ipProtocol }) => ipProtocol === 'TCP').map(({ portRange }) => portRange);
    expect(ports?.sort()).toEqual([
      '80/80',
      '80/80',
      '80/80',
      '80/80',
      '8080/8080',
      '8080/8080',
      '8080/8080',
      '8080/8080',
    ]);
  });

  it('P-046: takes no group for its own that only has its name', async () => {
    const driver = await start();
    await driver.harness.request({ ...tutorial(), onFailure: 'retain' });
    const taken = await driver.runTo('security-group');
    const { ecs, vpc } = driver.harness.cloud;
    const vpcId = vpc.vpcs.list()[0]?.id ?? '';
    ecs.addSecurityGroup({
      vpcId,
      name: 'dualstack-alb',
      description: '',
      type: 'normal',
      serviceManaged: false,
      tags: [],
    });
    await driver.serveOnce(taken);
    await driver.run({ held });
    const record = await driver.harness.record(taken.message.deploymentId);
    const [theirs, ours] = groupsOf(driver);
    expect(theirs?.rules).toEqual([]);
    expect(recordedResources(record, 'security-group')).toEqual([`SecurityGroup ${ours?.id}`]);
  });

  it('fails for good when the account has no group left', async () => {
    const driver = await start();
    driver.harness.cloud.ecs.quota.securityGroups = 0;
    const record = await driver.provision(tutorial());
    expect(record.failure).toMatchObject({
      stage: 'security-group',
      code: 'QuotaExceed.SecurityGroup',
      remedy: expect.stringContaining('ask for a higher quota') as string,
    });
    expect(record.stages['security-group'].resources).toEqual([]);
    expect(groupsOf(driver)).toEqual([]);
  });
});

describe('groups of adopted servers', () => {
  it('stay as they are', async () => {
    const driver = await start();
    const { spec } = seedServers(driver.harness.cloud);
    const before = JSON.stringify(groupsOf(driver));
    const { stages } = await driver.provision(spec, { held });
    expect(stages['security-group'].apply.state).toBe('done');
    expect(stages['security-group'].resources).toEqual([]);
    expect(JSON.stringify(groupsOf(driver))).toBe(before);
  });

  it('get marked rules with manageAdopted, and keep their own', async () => {
    const driver = await start();
    const { spec } = seedServers(driver.harness.cloud);
    const [group] = groupsOf(driver);
    // Somebody closed the port for IPv6.
    group?.rules.splice(1, 1);
    const kept = group?.rules.map(({ id }) => id) ?? [];
    const record = await driver.provision({ ...spec, securityGroup: { manageAdopted: true } });
    expect(record.failure).toBeUndefined();
    expect(record.status).toBe('ready');
    const added = group?.rules.filter(({ id }) => !kept.includes(id)) ?? [];
    expect(group?.rules.map(({ id }) => id)).toEqual(expect.arrayContaining(kept));
    expect(added.map(({ description }) => description)).toEqual(
      added.map(() => `dualstack-alb/${record.deploymentId}/security-group`),
    );
    // The IPv4 sources are covered by a rule of theirs already.
    expect(added.map(({ ipProtocol, sourceCidrIp }) => `${ipProtocol}${sourceCidrIp}`).sort()).toEqual([
      'ICMPv6',
      'TCP',
      'TCP',
    ]);
    expect(record.stages['security-group'].resources).toEqual([
      { type: 'SecurityGroup', id: group?.id, created: false },
    ]);
  });
});
