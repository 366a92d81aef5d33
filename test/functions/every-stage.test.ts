import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../local/faults.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { type StageName, stageNames, successors } from '../../shared/pipeline.ts';
import { cloudResources, ofStage, oneOfEverything, recordedResources, typesIn } from '../support/cloud-resources.ts';
import { StageDriver, type Taken } from '../support/stage-driver.ts';
import { tutorial } from '../support/tutorial.ts';

/** The first call of each stage to the cloud. */
const firstCalls: Record<StageName, [service: string, action: string]> = {
  preflight: ['alb', 'DescribeZones'],
  network: ['vpc', 'DescribeVpcs'],
  'security-group': ['ecs', 'DescribeSecurityGroups'],
  'server-group': ['alb', 'ListServerGroups'],
  'load-balancer': ['alb', 'ListLoadBalancers'],
  instances: ['ecs', 'DescribeInstances'],
  'ipv6-internet': ['alb', 'GetLoadBalancerAttribute'],
  'backend-servers': ['alb', 'ListServerGroupServers'],
  listener: ['alb', 'ListListeners'],
  health: ['alb', 'GetListenerHealthStatus'],
  dns: ['alidns', 'DescribeDomainRecords'],
  verify: ['alb', 'GetListenerHealthStatus'],
};

/** The calls that change something, in their order; for stages that change nothing, one that they make. */
const writes: Record<StageName, string[]> = {
  preflight: ['CreateVpc'],
  network: ['CreateVpc', 'CreateVSwitch', 'CreateVSwitch', 'CreateIpv6Gateway'],
  'security-group': ['CreateSecurityGroup', 'AuthorizeSecurityGroup'],
  'server-group': ['CreateServerGroup'],
  'load-balancer': ['CreateServiceLinkedRole', 'CreateLoadBalancer'],
  instances: ['RunInstances', 'RunInstances'],
  'ipv6-internet': ['EnableLoadBalancerIpv6Internet'],
  'backend-servers': ['AddServersToServerGroup'],
  listener: ['CreateListener'],
  health: ['GetListenerHealthStatus'],
  dns: ['AddDomainRecord', 'UpdateDomainRecordRemark'],
  verify: ['GetListenerHealthStatus'],
};

/** Stages that have something to wait for in every deployment. */
const waiting: StageName[] = [
  'network',
  'security-group',
  'server-group',
  'load-balancer',
  'instances',
  'ipv6-internet',
  'backend-servers',
  'listener',
  'health',
  'dns',
];

const functionOf = (stage: StageName): string => `dualstack-alb-${stage}`;

const strikeWrites = (kind: FaultRule['kind']): FaultRule[] =>
  stageNames.flatMap((stage) => writes[stage].map((action) => ({ kind, action, functionName: functionOf(stage) })));

interface Turn {
  taken: Taken;
  /** The record after the turn. */
  after: DeploymentRecord;
  atMs: number;
}

/** One whole deployment, watched turn by turn. */
interface Run {
  driver: StageDriver;
  record: DeploymentRecord;
  resources: string[];
  turns: Turn[];
  /** Most messages of one stage and turn that were on their way at once. */
  mostLive: Map<StageName, number>;
}

async function runDeployment(
  faults: FaultRule[] = [],
  serve: (driver: StageDriver, taken: Taken) => Promise<void> = (driver, taken) => driver.serveOnce(taken),
): Promise<Run> {
  const driver = await StageDriver.start({ faults });
  const { harness } = driver;
  const id = await harness.request(tutorial());
  const turns: Turn[] = [];
  const mostLive = new Map<StageName, number>();
  await driver.run({
    async deliver(taken) {
      await serve(driver, taken);
      turns.push({ taken, after: await harness.record(id), atMs: harness.clock.nowMs() });
      const live = driver.liveMessages();
      for (const key of live) {
        const stage = key.split('/')[0] as StageName;
        const count = live.filter((other) => other === key).length;
        mostLive.set(stage, Math.max(mostLive.get(stage) ?? 0, count));
      }
    },
  });
  return { driver, record: await harness.record(id), resources: cloudResources(harness.cloud), turns, mostLive };
}

const strikesOf = ({ driver }: Run, stage: StageName): number =>
  driver.harness.cloud.faults
    .list()
    .filter(({ functionName }) => functionName === functionOf(stage))
    .reduce((sum, { struck }) => sum + struck, 0);

/** Delays after turns of the stage that ended in a retry, in milliseconds. */
const backOffs = ({ turns }: Run, stage: StageName): number[] =>
  turns.flatMap(({ taken, after, atMs }) => {
    const { attempts, dueAtMs } = after.stages[stage].apply;
    return taken.stage === stage && attempts > 0 ? [(dueAtMs ?? 0) - atMs] : [];
  });

interface Scenario {
  name: string;
  faults?: FaultRule[];
  serve?: (driver: StageDriver, taken: Taken) => Promise<void>;
  /** What holds of a stage besides that everything is there once. */
  also?: { name: string; stages?: readonly StageName[]; check: (run: Run, stage: StageName) => void }[];
}

const isStruck = {
  name: 'is struck by the fault',
  check: (run: Run, stage: StageName) => expect(strikesOf(run, stage)).toBeGreaterThan(0),
};

const hasOneMessage = {
  name: 'has at most one live message for each turn',
  check: ({ mostLive }: Run, stage: StageName) => expect(mostLive.get(stage) ?? 1).toBe(1),
};

/** Both deliveries send the next turn's message: the first that comes serves the turn, the other finds it served and goes. */
const hasTwoMessagesAtMost = {
  name: 'has at most two live messages for each turn, one for each delivery of the message before',
  check: ({ mostLive }: Run, stage: StageName) => expect(mostLive.get(stage) ?? 1).toBeLessThanOrEqual(2),
};

const scenarios: Scenario[] = [
  {
    name: 'nothing goes wrong',
    also: [
      {
        name: 'waits',
        stages: waiting,
        check: ({ record }, stage) => expect(record.stages[stage].apply.waits).toBeGreaterThan(0),
      },
      {
        name: 'says created: true of what it made in every turn since',
        stages: stageNames.filter((stage) => oneOfEverything[stage] !== undefined),
        check({ turns }, stage) {
          const seen = new Set<string>();
          let looks = 0;
          for (const { after } of turns) {
            const now = recordedResources(after, stage);
            expect(now).toEqual(expect.arrayContaining([...seen]));
            for (const resource of now) seen.add(resource);
            if (seen.size > 0) looks += 1;
          }
          expect(looks).toBeGreaterThan(1);
        },
      },
      { name: 'never counts a wait as an attempt', check: (run, stage) => expect(backOffs(run, stage)).toEqual([]) },
      hasOneMessage,
    ],
  },
  {
    // Not for ever: two probes in step with each other would see one server each.
    name: 'each message of its first three turns is delivered twice at once',
    async serve(driver, taken) {
      await Promise.all([driver.serve(taken), ...(taken.message.turn < 3 ? [driver.serve(taken)] : [])]);
      taken.delete();
    },
    also: [hasTwoMessagesAtMost],
  },
  {
    name: 'each message was sent twice, and both are delivered at once',
    async serve(driver, taken) {
      const [first] = await Promise.all([
        driver.serve(taken),
        driver.serve({ ...taken, messageId: `${taken.messageId}-2` }),
      ]);
      if (first) taken.delete();
      else taken.handBack();
    },
    also: [hasOneMessage],
  },
  {
    name: 'each message is delivered again after its turn',
    async serve(driver, taken) {
      await driver.serve(taken);
      await driver.serve(taken);
      taken.delete();
    },
    also: [hasTwoMessagesAtMost],
  },
  {
    name: 'its first call is throttled three times',
    faults: stageNames.map((stage) => {
      const [service, action] = firstCalls[stage];
      return { kind: 'throttle', service, action, functionName: functionOf(stage), times: 3 };
    }),
    also: [
      isStruck,
      {
        name: 'P-003: tries again after a pause that doubles',
        check(run, stage) {
          const [first, second, third, ...more] = backOffs(run, stage);
          expect(first).toBeGreaterThanOrEqual(500);
          expect(first).toBeLessThanOrEqual(1000);
          expect(second).toBeGreaterThanOrEqual(1000);
          expect(second).toBeLessThanOrEqual(2000);
          expect(third).toBeGreaterThanOrEqual(2000);
          expect(third).toBeLessThanOrEqual(4000);
          expect(more).toEqual([]);
        },
      },
      {
        name: 'forgets the attempts once it is done',
        check: ({ record }, stage) => expect(record.stages[stage].apply.attempts).toBe(0),
      },
      hasOneMessage,
    ],
  },
  {
    name: 'its changing calls are throttled',
    faults: strikeWrites('throttle'),
    also: [isStruck, hasOneMessage],
  },
  {
    name: 'its first call is answered that something is busy',
    faults: stageNames.map((stage) => {
      const [service, action] = firstCalls[stage];
      return { kind: 'error', code: 'IncorrectStatus.LoadBalancer', service, action, functionName: functionOf(stage) };
    }),
    also: [
      isStruck,
      {
        name: 'takes it for a wait',
        check({ record, turns }, stage) {
          expect(record.stages[stage].apply.waits).toBeGreaterThan(0);
          const reasons = turns
            .filter(({ taken }) => taken.stage === stage)
            .map(({ after }) => after.stages[stage].apply.reason ?? '');
          expect(reasons).toContainEqual(expect.stringContaining('IncorrectStatus.LoadBalancer'));
        },
      },
      { name: 'counts no attempt', check: (run, stage) => expect(backOffs(run, stage)).toEqual([]) },
    ],
  },
  {
    name: 'it is killed before each changing call',
    faults: strikeWrites('kill-before'),
    also: [isStruck, hasOneMessage],
  },
  {
    name: 'it is killed right after each changing call',
    faults: strikeWrites('kill-after'),
    also: [isStruck, hasOneMessage],
  },
  {
    name: 'it is killed after the record of its first turn and before the send',
    faults: stageNames
      .filter((stage) => stage !== 'verify')
      .map((stage) => ({
        kind: 'kill-before',
        service: 'mns',
        action: 'SendMessage',
        functionName: functionOf(stage),
      })),
    also: [{ ...isStruck, stages: stageNames.filter((stage) => stage !== 'verify') }, hasOneMessage],
  },
  {
    name: 'it is killed when it is done and before it sends its successors their messages',
    faults: stageNames.flatMap((stage) =>
      successors(stage, 'apply').map((successor) => ({
        kind: 'kill-before',
        service: 'mns',
        action: 'SendMessage',
        functionName: functionOf(stage),
        params: { QueueName: functionOf(successor) },
      })),
    ),
    also: [
      {
        name: 'is begun by a message that a killed function owed it',
        stages: stageNames.filter((stage) => stage !== 'preflight'),
        check({ driver }, stage) {
          const struck = driver.harness.cloud.faults
            .list()
            .filter(({ params }) => params?.['QueueName'] === functionOf(stage));
          expect(struck.reduce((sum, rule) => sum + rule.struck, 0)).toBeGreaterThan(0);
        },
      },
      hasOneMessage,
    ],
  },
  {
    name: 'the answer to each changing call is lost',
    faults: strikeWrites('reset-after'),
    also: [isStruck, hasOneMessage],
  },
];

describe.each(scenarios)('a stage, when $name', ({ faults, serve, also = [] }) => {
  let run: Run;

  beforeAll(async () => {
    run = await runDeployment(faults, serve);
  });

  afterAll(async () => {
    await run.driver.close();
  });

  it('ends in a ready deployment', () => {
    expect(run.record.failure).toBeUndefined();
    expect(run.record.status).toBe('ready');
  });

  it('leaves nothing in the cloud that is not in the record', () => {
    expect(run.resources).toEqual(recordedResources(run.record));
  });

  describe.each(stageNames)('%s', (stage) => {
    it('makes exactly one of everything', () => {
      expect(typesIn(ofStage(run.resources, stage))).toEqual(oneOfEverything[stage] ?? []);
    });

    it('is done', () => {
      expect(run.record.stages[stage].apply.state).toBe('done');
    });

    for (const { name, stages = stageNames, check } of also)
      if (stages.includes(stage)) it(name, () => check(run, stage));
  });
});
