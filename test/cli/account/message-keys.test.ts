import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { accountOf } from '../../../cli/account/account.ts';
import { functionProduct, restOf } from '../../../cli/account/clients.ts';
import { seeToMessageKeys } from '../../../cli/account/message-keys.ts';
import { root as checkout } from '../../../cli/build.mjs';
import { formatMessageKeys, parseMessageKeys, withNewKey } from '../../../shared/queue/seal.ts';
import { emptyAccount } from '../../support/account.ts';
import { zip } from '../../support/zip.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A checkout without a key in its environment, and what sees to keys there. */
async function prepared() {
  const { env, functions: _functions, cloud } = await emptyAccount();
  const root = temporaryFolder(onTestFinished);
  copyFileSync(join(checkout, 's.yaml'), join(root, 's.yaml'));
  const own = { ...env, DUALSTACK_ALB_MESSAGE_KEYS: '' };
  const found = await accountOf(root, own);
  if ('problems' in found) throw new Error(JSON.stringify(found.problems));
  const { account } = found;
  const file = join(root, '.env');
  return {
    account,
    cloud,
    file,
    see: (
      asked: { rotates?: boolean; renews?: boolean; dryRun?: boolean; nowMs?: number } = {},
      processEnv: Record<string, string> = {},
    ) => seeToMessageKeys(root, account, processEnv, { rotates: false, dryRun: false, nowMs: 1, ...asked }),
    kept: () => parseMessageKeys(/^DUALSTACK_ALB_MESSAGE_KEYS=(.*)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? ''),
  };
}

it('a first bootstrap makes a key and keeps it in .env, which its owner alone reads; the next leaves it', async () => {
  const { see, kept, file } = await prepared();
  writeFileSync(file, 'OTHER=1\n', { mode: 0o644 });
  expect(await see()).toEqual({ said: 'keep     message key k1, new, in .env', isNew: true });
  const [key] = kept();
  expect(key?.key).toHaveLength(32);
  expect(readFileSync(file, 'utf8')).toMatch(/^OTHER=1\nDUALSTACK_ALB_MESSAGE_KEYS=k1:[\w-]{43}\n$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await see()).toEqual({ said: undefined, isNew: false });
  expect(kept()).toEqual([key]);
});

it('--dry-run keeps nothing, and shows no key', async () => {
  const { see, file } = await prepared();
  expect(await see({ dryRun: true })).toEqual({ said: 'would keep message key k1, new, in .env', isNew: true });
  expect(() => statSync(file)).toThrow();
});

it('a rotation puts a new key first and leaves the one before it, no other', async () => {
  const { see, kept } = await prepared();
  await see();
  const [first] = kept();
  const { said } = await see({ rotates: true, nowMs: 2 });
  expect(said).toMatch(
    /^keep {5}message key k2 signs from 1970-01-01T01:00:00\.002Z on, k1 until then and is still accepted: deploy before/,
  );
  expect(kept().map(({ id }) => id)).toEqual(['k2', 'k1']);
  expect(kept()[1]).toEqual(first);
  await expect(see({ rotates: true, nowMs: 3 })).rejects.toThrow(/k2 does not sign before .* Rotate after that/);
  expect(kept().map(({ id }) => id)).toEqual(['k2', 'k1']);
  await see({ rotates: true, nowMs: 3_600_003 });
  expect(kept().map(({ id }) => id)).toEqual([`k${(3_600_003).toString(36)}`, 'k2']);
});

it('another machine takes over the key of the functions that are deployed', async () => {
  const { see, kept, account } = await prepared();
  const keys = withNewKey([], 77);
  const code = { zipFile: Buffer.from(zip({ 'api.js': 'exports.handler = async () => 1;' })).toString('base64') };
  await restOf(account.settings, functionProduct)('CreateFunction', 'POST', '/2023-03-30/functions', {
    body: {
      functionName: 'mine-api',
      runtime: 'nodejs20',
      handler: 'api.handler',
      code,
      environmentVariables: { DUALSTACK_ALB_MESSAGE_KEYS: formatMessageKeys(keys) },
    },
  });
  expect(await see()).toEqual({
    said: 'keep     message key k25 of the functions that are deployed, in .env',
    isNew: true,
  });
  expect(kept()).toEqual(keys);
});

it('keys that stand in the environment of the process are not changed from here', async () => {
  const { see } = await prepared();
  const env = { DUALSTACK_ALB_MESSAGE_KEYS: formatMessageKeys(withNewKey([], 5)) };
  expect(await see({}, env)).toEqual({ said: undefined, isNew: false });
  await expect(see({ rotates: true }, env)).rejects.toThrow(/stands in the environment of this process/);
  await expect(see({}, { DUALSTACK_ALB_MESSAGE_KEYS: 'k1:short' })).rejects.toThrow(/must have 32 bytes or more/);
});
