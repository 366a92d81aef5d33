import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createApp } from '../../functions/api/app.ts';
import { keepDeadLetter } from '../../functions/dead-letter/keep.ts';
import { sweep, type SweepReport } from '../../functions/sweep/sweep.ts';
import { EmbeddedCloud, type CloudOptions } from '../../local/cloud.ts';
import { type Latency, latencies } from '../../local/latency.ts';
import { seededRandom } from '../../local/faults.ts';
import { installDate } from '../../local/fc/worker-date.ts';
import type { Queue } from '../../local/mns/queue.ts';
import { Budget } from '../../shared/budget.ts';
import { VirtualClock } from '../../shared/clock.ts';
import { eventOf, peek, testMessageKeys } from './message-keys.ts';
import { startOfTests } from './start-of-tests.ts';
import { type Config, loadConfig } from '../../shared/config.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import type { Log } from '../../shared/log.ts';
import { alertQueue, deadLetterQueue, pipeline, type StageName, stageNames } from '../../shared/pipeline.ts';
import { createRuntime, type FcContext, type Runtime } from '../../shared/runtime.ts';
import { createStageHandler } from '../../shared/handler.ts';
import { installInto } from './install-cloud.ts';
import { sandboxDial } from './sandbox-dial.ts';
import { allStages as stages } from '../../functions/all-stages.ts';

/** Signatures carry the date, so the SDKs must see the cloud's. @returns what puts the real one back. */
function followClock(clock: VirtualClock): () => void {
  const RealDate = globalThis.Date;
  const realConstructor: unknown = RealDate.prototype.constructor;
  const buffer = new SharedArrayBuffer(16);
  const cells = new Float64Array(buffer);
  cells[0] = 1;
  cells[1] = clock.nowMs();
  clock.onMove = (nowMs) => {
    cells[1] = nowMs;
  };
  installDate(buffer);
  return () => {
    globalThis.Date = RealDate;
    RealDate.prototype.constructor = realConstructor as DateConstructor;
  };
}

export interface HarnessOptions extends Partial<Omit<CloudOptions, 'clock'>> {
  /** Calls that take longer fail in the functions; short, so that late answers cost a test little. */
  readTimeoutMs?: number;
  /** Let the sweep's timer run, each minute of the cloud's clock. Default true. */
  sweeps?: boolean;
  /** Let the trigger of the dead-letter queue run. Default false: what is put there stays. */
  deadLetters?: boolean;
  log?: Log;
  /** Settings of the functions, `DUALSTACK_ALB_*`. */
  environment?: Record<string, string>;
}

export interface LogLine {
  level: string;
  message: string;
  [field: string]: unknown;
}

const policyOf = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../policies/${file}`, import.meta.url), 'utf8')) as never;

/** What happens to the nth message that reaches a stage in one direction. */
export interface MessageFault {
  /** `given-up`: the trigger puts it into the dead-letter queue. */
  kind: 'twice-at-once' | 'twice-late' | 'lost' | 'given-up';
  stage: StageName;
  action: 'apply' | 'release';
  /** Messages that pass before; default 0. */
  skip?: number;
  /** How much later the second delivery of `twice-late` comes; default 20 s. */
  lateMs?: number;
}

interface ArmedMessageFault extends MessageFault {
  /** Messages of its stage and direction so far. */
  seen?: number;
  struck?: boolean;
}

/**
 * `short` with rarer health checks: on a clock that jumps each round of them is a jump, and each second until the servers are
 * healthy a look of `health`.
 */
const jumping: Latency = { ...latencies.short, healthCheckIntervalMs: 3000 };

/**
 * The functions in process against a whole embedded cloud on a clock that jumps: real SDKs and sockets, queue messages
 * delivered as a synchronous trigger does (serial per stage, redelivered after a failure). Time moves only when nothing is
 * under way.
 */
export class Harness {
  readonly cloud: EmbeddedCloud;
  readonly clock: VirtualClock;
  readonly config: Config;
  readonly logs: LogLine[] = [];
  /** For what each invocation asks of the cloud. Time passes in the cloud's clock, and a busy machine must not make a slow function. */
  budgetOf: (functionName: string) => Budget = () => Budget.unlimited();
  /** Each strikes once; `struck` when it has. */
  readonly messageFaults: ArmedMessageFault[] = [];
  /** Messages handed to functions so far. */
  delivered = 0;
  /** What the timer's sweeps have told, those that ended. */
  readonly swept: SweepReport[] = [];
  #late: { stage: StageName; event: Buffer; atMs: number; fault: ArmedMessageFault }[] = [];
  readonly #options: HarnessOptions;
  readonly #restoreDate: () => void;
  readonly #names = new Map<string, number>();
  readonly #dead = new Set<string>();
  readonly #deaths = new Map<string, () => void>();
  readonly #random: () => number;
  #nextSweepMs = Number.POSITIVE_INFINITY;

  private constructor(
    options: HarnessOptions,
    clock: VirtualClock,
    cloud: EmbeddedCloud,
    config: Config,
    restoreDate: () => void,
  ) {
    this.#restoreDate = restoreDate;
    this.#options = options;
    this.clock = clock;
    this.cloud = cloud;
    this.config = config;
    this.#random = seededRandom((options.seed ?? 1) + 7);
  }

  static async start(options: HarnessOptions = {}): Promise<Harness> {
    const clock = new VirtualClock(startOfTests());
    const restoreDate = followClock(clock);
    let harness: Harness | undefined;
    const cloud = new EmbeddedCloud({
      latency: jumping,
      ...options,
      clock,
      onKill: (accessKeyId) => {
        harness?.kill(accessKeyId);
      },
      isDead: (accessKeyId) => harness?.isDead(accessKeyId) ?? false,
    });
    const url = await cloud.start();
    const config = loadConfig({
      DUALSTACK_ALB_REGION: cloud.context.regionId,
      DUALSTACK_ALB_ACCOUNT_ID: cloud.credentials.accountId,
      DUALSTACK_ALB_ENDPOINT: url,
      DUALSTACK_ALB_MESSAGE_KEYS: testMessageKeys,
      DUALSTACK_ALB_DNS_SERVERS: `${cloud.dataPlane.dns.host}:${cloud.dataPlane.dns.port}`,
      DUALSTACK_ALB_ALERT_CHANNELS: JSON.stringify(cloud.inbox.channels(url)),
      DUALSTACK_ALB_READ_TIMEOUT_MS: String(options.readTimeoutMs ?? 1000),
      DUALSTACK_ALB_ALLOW_MANAGE_ADOPTED: 'true',
      ...options.environment,
    });
    for (const kind of ['provisioner', 'api', 'prober', 'alert'])
      cloud.credentials.setRolePolicies(`${config.name}-${kind}`, [policyOf(`${kind}.json`)]);
    await installInto(cloud, config);
    harness = new Harness(options, clock, cloud, config, restoreDate);
    if (options.sweeps !== false) harness.#nextSweepMs = clock.nowMs() + 60_000;
    return harness;
  }

  async close(): Promise<void> {
    await this.cloud.close();
    this.#restoreDate();
  }

  kill(accessKeyId: string): void {
    this.#dead.add(accessKeyId);
    this.#deaths.get(accessKeyId)?.();
  }

  isDead(accessKeyId: string): boolean {
    return this.#dead.has(accessKeyId);
  }

  /** A runtime with credentials of its own, as one invocation of the function has. */
  runtime(functionName: string, role = `${this.config.name}-provisioner`): Runtime & { accessKeyId: string } {
    const credentials = this.cloud.credentials.issue(role, `${this.config.name}-${functionName}`);
    const runtime = createRuntime({
      config: this.config,
      credentials,
      timeoutMs: 30_000,
      budgets: { work: this.budgetOf(functionName), whole: Budget.unlimited() },
      clock: this.clock,
      dial: sandboxDial(this.cloud),
      random: this.#random,
      pause: letOthersRun,
      log: (level, message, fields = {}) => {
        this.logs.push({ level, message, function: functionName, ...fields });
        this.#options.log?.(level, message, fields);
      },
    });
    return Object.assign(runtime, { accessKeyId: credentials.accessKeyId });
  }

  /** A request to the `api` function. */
  async api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const app = createApp(this.runtime('api', `${this.config.name}-api`), this.cloud.credentials.accountId);
    const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    return await app.fetch(
      new Request(`http://local${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...init,
      }),
    );
  }

  /** Posts a request; a name that this harness has given already gets a number. @returns the deployment's id. */
  async request(spec: SpecInput = {}): Promise<string> {
    const response = await this.api('POST', '/load-balancers', { ...spec, name: this.#unusedName(spec.name) });
    if (response.status !== 202) throw new Error(`POST answered ${response.status}: ${await response.text()}`);
    return response.headers.get('location')?.split('/').at(-1) ?? '';
  }

  #unusedName(name = 'dualstack-alb'): string {
    const count = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  }

  async record(deploymentId: string): Promise<DeploymentRecord> {
    const row = this.cloud.tablestore
      .rows('dualstack_alb_deployments')
      .find((candidate) => candidate['id'] === deploymentId);
    if (row === undefined) throw new Error(`no record ${deploymentId}`);
    return { ...(JSON.parse(String(row['doc'])) as DeploymentRecord), version: Number(row['version']) };
  }

  /** The deployment's status, without all the rest of its record. */
  statusOf(deploymentId: string): string | undefined {
    const rows = this.cloud.tablestore.rows('dualstack_alb_deployments');
    return rows.find(({ id }) => id === deploymentId)?.['status']?.toString();
  }

  async sweep(): Promise<SweepReport> {
    return await sweep(this.runtime('sweep'));
  }

  /** Delivers messages and moves time until `isDone`, or nothing more can happen. @throws Error after `longestMs` of the cloud's time. */
  async run(isDone: () => boolean | Promise<boolean> = () => false, longestMs = 4 * 3_600_000): Promise<void> {
    const endMs = this.clock.nowMs() + longestMs;
    for (;;) {
      if (await isDone()) return;
      const delivered = await this.deliver();
      await this.#settle();
      if (delivered > 0) continue;
      const nextMs = this.#nextMs();
      if (nextMs === undefined) return;
      if (nextMs > endMs) throw new Error(`not done after ${longestMs / 60_000} minutes of the cloud's time`);
      this.clock.advanceTo(nextMs);
      await this.#settle();
    }
  }

  /** Runs until the deployment has the status. @returns its record. */
  async runUntil(deploymentId: string, ...statuses: DeploymentRecord['status'][]): Promise<DeploymentRecord> {
    await this.run(() => statuses.some((status) => status === this.statusOf(deploymentId)));
    const record = await this.record(deploymentId);
    if (!statuses.includes(record.status))
      throw new Error(`the deployment is ${record.status}: ${JSON.stringify(record.failure)}`);
    return record;
  }

  /** Runs until every second delivery that comes late has come, also when all else has ended. */
  async runUntilNoneIsLate(): Promise<void> {
    await this.run(() => this.#late.length === 0);
  }

  /**
   * All that is due now, at once: every visible message is handed to its function (each queue serially), beside them the
   * second deliveries that are late, and the sweep. @returns how many invocations that were.
   */
  async deliver(): Promise<number> {
    const nowMs = this.clock.nowMs();
    const late = this.#late.filter(({ atMs }) => atMs <= nowMs);
    this.#late = this.#late.filter(({ atMs }) => atMs > nowMs);
    const oneByOne = async (deliverOne: () => Promise<boolean>): Promise<number> => {
      let count = 0;
      while (await deliverOne()) count += 1;
      return count;
    };
    const counts = await Promise.all([
      ...[...new Set(stageNames.map((name) => pipeline[name].queue))].map((queue) =>
        oneByOne(() => this.#deliverOne(queue)),
      ),
      ...late.map(async ({ stage, event, fault }) => {
        fault.struck = true;
        await this.#serve(stage, event);
        return 1;
      }),
      this.#options.deadLetters === true ? oneByOne(() => this.#deliverDeadLetter()) : 0,
      nowMs >= this.#nextSweepMs ? this.#tick(nowMs) : 0,
    ]);
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #tick(nowMs: number): Promise<number> {
    this.#nextSweepMs = nowMs + 60_000;
    await this.#invoke('sweep', async (runtime) => {
      this.swept.push(await sweep(runtime));
    });
    return 1;
  }

  async #deliverDeadLetter(): Promise<boolean> {
    const queue = this.#queue(deadLetterQueue);
    const [message] = queue.take(1);
    if (message === undefined) return false;
    const delivery = { messageId: message.id, body: Buffer.from(message.body, 'base64').toString('utf8') };
    if (await this.#invoke('dead-letter', (runtime) => keepDeadLetter(runtime, delivery)))
      queue.delete(message.handle ?? '');
    else queue.changeVisibility(message.handle ?? '', 10);
    return true;
  }

  async #deliverOne(queueName: string): Promise<boolean> {
    const queue = this.#queue(queueName);
    const [message] = queue.take(1);
    if (message === undefined) return false;
    const stage = this.#stageOf(queueName);
    const event = eventOf(message);
    const fault = this.#strike(stage, (peek(message) as { action?: string } | undefined)?.action);
    this.delivered += 1;
    if (fault?.kind === 'twice-late')
      this.#late.push({ stage, event, atMs: this.clock.nowMs() + (fault.lateMs ?? 20_000), fault });
    else if (fault !== undefined) fault.struck = true;
    if (fault?.kind === 'lost' || fault?.kind === 'given-up') {
      queue.delete(message.handle ?? '');
      if (fault.kind === 'given-up') this.#queue(deadLetterQueue).adopt(message, {});
      return true;
    }
    const [isServed] = await Promise.all([
      this.#serve(stage, event),
      ...(fault?.kind === 'twice-at-once' ? [this.#serve(stage, event)] : []),
    ]);
    if (isServed) queue.delete(message.handle ?? '');
    else queue.changeVisibility(message.handle ?? '', 10 + Math.floor(this.#random() * 10));
    return true;
  }

  #serve(stage: StageName, event: Buffer): Promise<boolean> {
    return this.#invoke(stage, (runtime) => createStageHandler(stages[stage], () => runtime)(event, contextOf(stage)));
  }

  /** One invocation of a function. @returns whether it ended well; a killed one never does. */
  async #invoke(functionName: string, work: (runtime: Runtime) => Promise<unknown>): Promise<boolean> {
    const runtime = this.runtime(functionName);
    const { accessKeyId } = runtime;
    const death = new Promise<false>((resolve) => {
      this.#deaths.set(accessKeyId, () => resolve(false));
    });
    // What is left of a killed function has no way to the cloud any more: nobody waits for its repeats.
    const isServed = await Promise.race([
      death,
      work(runtime).then(
        () => !this.isDead(accessKeyId),
        (error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          this.logs.push({ level: 'error', message: 'invocation failed', function: functionName, reason });
          return false;
        },
      ),
    ]);
    this.#deaths.delete(accessKeyId);
    this.cloud.credentials.revoke(accessKeyId);
    return isServed;
  }

  #queue(name: string): Queue {
    const queue = this.cloud.mns.queues.get(`${this.config.name}-${name}`);
    if (queue === undefined) throw new Error(`no queue ${name}`);
    return queue;
  }

  /** The fault that meets this message, if any; counts the message. */
  #strike(stage: StageName, action: string | undefined): ArmedMessageFault | undefined {
    for (const fault of this.messageFaults) {
      if (fault.stage !== stage || fault.action !== action) continue;
      fault.seen = (fault.seen ?? 0) + 1;
      if (fault.seen === (fault.skip ?? 0) + 1) return fault;
    }
    return undefined;
  }

  #stageOf(queueName: string): StageName {
    const stage = stageNames.find((name) => pipeline[name].queue === queueName);
    if (stage === undefined) throw new Error(`no stage of queue ${queueName}`);
    return stage;
  }

  #nextMs(): number | undefined {
    const unserved = [alertQueue, ...(this.#options.deadLetters === true ? [] : [deadLetterQueue])];
    const visible = [...this.cloud.mns.queues.values()].flatMap((queue) =>
      unserved.some((name) => queue.name.endsWith(`-${name}`)) ? [] : (queue.nextVisibleAtMs() ?? []),
    );
    const pending = visible.length > 0 || this.#late.length > 0;
    const candidates = [
      ...visible,
      this.clock.nextWaiterAtMs(),
      this.#nextSweepMs,
      ...this.#late.map(({ atMs }) => atMs),
    ].filter((ms) => ms !== undefined && Number.isFinite(ms)) as number[];
    // Without a message on its way only the sweep can still find something.
    const active = this.cloud.tablestore.rows('dualstack_alb_active').length > 0;
    if (!pending && !active) return undefined;
    return candidates.length === 0 ? undefined : Math.max(this.clock.nowMs() + 1, Math.min(...candidates));
  }

  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < 2;) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.cloud.isIdle() ? quiet + 1 : 0;
    }
  }
}

export const newKey = (): string => randomUUID();

/** Returns what Function Compute hands over besides the event; the runtime of a test has credentials of its own. */
export const contextOf = (name: string): FcContext => ({
  requestId: 'request',
  credentials: { accessKeyId: '', accessKeySecret: '' },
  function: { name },
});

/** A pause that takes no time: the longer it would be, the more often the others have their turn. */
async function letOthersRun(ms: number): Promise<void> {
  for (let turn = 0; turn < Math.min(ms, 40); turn += 2) await new Promise((resolve) => setImmediate(resolve));
}
