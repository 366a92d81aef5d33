import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Checkout } from '../checkout.ts';
import { CommandError } from '../command-error.ts';
import { ask, type Deployment, request } from '../deployment.ts';
import { needIpv6Loopback } from '../machine.ts';
import { parseOptions, readJsonFile, readWholeNumber } from '../options.ts';
import { TimeLapseInstallation } from './time-lapse-installation.ts';
import { sayChange, type ToldChange, toldChanges } from './told.ts';

const help = `npm run outage -- [options]: a load balancer, four outages, and what is told of them

A fresh embedded cloud whose minutes pass in milliseconds: provision, stop ECS02,
start it, drop its security group rule, point the CNAME elsewhere, let ECS02 flap,
release. Exits with 0 only if each is told, named and taken back as it should be; the
first that is not ends the story.

  --seed N     seed of ids and addresses (default 1)
  --verbose    show the functions' log lines
  --help       this text`;

const minuteMs = 60_000;
/** Three ticks, the part of one before the first, health checks, half a minute between messages. */
const noticedWithinMs = 6 * minuteMs;
const overWithinMs = 6 * minuteMs;
const victim = 'ECS02';

export async function runOutage(args: string[], checkout: Checkout): Promise<number> {
  const options = parseOptions(args, {
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  const seed = readWholeNumber('seed', options.seed, 2 ** 32 - 1);
  const event = readJsonFile('event', resolve(checkout.root, 'events', 'create-load-balancer.json'));
  await needIpv6Loopback();
  const lapse = await TimeLapseInstallation.start(checkout, seed, ({ level, functionName, message }) => {
    if (options.verbose) console.error(`${level} ${functionName}: ${message}`);
  });
  try {
    return (await new Story(lapse, event).play()) ? 0 : 1;
  } finally {
    await lapse.close();
  }
}

class NotAsExpected extends Error {
  override readonly name = 'NotAsExpected';
}

/** The outages one after the other. What comes next builds on what was before: the first thing that goes wrong ends it. */
class Story {
  readonly #lapse: TimeLapseInstallation;
  readonly #event: unknown;
  readonly #startMs: number;
  #url = '';
  #shown = 0;

  constructor(lapse: TimeLapseInstallation, event: unknown) {
    this.#lapse = lapse;
    this.#event = event;
    this.#startMs = lapse.clock.nowMs();
  }

  /** @returns whether all was told as it should be. */
  async play(): Promise<boolean> {
    console.log('Minutes and seconds of the cloud, what was done, and what the channels were told:\n');
    try {
      await this.#provision();
      await this.#stopAndStart();
      await this.#dropRule();
      await this.#breakName();
      await this.#flap();
      await this.#release();
      this.#mustBeTakenBack();
    } catch (error) {
      if (!(error instanceof NotAsExpected)) throw error;
      console.log(`\nNot as expected: ${error.message}`);
      return false;
    }
    const { messages } = this.#lapse.cloud.inbox;
    const refused = messages.filter(({ isTaken }) => !isTaken).length;
    const perChannel = messages.filter(({ channel }) => channel === 'dingtalk').length;
    console.log(
      `\n${this.#told().length} changes told in ${perChannel} messages a channel; ${refused} messages refused.`,
    );
    return true;
  }

  async #provision(): Promise<void> {
    const { url } = this.#lapse.installation;
    this.#say('POST /load-balancers');
    this.#url = `${url}${await request(url, this.#event, randomUUID())}`;
    const deployment = await this.#becomes('ready');
    this.#say(`ready: ${deployment.domainName ?? deployment.dnsName ?? deployment.id}`);
    await this.#pass(5);
    if (this.#told().length > 0) throw new NotAsExpected('something was told although nothing was wrong');
  }

  async #stopAndStart(): Promise<void> {
    this.#say(`stop ${victim}`);
    this.#stop();
    await this.#expect('fired', 'backend-down', victim, noticedWithinMs);
    this.#say(`start ${victim}`);
    this.#start();
    await this.#expect('resolved', 'backend-down', victim, overWithinMs);
    await this.#settle();
  }

  /** The rule that lets the load balancer reach the server over IPv6. */
  async #dropRule(): Promise<void> {
    const { ecs } = this.#lapse.cloud;
    const isIpv6Tcp = ({ ipProtocol, ipv6SourceCidrIp }: { ipProtocol: string; ipv6SourceCidrIp: string }): boolean =>
      ipProtocol === 'TCP' && ipv6SourceCidrIp !== '';
    const group = ecs.securityGroups
      .list()
      .find(({ serviceManaged, rules }) => !serviceManaged && rules.some(isIpv6Tcp));
    if (group === undefined) throw new CommandError('no security group has a rule for TCP over IPv6');
    this.#say(`drop the IPv6 rule of security group ${group.id}`);
    group.rules = group.rules.filter((rule) => !isIpv6Tcp(rule));
    await this.#expect('fired', 'backend-down', victim, noticedWithinMs);
    await this.#expect('fired', 'drift', undefined, noticedWithinMs, (evidence) =>
      evidence.startsWith('security-group: '),
    );
    this.#say('POST …/apply');
    await ask(`${this.#url}/apply`, 'POST');
    await this.#becomes('ready');
    await this.#expect('resolved', 'backend-down', victim, 20 * minuteMs);
    await this.#settle();
  }

  async #breakName(): Promise<void> {
    const { dns } = this.#lapse.cloud;
    const record = [...dns.records.values()].find(({ type }) => type === 'CNAME');
    if (record === undefined) throw new CommandError('there is no CNAME');
    const { value, line, ttl, domainName } = record;
    const pointTo = (target: string) =>
      dns.updateRecord(record, { rr: record.rr, type: 'CNAME', value: target, line, ttl });
    const old = dns.addRecord(dns.domain(domainName), { rr: 'old', type: 'AAAA', value: '2001:db8::80', line, ttl });
    const elsewhere = `${old.rr}.${domainName}`;
    this.#say(`point the CNAME to ${elsewhere}`);
    pointTo(elsewhere);
    // Resolvers remember the former one for its TTL.
    await this.#expect(
      'fired',
      'front-down',
      undefined,
      noticedWithinMs + ttl * 1000,
      (evidence) => evidence.startsWith('cname-elsewhere: ') && evidence.includes(elsewhere),
    );
    this.#say('point the CNAME back');
    pointTo(value);
    await this.#expect('resolved', 'front-down', undefined, overWithinMs + ttl * 1000);
    dns.removeRecord(old);
    await this.#settle();
  }

  async #flap(): Promise<void> {
    const before = this.#told().length;
    this.#say(`${victim} stops and starts ten times, two minutes each`);
    for (let flap = 0; flap < 10; flap += 1) {
      this.#stop();
      await this.#pass(2);
      this.#start();
      await this.#pass(2);
    }
    const fired = this.#told()
      .slice(before)
      .filter(({ type, kind }) => type === 'fired' && kind === 'backend-down');
    this.#say(`${fired.length} alert${fired.length === 1 ? '' : 's'} of ${victim} in ten outages`);
    if (fired.length !== 1)
      throw new NotAsExpected(`ten outages in 40 minutes should be one alert, not ${fired.length}`);
    await this.#expect('resolved', 'backend-down', victim, 30 * minuteMs);
    await this.#settle();
  }

  async #release(): Promise<void> {
    this.#say('DELETE');
    await ask(this.#url, 'DELETE');
    const deployment = await this.#becomes('released');
    this.#say(`released, ${deployment.proof?.isEmpty === true ? 'nothing is left' : 'without proof'}`);
    if (deployment.proof?.isEmpty !== true) throw new NotAsExpected('the release has no proof of emptiness');
    await this.#pass(3);
  }

  #told(): ToldChange[] {
    return toldChanges(this.#lapse.cloud.inbox);
  }

  /** Waits for a change that has not been waited for yet. */
  async #expect(
    type: ToldChange['type'],
    kind: string,
    subject: string | undefined,
    withinMs: number,
    isMeant: (evidence: string) => boolean = () => true,
  ): Promise<void> {
    const sinceMs = this.#lapse.clock.nowMs();
    const found = await this.#lapse.until(() => {
      this.#show();
      return this.#told().find(
        (change) =>
          change.atMs >= sinceMs &&
          change.type === type &&
          change.kind === kind &&
          change.subject === subject &&
          isMeant(change.evidence),
      );
    }, withinMs);
    if (found === undefined)
      throw new NotAsExpected(
        `${type} ${kind}${subject === undefined ? '' : ` ${subject}`} was not told within ${withinMs / minuteMs} minutes`,
      );
  }

  /** Waits until nothing is open any more, so that what comes next stands by itself. */
  async #settle(): Promise<void> {
    await this.#lapse.until(() => {
      this.#show();
      return this.#open().length > 0 ? undefined : true;
    }, 40 * minuteMs);
  }

  #open(): ToldChange[] {
    const told = this.#told();
    return told.filter(
      ({ type, alertId }) =>
        type === 'fired' && !told.some((other) => other.type === 'resolved' && other.alertId === alertId),
    );
  }

  #mustBeTakenBack(): void {
    const open = this.#open();
    if (open.length > 0) throw new NotAsExpected(`never taken back: ${open.map(sayChange).join('; ')}`);
  }

  async #becomes(status: Deployment['status']): Promise<Deployment> {
    const found = await this.#lapse.until(async () => {
      this.#show();
      const deployment = (await (await fetch(this.#url)).json()) as Deployment;
      return [status, 'failed'].includes(deployment.status) ? deployment : undefined;
    }, 60 * minuteMs);
    if (found?.status !== status)
      throw new CommandError(
        `the deployment did not become ${status}: ${found?.failure?.message ?? 'it takes too long'}`,
      );
    return found;
  }

  async #pass(minutes: number): Promise<void> {
    await this.#lapse.until(() => {
      this.#show();
      return undefined;
    }, minutes * minuteMs);
    this.#show();
  }

  #instanceId(): string {
    const found = this.#lapse.cloud.ecs.instances.list().find(({ name }) => name === victim);
    if (found === undefined) throw new CommandError(`there is no instance ${victim}`);
    return found.id;
  }

  #stop(): void {
    this.#lapse.cloud.ecs.stop(this.#instanceId());
  }

  #start(): void {
    this.#lapse.cloud.ecs.start(this.#instanceId());
  }

  #say(text: string, atMs = this.#lapse.clock.nowMs()): void {
    const seconds = Math.floor((atMs - this.#startMs) / 1000);
    const time = `${String(Math.floor(seconds / 60)).padStart(4)}:${String(seconds % 60).padStart(2, '0')}`;
    console.log(`${time}  ${text}`);
  }

  /** Prints what was told since the last look. */
  #show(): void {
    const told = this.#told();
    for (const change of told.slice(this.#shown)) this.#say(`      » ${sayChange(change)}`, change.atMs);
    this.#shown = told.length;
  }
}
