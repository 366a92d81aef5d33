/**
 * One deployment under the real transitions, with everything around them abstracted: messages on their way, turns under
 * way, a clock of few instants, and what the stages have made. Between any two steps anything else may happen, so that
 * every order in which real functions, triggers, people and the sweep can meet is an order of steps.
 */
import { actionOf } from '../../../shared/deployment/progress.ts';
import { type DeploymentRecord, newRecord, type PlannedMessage } from '../../../shared/deployment/record.ts';
import {
  requestChange,
  requestRelease,
  requestRepair,
  requestRetry,
  type Refusal,
  type Started,
} from '../../../shared/deployment/requests.ts';
import { parseSpec } from '../../../shared/deployment/spec.ts';
import { lostMessages, makeDue, resent } from '../../../shared/deployment/lost-messages.ts';
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

/** A message on its way. One that a function has in hand is invisible until the function ends. */
export interface Letter {
  id: string;
  message: StageMessage;
  inHands: number;
  /** A function that had it ended well: it is gone once nobody has it in hand. */
  isServed: boolean;
}

/** A function at work: it has claimed and not written yet. */
export interface Turn {
  id: string;
  message: StageMessage;
  startedMs: number;
}

/** What a model may still do besides the ordinary course. */
export interface Budget {
  /** Crashes, losses, duplicates. */
  faults: number;
  /** Turns that end otherwise than done. */
  outcomes: number;
  /** DELETE, apply, retry, PATCH. */
  asks: number;
}

export interface World {
  record: DeploymentRecord;
  nowMs: number;
  letters: Letter[];
  turns: Turn[];
  /** Calls of ended turns that may still take effect. */
  ghosts: { stage: StageName; untilMs: number }[];
  /** Stages that have made something. */
  cloud: ReadonlySet<StageName>;
  left: Budget;
}

export interface Step {
  name: string;
  next: () => World;
}

/** As the real ones stand to each other: function timeout < lease, and a late call ends before lease + settle. */
export const times = { timeoutMs: 1, leaseMs: 2, settleMs: 1, lostAfterMs: 1 };

const specOf = (onFailure: 'rollback' | 'retain') => {
  const parsed = parseSpec({ name: 'web', onFailure });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
};

/** Everything of the model that a set of stages decides; the others are served at once, without anything in between. */
export class Model {
  readonly active: ReadonlySet<StageName>;
  readonly #onFailure: 'rollback' | 'retain';

  constructor(active: readonly StageName[], onFailure: 'rollback' | 'retain' = 'rollback') {
    this.active = new Set(active);
    this.#onFailure = onFailure;
  }

  start(left: Budget): World {
    const nowMs = 1000;
    const started = begin(newRecord('01jd9xk3v5h2m8q4t7w0y6zabc', specOf(this.#onFailure), nowMs), nowMs);
    const empty: World = {
      record: started.record,
      nowMs,
      letters: [],
      turns: [],
      ghosts: [],
      cloud: new Set(),
      left,
    };
    return this.#calmed(sent(empty, started.sends));
  }

  /** All that can happen next. */
  steps(world: World): Step[] {
    const steps: Step[] = [];
    const { left } = world;
    const add = (name: string, cost: Partial<Budget>, next: (paid: World) => World) => {
      const after: Budget = {
        faults: left.faults - (cost.faults ?? 0),
        outcomes: left.outcomes - (cost.outcomes ?? 0),
        asks: left.asks - (cost.asks ?? 0),
      };
      if (after.faults < 0 || after.outcomes < 0 || after.asks < 0) return;
      steps.push({ name, next: () => this.#calmed(next({ ...world, left: after })) });
    };

    for (const letter of world.letters) {
      const { id, inHands, isServed } = letter;
      if (inHands === 0) {
        add(`deliver ${id}`, {}, (paid) => deliver(paid, id));
        add(`lose ${id}`, { faults: 1 }, (paid) => without(paid, id));
        add(`give up ${id}`, { faults: 1 }, (paid) => giveUp(paid, id));
      } else if (!isServed && inHands < 2) add(`deliver ${id} once more`, { faults: 1 }, (paid) => deliver(paid, id));
    }
    for (const turn of world.turns) {
      const { id } = turn;
      for (const [name, outcome] of outcomesOf(turn.message)) {
        const cost = name === 'done' ? 0 : 1;
        add(`${id} ends: ${name}`, { outcomes: cost }, (paid) => finish(paid, turn, outcome));
        if (name !== 'retry')
          for (const count of [0, 1])
            add(`${id} ends: ${name}, and dies after ${count} messages`, { outcomes: cost, faults: 1 }, (paid) =>
              finish(paid, turn, outcome, (sends) => this.#firstOf(sends, count)),
            );
      }
      add(`${id} dies before its write`, { faults: 1 }, (paid) => crash(paid, turn));
    }
    const lost = lostMessages(world.record, world.nowMs, times.lostAfterMs);
    if (lost.length > 0) {
      // A slow message that is taken for lost is sent twice.
      const isEarly = lost.some(({ stage }) => world.letters.some(({ message }) => message.stage === stage));
      add('sweep', { faults: isEarly ? 1 : 0 }, (paid) => sweep(paid));
      add('sweep dies before it sends', { faults: 1 }, (paid) => sweep(paid, false));
    }
    for (const [name, ask] of asks(world))
      for (const isSent of [true, false])
        add(isSent ? name : `${name}, and dies before it sends`, { asks: 1, faults: isSent ? 0 : 1 }, (paid) => {
          const started = ask();
          const next = { ...paid, record: started.record };
          return sent(next, isSent ? started.sends : this.#firstOf(started.sends, 0));
        });
    if (canPass(world)) add('time passes', {}, tick);
    return steps;
  }

  /**
   * What comes of a world when nothing goes wrong any more: turns end done, messages arrive, the sweep looks.
   *
   * @param known - keys of worlds whose end is known; those passed here are added.
   * @param sweeps - whether the sweep's timer runs.
   * @returns the last world; undefined where the way leads into a known one.
   */
  end(world: World, known = new Set<string>(), sweeps = true): World | undefined {
    let now: World = { ...world, left: { faults: 0, outcomes: 0, asks: 0 } };
    for (let steps = 0; steps < 300; steps += 1) {
      const key = this.key(now);
      if (known.has(key)) return undefined;
      known.add(key);
      if (isAtRest(now)) break;
      now = this.quietly(now, sweeps);
    }
    return now;
  }

  /** The next thing when nothing goes wrong: a turn ends, a message finds its stage free, the sweep looks, time passes. */
  quietly(world: World, sweeps = true): World {
    return this.#calmed(quiet(world, sweeps));
  }

  /** What went out before the function died; messages of other stages do, since nothing goes wrong there. */
  #firstOf(sends: PlannedMessage[], count: number): PlannedMessage[] {
    let left = count;
    return sends.filter(({ stage }) => !this.active.has(stage) || (left -= 1) >= 0);
  }

  /** Serves what is none of the explored stages' at once, and takes away what would be dropped whenever it came. */
  #calmed(world: World): World {
    let now = world;
    for (;;) {
      const calm = now.letters.find(({ message }) => !this.active.has(message.stage));
      const inert = now.letters.find(({ inHands, id, message }) => inHands === 0 && isInert(now, id, message));
      if (calm === undefined && inert === undefined) return now;
      if (calm === undefined) {
        now = deliver(now, inert?.id ?? '');
        continue;
      }
      now = deliver(now, calm.id);
      const turn = now.turns.find(({ id }) => id === calm.id);
      if (turn !== undefined) now = finish(now, turn, { kind: 'done' });
    }
  }

  /** Two worlds with one key have one future. */
  key(world: World): string {
    const { record, nowMs } = world;
    const action = actionOf(record);
    const clip = (ms: number, low: number, high: number) => Math.max(low, Math.min(high, ms));
    const ofStage = (stage: StageName): string => {
      const { apply } = record.stages[stage];
      const progress = record.stages[stage][action];
      if (!this.active.has(stage)) return progress.state === 'done' ? '+' : '-';
      const until = (ms: number | undefined) =>
        ms === undefined || ms - nowMs <= -times.settleMs ? '' : String(ms - nowMs);
      const leaseOf = ({ lease, overtakenUntilMs }: typeof apply) =>
        `${until(lease?.untilMs) === '' ? '' : lease?.messageId}@${until(lease?.untilMs)},${until(overtakenUntilMs)}`;
      return [
        progress.state,
        progress.claimedBy ?? '',
        progress.obstacle === undefined ? '' : 'blocked',
        progress.sends.map((planned) => `${planned.stage}${planned.turn - progress.turn}`).join('+'),
        leaseOf(progress),
        action === 'release' ? leaseOf(apply) : '',
        progress.dueAtMs === undefined ? '' : clip(nowMs - progress.dueAtMs, -times.leaseMs, times.lostAfterMs),
        world.cloud.has(stage) ? 'made' : '',
      ].join(',');
    };
    const ofMessage = (message: StageMessage): string =>
      message.epoch === record.epoch
        ? `${message.action}${message.turn - record.stages[message.stage][message.action].turn}`
        : 'old';
    return [
      record.status,
      record.desired,
      record.afterRelease,
      String(record.rolledBack),
      record.stages.preflight.outputs['proof'] === undefined ? '' : 'proved',
      record.readyAtMs === undefined ? '' : 'served',
      record.failure === undefined ? '' : `${record.failure.stage} ${record.failure.action}`,
      record.begunBy === undefined
        ? ''
        : `${record.begunBy.messageId} ${record.begunBy.sends.map(({ stage }) => stage).join('+')}`,
      stageNames.map(ofStage).join('|'),
      world.letters
        .map(({ id, message, inHands, isServed }) => `${id} ${ofMessage(message)} ${inHands}${isServed ? '!' : ''}`)
        .sort()
        .join('|'),
      world.turns
        .map(({ id, message, startedMs }) => `${id} ${ofMessage(message)} ${nowMs - startedMs}`)
        .sort()
        .join('|'),
      world.ghosts
        .map(({ stage, untilMs }) => `${stage} ${untilMs - nowMs}`)
        .sort()
        .join('|'),
      [...world.cloud].filter((stage) => !this.active.has(stage)).join('+'),
    ].join(';');
  }
}

/** Nothing more is owed: it serves, or it failed for good, or it is gone. */
export const isAtRest = ({ record }: World): boolean =>
  record.status === 'ready' || record.status === 'failed' || record.status === 'released';

const failure = { code: 'Forbidden.RAM', message: 'no permission' };

const outcomesOf = ({ stage, action }: StageMessage): [name: string, outcome: Outcome][] => [
  ['done', { kind: 'done' }],
  ['wait', { kind: 'wait', reason: 'not yet', delayMs: 0, isProgress: false }],
  ['retry', { kind: 'retry', reason: 'no answer', delayMs: 0 }],
  action === 'apply'
    ? ['fail', { kind: 'fail', failure }]
    : ['blocked', { kind: 'blocked', failure, delayMs: 0, isCertain: true }],
  ...(stage === 'preflight' && action === 'release'
    ? ([['again', { kind: 'again', reason: 'something is left' }]] as [string, Outcome][])
    : []),
];

/** What a person can ask now and is not refused. */
function asks({ record, nowMs }: World): [name: string, ask: () => Started][] {
  const all: [string, Started | Refusal][] = [
    ['DELETE', requestRelease(record, nowMs, { liftProtection: false })],
    ['POST apply', requestRepair(record, nowMs)],
    ['POST retry', requestRetry(record, undefined, nowMs)],
    ['PATCH', requestChange(record, { spec: record.spec }, nowMs)],
  ];
  return all.flatMap(([name, answer]) =>
    'refusal' in answer || (answer.record === record && answer.sends.length === 0) ? [] : [[name, () => answer]],
  );
}

function quiet(world: World, sweeps: boolean): World {
  const [turn] = world.turns;
  if (turn !== undefined) return finish(world, turn, { kind: 'done' });
  const letter = world.letters.find(({ id, message }) => decide(world, id, message).kind !== 'busy');
  if (letter !== undefined) return deliver(world, letter.id);
  const isLost = sweeps && lostMessages(world.record, world.nowMs, times.lostAfterMs).length > 0;
  return isLost ? sweep(world) : tick(world);
}

/** Whether the message would be dropped now; then it is dropped at any later time too. */
function isInert(world: World, id: string, message: StageMessage): boolean {
  return decide(world, id, message).kind === 'drop';
}

const decide = ({ record, nowMs }: World, id: string, message: StageMessage) =>
  claim(record, message, id, { nowMs, leaseMs: times.leaseMs, settleMs: times.settleMs });

/** Names that stand in the record, and those of messages and turns: another message must not bear them. */
function namesInUse({ record, letters, turns }: World): Set<string> {
  const names = new Set([...letters.map(({ id }) => id), ...turns.map(({ id }) => id)]);
  if (record.begunBy !== undefined) names.add(record.begunBy.messageId);
  for (const stage of stageNames)
    for (const progress of [record.stages[stage].apply, record.stages[stage].release]) {
      if (progress.lease !== undefined) names.add(progress.lease.messageId);
      if (progress.claimedBy !== undefined) names.add(progress.claimedBy);
    }
  return names;
}

function send(world: World, message: StageMessage): World {
  const names = namesInUse(world);
  let count = 0;
  while (names.has(`${message.stage}#${count}`)) count += 1;
  const letter: Letter = { id: `${message.stage}#${count}`, message, inHands: 0, isServed: false };
  return { ...world, letters: [...world.letters, letter] };
}

function sent(world: World, sends: PlannedMessage[]): World {
  let next = world;
  for (const planned of sends) next = send(next, messageOf(world.record, planned, 1));
  return next;
}

const without = (world: World, id: string): World => ({
  ...world,
  letters: world.letters.filter((letter) => letter.id !== id),
});

/** A function ended: its message is gone if it or another one has served it, and visible again if not. */
function handedBack(world: World, id: string, isServed: boolean): World {
  return {
    ...world,
    letters: world.letters.flatMap((letter) => {
      if (letter.id !== id) return [letter];
      const after = { ...letter, inHands: letter.inHands - 1, isServed: letter.isServed || isServed };
      return after.inHands === 0 && after.isServed ? [] : [after];
    }),
  };
}

/** A trigger hands the message to its function, which claims. */
function deliver(world: World, id: string): World {
  const letter = world.letters.find((candidate) => candidate.id === id);
  if (letter === undefined) throw new Error(`no message ${id}`);
  const { message } = letter;
  const taken: World = {
    ...world,
    letters: world.letters.map((candidate) =>
      candidate === letter ? { ...letter, inHands: letter.inHands + 1 } : candidate,
    ),
  };
  const decision = decide(world, id, message);
  switch (decision.kind) {
    case 'drop':
      return handedBack(taken, id, true);
    case 'resend':
      return handedBack(sent(taken, decision.sends), id, true);
    case 'busy':
      return send(handedBack(taken, id, true), message);
    case 'run': {
      const isMaking = message.action === 'apply' && message.stage !== 'preflight';
      return {
        ...taken,
        record: isMaking ? withToken(decision.record, message.stage) : decision.record,
        turns: [...taken.turns, { id, message, startedMs: world.nowMs }],
        // The worst: what it makes is there from now on.
        cloud: isMaking ? new Set([...world.cloud, message.stage]) : world.cloud,
      };
    }
  }
}

/** The intent, which is in the record before the call. */
const withToken = (record: DeploymentRecord, stage: StageName): DeploymentRecord => ({
  ...record,
  stages: {
    ...record.stages,
    [stage]: { ...record.stages[stage], tokens: { create: { generation: 0, hash: 'same' } } },
  },
});

const learntBy = ({ stage, action }: StageMessage): Learnt =>
  action === 'apply' && stage !== 'preflight'
    ? { created: [{ type: 'Thing', id: stage, created: true }], outputs: { id: stage } }
    : {
        created: [],
        ...(stage === 'preflight' && action === 'release' ? { outputs: { proof: { isEmpty: true } } } : {}),
      };

/** The write that ends a turn, as `serveMessage` makes it, and the messages after it; those of `died` if it dies then. */
function finish(
  world: World,
  turn: Turn,
  outcome: Outcome,
  died?: (sends: PlannedMessage[]) => PlannedMessage[],
): World {
  const { id, message } = turn;
  const { record, nowMs } = world;
  let next: World = { ...world, turns: withoutTurn(world, turn) };
  let sends: PlannedMessage[] = [];
  if (holdsTurn(record, message, id)) {
    const finished = finishTurn(record, message, id, outcome, learntBy(message), nowMs);
    ({ sends } = finished);
    next = { ...next, record: finished.record };
    if (outcome.kind === 'done' && message.action === 'release')
      next.cloud = new Set([...next.cloud].filter((stage) => stage !== message.stage));
    if (outcome.kind === 'retry') next = haunted(next, message, nowMs + times.settleMs);
  } else {
    const progress = record.stages[message.stage][message.action];
    if (record.epoch === message.epoch && progress.claimedBy === id && progress.turn === message.turn + 1)
      ({ sends } = progress);
    else next = { ...next, record: recordOvertaken(record, message, id, learntBy(message), nowMs) };
  }
  return handedBack(sent(next, died?.(sends) ?? sends), id, died === undefined);
}

const withoutTurn = ({ turns }: World, turn: Turn): Turn[] => {
  const at = turns.indexOf(turn);
  return [...turns.slice(0, at), ...turns.slice(at + 1)];
};

/** A call of the apply that was not answered takes effect until then. */
function haunted(world: World, message: StageMessage, untilMs: number): World {
  if (message.action !== 'apply') return world;
  return { ...world, ghosts: [...world.ghosts, { stage: message.stage, untilMs }] };
}

function crash(world: World, turn: Turn): World {
  const next = handedBack({ ...world, turns: withoutTurn(world, turn) }, turn.id, false);
  return haunted(next, turn.message, world.nowMs + times.settleMs);
}

/** The trigger gives up; the function of the dead-letter queue makes the turn due. */
function giveUp(world: World, id: string): World {
  const message = world.letters.find((letter) => letter.id === id)?.message;
  const record = message && makeDue(world.record, message, times.lostAfterMs, world.nowMs);
  return { ...without(world, id), record: record ?? world.record };
}

function sweep(world: World, isSent = true): World {
  const lost = lostMessages(world.record, world.nowMs, times.lostAfterMs);
  const record = resent(world.record, lost, world.nowMs);
  return isSent ? sent({ ...world, record }, lost) : { ...world, record };
}

/** No function runs longer than its timeout. */
const canPass = ({ turns, nowMs }: World): boolean =>
  turns.every(({ startedMs }) => nowMs + 1 <= startedMs + times.timeoutMs);

function tick(world: World): World {
  const nowMs = world.nowMs + 1;
  return { ...world, nowMs, ghosts: world.ghosts.filter(({ untilMs }) => untilMs > nowMs) };
}
