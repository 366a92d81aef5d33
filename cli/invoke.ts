import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FunctionSpec } from '../local/fc/spec.ts';
import type { Checkout } from './checkout.ts';
import { CommandError } from './command-error.ts';
import { groundOf } from './ground.ts';
import { needIpv6Loopback } from './machine.ts';
import { parseWords } from './options.ts';
import { measureAll, printReport } from './measure.ts';
import { type Invoked, MeasuredInstance } from './measured-instance.ts';

const help = `npm run invoke -- FUNCTION EVENT [options]
Runs one function once, as Function Compute would: its bundle in a fresh instance, with
its role, environment, time limit and memory of s.yaml, on the bytes of the file EVENT.

  FUNCTION             network, api, sweep... (with or without the prefix of the installation)
  EVENT                a file, such as events/queue-stream.json
  --endpoint URL       on the embedded cloud at URL ("npm run cloud"); default: one that
                       lasts for this call, and has the deployment that events/ name
  --json               the result as JSON
  --report             every function on all its events, in the life of one deployment:
                       duration and peak memory beside what s.yaml asks for
  --help               this text

Exit status 1 when the function fails.`;

export async function runInvoke(args: string[], { root, buildFunctions }: Checkout): Promise<number> {
  const { values: options, positionals } = parseWords(args, {
    endpoint: { type: 'string' },
    json: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  const [name, file] = positionals;
  if (!options.report && (name === undefined || file === undefined || positionals.length > 2))
    throw new CommandError('A function and an event file are needed, in this order.\nTry --help.');
  if (options.report && positionals.length > 0)
    throw new CommandError('--report runs every function: it takes no function and no event.\nTry --help.');
  const event = file === undefined ? undefined : readEvent(file);
  if (options.endpoint === undefined) await needIpv6Loopback();
  const codeDir = await buildFunctions();
  if (options.report) {
    const measures = await measureAll(root, codeDir);
    printReport(measures);
    return measures.some(({ problem }) => problem !== undefined) ? 1 : 0;
  }
  const ground = await groundOf(root, options.endpoint, name === 'stages' ? 's-one-queue.yaml' : 's.yaml');
  try {
    const spec = ground.specs.find(({ functionName }) => [name, `dualstack-alb-${name}`].includes(functionName));
    if (spec === undefined)
      throw new CommandError(
        `There is no function "${name}". There are: ${ground.specs.map(({ functionName }) => functionName.replace('dualstack-alb-', '')).join(', ')}.`,
      );
    const instance = await MeasuredInstance.start(ground, { root, codeDir, spec });
    try {
      const result = await instance.invoke(event as Buffer);
      if (options.json) console.log(JSON.stringify(asJson(spec, result), undefined, 2));
      else print(spec, result);
      return result.error === undefined ? 0 : 1;
    } finally {
      instance.close();
    }
  } finally {
    await ground.close();
  }
}

function readEvent(file: string): Buffer {
  try {
    return readFileSync(resolve(file));
  } catch (error) {
    throw new CommandError(
      `cannot read the event ${file}: ${error instanceof Error ? error.message : String(error)}\nThe files of events/ are: ${readdirSync('events').join(', ')}.`,
    );
  }
}

/** Function Compute meters whole milliseconds. */
const billedMs = ({ durationMs }: Invoked): number => Math.ceil(durationMs);

function asJson(spec: FunctionSpec, result: Invoked) {
  return {
    functionName: spec.functionName,
    requestId: result.requestId,
    ...(result.error === undefined ? { result: bodyOf(result) } : { error: result.error }),
    durationMs: result.durationMs,
    billedMs: billedMs(result),
    memoryMb: spec.memorySize,
    peakMemoryMb: Math.round(result.peakMemoryMb),
    logs: result.logs,
  };
}

function bodyOf({ body = '' }: Invoked): unknown {
  const text = Buffer.from(body, 'base64').toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function print(spec: FunctionSpec, result: Invoked): void {
  console.log(`${spec.functionName}, request ${result.requestId}\n`);
  for (const { level, message } of result.logs) console.log(`  ${level.padEnd(5)} ${message}`);
  if (result.logs.length > 0) console.log('');
  if (result.error === undefined) {
    const body = bodyOf(result);
    console.log(`Result: ${typeof body === 'string' && body === '' ? '(empty)' : JSON.stringify(body, undefined, 2)}`);
  } else {
    const { errorType, errorMessage, stackTrace } = result.error;
    console.log(`Failed: ${errorType}: ${errorMessage}`);
    for (const line of stackTrace.slice(0, 10)) console.log(`  ${line}`);
  }
  console.log(
    `\nDuration: ${result.durationMs.toFixed(1)} ms   Billed: ${billedMs(result)} ms   Memory: ${spec.memorySize} MB   Peak: ${Math.round(result.peakMemoryMb)} MB`,
  );
}
