import { sealedText } from '../../shared/queue/seal.ts';
import { sentMessage } from './message-keys.ts';
import { inject } from 'vitest';
import { randomUUID } from 'node:crypto';
import { type Installation, startInstallation } from '../../cli/installation.ts';
import { root } from '../../cli/build.mjs';
import type { CloudOptions, EmbeddedCloud } from '../../local/cloud.ts';
import type { FunctionCompute } from '../../local/fc/function-compute.ts';
import type { LogEntry } from '../../local/fc/function-runtime.ts';
import { latencies } from '../../local/latency.ts';
import { TimeLapse } from '../../local/time-lapse.ts';
import { VirtualClock } from '../../shared/clock.ts';
import { keepAlive, type StageMessage } from '../../shared/messages.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { builtBundles } from './bundles.ts';

export interface TestInstallationOptions extends Partial<Omit<CloudOptions, 'clock'>> {
  asyncInvocation?: boolean;
  oneQueue?: boolean;
  asyncFate?: (functionName: string) => 'once' | 'twice' | 'lost';
  /** Settings of the functions besides those of s.yaml. */
  environment?: Record<string, string>;
}

/** For tests of whole installations: some seconds of real work of many function instances, more on a busy machine. */
export const patienceMs = 120_000;

/** How long a call of a function may go unanswered: the default of `READ_TIMEOUT_MS`. */
const readTimeoutMs = 10_000;

const keepAliveText = JSON.stringify(keepAlive);

const messageIn = (body: string): StageMessage => sentMessage({ body }) as StageMessage;

/** Everything at once, and health checks no more often than the functions look. */
const quick = { ...latencies.none, healthCheckIntervalMs: 1000 };

/**
 * The installation of s.yaml as `npm start` runs it (bundles in workers, triggers, wire) on a clock that jumps: time moves
 * only inside `runUntil`, and there minutes pass in milliseconds.
 */
export class TestInstallation {
  readonly installation: Installation;
  readonly cloud: EmbeddedCloud;
  readonly functions: FunctionCompute;
  readonly clock: VirtualClock;
  readonly logs: LogEntry[];
  /** Messages that were live twice at one moment, as `stage turn`; empty as it should be. */
  readonly doubles = new Set<string>();
  readonly #lapse: TimeLapse;

  private constructor(installation: Installation, cloud: EmbeddedCloud, clock: VirtualClock, logs: LogEntry[]) {
    this.installation = installation;
    this.cloud = cloud;
    this.functions = installation.functions;
    this.clock = clock;
    this.logs = logs;
    this.#lapse = new TimeLapse(clock, () => this.#isIdle());
  }

  static async start(options: TestInstallationOptions = {}): Promise<TestInstallation> {
    const bundles = await builtBundles(inject('bundlesDir'));
    const { asyncInvocation, asyncFate, environment = {}, oneQueue = false, onCall, ...cloudOptions } = options;
    const clock = new VirtualClock(Date.now());
    const logs: LogEntry[] = [];
    let started: TestInstallation | undefined;
    const installation = await startInstallation({
      root,
      port: 0,
      endpoint: undefined,
      cloud: {
        latency: quick,
        ...cloudOptions,
        clock,
        onCall: (entry) => {
          started?.sampleMessages();
          onCall?.(entry);
        },
      },
      onLog: (entry) => logs.push(entry),
      ...bundles,
      oneQueue,
      environment,
      // Minutes pass in milliseconds here, and each cold start is real work.
      idleReclaimMs: 3_600_000,
      ...(asyncInvocation === undefined ? {} : { asyncInvocation }),
      ...(asyncFate === undefined ? {} : { asyncFate }),
    });
    if (installation.cloud === undefined) throw new Error('the cloud runs elsewhere');
    started = new TestInstallation(installation, installation.cloud, clock, logs);
    return started;
  }

  async close(): Promise<void> {
    await this.#lapse.stop();
    await this.installation.close();
  }

  /** A request to the API as any HTTP client makes it. */
  async api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return await fetch(`${this.installation.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Posts a request until it is accepted. @returns the deployment's id. */
  async request(spec: SpecInput = {}, key: string = randomUUID()): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      const body = { name: `web-${key.slice(0, 8)}`, ...spec };
      const response = await this.api('POST', '/load-balancers', body, { 'idempotency-key': key });
      if (response.status === 202) return response.headers.get('location')?.split('/').at(-1) ?? '';
      if (response.status < 500 || attempt >= 5)
        throw new Error(`POST answered ${response.status}: ${await response.text()}`);
    }
  }

  /** All deployment records, by id. */
  records(): Map<string, DeploymentRecord> {
    return new Map(
      this.cloud.tablestore.rows('dualstack_alb_deployments').map((row) => {
        const record = JSON.parse(String(row['doc'])) as DeploymentRecord;
        return [record.deploymentId, record];
      }),
    );
  }

  record(deploymentId: string): DeploymentRecord {
    const record = this.records().get(deploymentId);
    if (record === undefined) throw new Error(`no record ${deploymentId}`);
    return record;
  }

  /** Lets time pass until `isDone`. @throws Error after `longestMs` of the cloud's time. */
  async run(isDone: () => boolean, longestMs = 2 * 3_600_000): Promise<void> {
    const endMs = this.clock.nowMs() + longestMs;
    this.#lapse.start();
    try {
      while (!isDone()) {
        if (this.clock.nowMs() > endMs)
          throw new Error(`not done after ${longestMs / 60_000} minutes of the cloud's time`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    } finally {
      await this.#lapse.stop();
    }
  }

  /** Lets time pass until no deployment is on its way. @returns the records, in the order of the ids. */
  async runUntilSettled(...deploymentIds: string[]): Promise<DeploymentRecord[]> {
    const isMoving = ({ status }: Record<string, unknown>) => status === 'provisioning' || status === 'releasing';
    await this.run(() => !this.cloud.tablestore.rows('dualstack_alb_deployments').some(isMoving));
    return deploymentIds.map((id) => this.record(id));
  }

  /**
   * Looks for two live messages of one stage and turn. There is one exception, and only for as long as its reason stands: a
   * message that comes too early puts itself into the queue again before it goes. Called at every call that reaches the cloud.
   */
  sampleMessages(): void {
    for (const queue of this.cloud.mns.queues.values()) {
      if (/-(dead-letter|alert)$/.test(queue.name)) continue;
      const [waiting, inHand] = [new Map<string, string>(), new Map<string, string>()];
      for (const { id, body, dequeueCount } of queue.messages) {
        if (sealedText(Buffer.from(body, 'base64').toString('utf8')) === keepAliveText) continue;
        const [own, other] = dequeueCount === 0 ? [waiting, inHand] : [inHand, waiting];
        const isDouble = own.has(body) || (other.has(body) && !this.#isEarly(body, inHand.get(body) ?? id));
        if (isDouble) {
          const { deploymentId, stage, turn } = messageIn(body);
          this.doubles.add(`${deploymentId} ${stage} ${turn}`);
        }
        own.set(body, id);
      }
    }
  }

  /** Whether the message in hand came too early: another one holds the lease, or a call of the apply may still take effect. */
  #isEarly(body: string, messageId: string): boolean {
    const { deploymentId, stage, action } = messageIn(body);
    const { apply, [action]: progress } = this.record(deploymentId).stages[stage];
    const nowMs = this.clock.nowMs();
    const lastSignOfApplyMs = Math.max(apply.lease?.untilMs ?? 0, apply.overtakenUntilMs ?? 0);
    return (
      (progress.lease !== undefined && progress.lease.messageId !== messageId && progress.lease.untilMs > nowMs) ||
      (action === 'release' && lastSignOfApplyMs + readTimeoutMs > nowMs)
    );
  }

  #isIdle(): boolean {
    return this.cloud.isIdle() && this.functions.isIdle() && this.functions.polling === this.cloud.mns.parked;
  }
}
