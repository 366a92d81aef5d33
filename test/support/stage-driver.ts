import { allStages as stages } from '../../functions/all-stages.ts';
import { latencies, type Latency } from '../../local/latency.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { queueEvent, sealedBy, sentMessage } from './message-keys.ts';
import { parseStageMessage, type StageMessage } from '../../shared/messages.ts';
import { pipeline, type StageName, stageNames } from '../../shared/pipeline.ts';
import { createStageHandler } from '../../shared/handler.ts';
import { contextOf, Harness, type HarnessOptions } from './harness.ts';

/** Everything at once but health checks, which are rare: for tests in which many minutes pass. */
export const rareChecks: Latency = { ...latencies.none, healthCheckIntervalMs: 5000 };

/** One message as taken from a stage's queue; invisible until it is deleted or handed back. */
export interface Taken {
  stage: StageName;
  messageId: string;
  message: StageMessage;
  /** How long it was delayed when sent, in seconds. */
  delaySeconds: number;
  delete(): void;
  /** Visible again after as long as a trigger takes to repeat. */
  handBack(): void;
}

export interface RunOptions {
  /** Stages whose messages stay where they are. */
  held?: readonly StageName[];
  /** What is done with each message; default: serve it once, as a synchronous trigger does. */
  deliver?: (taken: Taken) => Promise<void>;
  /** Ends the run before its end: a blocked release is tried for as long as it takes. */
  until?: () => Promise<boolean>;
}

/** Delivers messages one by one where `Harness` delivers all: to hold a stage back, deliver a message twice, or late. */
export class StageDriver {
  readonly harness: Harness;
  /** What functions have thrown, by the stage of the function. */
  readonly thrown: { stage: StageName; error: unknown }[] = [];
  readonly #deaths = new Set<(accessKeyId: string) => void>();

  private constructor(harness: Harness) {
    this.harness = harness;
    const kill = harness.kill.bind(harness);
    harness.kill = (accessKeyId) => {
      kill(accessKeyId);
      for (const tell of this.#deaths) tell(accessKeyId);
    };
  }

  static async start(options: HarnessOptions = {}): Promise<StageDriver> {
    // No test here is about slow answers, and a busy machine must not make one.
    return new StageDriver(await Harness.start({ sweeps: false, readTimeoutMs: 10_000, ...options }));
  }

  async close(): Promise<void> {
    await this.harness.close();
  }

  /** The next message that can be received; undefined if none. */
  take(stage: StageName): Taken | undefined {
    const queue = this.#queue(stage);
    const [message] = queue.take(1);
    if (message === undefined) return undefined;
    const handle = message.handle ?? '';
    const parsed = parseStageMessage(sentMessage(message));
    if ('reason' in parsed) throw new Error(parsed.reason);
    return {
      stage,
      messageId: message.id,
      message: parsed.message,
      delaySeconds: message.delaySeconds,
      delete: () => queue.delete(handle),
      handBack: () => {
        queue.changeVisibility(handle, 10);
      },
    };
  }

  /** Serves a message as one invocation of the stage's function, with credentials of its own. @returns whether it was served. */
  async serve({ stage, message, messageId }: Pick<Taken, 'stage' | 'message' | 'messageId'>): Promise<boolean> {
    const runtime = this.harness.runtime(stage);
    const { accessKeyId } = runtime;
    const event = queueEvent(messageId, sealedBy(this.harness.config, pipeline[stage].queue, message));
    const outcome = await this.#unlessKilled(
      (killed) => killed === accessKeyId,
      () =>
        createStageHandler(stages[stage], () => runtime)(event, contextOf(stage)).then(
          () => true,
          (error: unknown) => {
            this.thrown.push({ stage, error });
            return false;
          },
        ),
    );
    if (!this.harness.isDead(accessKeyId)) this.harness.cloud.credentials.revoke(accessKeyId);
    return outcome ?? false;
  }

  /** A request to the `api` function. @returns undefined when a fault killed it. */
  async api(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response | undefined> {
    return await this.#unlessKilled(
      () => true,
      () => this.harness.api(method, path, body, headers),
    );
  }

  /** Requests a deployment and runs it to its end; what a failure has made stays. */
  async provision(spec: SpecInput, options: RunOptions = {}): Promise<DeploymentRecord> {
    const id = await this.harness.request({ ...spec, onFailure: 'retain' });
    await this.run(options);
    return await this.harness.record(id);
  }

  /** What is left of a killed function has no way to the cloud any more: nobody waits for it. */
  async #unlessKilled<T>(isThis: (accessKeyId: string) => boolean, call: () => Promise<T>): Promise<T | undefined> {
    let tell: ((accessKeyId: string) => void) | undefined;
    const death = new Promise<undefined>((resolve) => {
      tell = (accessKeyId) => {
        if (isThis(accessKeyId)) resolve(undefined);
      };
      this.#deaths.add(tell);
    });
    try {
      return await Promise.race([call(), death]);
    } finally {
      if (tell !== undefined) this.#deaths.delete(tell);
    }
  }

  /** Serves one taken message and puts it away as a trigger does. */
  async serveOnce(taken: Taken): Promise<void> {
    if (await this.serve(taken)) taken.delete();
    else taken.handBack();
  }

  /** Delivers messages and moves time until only held ones are left. */
  async run({ held = [], deliver = (taken) => this.serveOnce(taken), until }: RunOptions = {}): Promise<void> {
    const free = stageNames.filter((stage) => !held.includes(stage));
    const endMs = this.harness.clock.nowMs() + 4 * 3_600_000;
    for (;;) {
      const counts = await Promise.all(
        free.map(async (stage) => {
          let count = 0;
          for (let taken = this.take(stage); taken !== undefined; taken = this.take(stage)) {
            await deliver(taken);
            count += 1;
          }
          return count;
        }),
      );
      await this.#settle();
      if ((await until?.()) === true) return;
      if (counts.some((count) => count > 0)) continue;
      const due = free.flatMap((stage) => this.#queue(stage).nextVisibleAtMs() ?? []);
      if (due.length === 0) return;
      const { clock } = this.harness;
      if (Math.min(...due) > endMs) throw new Error('messages are on their way for hours');
      clock.advanceTo(
        Math.max(clock.nowMs() + 1, Math.min(...due, clock.nextWaiterAtMs() ?? Number.POSITIVE_INFINITY)),
      );
      await this.#settle();
    }
  }

  /** Runs everything but `stage` as far as it goes, then moves time until the stage's message can be received. */
  async runTo(stage: StageName): Promise<Taken> {
    await this.run({ held: [stage] });
    const taken = this.take(stage);
    if (taken === undefined) throw new Error(`stage ${stage} has no message`);
    return taken;
  }

  /** Messages that wait or can be received now, by stage and turn: `network/3`. Those that are being served do not count. */
  liveMessages(): string[] {
    return stageNames.flatMap((stage) => {
      const queue = this.#queue(stage);
      return queue.messages
        .filter((message) => queue.stateOf(message) !== 'Inactive')
        .map((message) => {
          const { turn } = sentMessage(message) as StageMessage;
          return `${stage}/${turn}`;
        });
    });
  }

  #queue(stage: StageName) {
    const queue = this.harness.cloud.mns.queues.get(`${this.harness.config.name}-${pipeline[stage].queue}`);
    if (queue === undefined) throw new Error(`no queue of stage ${stage}`);
    return queue;
  }

  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < 2;) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.harness.cloud.isIdle() ? quiet + 1 : 0;
    }
  }
}
