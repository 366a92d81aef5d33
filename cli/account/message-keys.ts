/**
 * The keys of queue messages stand in the environment of whoever deploys (`.env` beside `s.yaml`), and `s deploy` hands them to
 * the functions. What is deployed decides: a machine without keys takes them over from the functions, and one with others is
 * refused, since its functions and those deployed would refuse each other's messages.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOfFile } from '../../local/fc/s-environment.ts';
import { valueAt } from '../../shared/dictionary.ts';
import { formatMessageKeys, type MessageKey, parseMessageKeys, withNewKey } from '../../shared/queue/seal.ts';
import { CommandError } from '../command-error.ts';
import { setInEnvFile } from '../env-file.ts';
import type { Account, Environment } from './account.ts';
import { textOf } from './step.ts';
import { type Deployed, deployedFunctions } from './triggers.ts';

export const messageKeysVariable = 'DUALSTACK_ALB_MESSAGE_KEYS';

interface Asked {
  /** Put a new key before the one that signs now. */
  rotates?: boolean;
  /** Put a new key in the place of all. */
  renews?: boolean;
  dryRun: boolean;
  nowMs: number;
}

/**
 * Sees to the keys of queue messages: those that are there stay, those of functions that are deployed already are taken over,
 * else a new one is made. They are kept in `.env` beside `s.yaml`.
 *
 * @returns what was done, and whether `s` has to read its files again for it.
 * @throws CommandError for keys that are invalid, are not those of the functions, or cannot be changed here.
 */
export async function seeToMessageKeys(
  root: string,
  account: Account,
  processEnv: Environment,
  { rotates = false, renews = false, dryRun, nowMs }: Asked,
): Promise<{ said: string | undefined; isNew: boolean }> {
  const given = givenKeys(root, account.definition, processEnv);
  if ((rotates || renews) && (processEnv[messageKeysVariable] ?? '') !== '') throw new CommandError(notFromHere);
  const keep = (keys: MessageKey[], how: string) => {
    if (!dryRun) setInEnvFile(join(root, '.env'), { [messageKeysVariable]: formatMessageKeys(keys) });
    return { said: `${dryRun ? 'would keep' : 'keep    '} message key ${how}, in .env`, isNew: true };
  };
  const fresh = withNewKey([], nowMs);
  if (renews)
    return keep(fresh, `${idOf(fresh)} in place of all: what others have signed is refused once it is deployed`);
  const deployed = await keysOfFunctions(account, given.length === 0);
  if (given.length === 0) {
    const taken = takenOver(deployed);
    if (rotates && taken === undefined) throw new CommandError('There is no message key yet that could be rotated.');
    if (taken === undefined) return keep(fresh, `${idOf(fresh)}, new`);
    if (!rotates) return keep(taken, `${idOf(taken)} of the functions that are deployed`);
    return keep(...rotated(taken, deployed, nowMs));
  }
  const [unknown] = unknownTo(given, deployed);
  if (unknown !== undefined) throw new CommandError(`${notTheirs(unknown, given)} ${wayOut}`);
  return rotates ? keep(...rotated(given, deployed, nowMs)) : { said: undefined, isNew: false };
}

/** The keys of this machine. @throws CommandError */
export function givenKeys(root: string, definition: string, processEnv: Environment): MessageKey[] {
  const file = join(root, definition);
  const text = environmentOfFile(file, readFileSync(file, 'utf8'), processEnv)[messageKeysVariable] ?? '';
  try {
    return text === '' ? [] : parseMessageKeys(text);
  } catch (error) {
    throw new CommandError(`${messageKeysVariable} in the environment: ${textOf(error)}.`);
  }
}

/** A deployed function with the keys in its environment: none where they are missing or invalid. */
export interface FunctionKeys {
  functionName: string;
  keys: MessageKey[];
}

export function readFunctionKeys({ functions }: Pick<Account, 'functions'>, deployed: Deployed[]): FunctionKeys[] {
  const ours = new Set(functions.map(({ functionName }) => functionName));
  return deployed
    .filter(({ functionName }) => ours.has(functionName))
    .map(({ functionName, environmentVariables = {} }) => {
      try {
        return { functionName, keys: parseMessageKeys(valueAt(environmentVariables, messageKeysVariable) ?? '') };
      } catch {
        return { functionName, keys: [] };
      }
    });
}

async function keysOfFunctions(account: Account, isNeeded: boolean): Promise<FunctionKeys[]> {
  try {
    return readFunctionKeys(account, await deployedFunctions(account));
  } catch (error) {
    // With a key of its own a machine can go on; `s deploy` needs more rights than this.
    if (!isNeeded) return [];
    throw new CommandError(
      `Whether functions with a message key are deployed cannot be seen: ${textOf(error)}\nA new key would cut them off.`,
    );
  }
}

/** Ids of the newest keys of functions that are not among these: what they sign would be refused. */
export const unknownTo = (keys: MessageKey[], deployed: FunctionKeys[]): string[] => [
  ...new Set(
    deployed.flatMap(({ keys: [newest] }) => {
      const isKnown = newest === undefined || keys.some(({ key }) => key.equals(newest.key));
      return isKnown ? [] : [newest.id];
    }),
  ),
];

/** The keys of a function that accepts what all others sign; undefined: none has any. */
function takenOver(deployed: FunctionKeys[]): MessageKey[] | undefined {
  const withKeys = deployed.filter(({ keys }) => keys.length > 0);
  if (withKeys.length === 0) return undefined;
  const best = withKeys.find(({ keys }) => unknownTo(keys, deployed).length === 0);
  if (best === undefined)
    throw new CommandError(
      'The functions are deployed with different message keys. "npm run bootstrap -- --new-message-key" and a deploy replace them.',
    );
  return best.keys;
}

/** @returns the keys with a new one, and in words what that means. @throws CommandError where a key that still signs would be lost. */
function rotated(before: MessageKey[], deployed: FunctionKeys[], nowMs: number): [MessageKey[], string] {
  const [current] = before;
  const isBehind = deployed.some(({ keys: [newest] }) => newest !== undefined && newest.id !== current?.id);
  if (isBehind) throw new CommandError(`Message key ${current?.id} is not deployed everywhere. Deploy first.`);
  if (before.length > 1 && (current?.fromMs ?? 0) > nowMs)
    throw new CommandError(`Message key ${current?.id} does not sign before ${instantOf(current)}. Rotate after that.`);
  const keys = withNewKey(before, nowMs);
  const how = `signs from ${instantOf(keys[0])} on, ${current?.id} until then and is still accepted: deploy before`;
  return [keys, `${idOf(keys)} ${how}`];
}

const idOf = ([newest]: MessageKey[]): string => newest?.id ?? 'none';

const instantOf = (key: MessageKey | undefined): string => new Date(key?.fromMs ?? 0).toISOString();

const notTheirs = (unknown: string, given: MessageKey[]): string =>
  `The functions are deployed with message key ${unknown}; here stands ${idOf(given)}.`;

const wayOut = `If theirs is right, take ${messageKeysVariable} out of .env and the environment and run "npm run bootstrap", which takes it over; else "npm run bootstrap -- --new-message-key" replaces it.`;

const notFromHere = `${messageKeysVariable} stands in the environment of this process, which cannot be changed from here. Put the new key first where it is kept, ID:BASE64URL@INSTANT of 32 random bytes and an instant in an hour, and leave the one before it behind a comma.`;

/** Lists what is wrong with the keys of this machine and those of the functions. */
export function keyFindings(
  given: MessageKey[],
  deployed: FunctionKeys[],
  mend: { bootstrap: string; deploy: string },
): { problem: string; mend: string }[] {
  const without = deployed.filter(({ keys }) => keys.length === 0).map(({ functionName }) => functionName);
  const who = without.length === deployed.length ? 'the functions' : without.join(', ');
  const missing =
    without.length === 0 ? [] : [{ problem: `${who}: no valid message key, so nothing is served`, mend: mend.deploy }];
  if (given.length === 0)
    return [
      {
        problem: `${messageKeysVariable} is not set here: a deploy would leave the functions without`,
        mend: mend.bootstrap,
      },
      ...missing,
    ];
  const unknown = unknownTo(given, deployed).map((id) => ({ problem: notTheirs(id, given), mend: wayOut }));
  if (unknown.length > 0) return [...unknown, ...missing];
  const behind = deployed.filter(({ keys: [newest] }) => newest !== undefined && newest.id !== idOf(given));
  return behind.length === 0
    ? missing
    : [
        {
          problem: `message key ${idOf(given)} is not deployed: ${behind.length} functions lack it`,
          mend: mend.deploy,
        },
        ...missing,
      ];
}
