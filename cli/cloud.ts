import { createWriteStream, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedCloud } from '../local/cloud.ts';
import { type ControlPlane, startControlPlane } from '../local/control-plane.ts';
import { triggerHost } from '../local/fc/http-trigger.ts';
import { OffsetClock } from '../local/offset-clock.ts';
import { ApiGateway } from './api-gateway.ts';
import type { Checkout } from './checkout.ts';
import { CommandError } from './command-error.ts';
import { environmentOf } from './installation.ts';
import { needIpv6Loopback } from './machine.ts';
import { keysOf, noTokenWarning } from './keys.ts';
import { publishKeys } from './publish-keys.ts';
import {
  keyOptions,
  listenError,
  openForWriting,
  parseOptions,
  readFaults,
  readKeyOptions,
  readHosts,
  readLatency,
  readWholeNumber,
} from './options.ts';

const help = `npm run cloud -- [options]: the embedded cloud alone, for SDKs and other clients

  --port N             port of the base URL on 127.0.0.1; 0 = any free one (default 0)
  --host NAME          a name of this machine that requests may carry besides those of
                       loopback; may be given several times
  --url-file FILE      write the base URL to FILE once it answers, and the keys to
                       FILE.keys.json, which you alone can read
  --root-secret VALUE  secret of access key LTAI5tLocalRoot; default: another at each start
  --control-token VALUE
                       what /_local asks for; "none": nothing. Default: another each time
  --latency NAME       realistic, short or none: how long things take (default short)
  --seed N             seed of ids, addresses and injected chance (default 1)
  --faults FILE        JSON array of faults to inject; see docs/embedded-cloud.md
  --wire-log FILE      one JSON line for each call that reached the cloud
  --verbose            show the log lines of functions that were deployed to it
  --help               this text

It serves VPC, ECS, ALB, Alibaba Cloud DNS, RAM, ResourceManager, MNS, Tablestore, Function
Compute and its code in OSS at one base URL. GET {URL}/_local/endpoints shows addresses, DNS
and credentials to who has the token. The secret and the token may also stand in the variables
EMBEDDED_CLOUD_ROOT_SECRET and EMBEDDED_CLOUD_CONTROL_TOKEN, which other users cannot see.
Functions that are deployed to it run in it.`;

export async function runCloud(args: string[], { root }: Checkout): Promise<number> {
  const options = parseOptions(args, {
    port: { type: 'string', default: '0' },
    host: { type: 'string', multiple: true },
    'url-file': { type: 'string' },
    ...keyOptions,
    latency: { type: 'string', default: 'short' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string' },
    'wire-log': { type: 'string' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  await needIpv6Loopback();
  const port = readWholeNumber('port', options.port, 65_535);
  const wireLogFile = options['wire-log'];
  const wireLog =
    wireLogFile === undefined
      ? undefined
      : createWriteStream(wireLogFile, { fd: openForWriting('wire-log', wireLogFile) });
  let functions: ControlPlane | undefined;
  const cloud = new EmbeddedCloud({
    clock: new OffsetClock(),
    onKill: (accessKeyId) => functions?.compute.killByAccessKey(accessKeyId),
    latency: readLatency(options.latency),
    hosts: readHosts(options.host),
    ...readKeyOptions(options),
    seed: readWholeNumber('seed', options.seed, 2 ** 32 - 1),
    faults: readFaults(options.faults),
    ...(wireLog === undefined ? {} : { onCall: (entry) => wireLog.write(`${JSON.stringify(entry)}\n`) }),
  });
  const url = await cloud.start(port).catch((error: unknown) => {
    throw listenError(error, port);
  });
  functions = startControlPlane(cloud, {
    workerPath: join(root, 'dist', 'tools', 'worker.cjs'),
    environment: environmentOf(cloud),
    log: ({ level, functionName, message }) => {
      if (options.verbose || level === 'error') console.error(`${functionName}: ${message}`);
    },
  });
  cloud.addService(
    new ApiGateway({
      triggerHost: triggerHost(
        `${process.env['DUALSTACK_ALB_NAME'] ?? 'dualstack-alb'}-api`,
        cloud.context.regionId,
        cloud.credentials.accountId,
      ),
      credential: cloud.credentials.root,
      trigger: functions.compute.httpService,
      nowMs: () => cloud.clock.nowMs(),
    }),
  );
  const urlFile = options['url-file'];
  let published: ReturnType<typeof publishKeys> | undefined;
  try {
    published = publishKeys(keysOf(cloud), urlFile === undefined ? {} : { urlFile });
    cloud.keysFile = published.path;
    console.log(`The embedded cloud answers at ${url}`);
    console.log(`  region ${cloud.context.regionId}, account ${cloud.credentials.accountId}`);
    console.log(
      `  access key ${cloud.credentials.root.accessKeyId}; its secret and the token for /_local stand in\n    ${published.path}`,
    );
    console.log(`  DNS at ${cloud.dataPlane.dns.host} port ${cloud.dataPlane.dns.port} (UDP and TCP)`);
    console.log(`  controls: curl ${cloud.controlToken === null ? '' : '-u local:TOKEN '}${url}/_local/endpoints`);
    if (cloud.controlToken === null) console.error(noTokenWarning);
    console.log(
      '  functions that are deployed to it run in this process: no file, program or variable of yours, but loopback',
    );
    console.log('Ctrl-C ends it.');
    if (urlFile !== undefined) writeUrlFile(urlFile, url);
    await untilInterrupted();
  } finally {
    published?.remove();
    await functions.close();
    await cloud.close();
  }
  wireLog?.end();
  return 0;
}

/** Whoever waits for the file finds it whole. */
function writeUrlFile(path: string, url: string): void {
  const fresh = `${path}.${process.pid}`;
  try {
    writeFileSync(fresh, `${url}\n`);
    renameSync(fresh, path);
  } catch (error) {
    throw new CommandError(
      `--url-file: cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export async function untilInterrupted(): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      process.once('SIGINT', () => process.exit(130));
      resolve();
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
}
