import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Checkout } from './checkout.ts';
import { checkComponent } from './component.ts';
import { CommandError } from './command-error.ts';
import { baseEnvironment, control, type Endpoints } from './installation.ts';
import { localCopy } from './local-copy.ts';
import { needIpv6Loopback } from './machine.ts';
import { parseOptions, readJsonFile, readLatency } from './options.ts';
import {
  componentVariable,
  fc3Version,
  findComponent,
  findS,
  makeHome,
  NotRun,
  runS,
  type SRun,
} from './serverless-devs.ts';
import { longestRunMs, mainJob } from './start.ts';
import { valueAt } from '../shared/dictionary.ts';

const help = `npm run deploy:local -- [options]: the real "s deploy" of s.yaml to the embedded cloud

  --component PATH   folder of component fc3; default DUALSTACK_ALB_FC3_COMPONENT, or
                     what s has on this machine, or what it fetches itself
  --endpoint URL     an embedded cloud that runs already; default one of its own
  --event FILE       the request (default events/create-load-balancer.json)
  --latency NAME     realistic, short or none: how long things take (default short)
  --keep             leave the functions, and the copy s.local.yaml
  --verbose          show all that s prints
  --help             this text

It deploys a copy of s.yaml with two differences (the component's path, and invocationRole
on queue triggers), whose pre-deploy action prepares the account; requests a load balancer
from the functions deployed, releases it, and removes the functions. Without s or its
component it prints NOT RUN and ends with status 3.`;

/** Status of a run that could not be: neither passed nor failed. */
const notRunStatus = 3;
const longestDeployMs = 15 * 60_000;

export async function runDeployLocal(args: string[], checkout: Checkout): Promise<number> {
  const options = parseOptions(args, {
    component: { type: 'string' },
    endpoint: { type: 'string' },
    event: { type: 'string' },
    latency: { type: 'string', default: 'short' },
    keep: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  const { root } = checkout;
  const latency = readLatency(options.latency);
  const eventFile = options.event ?? resolve(root, 'events', 'create-load-balancer.json');
  const event = readJsonFile('event', eventFile);
  let command: string[];
  let component: string | undefined;
  try {
    command = findS(root);
    component = await findComponent(options.component ?? process.env[componentVariable]);
  } catch (error) {
    if (!(error instanceof NotRun)) throw error;
    console.log(`NOT RUN: ${error.message}.`);
    return notRunStatus;
  }
  await needIpv6Loopback();
  await checkout.buildFunctions();
  const folder = mkdtempSync(join(tmpdir(), 'dualstack-alb-s-'));
  const copy = join(root, 's.local.yaml');
  const cloud = options.endpoint === undefined ? await startCloud(root, folder, latency) : undefined;
  try {
    const url = cloud?.url ?? (options.endpoint as string).replace(/\/+$/, '');
    const there = (await control(url, 'GET', 'endpoints')) as Endpoints;
    // For the pre-deploy action: what it prepares is this cloud's account.
    const env = {
      ...baseEnvironment(there.regionId, there.accountId, { secret: there.credentials.accessKeySecret }),
      DUALSTACK_ALB_ENDPOINT: url,
    };
    writeFileSync(
      copy,
      localCopy(readFileSync(join(root, 's.yaml'), 'utf8'), {
        accountId: there.accountId,
        ...(component === undefined ? {} : { component }),
      }),
    );
    makeHome(folder);
    if (component !== undefined) console.log(`${checkComponent(root, component)}\n`);
    const run: SRun = {
      command,
      cwd: root,
      home: folder,
      endpoint: url,
      account: { accountId: there.accountId, ...there.credentials },
      env,
      longestMs: longestDeployMs,
      onLine: (line) => {
        if (options.verbose) console.log(`  ${line}`);
        else if (/^\s*[✔✖] (\[|Global)/.test(line)) console.log(`  ${line.trim()}`);
      },
    };
    console.log(
      `$ s deploy -y -t s.local.yaml   (component ${component ?? `fc3@${fc3Version}`}, embedded cloud ${url})\n`,
    );
    await mustRun(['deploy', '-y', '-t', copy], run);
    const deployed = await callsOf(url);
    console.log(
      `\n  prepared: ${deployed.roles} roles, ${deployed.queues} queues and ${deployed.tables} tables made\n  deployed: ${deployed.uploads} archives uploaded, ${deployed.functions} functions and ${deployed.triggers} triggers made\n`,
    );
    const isDone = await mainJob(
      {
        url,
        dns: there.dns,
        route: async (address, port) =>
          (await control(url, 'GET', `route?address=${encodeURIComponent(address)}&port=${port}`)) as never,
        seed: async (seed) => {
          await control(url, 'POST', 'seed', seed);
        },
        wireCalls: async () => ((await control(url, 'GET', 'wire-log?from=999999999')) as { next: number }).next,
      },
      { event, eventFile, root, report: undefined, longestMs: longestRunMs[latency], releases: true },
    );
    if (!options.keep) {
      console.log('\n$ s remove -y -t s.local.yaml\n');
      await mustRun(['remove', '-y', '-t', copy, '--skip-actions'], run);
      const { removed, functions } = await callsOf(url);
      console.log(`\n  ${removed} of ${functions} functions removed`);
      if (removed !== functions) return 1;
    }
    return isDone ? 0 : 1;
  } finally {
    await cloud?.stop();
    rmSync(folder, { recursive: true, force: true });
    if (!options.keep) rmSync(copy, { force: true });
  }
}

async function mustRun(args: string[], run: SRun): Promise<void> {
  const { exitCode, output } = await runS(args, run);
  // It ends with 0 though a resource has failed.
  if (exitCode === 0 && !/^\s*✖ /m.test(output)) return;
  throw new CommandError(`s ${args[0] ?? ''} failed:\n${output.trim().split('\n').slice(-30).join('\n')}`);
}

/** `npm run cloud` in a process of its own. */
async function startCloud(root: string, folder: string, latency: string) {
  const urlFile = join(folder, 'url');
  const child = spawn(
    process.execPath,
    [join(root, 'cli', 'run.mjs'), 'cloud', '--url-file', urlFile, '--latency', latency],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  child.stdout.resume();
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('close', done));
    child.kill('SIGTERM');
    await ended;
  };
  for (let attempt = 0; attempt < 600; attempt += 1) {
    try {
      return { url: readFileSync(urlFile, 'utf8').trim(), stop };
    } catch {
      if (child.exitCode !== null) break;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  await stop();
  throw new CommandError('the embedded cloud did not start.');
}

/** What the wire log says of the deployment. */
async function callsOf(url: string) {
  const { calls } = (await control(url, 'GET', 'wire-log')) as {
    calls: { service: string; action: string; httpStatus: number; params: Record<string, unknown> }[];
  };
  const names = (service: string, action: string, ...params: string[]) =>
    new Set(
      calls
        .filter((call) => call.service === service && call.action === action && call.httpStatus < 300)
        .map((call) => params.map((name) => String(valueAt(call.params, name))).join(' ')),
    ).size;
  return {
    roles: names('ram', 'CreateRole', 'RoleName'),
    queues: names('mns', 'CreateQueue', 'QueueName'),
    tables: names('tablestore', 'CreateTable', 'table_name'),
    uploads: names('oss', 'PutObject', 'object'),
    functions: names('fc', 'CreateFunction', 'functionName'),
    triggers: names('fc', 'CreateTrigger', 'functionName', 'triggerName'),
    removed: names('fc', 'DeleteFunction', 'functionName'),
  };
}
