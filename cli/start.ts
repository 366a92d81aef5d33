import { randomUUID } from 'node:crypto';
import { createWriteStream, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { OffsetClock } from '../local/offset-clock.ts';
import { parseSpec } from '../shared/deployment/spec.ts';
import { untilInterrupted } from './cloud.ts';
import type { Checkout } from './checkout.ts';
import { CommandError } from './command-error.ts';
import { type CurlRun, hasPrivateIpv6, probeWithCurl } from './curl.ts';
import { ask, type Deployment, request, watch } from './deployment.ts';
import { type Installation, startInstallation } from './installation.ts';
import { keysOf, noTokenWarning, withToken } from './keys.ts';
import { publishKeys } from './publish-keys.ts';
import { needIpv6Loopback } from './machine.ts';
import {
  keyOptions,
  listenError,
  openForWriting,
  parseOptions,
  readFaults,
  readKeyOptions,
  readHosts,
  readJsonFile,
  readLatency,
  readWholeNumber,
} from './options.ts';
import { createProgress } from './progress.ts';
import { printFailure, printProof, printSummary, reportOf } from './report.ts';
import { seedOf } from './seed-of.ts';

const help = `npm start -- [options]: one request, a dual-stack load balancer, proved by curl -6

  --once               exit after the main job, which then releases everything and
                       proves it; 0 only if all is as expected
  --keep               with --once: leave the load balancer and skip the release
  --event FILE         the request (default events/create-load-balancer.json);
                       a network that it adopts is brought into being first
  --report FILE        write what happened as JSON
  --wire-log FILE      one JSON line for each call that reached the cloud
  --port N             port of the API on 127.0.0.1; 0 = any free one (default 0)
  --host NAME          a name of this machine that requests may carry besides those of
                       loopback; may be given several times
  --root-secret VALUE  secret of access key LTAI5tLocalRoot; default: another at each start
  --control-token VALUE
                       what /_local asks for; "none": nothing. Default: another each time
  --latency NAME       realistic, short or none: how long things take (default short)
  --seed N             seed of ids, addresses and injected chance (default 1)
  --faults FILE        JSON array of faults to inject; see docs/embedded-cloud.md
  --endpoint URL       use the embedded cloud (or a proxy before one) at URL
  --async-invocation   let the queue triggers invoke asynchronously
  --one-queue          all stages behind one queue, as s-one-queue.yaml has it
  --verbose            show the functions' log lines
  --help               this text`;

/** Longer than any latency needs; a run that takes longer has hung. */
export const longestRunMs = { realistic: 30 * 60_000, short: 10 * 60_000, none: 10 * 60_000 };

export async function runStart(args: string[], { root, buildFunctions }: Checkout): Promise<number> {
  const options = parseOptions(args, {
    once: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    event: { type: 'string' },
    report: { type: 'string' },
    'wire-log': { type: 'string' },
    port: { type: 'string', default: '0' },
    host: { type: 'string', multiple: true },
    ...keyOptions,
    latency: { type: 'string', default: 'short' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string' },
    endpoint: { type: 'string' },
    'async-invocation': { type: 'boolean', default: false },
    'one-queue': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  const latency = readLatency(options.latency);
  const port = readWholeNumber('port', options.port, 65_535);
  const seed = readWholeNumber('seed', options.seed, 2 ** 32 - 1);
  const eventFile = options.event ?? resolve(root, 'events', 'create-load-balancer.json');
  const event = readJsonFile('event', eventFile);
  if (options.endpoint !== undefined)
    for (const name of ['faults', 'wire-log'] as const)
      if (options[name] !== undefined)
        throw new CommandError(
          `--${name} belongs to the embedded cloud: give it to "npm run cloud", not together with --endpoint.`,
        );
  const faults = readFaults(options.faults);
  const wireLogFile = options['wire-log'];
  const wireLog =
    wireLogFile === undefined
      ? undefined
      : createWriteStream(wireLogFile, { fd: openForWriting('wire-log', wireLogFile) });
  const report = options.report === undefined ? undefined : openForWriting('report', options.report);
  await needIpv6Loopback();

  const installation = await startInstallation({
    root,
    codeDir: buildFunctions,
    port,
    endpoint: options.endpoint,
    cloud: {
      clock: new OffsetClock(),
      latency,
      hosts: readHosts(options.host),
      ...readKeyOptions(options),
      seed,
      faults,
      ...(wireLog === undefined ? {} : { onCall: (entry) => wireLog.write(`${JSON.stringify(entry)}\n`) }),
    },
    asyncInvocation: options['async-invocation'],
    oneQueue: options['one-queue'],
    onLog: ({ level, functionName, message }) => {
      if (options.verbose || level === 'error') console.error(`${functionName}: ${message}`);
    },
  }).catch((error: unknown) => {
    throw listenError(error, port);
  });

  let exitCode = 1;
  let keys: ReturnType<typeof publishKeys> | undefined;
  try {
    if (installation.cloud !== undefined) {
      keys = publishKeys(keysOf(installation.cloud));
      installation.cloud.keysFile = keys.path;
    }
    console.log('dualstack-alb: a dual-stack load balancer from one HTTP request\n');
    console.log(`  channel inbox   ${withToken(installation.cloudUrl)}/_local/inbox`);
    console.log(
      `  embedded cloud  ${installation.cloudUrl}${options.endpoint === undefined ? ` (latency ${latency}, seed ${seed})` : ''}`,
    );
    if (keys !== undefined) console.log(`  its keys        ${keys.path}`);
    if (installation.cloud?.controlToken === null) console.error(noTokenWarning);
    const isDone = await mainJob(installation, {
      event,
      eventFile,
      root,
      report,
      longestMs: longestRunMs[latency],
      releases: options.once && !options.keep,
    });
    exitCode = isDone ? 0 : 1;
    if (!options.once) {
      console.log(`\nServing at ${installation.url}/load-balancers until Ctrl-C.`);
      await untilInterrupted();
    }
  } catch (error) {
    if (report !== undefined) writeReport(report, { status: 'unfinished', reason: reasonOf(error) });
    throw error;
  } finally {
    keys?.remove();
    await installation.close();
    await new Promise<void>((done) => (wireLog === undefined ? done() : wireLog.end(() => done())));
  }
  return exitCode;
}

/** What the main job needs of an installation: no matter where the functions run. */
export type Target = Pick<Installation, 'url' | 'dns' | 'route' | 'seed' | 'wireCalls'>;

interface Job {
  event: unknown;
  eventFile: string;
  root: string;
  /** File descriptor. */
  report: number | undefined;
  longestMs: number;
  /** Release at the end, with proof. */
  releases: boolean;
}

/** One request, watched until it is ready, probed with curl and, if so asked, released with proof. */
export async function mainJob(
  installation: Target,
  { event, eventFile, root, report, longestMs, releases }: Job,
): Promise<boolean> {
  // What is wrong with the request, the API says best.
  const seed = 'spec' in parseSpec(event) ? seedOf(event) : undefined;
  if (seed !== undefined) {
    await installation.seed(seed);
    console.log(`  network         ${seed.vpcId} with ${seed.instances.length} servers stands ready`);
  }
  const location = await request(installation.url, event, randomUUID());
  console.log(`  request         POST /load-balancers < ${relative(root, resolve(eventFile))}`);
  console.log(`  answer          202, Location: ${location}\n`);
  const progress = createProgress(process.stdout);
  const deployment = await watch(`${installation.url}${location}`, (state) => progress.show(state), longestMs);
  progress.end();

  let runs: CurlRun[] = [];
  if (deployment.status === 'ready') {
    runs = await probeWithCurl(deployment, installation);
    printSummary(deployment, `${installation.url}${location}`);
  } else printFailure(deployment);
  const problems = judge(deployment, runs);
  const released =
    releases && deployment.status === 'ready' ? await releaseAndProve(installation, location, longestMs) : undefined;
  if (released !== undefined && (released.status !== 'released' || released.proof?.isEmpty !== true))
    problems.push(`after the release the deployment is ${released.status}`);
  for (const problem of problems) console.log(`\nNot as expected: ${problem}`);
  if (report !== undefined) writeReport(report, reportOf(deployment, runs, await installation.wireCalls(), released));
  return problems.length === 0;
}

const writeReport = (report: number, content: object): void =>
  writeFileSync(report, `${JSON.stringify(content, undefined, 2)}\n`);

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** DELETE, the stages in reverse, and the proof that nothing is left. */
async function releaseAndProve(installation: Target, location: string, longestMs: number): Promise<Deployment> {
  console.log(`\n  DELETE ${location}\n`);
  await ask(`${installation.url}${location}`, 'DELETE');
  const progress = createProgress(process.stdout);
  const released = await watch(`${installation.url}${location}`, (state) => progress.show(state), longestMs, 'release');
  progress.end();
  printProof(released);
  return released;
}

/** What is not as a ready dual-stack load balancer should be. */
function judge(deployment: Deployment, runs: CurlRun[]): string[] {
  if (deployment.status !== 'ready') return [`the deployment is ${deployment.status}`];
  const problems = deployment.conditions
    .filter(({ status }) => status === 'False')
    .map(({ type, message }) => `${type} is False: ${message}`);
  const failed = runs.find(({ status, unwell }) => status < 200 || unwell !== undefined);
  if (failed !== undefined) problems.push(`curl was ${failed.unwell ?? `answered with status ${failed.status}`}`);
  if (hasPrivateIpv6(deployment)) return problems;
  const { listener, backends } = deployment.spec;
  if (listener.redirectHttp === true && !runs.some(({ location }) => location?.startsWith('https://') === true))
    problems.push('port 80 does not redirect to HTTPS');
  // A redirect is the load balancer's own answer, not a server's (P-078).
  const answers = runs.filter(({ status }) => status < 300);
  const weights = backends.map(({ weight }) => weight);
  const heaviest = Math.max(...weights) / weights.reduce((sum, weight) => sum + weight, 0);
  const distinct = new Set(answers.map(({ body }) => body)).size;
  const areToldApart = deployment.conditions.some(
    ({ type, status }) => type === 'AnswersOverIpv6' && status === 'True',
  );
  // Servers of little weight cannot be expected among so few answers.
  if (areToldApart && distinct < 2 && answers.length * (1 - heaviest) >= 1)
    problems.push(`all ${answers.length} answers were the same, though several servers should answer in turn`);
  return problems;
}
