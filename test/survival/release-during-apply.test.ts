import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { readFileSync } from 'node:fs';
import { seededRandom } from '../../local/faults.ts';
import type { WireAnswer } from '../../local/wire.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { type StageName, stageNames } from '../../shared/pipeline.ts';
import { patienceMs, TestInstallation } from '../support/installation.ts';
import { remainsOf } from '../support/remains.ts';
import {
  askedOf,
  expectNothingLeft,
  interceptCalls,
  type InterceptedCall,
  invokeAsynchronously,
} from '../support/releasing.ts';

const event = JSON.parse(
  readFileSync(new URL('../../events/create-load-balancer.json', import.meta.url), 'utf8'),
) as SpecInput & { dns: object };

const network = {
  vpcId: 'vpc-uf6shared00000000001',
  vSwitchIds: ['vsw-uf6shared00000000001', 'vsw-uf6shared00000000002'],
};
const instanceIds = ['i-uf6shared0000000000001', 'i-uf6shared0000000000002'] as const;

/** A call of the apply that is under way when DELETE comes. */
interface Moment {
  stage: StageName;
  action: string;
  params?: Record<string, string>;
  /** Type of what the call creates, where the record lists it. */
  creates?: string;
}

/** Every call that creates or changes something. */
const changes: Moment[] = [
  { stage: 'network', action: 'CreateVpc', creates: 'VPC' },
  { stage: 'network', action: 'CreateVSwitch', params: { VSwitchName: 'vSwitch1' }, creates: 'VSwitch' },
  { stage: 'network', action: 'CreateVSwitch', params: { VSwitchName: 'vSwitch2' }, creates: 'VSwitch' },
  { stage: 'network', action: 'CreateIpv6Gateway', creates: 'Ipv6Gateway' },
  { stage: 'security-group', action: 'CreateSecurityGroup', creates: 'SecurityGroup' },
  { stage: 'security-group', action: 'AuthorizeSecurityGroup' },
  { stage: 'server-group', action: 'CreateServerGroup', creates: 'ServerGroup' },
  { stage: 'load-balancer', action: 'CreateLoadBalancer', creates: 'LoadBalancer' },
  { stage: 'instances', action: 'RunInstances', params: { InstanceName: 'ECS01' }, creates: 'Instance' },
  { stage: 'instances', action: 'RunInstances', params: { InstanceName: 'ECS02' }, creates: 'Instance' },
  { stage: 'ipv6-internet', action: 'EnableLoadBalancerIpv6Internet' },
  { stage: 'backend-servers', action: 'AddServersToServerGroup' },
  { stage: 'listener', action: 'CreateListener', creates: 'Listener' },
  { stage: 'dns', action: 'AddDomainRecord', creates: 'DomainRecord' },
];

const oneOfEachStage = changes.filter(
  ({ stage }, index) => changes.findIndex((change) => change.stage === stage) === index,
);

/** One look of each stage that only looks. */
const looks: Moment[] = [
  { stage: 'preflight', action: 'DescribeDomainRecords' },
  { stage: 'health', action: 'GetListenerHealthStatus' },
  { stage: 'verify', action: 'GetListenerHealthStatus' },
];

/** One deployment, and what befalls it. */
interface Case extends Moment {
  rr: string;
  id: string;
  /** Status of the answer to DELETE, once it has come. */
  deleted?: number;
  /** What was written of the stage just then. */
  state?: string;
  /** Status of the answer to the call that was under way. */
  effect?: number;
  /** Real time for which the call was held up. */
  heldMs?: number;
  /** As soon as the record shows any. */
  orphans: DeploymentRecord['orphans'];
}

type Strike = (
  its: Case,
  call: InterceptedCall,
  effect: () => Promise<WireAnswer>,
  release: () => Promise<void>,
) => Promise<WireAnswer>;

let installation: TestInstallation;
let cases: Case[] = [];
/** Calls that functions have made so far. */
let calls = 0;
/** What stood there before. */
let existing: string[] = [];
beforeAll(async () => {
  installation = await TestInstallation.start({
    onCall: ({ action, caller }) => {
      if (caller.startsWith('dualstack-alb-')) calls += 1;
      if (action === 'PutRow') noteOrphans(caller);
    },
  });
  await installation.installation.seed({
    vpcId: network.vpcId,
    vSwitches: [
      { vSwitchId: network.vSwitchIds[0], zoneId: 'cn-shanghai-e' },
      { vSwitchId: network.vSwitchIds[1], zoneId: 'cn-shanghai-g' },
    ],
    instances: [
      { instanceId: instanceIds[0], name: 'shared-1', ipv6: false, page: 'ipv4 rs' },
      { instanceId: instanceIds[1], name: 'shared-2', ipv6: true, page: 'ipv6 rs' },
    ],
  });
  existing = remainsOf(installation.cloud);
}, patienceMs);
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(async () => {
  await installation.close();
});

/** Called when a function has written: what was made in vain is shown until the end of the release only. */
function noteOrphans(functionName: string): void {
  const open = cases.filter(
    ({ stage, deleted, orphans }) =>
      functionName === `dualstack-alb-${stage}` && deleted === 202 && !orphans.some((orphan) => orphan.stage === stage),
  );
  if (open.length === 0) return;
  const rows = installation.cloud.tablestore.rows('dualstack_alb_deployments');
  for (const its of open) {
    const row = rows.find(({ id }) => id === its.id);
    if (row !== undefined) its.orphans = (JSON.parse(String(row['doc'])) as DeploymentRecord).orphans;
  }
}

/** Whether the call is made for the deployment: its id is in the mark, its host in the DNS, or what it names is marked. */
function isOf({ params }: InterceptedCall, { id, rr }: Case): boolean {
  const { alb } = installation.cloud;
  const text = JSON.stringify(params);
  if (text.includes(id) || text.includes(`"${rr}"`)) return true;
  return [...alb.loadBalancers.list(), ...alb.listeners.list()].some(
    (named) => text.includes(named.id) && named.tags.some(({ value }) => value === id),
  );
}

let count = 0;

/** Asks for a deployment: with everything of its own, or in the network and with the servers that stand there. */
async function requestOne(isAdopting: boolean): Promise<{ id: string; rr: string }> {
  count += 1;
  const rr = `during-${count}`;
  const dns = { ...event.dns, rr };
  const backends: SpecInput['backends'] = [
    { name: 'ECS01', family: 'ipv4', instanceId: instanceIds[0] },
    { name: 'ECS02', family: 'ipv6', instanceId: instanceIds[1] },
  ];
  const spec = isAdopting ? { network, backends } : {};
  return { rr, id: await installation.request({ ...event, ...spec, name: rr, dns }) };
}

/** One deployment for every moment, all at once; the strike comes when the moment's call reaches the cloud. */
async function strikeAt(moments: Moment[], strike: Strike): Promise<void> {
  const { cloud } = installation;
  cases = [];
  const struck = new Set<Case>();
  interceptCalls(cloud, async (call, effect) => {
    const its = cases.find(
      (candidate) =>
        !struck.has(candidate) &&
        call.action === candidate.action &&
        call.functionName === `dualstack-alb-${candidate.stage}` &&
        Object.entries(candidate.params ?? {}).every(([name, value]) => call.params[name] === value) &&
        isOf(call, candidate),
    );
    if (its === undefined) return await effect();
    struck.add(its);
    const noted = async () => {
      const answer = await effect();
      its.effect = answer.status;
      return answer;
    };
    return await strike(its, call, noted, () => releaseNow(its));
  });
  for (const moment of moments) {
    const isAdopting = !['network', 'security-group', 'instances'].includes(moment.stage);
    cases.push({ ...moment, ...(await requestOne(isAdopting)), orphans: [] });
  }
  await installation.runUntilSettled();
}

async function releaseNow(its: Case): Promise<void> {
  const startMs = performance.now();
  its.state = installation.record(its.id).stages[its.stage].apply.state;
  its.deleted = (await installation.api('DELETE', `/load-balancers/${its.id}`)).status;
  its.heldMs = performance.now() - startMs;
}

/** DELETE was accepted while the stage was running, the call took effect nonetheless, and yet nothing is left. */
async function expectReleased(): Promise<void> {
  expect(cases.map(({ deleted, state, effect }) => [deleted, state, effect])).toEqual(
    cases.map(() => [202, 'running', 200]),
  );
  for (const { id, orphans } of cases) {
    const asked = await askedOf(installation, id);
    expect(asked).toEqual(expect.arrayContaining(orphans.map((orphan) => orphan.id)));
  }
  await expectNothingLeft(installation, existing);
}

it('leaves nothing of calls that take effect only after DELETE was accepted', { timeout: patienceMs }, async () => {
  await strikeAt([...looks, ...changes], async (_its, _call, effect, release) => {
    await release();
    return await effect();
  });
  expect([...new Set(cases.map(({ stage }) => stage))].sort()).toEqual([...stageNames].sort());
  // On a busy machine a held call may outlast its caller's patience of 10 s: then nobody learns what was made.
  const answered = cases.filter(({ heldMs = 0 }) => heldMs < 5000);
  expect(answered.map(({ orphans, stage }) => orphans.findLast((orphan) => orphan.stage === stage)?.type)).toEqual(
    answered.map(({ creates }) => creates),
  );
  await expectReleased();
});

it(
  'leaves nothing of calls that take effect long after their instance died and DELETE came',
  { timeout: patienceMs },
  async () => {
    const { cloud, clock, functions } = installation;
    // The credentials of an instance outlive it.
    vi.spyOn(cloud.credentials, 'revoke').mockReturnValue();
    await strikeAt(oneOfEachStage, async (_its, { accessKeyId = '' }, effect, release) => {
      await Promise.all([release(), functions.killByAccessKey(accessKeyId)]);
      // The lease of 45 s and the read timeout of 10 s are all but over.
      void clock.waitUntil(clock.nowMs() + 54_000).then(effect);
      return { status: 500, headers: {}, body: '' };
    });
    await expectReleased();
  },
);

it('leaves nothing when DELETE comes at random moments', { timeout: patienceMs }, async () => {
  const random = seededRandom(20_261_122);
  invokeAsynchronously(installation, true);
  const deployments: { id: string; after: number; answer?: Promise<Response> }[] = [];
  for (let index = 0; index < 3; index += 1) {
    const { id } = await requestOne(false);
    // An apply of its own takes about 230 calls.
    deployments.push({ id, after: calls + Math.floor(random() * 600) });
  }
  await installation.run(() => {
    const rows = installation.cloud.tablestore.rows('dualstack_alb_deployments');
    for (const its of deployments)
      if (calls >= its.after || rows.some(({ id, status }) => id === its.id && status === 'ready'))
        its.answer ??= installation.api('DELETE', `/load-balancers/${its.id}`);
    return deployments.every(({ answer }) => answer !== undefined);
  });
  const answers = [];
  for (const { answer } of deployments) answers.push(await answer);
  expect(answers.map((answer) => answer?.status)).toEqual(deployments.map(() => 202));
  await installation.runUntilSettled();
  for (const { id } of deployments) await askedOf(installation, id);
  await expectNothingLeft(installation, existing);
});
