import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { accountOf, type Environment, keysOf, type Problem } from './account/account.ts';
import { functionProduct, orAbsent, restOf } from './account/clients.ts';
import type { Checkout } from './checkout.ts';
import { CommandError } from './command-error.ts';
import { parseWords } from './options.ts';
import { signTriggerCall, type TriggerCall } from './sign-trigger-call.ts';

const help = `npm run call -- METHOD PATH [FILE] [options]
Calls the API of a deployed installation, signed, and prints what it answers:

  npm run call -- POST /load-balancers events/create-load-balancer.json
  npm run call -- GET /load-balancers

  --url URL    where the API is, such as a domain of your own; default: the public
               address of the function's HTTP trigger, looked up
  --key TEXT   Idempotency-Key of a POST; default a new one
  --curl       of a probe: print the lines of "curl -6 -v" instead of the observation
  --help       this text

FILE holds the body. Settings and keys: as those of "npm run bootstrap"; with --url keys
alone, and none for an API on this machine. Exit status 0
for an answer below 400, else 1.`;

/** Functions answer within their 30 s, or never. */
const longestMs = 40_000;

export async function runCall(
  args: string[],
  { root }: Pick<Checkout, 'root'>,
  env: Environment = process.env,
  call: typeof fetch = fetch,
): Promise<number> {
  const { values: options, positionals } = parseWords(args, {
    url: { type: 'string' },
    key: { type: 'string' },
    curl: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  const [method = '', path = '', file, ...more] = positionals;
  if (!/^[A-Z]+$/.test(method) || !path.startsWith('/') || more.length > 0)
    throw new CommandError(`What to call is METHOD PATH [FILE], such as GET /load-balancers.\n\n${help}`);
  const body = file === undefined ? undefined : bodyOf(file);
  const { base, credentials } =
    options.url === undefined
      ? await deployedApi(root, env)
      : { base: options.url, ...keysFor(options.url, root, env) };
  const url = new URL(path, base);
  const asked: TriggerCall = {
    method,
    url,
    body: body ?? '',
    headers: method === 'POST' && path === '/load-balancers' ? { 'idempotency-key': options.key ?? randomUUID() } : {},
  };
  const response = await answerTo(asked, credentials, call);
  const location = response.headers.get('location');
  console.log(`${response.status}${location === null ? '' : `, Location: ${location}`}`);
  const text = await response.text();
  console.log(options.curl && response.ok ? curlOf(text) : printed(text));
  return response.status < 400 ? 0 : 1;
}

/**
 * Sends the call, signed where there are keys. A signature that the platform refuses has called nothing: then it is asked in
 * the form of the vendor's samples, with the hash of the body among the signed headers alone.
 */
async function answerTo(
  asked: TriggerCall,
  credentials: Credentials | undefined,
  call: typeof fetch,
): Promise<Response> {
  const { method, url, body, headers } = asked;
  const send = async (signed: Record<string, string>): Promise<Response> =>
    await call(url, {
      method,
      headers: { ...signed, ...(body === '' ? {} : { 'content-type': 'application/json' }) },
      ...(body === '' ? {} : { body }),
      signal: AbortSignal.timeout(longestMs),
    }).catch((error: unknown) => {
      throw new CommandError(unreachable(url, error));
    });
  if (credentials === undefined) return await send(headers);
  const signedWith = (payload: 'hash' | 'empty') => signTriggerCall(asked, credentials, { payload, nowMs: Date.now() });
  const response = await send(signedWith('hash'));
  // The API itself says why it refuses; the platform has no problem details.
  const isOfPlatform = !(response.headers.get('content-type') ?? '').startsWith('application/problem+json');
  return response.status === 403 && isOfPlatform ? await send(signedWith('empty')) : response;
}

type Credentials = Parameters<typeof restOf>[0]['credentials'];

const missing = (problems: Problem[]): CommandError =>
  new CommandError(
    `This is missing or wrong:\n${problems.map(({ problem, mend }) => `  ${problem}. ${mend}`).join('\n')}`,
  );

/** The public address of the installation that the environment names, and the keys to sign with. */
async function deployedApi(root: string, env: Environment): Promise<{ base: string; credentials: Credentials }> {
  const found = await accountOf(root, env);
  if ('problems' in found) throw missing(found.problems);
  const { config, settings } = found.account;
  return { base: await publicUrlOf(`${config.name}-api`, settings), credentials: settings.credentials };
}

/** Whose keys they are is the API's to find out. That of `npm start`, on this machine, takes calls without any. */
function keysFor(base: string, root: string, env: Environment): { credentials?: Credentials } {
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol))
    throw new CommandError(`--url ${base} is not the address of an API, such as https://alb-api.example.com.`);
  const keys = keysOf(root, env);
  if ('credentials' in keys) return keys;
  if (['localhost', '127.0.0.1', '[::1]'].includes(new URL(base).hostname)) return {};
  throw missing(keys.problems);
}

function unreachable({ origin }: URL, error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `${origin} is unreachable: no answer within ${longestMs / 1000} s. Repeat the call, a POST with the same --key.`;
  const { cause } = error as { cause?: { code?: string; message?: string } };
  const reason = cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
  return `${origin} is unreachable: ${reason}. Check the address (--url), that the installation is deployed, and the network in between.`;
}

function bodyOf(file: string): string {
  try {
    return JSON.stringify(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new CommandError(`${file} cannot be sent: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function publicUrlOf(functionName: string, settings: Parameters<typeof restOf>[0]): Promise<string> {
  const rest = restOf(settings, functionProduct);
  const trigger = await orAbsent(
    rest('GetTrigger', 'GET', `/2023-03-30/functions/${functionName}/triggers/http`),
    (code) => code === 'FunctionNotFound' || code === 'TriggerNotFound',
  );
  const { urlInternet } = (trigger?.['httpTrigger'] ?? {}) as { urlInternet?: string };
  if (urlInternet === undefined)
    throw new CommandError(
      `Function ${functionName} has no HTTP trigger with a public address. Deploy it with "npx s deploy", or name its address with --url.`,
    );
  return urlInternet;
}

/**
 * Returns what `curl -6 -v` prints of the requests of an observation, as the API shows it.
 *
 * @throws CommandError where it has none: an instance's own curl made it, or it is one of the timer.
 */
export function curlOf(text: string): string {
  const { curl = [] } = JSON.parse(text) as { curl?: string[][] };
  if (curl.length === 0)
    throw new CommandError(
      `The answer has no lines of curl: those of a probe on demand by the function have them (POST …/probe), one that an instance makes has not.\n${printed(text)}`,
    );
  return curl.map((lines) => lines.join('\n')).join('\n');
}

function printed(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
