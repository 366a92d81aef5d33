import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { markedBy } from '../../shared/marks.ts';
import { seedServers } from '../support/adopted.ts';
import { byHand, driftOf, idsOf, named, repair, writesOf } from '../support/by-hand.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

// Whole deployments one after the other: a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let harness: Harness;
let id = '';

beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks });
  id = await harness.request(tutorial());
  await harness.runUntil(id, 'ready');
});
afterAll(() => harness.close());

async function change(body: unknown, of = id): Promise<{ from: number; record: DeploymentRecord }> {
  const from = harness.cloud.wireLog.length;
  const response = await harness.api('PATCH', `/load-balancers/${of}`, body);
  expect(response.status, await response.clone().text()).toBe(202);
  return { from, record: await harness.runUntil(of, 'ready') };
}
const rulesOf = (groupId: string): string[] =>
  harness.cloud.ecs
    .ownSecurityGroup(groupId)
    .rules.map(({ ipProtocol, portRange, sourceCidrIp, ipv6SourceCidrIp, priority, description }) =>
      [
        ipProtocol.toUpperCase(),
        portRange,
        sourceCidrIp || ipv6SourceCidrIp,
        priority,
        markedBy(harness.config.name, 'security-group', description) === undefined ? 'theirs' : 'ours',
      ].join(' '),
    )
    .sort();
const ssh = { protocol: 'TCP' as const, portRange: '22/22', sourceCidr: '10.0.0.0/8' };
const sshLine = (rest: string) => `TCP 22/22 10.0.0.0/8 ${rest}`;

describe('security-group rules of a ready load balancer', () => {
  const group = async () => idsOf(await harness.record(id))['securityGroup'] ?? '';

  it('come and go one by one, and change in place', async () => {
    const before = rulesOf(await group());
    const added = await change({ securityGroup: { rules: [ssh] } });
    expect(named(writesOf(harness, added.from))).toEqual(['ecs AuthorizeSecurityGroup']);
    expect(rulesOf(await group())).toEqual([...before, sshLine('1 ours')].sort());

    const changed = await change({ securityGroup: { rules: [{ ...ssh, priority: 50 }] } });
    expect(named(writesOf(harness, changed.from))).toEqual(['ecs ModifySecurityGroupRule']);
    expect(rulesOf(await group())).toEqual([...before, sshLine('50 ours')].sort());

    const other = { protocol: 'TCP' as const, portRange: '8000/8010', sourceCidr: '2001:db8::/32' };
    const replaced = await change({ securityGroup: { rules: [other] } });
    expect(named(writesOf(harness, replaced.from))).toEqual(['ecs AuthorizeSecurityGroup', 'ecs RevokeSecurityGroup']);
    expect(rulesOf(await group())).toEqual([...before, 'TCP 8000/8010 2001:db8::/32 1 ours'].sort());

    const removed = await change({ securityGroup: { rules: [] } });
    expect(named(writesOf(harness, removed.from))).toEqual(['ecs RevokeSecurityGroup']);
    expect(rulesOf(await group())).toEqual(before);
    expect((await driftOf(harness, id)).differs).toBe(false);
  });

  it('are the same in another spelling: no call changes them', async () => {
    await change({
      securityGroup: { rules: [{ protocol: 'TCP', portRange: '443/443', sourceCidr: '2001:db8::/32' }] },
    });
    const { from } = await change({
      securityGroup: { rules: [{ protocol: 'TCP', portRange: '443/443', sourceCidr: '2001:0DB8:0::/32' }] },
    });
    expect(named(writesOf(harness, from))).toEqual([]);
    await change({ securityGroup: { rules: [] } });
  });

  it('leave those of others alone, also where they are alike', async () => {
    await byHand(harness, 'ecs', 'AuthorizeSecurityGroup', {
      RegionId: 'cn-shanghai',
      SecurityGroupId: await group(),
      'Permissions.1.IpProtocol': 'TCP',
      'Permissions.1.PortRange': '22/22',
      'Permissions.1.SourceCidrIp': '10.0.0.0/8',
      'Permissions.1.Description': 'of the operators',
    });
    const added = await change({ securityGroup: { rules: [ssh] } });
    expect(named(writesOf(harness, added.from))).toEqual([]);
    const removed = await change({ securityGroup: { rules: [] } });
    expect(named(writesOf(harness, removed.from))).toEqual([]);
    expect(rulesOf(await group())).toContain(sshLine('1 theirs'));
  });
});

describe('rules in groups of adopted servers', () => {
  let adopted = '';
  let twin = '';
  const group = () => harness.cloud.ecs.securityGroups.list().find(({ name }) => name === 'existing')?.id ?? '';
  const ours = () => rulesOf(group()).filter((line) => line.endsWith(' ours'));
  const marks = () =>
    harness.cloud.ecs
      .ownSecurityGroup(group())
      .rules.flatMap(({ description }) => markedBy(harness.config.name, 'security-group', description) ?? []);

  beforeAll(async () => {
    const { spec } = seedServers(harness.cloud);
    adopted = await harness.request({
      ...spec,
      name: 'adopted',
      dns: { domain: 'example.com', rr: 'adopted', icpFiled: true },
    });
    await harness.runUntil(adopted, 'ready');
    twin = await harness.request({
      ...spec,
      name: 'twin',
      dns: { domain: 'example.com', rr: 'twin', icpFiled: true },
      securityGroup: { manageAdopted: true },
    });
    await harness.runUntil(twin, 'ready');
  });

  it('come with manageAdopted, and go without it', async () => {
    const twins = marks().length;
    expect(marks()).not.toContain(adopted);
    await change({ securityGroup: { manageAdopted: true, rules: [ssh] } }, adopted);
    expect(marks()).toContain(adopted);
    expect(ours()).toContain(sshLine('1 ours'));
    const { from } = await change({ securityGroup: { manageAdopted: false } }, adopted);
    expect(named(writesOf(harness, from))).toEqual(['ecs RevokeSecurityGroup']);
    expect(marks()).not.toContain(adopted);
    expect(marks()).toHaveLength(twins);
    for (const one of [adopted, twin]) expect((await driftOf(harness, one)).differs).toBe(false);
    const again = harness.cloud.wireLog.length;
    await repair(harness, adopted);
    expect(named(writesOf(harness, again))).toEqual([]);
  });

  it('go over to another deployment that needs them', async () => {
    await change({ securityGroup: { manageAdopted: true, rules: [ssh] } }, adopted);
    // The twin finds the rule there and adds none.
    await change({ securityGroup: { rules: [ssh] } }, twin);
    expect(ours().filter((line) => line === sshLine('1 ours'))).toHaveLength(1);
    await change({ securityGroup: { manageAdopted: false } }, adopted);
    expect(marks()).not.toContain(adopted);
    expect(ours()).toContain(sshLine('1 ours'));
    for (const one of [adopted, twin]) expect((await driftOf(harness, one)).differs).toBe(false);
  });
});
