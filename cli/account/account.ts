import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOfFile } from '../../local/fc/s-environment.ts';
import { readFunctions } from '../../local/fc/s-yaml.ts';
import { type FunctionSpec, SpecError } from '../../local/fc/spec.ts';
import type { CloudSettings } from '../../shared/alibaba/call.ts';
import { Budget, OutOfTimeError } from '../../shared/budget.ts';
import { type Config, loadConfig } from '../../shared/config.ts';
import { jsonLog } from '../../shared/log.ts';
import { createRuntime, type Runtime } from '../../shared/runtime.ts';
import { publishedKeys } from '../keys.ts';
import { type Caller, callerOf } from './caller.ts';
import { valueAt } from '../../shared/dictionary.ts';

export type Environment = Record<string, string | undefined>;
export type Credentials = CloudSettings['credentials'];

/** An account with what is to stand in it. */
export interface Account {
  /** Name of the file that says which functions there are. */
  definition: string;
  functions: FunctionSpec[];
  config: Config;
  settings: CloudSettings;
  caller: Caller;
  /** The installation's queues and tables. */
  runtime: Runtime;
}

export interface Problem {
  area: 'configuration' | 'credentials';
  problem: string;
  mend: string;
}

/** Names under the prefix that commands and `s.yaml` read, and no function does. */
const toolNames = ['DUALSTACK_ALB_FC3_COMPONENT', 'DUALSTACK_ALB_DOMAIN'];

/** By the names that `s` itself reads, and so its actions see; then by the vendor's. */
const keyNames = [
  { id: 'AccessKeyID', secret: 'AccessKeySecret', token: 'SecurityToken' },
  {
    id: 'ALIBABA_CLOUD_ACCESS_KEY_ID',
    secret: 'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
    token: 'ALIBABA_CLOUD_SECURITY_TOKEN',
  },
];

/** Only shown until the keys have said which account it is. */
const someAccountId = '1234567890123456';

/**
 * The account that the environment's keys belong to, and the installation as `s.yaml` describes it in this environment.
 *
 * @param options - `withinMs`: how long all calls together may take; without it, for ever.
 * @returns the account, or everything that is missing or wrong.
 */
export async function accountOf(
  root: string,
  processEnv: Environment,
  { oneQueue = false, withinMs = Number.POSITIVE_INFINITY }: { oneQueue?: boolean; withinMs?: number } = {},
): Promise<{ account: Account } | { problems: Problem[] }> {
  const definition = oneQueue ? 's-one-queue.yaml' : 's.yaml';
  const text = readFileSync(join(root, definition), 'utf8');
  const env = environmentOfFile(join(root, definition), text, processEnv);
  const named =
    ['DUALSTACK_ALB_ACCOUNT_ID', 'AccountID', 'ALIBABA_CLOUD_ACCOUNT_ID']
      .map((name) => valueAt(env, name))
      .find((value) => value !== undefined && value !== '') ?? keysOfServerlessDevs(env)['AccountID'];
  const read = readInstallation(text, env, named ?? someAccountId);
  const keys = credentialsOf(env);
  if ('problems' in read || 'problems' in keys)
    return { problems: [...('problems' in read ? read.problems : []), ...('problems' in keys ? keys.problems : [])] };
  const budget = new Budget(withinMs);
  const settings = settingsOf(read.config, keys.credentials, budget);
  let caller: Caller;
  try {
    caller = await callerOf(settings);
  } catch (error) {
    const mend = error instanceof OutOfTimeError ? 'Look at the network, then try again.' : 'Set valid keys.';
    return { problems: [credentialProblem(error instanceof Error ? error.message : String(error), mend)] };
  }
  if (named !== undefined && named !== caller.accountId)
    return {
      problems: [
        credentialProblem(
          `the keys belong to account ${caller.accountId} (${caller.arn}), the environment names ${named}`,
          'Set the keys of that account, or leave the account out of the environment.',
        ),
      ],
    };
  const installation = readInstallation(text, env, caller.accountId);
  if ('problems' in installation) return installation;
  const { config, functions } = installation;
  const runtime = createRuntime({
    config,
    credentials: keys.credentials,
    budgets: { work: budget, whole: budget },
    log: jsonLog('error'),
  });
  return { account: { definition, functions, config, settings, caller, runtime } };
}

/** Settings as the functions get them from the file, with what the environment says besides. */
function readInstallation(
  text: string,
  env: Environment,
  accountId: string,
): { config: Config; functions: FunctionSpec[] } | { problems: Problem[] } {
  try {
    const functions = readFunctions(text, { ...env, DUALSTACK_ALB_ACCOUNT_ID: accountId }, { accountId });
    const own = Object.fromEntries(
      Object.entries(env).filter(
        ([name, value]) => name.startsWith('DUALSTACK_ALB_') && !toolNames.includes(name) && value !== '',
      ),
    );
    const fromFile = Object.assign({}, ...functions.map((spec) => spec.environmentVariables)) as Environment;
    const region = own['DUALSTACK_ALB_REGION'] ?? fromFile['DUALSTACK_ALB_REGION'];
    const config = loadConfig({
      // From outside the region's networks the queue service answers at its public address only.
      ...(own['DUALSTACK_ALB_ENDPOINT'] === undefined
        ? { DUALSTACK_ALB_MNS_ENDPOINT: `https://${accountId}.mns.${region}.aliyuncs.com` }
        : {}),
      ...fromFile,
      ...own,
      DUALSTACK_ALB_ACCOUNT_ID: accountId,
    });
    return { config, functions };
  } catch (error) {
    const mend = 'Set the variable in the environment; see docs/settings-and-options.md.';
    const problems =
      error instanceof SpecError
        ? error.problems
        : error instanceof Error
          ? error.message.replace(/^settings: /, '').split('; ')
          : [String(error)];
    return { problems: problems.map((problem) => ({ area: 'configuration', problem, mend })) };
  }
}

/**
 * The keys of the environment, of the file `.env` beside the definition, of Serverless Devs, or of the embedded cloud that
 * DUALSTACK_ALB_ENDPOINT names; nobody is asked about them.
 */
export function keysOf(root: string, processEnv: Environment): { credentials: Credentials } | { problems: Problem[] } {
  const file = join(root, 's.yaml');
  return credentialsOf(environmentOfFile(file, readFileSync(file, 'utf8'), processEnv));
}

function credentialsOf(env: Environment): { credentials: Credentials } | { problems: Problem[] } {
  const all = { ...keysOfServerlessDevs(env), ...env };
  for (const { id, secret, token } of keyNames) {
    const [accessKeyId, accessKeySecret, securityToken] = [id, secret, token]
      .map((name) => valueAt(all, name))
      .map((value) => (value === '' ? undefined : value));
    if (accessKeyId !== undefined && accessKeySecret !== undefined)
      return {
        credentials: { accessKeyId, accessKeySecret, ...(securityToken === undefined ? {} : { securityToken }) },
      };
    if (accessKeyId !== undefined || accessKeySecret !== undefined)
      return {
        problems: [
          credentialProblem(
            `${accessKeyId === undefined ? id : secret} is not set, but its other half is`,
            'Set both, or none.',
          ),
        ],
      };
  }
  const ofEmbeddedCloud = publishedKeys(all['DUALSTACK_ALB_ENDPOINT'] ?? '', env);
  if (ofEmbeddedCloud !== undefined) {
    const { accessKeyId, accessKeySecret } = ofEmbeddedCloud.keys;
    return { credentials: { accessKeyId, accessKeySecret } };
  }
  const pairs = keyNames.map(({ id, secret }) => `${id} with ${secret}`).join(' nor ');
  return {
    problems: [
      credentialProblem(
        `neither ${pairs} are set`,
        'Set one pair in the environment. Keys that "s config add" keeps are not handed to actions and commands.',
      ),
    ],
  };
}

/** What a variable such as `ci_serverless_devs_key` holds: the way to give `s` a token. None where several stand. */
function keysOfServerlessDevs(env: Environment): Environment {
  const held = Object.entries(env).flatMap(([name, value]) => {
    if (!name.endsWith('_serverless_devs_key') || value === undefined) return [];
    try {
      return [JSON.parse(value) as Environment];
    } catch {
      return [];
    }
  });
  return held.length === 1 ? (held[0] ?? {}) : {};
}

const credentialProblem = (problem: string, mend: string): Problem => ({ area: 'credentials', problem, mend });

const settingsOf = (config: Config, credentials: Credentials, budget: Budget): CloudSettings => ({
  regionId: config.regionId,
  endpoint: config.endpoint,
  credentials,
  readTimeoutMs: config.readTimeoutMs,
  connectTimeoutMs: config.connectTimeoutMs,
  budget,
});
