import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOfFile } from '../../local/fc/s-environment.ts';
import { formatMessageKeys, type MessageKey, parseMessageKeys, withNewKey } from '../../shared/queue/seal.ts';
import { CommandError } from '../command-error.ts';
import type { Account, Environment } from './account.ts';
import { functionProduct, restOf } from './clients.ts';
import { codeOf, textOf } from './step.ts';

export const messageKeysVariable = 'DUALSTACK_ALB_MESSAGE_KEYS';

interface Asked {
  /** Put a new key before the one that signs now. */
  rotates: boolean;
  dryRun: boolean;
  nowMs: number;
}

/**
 * Sees to the keys of queue messages, which the functions get from the environment that `s` reads: those that are there stay,
 * those of functions that are deployed already are taken over, else a new one is made. They are kept in `.env` beside `s.yaml`.
 *
 * @returns what was done, and whether `s` has to read its files again for it.
 * @throws CommandError for keys that are invalid, or cannot be changed here.
 */
export async function seeToMessageKeys(
  root: string,
  account: Account,
  processEnv: Environment,
  { rotates, dryRun, nowMs }: Asked,
): Promise<{ said: string | undefined; isNew: boolean }> {
  const file = join(root, account.definition);
  const given = environmentOfFile(file, readFileSync(file, 'utf8'), processEnv)[messageKeysVariable] ?? '';
  const known = given === '' ? await deployedKeys(account) : readKeys(given, 'the environment');
  if (given !== '' && !rotates) return { said: undefined, isNew: false };
  if (rotates && (processEnv[messageKeysVariable] ?? '') !== '')
    throw new CommandError(
      `${messageKeysVariable} stands in the environment of this process, which cannot be changed from here. Put the new key first where it is kept, ID:BASE64URL of 32 random bytes, and leave the one before it behind a comma.`,
    );
  const keys = known.length > 0 && !rotates ? known : withNewKey(known, nowMs);
  if (!dryRun) keep(join(root, '.env'), keys);
  const id = keys[0]?.id;
  const how = rotates
    ? `${id} signs, ${keys[1]?.id ?? 'none'} is still accepted: deploy now, and rotate again not before all messages are served`
    : known.length > 0
      ? `${id} of the functions that are deployed`
      : `${id}, new`;
  return { said: `${dryRun ? 'would keep' : 'keep    '} message key ${how}, in .env`, isNew: true };
}

const readKeys = (text: string, where: string): MessageKey[] => {
  try {
    return parseMessageKeys(text);
  } catch (error) {
    throw new CommandError(`${messageKeysVariable} in ${where}: ${textOf(error)}.`);
  }
};

/** The keys that deployed functions have: another machine may have made them. */
async function deployedKeys({ settings, config }: Account): Promise<MessageKey[]> {
  const path = `/2023-03-30/functions/${encodeURIComponent(`${config.name}-api`)}`;
  try {
    const { environmentVariables } = await restOf(settings, functionProduct)('GetFunction', 'GET', path);
    const text = (environmentVariables as Environment | undefined)?.[messageKeysVariable] ?? '';
    return text === '' ? [] : readKeys(text, `function ${config.name}-api`);
  } catch (error) {
    if (codeOf(error) === 'FunctionNotFound') return [];
    if (error instanceof CommandError) throw error;
    throw new CommandError(
      `Whether functions with a message key are deployed cannot be seen: ${textOf(error)}\nA new key would cut them off.`,
    );
  }
}

/** Replaces the line of the variable, or adds it; the file is its owner's alone. */
function keep(path: string, keys: MessageKey[]): void {
  const before = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const others = before.filter((line) => !line.startsWith(`${messageKeysVariable}=`));
  while (others.at(-1) === '') others.pop();
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, `${[...others, `${messageKeysVariable}=${formatMessageKeys(keys)}`].join('\n')}\n`, {
    mode: 0o600,
  });
  chmodSync(fresh, 0o600);
  renameSync(fresh, path);
}
