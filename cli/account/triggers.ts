import { isDeepStrictEqual } from 'node:util';
import type { FunctionSpec, TriggerSpec } from '../../local/fc/spec.ts';
import { tokenPages } from '../../shared/alibaba/pages.ts';
import type { Account } from './account.ts';
import { functionProduct, type Rest, restOf } from './clients.ts';
import { valueAt } from '../../shared/dictionary.ts';

/** One thing in which what is deployed differs from the file; `removes`: what to do is to take something away. */
export interface Difference {
  problem: string;
  removes?: { resource: string; triggerName: string };
}

type Members = Record<string, unknown>;
export interface Deployed extends Members {
  functionName: string;
  environmentVariables?: Record<string, string>;
}
interface DeployedTrigger {
  triggerName: string;
  triggerType: string;
  qualifier?: string;
  triggerConfig: string;
}

/** What of a function is compared: how it runs, with whose rights, and on which queues and tables. */
const compared = ['handler', 'runtime', 'memorySize', 'timeout', 'role'] as const;
/** Others are for whoever deploys to choose, and may be secret. */
const comparedVariables = ['NAME', 'REGION', 'ACCOUNT_ID', 'TABLESTORE_INSTANCE', 'STAGE_QUEUE'];

const formOfFunction = (spec: FunctionSpec): Members => ({
  ...Object.fromEntries(compared.map((name) => [name, spec[name]])),
  environmentVariables: Object.fromEntries(
    comparedVariables
      .map((name) => `DUALSTACK_ALB_${name}`)
      .map((name) => [name, valueAt(spec.environmentVariables, name)]),
  ),
});

/**
 * What is deployed beside what the file says. Members that the platform adds count for nothing.
 *
 * @throws CloudError
 */
export async function deploymentDifferences(account: Account): Promise<Difference[]> {
  const { functions, config, settings } = account;
  const rest = restOf(settings, functionProduct);
  const deployed = await deployedFunctions(account);
  const found = new Map(deployed.map((one) => [one.functionName, one]));
  const missing = functions.filter(({ functionName }) => !found.has(functionName));
  if (missing.length === functions.length)
    return [{ problem: `none of the ${functions.length} functions is deployed` }];
  const differences = missing.map(({ functionName }): Difference => ({
    problem: `function ${functionName} is missing`,
  }));
  for (const spec of functions) {
    const { functionName } = spec;
    const actual = found.get(functionName);
    if (actual === undefined) continue;
    const resource = functionName.slice(config.name.length + 1);
    differences.push(
      ...unlike(formOfFunction(spec), actual).map((text) => ({ problem: `function ${functionName}: ${text}` })),
      ...triggerDifferences(spec, resource, await triggersOf(rest, functionName)),
    );
  }
  return differences;
}

/** Functions that are deployed under the installation's prefix, their variables included. @throws CloudError */
export const deployedFunctions = ({ config, settings }: Pick<Account, 'config' | 'settings'>): Promise<Deployed[]> =>
  pagesOf(restOf(settings, functionProduct), 'ListFunctions', '/functions', 'functions', { prefix: `${config.name}-` });

const triggersOf = (rest: Rest, functionName: string): Promise<DeployedTrigger[]> =>
  pagesOf(rest, 'ListTriggers', `/functions/${encodeURIComponent(functionName)}/triggers`, 'triggers');

/** @param resource - name of the function in the file. */
function triggerDifferences(
  { functionName, triggers }: FunctionSpec,
  resource: string,
  deployed: DeployedTrigger[],
): Difference[] {
  const label = (name: string) => `trigger ${name} of ${functionName}`;
  const missing = triggers
    .filter(({ triggerName }) => !deployed.some((one) => one.triggerName === triggerName))
    .map(({ triggerName }): Difference => ({ problem: `${label(triggerName)} is missing` }));
  const others = deployed.flatMap((actual): Difference[] => {
    const { triggerName } = actual;
    const expected = triggers.find((one) => one.triggerName === triggerName);
    if (expected !== undefined)
      return unlike(formOf(expected), readTrigger(actual)).map((text) => ({
        problem: `${label(triggerName)}: ${text}`,
      }));
    return [{ problem: `${label(triggerName)} is not in the file`, removes: { resource, triggerName } }];
  });
  return [...missing, ...others];
}

/** A trigger as the API has it; `mode` is what our reading makes of two members of the configuration. */
function formOf({ triggerType, qualifier, triggerConfig }: TriggerSpec): Members {
  const { mode: _mode, ...config } = { mode: '', ...triggerConfig };
  return { triggerType, qualifier, triggerConfig: config };
}

function readTrigger({ triggerType, qualifier = 'LATEST', triggerConfig }: DeployedTrigger): Members {
  try {
    return { triggerType, qualifier, triggerConfig: JSON.parse(triggerConfig) as unknown };
  } catch {
    return { triggerType, qualifier, triggerConfig };
  }
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where `actual` lacks what `expected` has, or has it otherwise. */
function unlike(expected: Members, actual: Members, path = ''): string[] {
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const where = path === '' ? name : `${path}.${name}`;
    const found = valueAt(actual, name);
    if (wanted === undefined) return [];
    if (isMembers(wanted) && isMembers(found)) return unlike(wanted, found, where);
    if (isDeepStrictEqual(wanted, found)) return [];
    return [`${where} is ${inWords(found)}, not ${inWords(wanted)}`];
  });
}

const inWords = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));

/** All items of a list that comes in pages. */
async function pagesOf<T>(
  rest: Rest,
  action: string,
  path: string,
  member: string,
  query: Record<string, string> = {},
): Promise<T[]> {
  return await tokenPages(async (nextToken) => {
    const answer = await rest(action, 'GET', `/2023-03-30${path}`, {
      query: { limit: '100', ...query, ...(nextToken === undefined ? {} : { nextToken }) },
    });
    return {
      rows: (valueAt(answer, member) ?? []) as T[],
      nextToken: answer['nextToken'] as string | undefined,
    };
  });
}
