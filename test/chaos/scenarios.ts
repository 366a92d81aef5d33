import { readFileSync } from 'node:fs';
import type { EmbeddedCloud } from '../../local/cloud.ts';
import type { FaultRule } from '../../local/faults.ts';
import { seedExisting } from '../../local/seed-existing.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { byHand, idsOf, instanceIdsOf } from '../support/by-hand.ts';
import type { Harness, MessageFault } from '../support/harness.ts';
import { ask } from './ask.ts';
import type { Inventory } from './invariants.ts';

/** `change`: what a ready deployment is asked for, and what befalls it. */
export const directions = ['apply', 'change', 'release'] as const;
export type Direction = (typeof directions)[number];

/** What befalls a deployment besides the faults of the matrix, or one of its functions would have nothing to do. */
interface Mishaps {
  rules?: FaultRule[];
  messages?: MessageFault[];
}

/** A request and the course of its deployment: the calls that it leads to are the classes of the matrix. */
export interface Scenario {
  /** Puts into the cloud what stands there before. @returns the request. */
  prepare: (cloud: EmbeddedCloud) => SpecInput;
  /** What there is once it is ready, where that differs from the tutorial's. */
  wanted?: Partial<Inventory>;
  /** Ends ready again. */
  change?: (harness: Harness, deploymentId: string) => Promise<void>;
  /** Query of its DELETE. */
  query?: string;
  mishaps?: Partial<Record<Direction, Mishaps>>;
}

const eventOf = (file: string): SpecInput =>
  JSON.parse(readFileSync(new URL(`../../events/${file}`, import.meta.url), 'utf8')) as SpecInput;

const theirs = {
  vpcId: 'vpc-uf6chaos00000000000001',
  vSwitchIds: ['vsw-uf6chaos00000000000001', 'vsw-uf6chaos00000000000002'],
  instanceId: 'i-uf6chaos0000000000000001',
};

/** Somebody's network without IPv6, a server in it whose port is closed, and a name that leads elsewhere and is disabled. */
function seedTheirs(cloud: EmbeddedCloud): void {
  const { vpc, ecs, dns } = cloud;
  seedExisting(cloud, {
    vpcId: theirs.vpcId,
    vSwitches: ['cn-shanghai-e', 'cn-shanghai-g'].map((zoneId, index) => ({
      vSwitchId: theirs.vSwitchIds[index] ?? '',
      zoneId,
    })),
    instances: [{ instanceId: theirs.instanceId, name: 'theirs', ipv6: false }],
  });
  for (const each of [...vpc.vpcs.list(), ...vpc.vSwitches.list()]) each.ipv6CidrBlock = '';
  vpc.ipv6Gateways.clear();
  for (const { rules } of ecs.securityGroups.list()) rules.splice(0);
  const record = dns.addRecord(dns.domain('example.com'), {
    rr: 'www',
    type: 'CNAME',
    value: 'old.example.net',
    line: 'default',
    ttl: 900,
  });
  dns.setStatus(record, 'DISABLE');
  record.remark = 'theirs';
}

/** What a person may spoil in the console and the next apply puts right. */
async function spoil(harness: Harness, deploymentId: string): Promise<void> {
  const record = await harness.record(deploymentId);
  const made = idsOf(record);
  const id = (kind: string): string => made[kind] ?? '';
  const [ecs01 = ''] = Object.values(instanceIdsOf(record));
  const inRegion = { RegionId: 'cn-shanghai' };
  const all = (type: string, resourceId: string) => ({ ResourceType: type, 'ResourceId.1': resourceId, All: 'true' });
  const { rules } = harness.cloud.ecs.ownSecurityGroup(id('securityGroup'));
  const calls: [service: 'vpc' | 'ecs' | 'alb' | 'alidns', action: string, params: Record<string, string>][] = [
    ['vpc', 'UnTagResources', { ...inRegion, ...all('VPC', id('vpc')) }],
    ['ecs', 'UntagResources', { ...inRegion, ...all('instance', ecs01) }],
    ['ecs', 'UntagResources', { ...inRegion, ...all('securitygroup', id('securityGroup')) }],
    ['alb', 'UnTagResources', all('loadbalancer', id('loadBalancer'))],
    ['alb', 'UnTagResources', all('servergroup', id('serverGroup'))],
    ['alb', 'UnTagResources', all('listener', id('listener'))],
    [
      'ecs',
      'ModifySecurityGroupRule',
      {
        ...inRegion,
        SecurityGroupId: id('securityGroup'),
        SecurityGroupRuleId: rules.find(({ sourceCidrIp }) => sourceCidrIp !== '')?.id ?? '',
        PortRange: '1/65535',
        SourceCidrIp: '0.0.0.0/0',
      },
    ],
    ['ecs', 'StopInstance', { ...inRegion, InstanceId: ecs01, StoppedMode: 'KeepCharging' }],
    ['alb', 'EnableDeletionProtection', { ResourceId: id('loadBalancer') }],
    ['alb', 'UpdateListenerAttribute', { ListenerId: id('listener'), RequestTimeout: '7' }],
    ['alidns', 'SetDomainRecordStatus', { RecordId: id('record'), Status: 'Disable' }],
  ];
  for (const [service, action, params] of calls) {
    await byHand(harness, service, action, params);
    // What is being changed takes no other change meanwhile.
    harness.clock.advance(1000);
  }
}

/** Another TTL, health check and weight, and a server in the place of another. */
const patch = {
  dns: { ttl: 1200 },
  serverGroup: { healthCheck: { intervalSeconds: 7 } },
  backends: [
    { name: 'ECS01', family: 'ipv4', port: 80, weight: 50, page: 'Hello World ! this is ipv4 rs.' },
    { name: 'ECS04', family: 'ipv6', port: 80, weight: 100, page: 'Hello World ! this is the other ipv6 rs.' },
  ],
};

/** A change on top of what was spoilt by hand; then a repair that is refused for good, and its retry. */
async function change(harness: Harness, deploymentId: string): Promise<void> {
  const path = `/load-balancers/${deploymentId}`;
  const must = async (method: string, url: string, body?: object): Promise<void> => {
    const status = await ask(harness, method, url, body);
    // A change whose answer was lost is refused when it is repeated, since it is under way.
    const isUnderWay = method === 'PATCH' && (await harness.record(deploymentId)).status === 'repairing';
    if (status !== 202 && !isUnderWay) throw new Error(`${method} ${url} answered ${status}`);
  };
  await spoil(harness, deploymentId);
  await must('PATCH', path, patch);
  await harness.runUntil(deploymentId, 'ready');
  harness.cloud.faults.add({
    kind: 'error',
    functionName: 'dualstack-alb-health',
    action: 'GetListenerHealthStatus',
    code: 'Forbidden.RAM',
    httpStatus: 403,
  });
  await must('POST', `${path}/apply`);
  await harness.runUntil(deploymentId, 'failed');
  await must('POST', `${path}/retry`);
  await harness.runUntil(deploymentId, 'ready');
}

export const scenarioNames = ['tutorial', 'https', 'adopted', 'swept'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export const scenarios: Record<ScenarioName, Scenario> = {
  tutorial: { prepare: () => eventOf('create-load-balancer.json'), change },
  https: {
    prepare: () => eventOf('create-load-balancer-https.json'),
    wanted: { listener: 2, rule: 1 },
  },
  adopted: {
    prepare: (cloud) => {
      seedTheirs(cloud);
      return {
        network: { vpcId: theirs.vpcId, vSwitchIds: theirs.vSwitchIds, enableIpv6: true },
        backends: [
          { name: 'theirs', family: 'ipv4', instanceId: theirs.instanceId },
          { name: 'ours', family: 'ipv6', page: 'Hello World ! this is ours.' },
        ],
        securityGroup: { manageAdopted: true },
        loadBalancer: { deletionProtection: true },
        dns: { domain: 'example.com', rr: 'www', ttl: 600, icpFiled: true, replaceExisting: true },
      };
    },
    wanted: { 'security-group': 2 },
    query: '?liftDeletionProtection=true',
  },
  /** Messages that are lost or given up, and a deployment that nobody took off the list: work for `sweep` and `dead-letter`. */
  swept: {
    prepare: () => eventOf('create-load-balancer.json'),
    mishaps: {
      apply: {
        messages: [
          { kind: 'lost', stage: 'server-group', action: 'apply' },
          { kind: 'given-up', stage: 'load-balancer', action: 'apply' },
        ],
      },
      release: {
        messages: [
          { kind: 'lost', stage: 'instances', action: 'release' },
          { kind: 'given-up', stage: 'server-group', action: 'release' },
        ],
        rules: [
          {
            kind: 'kill-before',
            functionName: 'dualstack-alb-preflight',
            service: 'tablestore',
            action: 'DeleteRow',
          },
        ],
      },
    },
  },
};
