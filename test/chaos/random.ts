import type { WireLogEntry } from '../../local/edge.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import { lostMessages } from '../../shared/deployment/lost-messages.ts';
import { ask } from './ask.ts';
import type { CallClass } from './cells.ts';
import { Course, start } from './course.ts';
import { type Asking, type Plan, planOf, textOf } from './random-plan.ts';

export interface RandomResult {
  seed: number;
  plan: string[];
  /** Faults that struck. */
  struck: number;
  /** How often what came about. */
  happened: Record<string, number>;
  problem?: string;
}

/** Several faults at random moments, and several askings while functions are under way; ends with nothing left. */
export async function runRandom(classes: CallClass[], seed: number): Promise<RandomResult> {
  const plan = planOf(classes, seed);
  const run = await RandomRun.start(plan, seed);
  try {
    await run.toItsEnd();
    return { seed, plan: textOf(plan), ...run.outcome() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { seed, plan: textOf(plan), ...run.outcome(), problem: `${reason} ${await run.state()}` };
  } finally {
    await run.close();
  }
}

const table = 'dualstack_alb_deployments';

class RandomRun {
  readonly #course: Course;
  readonly #plan: Plan;
  readonly #open: Plan['meddlings'];
  readonly #underWay = new Set<Promise<void>>();
  readonly #happened: Record<string, number> = {};
  /** Calls of functions so far, by the status that the deployment had. */
  readonly #calls: Record<string, number> = {};
  #status = '';
  #hasTwoSweeps: boolean;
  #isReleaseAccepted = false;
  /** Of an asking while functions were under way. */
  #failure: unknown;
  #patches = 0;

  private constructor(course: Course, plan: Plan) {
    this.#course = course;
    this.#plan = plan;
    this.#open = [...plan.meddlings];
    this.#hasTwoSweeps = plan.hasTwoSweeps;
  }

  static async start(plan: Plan, seed: number): Promise<RandomRun> {
    let run: RandomRun | undefined;
    const harness = await start({ seed, onCall: (entry) => run?.onCall(entry) });
    run = new RandomRun(new Course(harness, plan.scenario, { onFailure: plan.onFailure }), plan);
    harness.cloud.faults.add(...plan.rules, ...(plan.refusal === undefined ? [] : [plan.refusal]));
    harness.messageFaults.push(...plan.messages);
    return run;
  }

  get #harness() {
    return this.#course.harness;
  }

  /** Asks for it, and goes on until it is released. @throws Error when it ends otherwise. */
  async toItsEnd(): Promise<void> {
    const course = this.#course;
    let whenReady = this.#plan.whenReady;
    await course.post();
    for (let round = 0; round < 12; round += 1) {
      const { status, failure, rolledBack } = await this.#settled();
      if (status === 'released') return await this.#check('release');
      if (this.#isReleaseAccepted) throw new Error(`it is ${status} after its release was accepted`);
      if (status === 'ready') {
        await this.#check('apply');
        await Promise.all((whenReady.length === 0 ? (['release'] as const) : whenReady).map((what) => this.#ask(what)));
        whenReady = [];
      } else {
        if (failure?.code !== this.#plan.refusal?.code) throw new Error('it failed');
        this.#note(rolledBack === true ? 'failed and rolled back' : 'failed and kept');
        if (rolledBack === true) await this.#check('rollback');
        await this.#ask(this.#plan.afterFailure);
      }
    }
    throw new Error('it comes to no end');
  }

  /** Runs until nothing is under way any more. */
  async #settled(): Promise<DeploymentRecord> {
    const harness = this.#harness;
    const isSettled = async (): Promise<boolean> => {
      await Promise.all(this.#underWay);
      if (this.#failure !== undefined) throw this.#failure;
      const status = harness.statusOf(this.#course.id);
      if (status !== 'failed') return status === 'ready' || status === 'released';
      const { stages, rolledBack = false } = await harness.record(this.#course.id);
      // What is beside the failed stage ends, too.
      return (
        rolledBack ||
        Object.values(stages).every(({ apply: { state } }) => ['pending', 'done', 'failed'].includes(state))
      );
    };
    await harness.run(isSettled, 12 * 3_600_000);
    if (!(await isSettled())) throw new Error('nothing goes on any more');
    return await harness.record(this.#course.id);
  }

  async #check(end: 'apply' | 'release' | 'rollback'): Promise<void> {
    const course = this.#course;
    if (end === 'release') await course.runUntilOffTheList();
    await this.#harness.runUntilNoneIsLate();
    const problems = end === 'rollback' ? course.left() : await course.problems(end);
    if (end === 'apply') problems.push(...(await this.#notAsAsked()));
    if (problems.length > 0) throw new Error(problems.join('; '));
  }

  /** What a change was accepted for and did not come about. */
  async #notAsAsked(): Promise<string[]> {
    const { spec } = await this.#harness.record(this.#course.id);
    const { alb, dns } = this.#harness.cloud;
    const found = [...dns.records.values()].map(({ ttl }) => ttl);
    const intervals = alb.serverGroups.list().map(({ healthCheck }) => healthCheck.intervalSeconds);
    return [
      ...(found.includes(spec.dns?.ttl ?? 0) ? [] : [`TTL ${found.join()} instead of ${spec.dns?.ttl}`]),
      ...(intervals.includes(spec.serverGroup.healthCheck.intervalSeconds)
        ? []
        : [`checks every ${intervals.join()} s`]),
    ];
  }

  /** At every call that has reached the cloud, before its caller has the answer. */
  onCall({ caller, service, action, params }: WireLogEntry): void {
    const isOfRecord = service === 'tablestore' && params['table_name'] === table;
    if (isOfRecord && action === 'PutRow') this.#status = this.#harness.statusOf(this.#course.id) ?? '';
    if (!caller.startsWith('dualstack-alb-') || caller === 'dualstack-alb-api') return;
    const calls = (this.#calls[this.#status] ?? 0) + 1;
    this.#calls[this.#status] = calls;
    for (const meddling of this.#open.slice()) {
      if (meddling.during !== this.#status || calls <= meddling.afterCalls) continue;
      this.#open.splice(this.#open.indexOf(meddling), 1);
      this.#begin(() => this.#ask(meddling.what));
    }
    if (this.#hasTwoSweeps && caller === 'dualstack-alb-sweep' && isOfRecord && action === 'GetRow') {
      const record = this.#recordNow();
      const { clock, config } = this.#harness;
      if (record === undefined || lostMessages(record, clock.nowMs(), config.lostAfterMs).length === 0) return;
      this.#hasTwoSweeps = false;
      this.#note('a second sweep beside one that had found something');
      this.#begin(() => this.#ask('sweep'));
    }
  }

  #begin(work: () => Promise<void>): void {
    const promise: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#underWay.delete(promise));
    this.#underWay.add(promise);
  }

  async #ask(what: Asking): Promise<void> {
    const before = this.#status;
    const status = await this.#answer(what);
    if (what === 'sweep') return;
    const name = { release: 'DELETE', retry: 'retry', repair: 'apply', change: 'PATCH' }[what];
    this.#note(`${name} while ${before}: ${status === 202 ? 'accepted' : 'refused'}`);
    if (status !== 202 && status !== 409) throw new Error(`${name} was answered ${status}`);
    if (what !== 'release' || status !== 202) return;
    this.#isReleaseAccepted = true;
    const stages = Object.values(this.#recordNow()?.stages ?? {});
    if (before !== 'releasing' && stages.some(({ apply }) => apply.state === 'running'))
      this.#note('DELETE while a stage was running');
  }

  async #answer(what: Asking): Promise<number> {
    const path = `/load-balancers/${this.#course.id}`;
    const harness = this.#harness;
    switch (what) {
      case 'release':
        return await this.#course.release();
      case 'retry':
        return await ask(harness, 'POST', `${path}/retry`);
      case 'repair':
        return await ask(harness, 'POST', `${path}/apply`);
      case 'change':
        this.#patches += 1;
        return await ask(harness, 'PATCH', path, {
          dns: { ttl: 700 + this.#patches },
          serverGroup: { healthCheck: { intervalSeconds: 2 + this.#patches } },
        });
      case 'sweep':
        // It may be killed.
        await harness.sweep().catch(() => undefined);
        return 0;
    }
  }

  #recordNow(): DeploymentRecord | undefined {
    const [row] = this.#harness.cloud.tablestore.rows(table);
    return row === undefined ? undefined : (JSON.parse(String(row['doc'])) as DeploymentRecord);
  }

  #note(what: string): void {
    this.#happened[what] = (this.#happened[what] ?? 0) + 1;
  }

  outcome(): Pick<RandomResult, 'struck' | 'happened'> {
    const { cloud, messageFaults, swept } = this.#harness;
    const found = swept.filter(({ lost, overdue, staleLeases }) => lost + overdue + staleLeases > 0).length;
    return {
      struck:
        cloud.wireLog.filter(({ fault }) => fault !== undefined && fault !== 'error').length +
        messageFaults.filter(({ struck }) => struck === true).length,
      happened: { ...this.#happened, ...(found === 0 ? {} : { 'sweep that found something': found }) },
    };
  }

  async state(): Promise<string> {
    return await this.#course.state();
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#harness.close();
  }
}
