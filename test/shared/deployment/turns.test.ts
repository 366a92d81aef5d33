import { describe, expect, it } from 'vitest';
import { type DeploymentRecord, newRecord } from '../../../shared/deployment/record.ts';
import { parseSpec, type Spec } from '../../../shared/deployment/spec.ts';
import { lostMessages, resent } from '../../../shared/deployment/lost-messages.ts';
import {
  begin,
  claim,
  finishTurn,
  holdsTurn,
  type Learnt,
  messageOf,
  type Outcome,
  recordOvertaken,
} from '../../../shared/deployment/transitions.ts';
import type { StageMessage } from '../../../shared/messages.ts';
import { type StageName, stageNames } from '../../../shared/pipeline.ts';

const startMs = Date.UTC(2026, 10, 22, 8);
const leaseMs = 45_000;
const settleMs = 10_000;
const parsed = parseSpec({ name: 'web', onFailure: 'retain' });
const spec = 'spec' in parsed ? parsed.spec : ({} as Spec);
const done: Outcome = { kind: 'done' };
const nothing: Learnt = { created: [] };

/** One deployment, its messages, a clock; each call of `serve` is one delivery of a message. */
class Story {
  record: DeploymentRecord;
  nowMs = startMs;
  sent: StageMessage[] = [];

  constructor() {
    const started = begin(newRecord('01jd9xk3v5h2m8q4t7w0y6zabc', spec, startMs), startMs);
    this.record = started.record;
    this.#send(started.sends);
  }

  #send(sends: Parameters<typeof messageOf>[1][]): void {
    this.sent.push(...sends.map((planned) => messageOf(this.record, planned, 1)));
  }

  /** The messages sent for a stage so far. */
  of(stage: StageName): StageMessage[] {
    return this.sent.filter((message) => message.stage === stage);
  }

  last(stage: StageName): StageMessage {
    const message = this.of(stage).at(-1);
    if (message === undefined) throw new Error(`no message of ${stage}`);
    return message;
  }

  progress(stage: StageName) {
    return this.record.stages[stage].apply;
  }

  decide(message: StageMessage, id: string) {
    return claim(this.record, message, id, { nowMs: this.nowMs, leaseMs, settleMs });
  }

  /** Claims and holds the turn. */
  claim(message: StageMessage, id: string): void {
    const decision = this.decide(message, id);
    if (decision.kind !== 'run') throw new Error(`not claimed: ${JSON.stringify(decision)}`);
    this.record = decision.record;
  }

  finish(message: StageMessage, id: string, outcome: Outcome, learnt = nothing): void {
    if (!holdsTurn(this.record, message, id)) throw new Error(`${id} does not hold the turn`);
    const finished = finishTurn(this.record, message, id, outcome, learnt, this.nowMs);
    this.record = finished.record;
    this.#send(finished.sends);
  }

  serve(stage: StageName, outcome: Outcome, id = `m-${this.sent.length}`): void {
    const message = this.last(stage);
    this.claim(message, id);
    this.finish(message, id, outcome);
  }
}

const wait = (delayMs = 5000, isProgress = false): Outcome => ({
  kind: 'wait',
  reason: 'being created',
  delayMs,
  isProgress,
});
const retry: Outcome = { kind: 'retry', reason: 'throttled', delayMs: 2000 };
const fail: Outcome = { kind: 'fail', failure: { code: 'QuotaExceeded', message: 'the quota is used up' } };

const upTo = (...stages: StageName[]): Story => {
  const story = new Story();
  for (const stage of stages) story.serve(stage, done);
  return story;
};

describe('a new deployment', () => {
  it('sends one message, to preflight', () => {
    const story = new Story();
    expect(story.sent).toEqual([
      {
        v: 1,
        deploymentId: '01jd9xk3v5h2m8q4t7w0y6zabc',
        stage: 'preflight',
        action: 'apply',
        epoch: 0,
        turn: 0,
      },
    ]);
    expect(story.progress('preflight').state).toBe('queued');
  });

  it('becomes ready when every stage is done', () => {
    const story = new Story();
    for (const stage of stageNames) story.serve(stage, done);
    expect(story.record).toMatchObject({ status: 'ready', readyAtMs: startMs });
    expect(story.sent).toHaveLength(stageNames.length);
  });

  it('leaves its argument as it is', () => {
    const story = new Story();
    const before = JSON.stringify(story.record);
    const { record } = story;
    story.serve('preflight', done);
    expect(JSON.stringify(record)).toBe(before);
  });
});

describe('a claim', () => {
  it('takes a lease for its message', () => {
    const story = new Story();
    story.claim(story.last('preflight'), 'a');
    expect(story.progress('preflight')).toMatchObject({
      state: 'running',
      lease: { messageId: 'a', untilMs: startMs + 45_000 },
      startedAtMs: startMs,
    });
  });

  it('is refused to another message while the lease lives', () => {
    const story = new Story();
    story.claim(story.last('preflight'), 'a');
    story.nowMs += 44_999;
    expect(story.decide(story.last('preflight'), 'b')).toMatchObject({ kind: 'busy', atMs: startMs + 45_000 });
  });

  it('is open to another message when the lease is over', () => {
    const story = new Story();
    story.claim(story.last('preflight'), 'a');
    story.nowMs += 45_000;
    story.claim(story.last('preflight'), 'b');
    expect(holdsTurn(story.record, story.last('preflight'), 'a')).toBe(false);
    expect(holdsTurn(story.record, story.last('preflight'), 'b')).toBe(true);
  });

  it('is taken over by the same message after a crash, with the lease renewed', () => {
    const story = new Story();
    story.claim(story.last('preflight'), 'a');
    story.nowMs += 20_000;
    story.claim(story.last('preflight'), 'a');
    expect(story.progress('preflight').lease).toEqual({ messageId: 'a', untilMs: startMs + 65_000 });
  });

  it('keeps the beginning of the stage over later turns', () => {
    const story = new Story();
    story.serve('preflight', wait());
    story.nowMs += 5000;
    story.claim(story.last('preflight'), 'b');
    expect(story.progress('preflight').startedAtMs).toBe(startMs);
  });

  it.each<[string, (message: StageMessage) => StageMessage, string]>([
    ['an older epoch', (message) => ({ ...message, epoch: -1 }), 'epoch -1'],
    ['an epoch to come', (message) => ({ ...message, epoch: 1 }), 'epoch 1'],
    ['the other direction', (message) => ({ ...message, action: 'release' }), 'is to be ready'],
    ['a turn to come', (message) => ({ ...message, turn: 7 }), 'ahead'],
    ['a stage that is not to begin yet', (message) => ({ ...message, stage: 'dns' }), 'the stage is pending'],
  ])('is refused for %s', (_, change, reason) => {
    const story = new Story();
    expect(story.decide(change(story.last('preflight')), 'a')).toEqual({
      kind: 'drop',
      reason: expect.stringContaining(reason) as string,
    });
  });

  it('is refused for a stage that is done', () => {
    const story = upTo('preflight');
    expect(story.decide({ ...story.last('preflight'), turn: 1 }, 'late')).toMatchObject({ kind: 'drop' });
  });

  it('is refused for a stage that has failed', () => {
    const story = new Story();
    story.serve('preflight', fail);
    expect(story.decide({ ...story.last('preflight'), turn: 1 }, 'late')).toMatchObject({ kind: 'drop' });
  });
});

describe('P-108: a message that comes twice', () => {
  it('has no effect when its turn is served by another', () => {
    const story = new Story();
    const message = story.last('preflight');
    story.serve('preflight', wait(), 'a');
    expect(story.decide(message, 'copy')).toEqual({ kind: 'drop', reason: 'turn 0 has been served' });
  });

  it('sends again what its turn planned, when it is the one that served it', () => {
    const story = new Story();
    const message = story.last('preflight');
    story.serve('preflight', wait(7000), 'a');
    expect(story.decide(message, 'a')).toEqual({
      kind: 'resend',
      sends: [{ stage: 'preflight', turn: 1, delayMs: 7000 }],
    });
  });

  it('sends its successors again when its stage is done', () => {
    const story = upTo('preflight');
    const message = story.last('network');
    story.serve('network', done, 'a');
    expect(story.decide(message, 'a')).toEqual({
      kind: 'resend',
      sends: ['security-group', 'server-group', 'load-balancer'].map((stage) => ({ stage, turn: 0, delayMs: 0 })),
    });
  });

  it('has no effect two turns later', () => {
    const story = new Story();
    const message = story.last('preflight');
    story.serve('preflight', wait(), 'a');
    story.serve('preflight', wait(), 'b');
    expect(story.decide(message, 'a')).toMatchObject({ kind: 'drop' });
  });

  it('never makes more than one live message of a stage and turn', () => {
    const story = new Story();
    for (let turn = 0; turn < 10; turn += 1) {
      const message = story.last('preflight');
      story.claim(message, `m-${turn}`);
      expect(story.decide(message, `copy-${turn}`).kind).toBe('busy');
      story.finish(message, `m-${turn}`, turn % 3 === 0 ? retry : wait());
      expect(story.decide(message, `copy-${turn}`).kind).toBe('drop');
    }
    const turns = story.of('preflight').map(({ turn }) => turn);
    expect(turns).toEqual([...new Set(turns)]);
  });

  it('cannot finish a turn that another has taken over', () => {
    const story = new Story();
    const message = story.last('preflight');
    story.claim(message, 'slow');
    story.nowMs += 45_000;
    story.claim(message, 'quick');
    story.finish(message, 'quick', done);
    expect(holdsTurn(story.record, message, 'slow')).toBe(false);
  });
});

describe('a turn whose function is killed', () => {
  const killed = (story: Story, times: number, stage: StageName = 'preflight'): void => {
    for (let count = 0; count < times; count += 1) {
      story.claim(story.last(stage), `killed-${count}`);
      story.nowMs += 45_000;
    }
  };

  it('is known by its claim that never came to its end', () => {
    const story = new Story();
    expect(story.decide(story.last('preflight'), 'a')).not.toHaveProperty('cutOff');
    killed(story, 1);
    expect(story.decide(story.last('preflight'), 'b')).toMatchObject({ cutOff: { beganMs: startMs, times: 1 } });
    killed(story, 2);
    expect(story.decide(story.last('preflight'), 'b')).toMatchObject({
      cutOff: { beganMs: startMs + 90_000, times: 3 },
    });
  });

  it('counts as an attempt once it ends in an error', () => {
    const story = new Story();
    killed(story, 3);
    story.serve('preflight', retry, 'alive');
    expect(story.progress('preflight')).toMatchObject({ attempts: 4, state: 'waiting' });
    expect(story.progress('preflight')).not.toHaveProperty('cutOffs');
  });

  it.each([
    ['a wait', wait()],
    ['its end', done],
  ])('is forgotten by %s', (_, outcome) => {
    const story = new Story();
    killed(story, 3);
    story.serve('preflight', outcome, 'alive');
    expect(story.progress('preflight').attempts).toBe(0);
    expect(story.progress('preflight')).not.toHaveProperty('cutOffs');
  });
});

describe('a turn whose time ended', () => {
  const outOfTime = (isProgress: boolean): Outcome => ({
    kind: 'out-of-time',
    reason: 'slow',
    delayMs: 1000,
    isProgress,
  });

  it('counts as an attempt, and the next one comes', () => {
    const story = new Story();
    story.serve('preflight', outOfTime(false));
    story.serve('preflight', outOfTime(false));
    expect(story.progress('preflight')).toMatchObject({ state: 'waiting', attempts: 2, turn: 2, reason: 'slow' });
    expect(story.last('preflight').turn).toBe(2);
  });

  it('is the first of its attempts where it has come further', () => {
    const story = new Story();
    for (const isProgress of [false, false, true]) story.serve('preflight', outOfTime(isProgress));
    expect(story.progress('preflight').attempts).toBe(1);
  });
});

describe('a turn', () => {
  it('that waits sends the next one delayed', () => {
    const story = new Story();
    story.serve('preflight', wait(5000));
    expect(story.progress('preflight')).toMatchObject({
      state: 'waiting',
      turn: 1,
      waits: 1,
      reason: 'being created',
      waitingSinceMs: startMs,
      dueAtMs: startMs + 5000,
      sends: [{ stage: 'preflight', turn: 1, delayMs: 5000 }],
    });
    expect(story.progress('preflight').lease).toBeUndefined();
  });

  it('counts waiting from the first wait without progress', () => {
    const story = new Story();
    story.serve('preflight', wait());
    story.nowMs += 5000;
    story.serve('preflight', wait());
    expect(story.progress('preflight')).toMatchObject({ waits: 2, waitingSinceMs: startMs });
  });

  it('does not count the time in which its message was late as waiting', () => {
    const story = new Story();
    story.serve('preflight', wait(5000));
    story.nowMs += 5000 + 40_000;
    story.serve('preflight', wait());
    expect(story.progress('preflight').waitingSinceMs).toBe(startMs + 40_000);
  });

  it('does not count the time until the sweep has sent a lost message again as waiting', () => {
    const story = new Story();
    story.serve('preflight', wait(5000));
    story.nowMs += 5000 + 310_000;
    story.record = resent(story.record, lostMessages(story.record, story.nowMs, 300_000), story.nowMs);
    expect(story.progress('preflight').waitingSinceMs).toBe(startMs + 310_000);
    story.serve('preflight', wait());
    expect(story.progress('preflight').waitingSinceMs).toBe(startMs + 310_000);
  });

  it('counts waiting anew after progress', () => {
    const story = new Story();
    story.serve('preflight', wait());
    story.nowMs += 5000;
    story.serve('preflight', wait(1000, true));
    expect(story.progress('preflight').waitingSinceMs).toBe(startMs + 5000);
  });

  it('P-116: that is to be repeated is counted in the record', () => {
    const story = new Story();
    story.serve('preflight', retry);
    story.serve('preflight', retry);
    expect(story.progress('preflight')).toMatchObject({ state: 'waiting', attempts: 2, turn: 2, waits: 0 });
  });

  it('that waits forgets the repeats before it', () => {
    const story = new Story();
    story.serve('preflight', retry);
    story.serve('preflight', wait());
    expect(story.progress('preflight').attempts).toBe(0);
  });

  it('that is done forgets why it waited', () => {
    const story = new Story();
    story.serve('preflight', wait());
    story.nowMs += 5000;
    story.serve('preflight', done);
    const progress = story.progress('preflight');
    expect(progress).toMatchObject({ state: 'done', finishedAtMs: startMs + 5000, waits: 1 });
    for (const field of ['reason', 'waitingSinceMs', 'dueAtMs', 'lease']) expect(progress).not.toHaveProperty(field);
  });

  it('records what it has learnt, beside what was known', () => {
    const story = new Story();
    const first = story.last('preflight');
    story.claim(first, 'a');
    story.finish(first, 'a', wait(), {
      created: [],
      outputs: { one: 1 },
      tokens: { create: { generation: 0, hash: 'h' } },
      resources: [{ type: 'vpc', id: 'vpc-1', created: true }],
    });
    const second = story.last('preflight');
    story.claim(second, 'b');
    story.finish(second, 'b', done, { created: [], outputs: { two: 2 } });
    expect(story.record.stages.preflight).toMatchObject({
      outputs: { one: 1, two: 2 },
      tokens: { create: { generation: 0, hash: 'h' } },
      resources: [{ type: 'vpc', id: 'vpc-1', created: true }],
    });
  });
});

describe('a join', () => {
  const toJoin = () =>
    upTo('preflight', 'network', 'security-group', 'server-group', 'load-balancer', 'instances', 'ipv6-internet');

  it.each<[StageName, StageName]>([
    ['backend-servers', 'listener'],
    ['listener', 'backend-servers'],
  ])('begins with the second branch: %s, then %s', (first, second) => {
    const story = toJoin();
    story.serve(first, done);
    expect(story.of('health')).toEqual([]);
    story.serve(second, done);
    expect(story.of('health')).toHaveLength(1);
  });

  it('begins once when both branches end at once', () => {
    const story = toJoin();
    const [one, other] = [story.last('backend-servers'), story.last('listener')];
    story.claim(one, 'a');
    story.claim(other, 'b');
    story.finish(one, 'a', done);
    story.finish(other, 'b', done);
    expect(story.of('health')).toHaveLength(1);
  });

  it('gets its message again from the branch that planned it only', () => {
    const story = toJoin();
    const [one, other] = [story.last('backend-servers'), story.last('listener')];
    story.serve('backend-servers', done, 'a');
    story.serve('listener', done, 'b');
    expect(story.decide(one, 'a')).toEqual({ kind: 'resend', sends: [] });
    expect(story.decide(other, 'b')).toEqual({ kind: 'resend', sends: [{ stage: 'health', turn: 0, delayMs: 0 }] });
  });

  it('is not begun by a branch alone however often it is delivered', () => {
    const story = toJoin();
    const message = story.last('listener');
    story.serve('listener', done, 'a');
    expect(story.decide(message, 'a')).toEqual({ kind: 'resend', sends: [] });
    expect(story.progress('health').state).toBe('pending');
  });
});

describe('a stage that fails for good', () => {
  const failed = () => {
    const story = upTo('preflight', 'network');
    story.claim(story.last('load-balancer'), 'lb');
    story.serve('security-group', fail);
    return story;
  };

  it('marks the deployment failed with stage, code, instant', () => {
    expect(failed().record).toMatchObject({
      status: 'failed',
      failure: {
        stage: 'security-group',
        action: 'apply',
        code: 'QuotaExceeded',
        message: 'the quota is used up',
        atMs: startMs,
      },
    });
  });

  it('begins nothing after it', () => {
    const story = failed();
    expect(story.of('instances')).toEqual([]);
    expect(story.progress('security-group')).toMatchObject({ state: 'failed', turn: 1, finishedAtMs: startMs });
  });

  it('lets another one that runs end, with what it made, but begin nothing', () => {
    const story = failed();
    story.finish(story.last('load-balancer'), 'lb', done, {
      created: [],
      resources: [{ type: 'load-balancer', id: 'alb-1', created: true }],
    });
    expect(story.record.stages['load-balancer']).toMatchObject({
      apply: { state: 'done' },
      resources: [{ id: 'alb-1' }],
    });
    expect(story.of('ipv6-internet')).toEqual([]);
    expect(story.record.status).toBe('failed');
  });

  it('lets another one that waits go on to its end', () => {
    const story = failed();
    const message = story.last('load-balancer');
    story.finish(message, 'lb', wait());
    story.serve('load-balancer', done);
    expect(story.progress('load-balancer').state).toBe('done');
  });

  it('keeps the first failure when another one follows', () => {
    const story = failed();
    story.finish(story.last('load-balancer'), 'lb', {
      kind: 'fail',
      failure: { code: 'Second', message: 'also' },
    });
    expect(story.record.failure?.code).toBe('QuotaExceeded');
  });
});

describe('a deployment that moves on while a turn runs', () => {
  const overtaken = () => {
    const story = upTo('preflight', 'network');
    const message = story.last('load-balancer');
    story.claim(message, 'lb');
    story.record = { ...story.record, desired: 'released', epoch: 1, status: 'releasing' };
    return { story, message };
  };
  const learnt: Learnt = { created: [{ type: 'load-balancer', id: 'alb-1', created: true }] };

  it('takes the turn away from it', () => {
    const { story, message } = overtaken();
    expect(holdsTurn(story.record, message, 'lb')).toBe(false);
    expect(story.decide(message, 'lb')).toMatchObject({ kind: 'drop' });
  });

  it('remembers what the turn created as orphans of its stage', () => {
    const { story, message } = overtaken();
    const record = recordOvertaken(story.record, message, 'lb', learnt, startMs + 1000);
    expect(record.orphans).toEqual([{ stage: 'load-balancer', type: 'load-balancer', id: 'alb-1', created: true }]);
    expect(record).toMatchObject({ updatedAtMs: startMs + 1000, epoch: 1 });
  });

  it('remembers each orphan once', () => {
    const { story, message } = overtaken();
    const once = recordOvertaken(story.record, message, 'lb', learnt, startMs);
    expect(recordOvertaken(once, message, 'lb', learnt, startMs).orphans).toEqual(once.orphans);
  });

  it('gives the lease back, but holds the release up while a call may still take effect', () => {
    const { story, message } = overtaken();
    story.record = recordOvertaken(story.record, message, 'lb', learnt, startMs);
    const release: StageMessage = { ...message, action: 'release', epoch: 1 };
    story.record.stages['load-balancer'].release.state = 'queued';
    expect(story.decide(release, 'r')).toMatchObject({ kind: 'busy' });
    story.nowMs += settleMs;
    expect(story.decide(release, 'r')).toMatchObject({ kind: 'run' });
  });

  it('leaves a lease alone that another message holds', () => {
    const { story, message } = overtaken();
    const record = recordOvertaken(story.record, message, 'other', learnt, startMs);
    expect(record.stages['load-balancer'].apply.lease).toEqual({ messageId: 'lb', untilMs: startMs + 45_000 });
  });
});

describe('a lost message', () => {
  const lostAfterMs = 300_000;
  const lost = (story: Story) => lostMessages(story.record, story.nowMs, lostAfterMs);

  it('is found when nothing was heard of a queued stage for long enough', () => {
    const story = new Story();
    story.nowMs += lostAfterMs - 1;
    expect(lost(story)).toEqual([]);
    story.nowMs += 1;
    expect(lost(story)).toEqual([{ stage: 'preflight', turn: 0, delayMs: 0 }]);
  });

  it('is looked for from the end of the delay', () => {
    const story = new Story();
    story.serve('preflight', wait(60_000));
    story.nowMs += lostAfterMs;
    expect(lost(story)).toEqual([]);
    story.nowMs += 60_000;
    expect(lost(story)).toEqual([{ stage: 'preflight', turn: 1, delayMs: 0 }]);
  });

  it('is looked for from the end of the lease', () => {
    const story = new Story();
    story.claim(story.last('preflight'), 'a');
    story.nowMs += lostAfterMs;
    expect(lost(story)).toEqual([]);
    story.nowMs += leaseMs;
    expect(lost(story)).toEqual([{ stage: 'preflight', turn: 0, delayMs: 0 }]);
  });

  it('is found in every branch', () => {
    const story = upTo('preflight', 'network');
    story.nowMs += lostAfterMs;
    expect(lost(story).map(({ stage }) => stage)).toEqual(['security-group', 'server-group', 'load-balancer']);
  });

  it('is not looked for in stages that are done, failed or pending', () => {
    const story = upTo('preflight', 'network', 'security-group');
    story.nowMs += lostAfterMs;
    const found = lost(story).map(({ stage }) => stage);
    for (const stage of ['preflight', 'network', 'security-group', 'dns']) expect(found).not.toContain(stage);
  });

  it.each(['ready', 'failed', 'released'] as const)('is not looked for when the deployment is %s', (status) => {
    const story = new Story();
    story.nowMs += lostAfterMs;
    story.record = { ...story.record, status };
    expect(lost(story)).toEqual([]);
  });

  it('is sent once a while', () => {
    const story = new Story();
    story.nowMs += lostAfterMs;
    story.record = resent(story.record, lost(story), story.nowMs);
    expect(lost(story)).toEqual([]);
    story.nowMs += lostAfterMs;
    expect(lost(story)).toHaveLength(1);
  });

  it('is harmless when it was not lost', () => {
    const story = new Story();
    const message = story.last('preflight');
    story.nowMs += lostAfterMs;
    const [planned] = lost(story);
    expect(messageOf(story.record, planned ?? { stage: 'dns', turn: 9, delayMs: 0 }, 1)).toEqual(message);
    story.serve('preflight', done, 'late');
    expect(story.decide(message, 'sweep')).toMatchObject({ kind: 'drop' });
    expect(story.of('network')).toHaveLength(1);
  });
});

describe('an instant that lies ahead, since a clock was ahead or somebody has written it', () => {
  const far = startMs + 10 * 365 * 86_400_000;
  const running = (): { story: Story; message: StageMessage } => {
    const story = new Story();
    const message = story.last('preflight');
    const decision = story.decide(message, 'holder');
    if (decision.kind !== 'run') throw new Error(decision.kind);
    story.record = decision.record;
    return { story, message };
  };
  const withApply = (record: DeploymentRecord, change: object): DeploymentRecord => ({
    ...record,
    stages: {
      ...record.stages,
      preflight: { ...record.stages.preflight, apply: { ...record.stages.preflight.apply, ...change } },
    },
  });

  it('in a lease keeps nobody from the turn; one of its true length does', () => {
    const { story, message } = running();
    expect(story.decide(message, 'other')).toMatchObject({ kind: 'busy' });
    story.record = withApply(story.record, { lease: { messageId: 'holder', untilMs: far }, overtakenUntilMs: far });
    expect(story.decide(message, 'other')).toMatchObject({ kind: 'run' });
  });

  it('as what a turn is due at does not keep the sweep from sending it again', () => {
    const { story } = running();
    story.record = withApply(story.record, { state: 'waiting', dueAtMs: story.nowMs + 20 * 60_000 });
    expect(lostMessages(story.record, story.nowMs, 300_000)).toEqual([]);
    story.record = withApply(story.record, { state: 'waiting', dueAtMs: far });
    expect(lostMessages(story.record, story.nowMs, 300_000)).toMatchObject([{ stage: 'preflight' }]);
  });

  it('as the beginning of a wait counts as now, so that the wait ends in its time', () => {
    const { story, message } = running();
    story.record = withApply(story.record, { waitingSinceMs: far });
    const { record } = finishTurn(
      story.record,
      message,
      'holder',
      { kind: 'wait', reason: 'r', isProgress: false, delayMs: 1000 },
      nothing,
      story.nowMs,
    );
    expect(record.stages.preflight.apply.waitingSinceMs).toBe(story.nowMs);
  });
});
