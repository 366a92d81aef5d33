import type { EmbeddedCloud } from '../../local/cloud.ts';
import { blockedOf } from '../../shared/deployment/blocked.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import type { StageName } from '../../shared/pipeline.ts';
import type { Runtime } from '../../shared/runtime.ts';
import { inNetwork } from '../support/adopted.ts';
import type { Harness } from '../support/harness.ts';
import { rareChecks, StageDriver } from '../support/stage-driver.ts';
import { tutorialInFull } from '../support/tutorial.ts';
import { policyOf, policyWithout, refusalOf, type Role } from './policies.ts';
import type { Scenario } from './scenario.ts';
import type { Row } from './table.ts';

const specs = {
  plain: tutorialInFull,
  https: (cloud: EmbeddedCloud): SpecInput => {
    const { seeded } = inNetwork(cloud, { ipv6: false });
    cloud.alb.customPolicies.set('spy-one', { tlsVersions: ['TLSv1.2'], ciphers: [] });
    return {
      network: { vpcId: seeded.vpcId, vSwitchIds: seeded.vSwitchIds, enableIpv6: true },
      loadBalancer: { deletionProtection: true },
      listener: {
        protocol: 'HTTPS',
        certificateIds: ['1234567-cn-shanghai', '7654321-cn-shanghai'],
        securityPolicyId: 'spy-one',
      },
      dns: { domain: 'example.com', rr: 'www', icpFiled: true },
    };
  },
  looking: (): SpecInput => ({
    dns: { domain: 'example.com', rr: 'looking', icpFiled: true },
    probe: { vantage: 'instance', mostRequests: 2 },
  }),
  unlucky: (cloud: EmbeddedCloud): SpecInput => {
    cloud.alb.createFailed.add('unlucky');
    return {};
  },
} satisfies Record<string, (cloud: EmbeddedCloud) => SpecInput>;

export type DeploymentName = keyof typeof specs;

/** What is told of a refusal, and by which stage or function. */
export interface Told {
  at: string;
  text: string;
}

const ramProducts: Record<string, string> = { tablestore: 'ots', resourcemanager: 'ram', cas: 'yundun-cert' };

/** One embedded cloud with a few deployments, in which the functions of one role are refused one action at a time. */
export class World {
  readonly driver: StageDriver;
  readonly #ids = new Map<DeploymentName, string>();
  readonly restoreHealth: () => void;
  #logsFrom = 0;

  private constructor(driver: StageDriver) {
    this.driver = driver;
    const { alb } = driver.harness.cloud;
    const { health } = alb;
    this.restoreHealth = () => {
      alb.health = health;
    };
  }

  static async start(): Promise<World> {
    return new World(await StageDriver.start({ latency: rareChecks, throttles: false }));
  }

  async close(): Promise<void> {
    await this.driver.close();
  }

  get harness(): Harness {
    return this.driver.harness;
  }

  get cloud(): EmbeddedCloud {
    return this.harness.cloud;
  }

  /** Runs the scenario without the row's action. @returns what is told, and every action that was refused on the wire. */
  async without(row: Row, { prepare, act, finish }: Scenario): Promise<Told & { refused: string[] }> {
    await prepare?.(this, row);
    const from = this.cloud.wireLog.length;
    this.#logsFrom = this.harness.logs.length;
    const role = this.roleOf(row.role);
    this.cloud.credentials.setRolePolicies(role, [policyWithout(row.role, row.action)]);
    try {
      const told = await act(this, row);
      return { ...told, refused: this.refusedSince(from) };
    } finally {
      this.cloud.credentials.setRolePolicies(role, [policyOf(row.role)]);
      await finish?.(this, row);
    }
  }

  roleOf(role: Role): string {
    return `${this.harness.config.name}-${role}`;
  }

  runtime(functionName: string, role: Role = 'provisioner'): Runtime {
    return this.harness.runtime(functionName, this.roleOf(role));
  }

  idOf(name: DeploymentName): string {
    return this.#ids.get(name) ?? '';
  }

  async record(name: DeploymentName): Promise<DeploymentRecord> {
    return await this.harness.record(this.idOf(name));
  }

  async output(name: DeploymentName, stage: StageName, key: string): Promise<string> {
    return String((await this.record(name)).stages[stage].outputs[key]);
  }

  /** Asks the API for something that it must accept. */
  async ask(method: string, path: string, body?: unknown): Promise<void> {
    const response = await this.harness.api(method, path, body);
    if (response.status !== 202)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  }

  /** Requests the deployment, or retries the one that has failed. */
  async goOn(name: DeploymentName): Promise<void> {
    if (this.#ids.has(name)) return await this.ask('POST', `/load-balancers/${this.idOf(name)}/retry`);
    this.#ids.set(name, await this.harness.request({ ...specs[name](this.cloud), name, onFailure: 'retain' }));
  }

  /** Brings the deployment to ready, from wherever it is. */
  async ready(name: DeploymentName): Promise<void> {
    if (!this.#ids.has(name) || (await this.record(name)).status === 'failed') await this.goOn(name);
    await this.driver.run();
    const { status, failure } = await this.record(name);
    if (status !== 'ready') throw new Error(`${name} is ${status}: ${failure?.message}`);
  }

  /** As `ready`, unless it has been before. */
  async served(name: DeploymentName): Promise<void> {
    if (!this.#ids.has(name) || (await this.record(name)).readyAtMs === undefined) await this.ready(name);
  }

  async failure(name: DeploymentName): Promise<Told> {
    const record = await this.record(name);
    const { status } = record;
    const failure = blockedOf(record) ?? record.failure;
    return failure === undefined
      ? { at: `nowhere: ${name} is ${status}`, text: '' }
      : { at: failure.stage, text: `${failure.code}: ${failure.message}` };
  }

  /** What the function has logged since the action is refused. */
  logged(functionName: string): Told {
    const lines = this.harness.logs.slice(this.#logsFrom).filter((line) => line['function'] === functionName);
    return { at: functionName, text: lines.map((line) => JSON.stringify(line)).join('\n') };
  }

  async thrown(functionName: string, call: () => Promise<unknown>): Promise<Told> {
    const error: unknown = await call().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { at: functionName, text: error instanceof Error ? error.message : '' };
  }

  /** The API's answer, and what it has logged. */
  async answered(method: string, path: string, body?: SpecInput, headers?: Record<string, string>): Promise<Told> {
    const response = await this.harness.api(method, path, body, headers);
    return { at: 'api', text: `${response.status} ${await response.text()}\n${this.logged('api').text}` };
  }

  activeIds(): string[] {
    return this.cloud.tablestore.rows('dualstack_alb_active').map((row) => String(row['id']));
  }

  /** Actions that were refused to anybody, from an entry of the wire log on. */
  refusedSince(from: number): string[] {
    const refusals = this.cloud.wireLog
      .slice(from)
      .map(({ service, action, code }) => ({ action: `${ramProducts[service] ?? service}:${action}`, code }))
      .filter(({ action, code }) => code === refusalOf(action));
    return [...new Set(refusals.map(({ action }) => action))];
  }
}
