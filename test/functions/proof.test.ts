import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Look, lookForRemains, remainsIn } from '../../functions/preflight/proof.ts';
import { seedNetwork } from '../../local/vpc/seed.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { stageNames } from '../../shared/pipeline.ts';
import { readContext } from '../../shared/stage-context.ts';
import { zones } from '../support/adopted.ts';
import { cloudResources } from '../support/cloud-resources.ts';
import { Harness } from '../support/harness.ts';
import { rareChecks } from '../support/stage-driver.ts';

/** HTTPS with a redirect: every kind of resource. */
const event = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer-https.json', import.meta.url), 'utf8'),
) as SpecInput;

let harness: Harness;
let record: DeploymentRecord;
/** All that stands there; server entries go with their group. */
let standing: string[];

beforeAll(async () => {
  harness = await Harness.start({ latency: rareChecks, throttles: false });
  record = await harness.runUntil(await harness.request(event), 'ready');
  standing = cloudResources(harness.cloud).filter((resource) => !resource.startsWith('BackendServer'));
  expect(new Set(standing.map((resource) => resource.split(' ')[0])).size).toBe(10);
  const { vpc, ecs, alb } = harness.cloud;
  for (const kind of [vpc.vpcs, vpc.vSwitches, vpc.ipv6Gateways, ecs.securityGroups, ecs.instances])
    for (const resource of kind.list()) resource.tags = [];
  for (const kind of [alb.loadBalancers, alb.serverGroups, alb.listeners, alb.rules])
    for (const resource of kind.list()) resource.tags = [];
});
afterAll(() => harness.close());

const look = async (of: DeploymentRecord): Promise<Look> =>
  await lookForRemains(readContext('preflight', 'release', of, harness.runtime('preflight')) as never);

const foundBy = ({ asked }: Look): string[] =>
  asked.flatMap(({ what, found }) => found.map((id) => `${what.split(' ')[1]} ${id}`)).sort();

describe('the proof of emptiness', () => {
  it('finds everything by its natural key, though all tags are gone', async () => {
    const seen = await look(record);
    expect(seen.asked.filter(({ by, found }) => by === 'mark' && found.length > 0)).toEqual([]);
    expect(foundBy(seen)).toEqual(standing);
    expect(remainsIn(seen)[0]).toMatch(/^still there: /);
  });

  it('finds everything that overtaken turns have made, whatever its type', async () => {
    const orphans = standing.map((resource) => {
      const [type = '', id = ''] = resource.split(' ');
      return { type, id, created: true, stage: 'network' as const };
    });
    const stages = Object.fromEntries(
      stageNames.map((name) => [
        name,
        {
          ...record.stages[name],
          tokens: {},
          // By the load balancer's name a DNS record is known for ours.
          outputs: name === 'load-balancer' ? { dnsName: record.stages[name].outputs['dnsName'] } : {},
        },
      ]),
    ) as DeploymentRecord['stages'];
    const seen = await look({ ...record, stages, orphans });
    expect([...new Set(foundBy(seen))]).toEqual(standing);
    for (const { id } of orphans) expect(seen.asked.map(({ by }) => by)).toContain(id);
  });

  it('finds IPv6 that is still on where the request let us turn it on, unless others use it', async () => {
    const { vpcId, vSwitchIds } = seedNetwork(harness.cloud.vpc, { zones });
    const network = { vpcId, vSwitchIds, enableIpv6: true };
    const withOutputs = (outputs: object): DeploymentRecord => ({
      ...record,
      spec: { ...record.spec, network },
      stages: { ...record.stages, network: { ...record.stages.network, tokens: {}, outputs: { ...outputs } } },
    });
    const ipv6EnabledOn = [vpcId, vSwitchIds[0]];
    const found = async (outputs: object) =>
      (await look(withOutputs(outputs))).asked.filter(({ what }) => what === 'vpc IPv6');
    expect(await found({ ipv6EnabledOn })).toEqual(ipv6EnabledOn.map((by) => ({ what: 'vpc IPv6', by, found: [by] })));
    expect(await found({ ipv6EnabledOn, keptIpv6On: ipv6EnabledOn })).toEqual([]);
    const first = harness.cloud.vpc.vSwitches.find(vSwitchIds[0] ?? '');
    if (first !== undefined) first.ipv6CidrBlock = '';
    expect((await found({ ipv6EnabledOn })).map(({ found: ids }) => ids)).toEqual([[vpcId], []]);
  });

  it('misses the value of a DNS record that we replaced, until it or another one stands there again', async () => {
    const { dns } = harness.cloud;
    const at = { rr: 'gone', type: 'CNAME', line: 'default', ttl: 600 };
    const intent = {
      rr: at.rr,
      type: at.type,
      line: at.line,
      value: 'ours.example.net',
      previousValue: 'old.example.net',
    };
    const replaced: DeploymentRecord = {
      ...record,
      spec: { ...record.spec, dns: { ...record.spec.dns, domain: 'example.com', rr: 'gone' } as never },
      stages: { ...record.stages, dns: { ...record.stages.dns, outputs: { intent } } },
    };
    const former = async () => (await look(replaced)).asked.find(({ what }) => what === 'alidns former value');
    expect(await former()).toMatchObject({ by: 'gone.example.com', found: [], missing: ['old.example.net'] });
    expect(remainsIn(await look(replaced)).at(-1)).toBe('not there again: alidns former value old.example.net');
    for (const value of ['old.example.net', 'new.example.net']) {
      const there = dns.addRecord(dns.domain('example.com'), { ...at, value });
      expect(await former()).toMatchObject({ missing: [] });
      dns.removeRecord(there);
    }
  });

  it('takes what it cannot look up for remains', async () => {
    const orphans = [{ type: 'Unheard', id: 'of-1', created: true, stage: 'network' as const }];
    expect(remainsIn(await look({ ...record, orphans })).join()).toContain('unknown Unheard of-1');
  });

  it('asks some twenty times', async () => {
    const from = harness.cloud.wireLog.length;
    await look(record);
    expect(harness.cloud.wireLog.length - from).toBeLessThanOrEqual(22);
  });
});
