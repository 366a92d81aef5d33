import type { SpecInput } from '../../shared/deployment/spec.ts';
import { stageNames } from '../../shared/pipeline.ts';
import { driftOf } from '../support/by-hand.ts';
import { Harness, type HarnessOptions } from '../support/harness.ts';
import { remainsOf } from '../support/remains.ts';
import { ask, post } from './ask.ts';
import { notExactlyOne, standing } from './invariants.ts';
import { type Direction, directions, type ScenarioName, scenarios } from './scenarios.ts';

/** A cloud with all functions; a late answer costs a quarter of a second. */
export const start = (options: HarnessOptions) => Harness.start({ readTimeoutMs: 250, deadLetters: true, ...options });

/** One deployment of a scenario. */
export class Course {
  readonly harness: Harness;
  id = '';
  readonly #name: ScenarioName;
  readonly #before: string[];
  /** Ids of what stands there before, but for a record at its name: that is its own for as long as it leads to it. */
  readonly #adopted: string[];
  readonly #spec: SpecInput;

  constructor(harness: Harness, name: ScenarioName, more: SpecInput = {}) {
    this.harness = harness;
    this.#name = name;
    this.#spec = { ...scenarios[name].prepare(harness.cloud), ...more };
    this.#before = standing(harness.cloud);
    this.#adopted = remainsOf(harness.cloud)
      .map((kindAndId) => kindAndId.split(' '))
      .flatMap(([kind, id = '']) => (kind === 'record' ? [] : [id]));
  }

  get directions(): Direction[] {
    return directions.filter((direction) => direction !== 'change' || scenarios[this.#name].change !== undefined);
  }

  /** Asks for it. */
  async post(): Promise<void> {
    this.id = await post(this.harness, this.#name, this.#spec);
  }

  /** Asks for its release. @returns the status of the answer. */
  async release(): Promise<number> {
    return await ask(this.harness, 'DELETE', `/load-balancers/${this.id}${scenarios[this.#name].query ?? ''}`);
  }

  /** Takes it through a direction, to its end. @throws Error when it does not get there. */
  async go(direction: Direction): Promise<void> {
    const { harness } = this;
    const { change, mishaps } = scenarios[this.#name];
    harness.cloud.faults.add(...(mishaps?.[direction]?.rules ?? []));
    // Copies, since each is marked once it has struck.
    for (const message of mishaps?.[direction]?.messages ?? []) harness.messageFaults.push({ ...message });
    if (direction === 'apply') {
      await this.post();
      await harness.runUntil(this.id, 'ready');
    } else if (direction === 'change') await change?.(harness, this.id);
    else {
      const status = await this.release();
      if (status !== 202) throw new Error(`DELETE answered ${status}`);
      await harness.runUntil(this.id, 'released');
    }
    if (direction === 'release') await this.runUntilOffTheList();
    await harness.runUntilNoneIsLate();
  }

  /** Where the last function died before it took the deployment off the list of the sweep, the next one does. */
  async runUntilOffTheList(): Promise<void> {
    await this.harness.run(() => this.harness.cloud.tablestore.rows('dualstack_alb_active').length === 0);
  }

  /** What is wrong at the end of a direction. */
  async problems(direction: Direction): Promise<string[]> {
    return direction === 'release' ? await this.#afterRelease() : await this.#whenReady(direction);
  }

  async #whenReady(direction: Direction): Promise<string[]> {
    const { harness } = this;
    const record = await harness.record(this.id);
    const problems = notExactlyOne(harness.cloud, record, {
      ...scenarios[this.#name],
      adopted: this.#adopted,
    });
    if (record.status !== 'ready') problems.push(`it is ${record.status} afterwards`);
    if (direction !== 'change') return problems;
    harness.cloud.faults.clear();
    const { differences } = await driftOf(harness, this.id);
    return [...problems, ...differences.map(({ stage, message }) => `${stage} differs: ${message}`)];
  }

  async #afterRelease(): Promise<string[]> {
    const { status } = await this.harness.record(this.id);
    return [...(status === 'released' ? [] : [`it is ${status} afterwards`]), ...this.left()];
  }

  /** Where what stands in the cloud differs from what stood there before. */
  left(): string[] {
    const { harness } = this;
    // A service takes back by itself what it keeps in a network that stays.
    harness.clock.advance(5000);
    const after = standing(harness.cloud);
    return [
      ...after.filter((each) => !this.#before.includes(each)).map((each) => `left: ${each}`),
      ...this.#before.filter((each) => !after.includes(each)).map((each) => `not there any more: ${each}`),
    ];
  }

  /** Where it stands, in a line. */
  async state(): Promise<string> {
    const record = await this.harness.record(this.id).catch(() => undefined);
    if (record === undefined) return '(no record)';
    const action = record.desired === 'ready' ? 'apply' : 'release';
    const open = stageNames
      .filter((name) => record.stages[name][action].state !== 'done')
      .map((name) => `${name} ${record.stages[name][action].state}: ${record.stages[name][action].reason ?? ''}`);
    return `[${record.status}; ${open.slice(0, 4).join('; ')}; ${record.failure?.code ?? ''}]`;
  }
}
