import { copyFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { describe, expect, it, onTestFinished } from 'vitest';
import { root } from '../../../cli/build.mjs';
import { runBootstrap } from '../../../cli/bootstrap-command.ts';
import { runDeploy } from '../../../cli/deploy.ts';
import { runDoctor } from '../../../cli/doctor.ts';
import { setInEnvFile } from '../../../cli/env-file.ts';
import { masked } from '../../../local/mask.ts';
import { formatMessageKeys, parseMessageKeys, withNewKey } from '../../../shared/queue/seal.ts';
import { capture, emptyAccount, type TestAccount } from '../../support/account.ts';
import { deployFunctions } from '../../support/deploy-functions.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { zip } from '../../support/zip.ts';

const variable = 'DUALSTACK_ALB_MESSAGE_KEYS';
const [mine, theirs] = [1, 2].map((ms) => formatMessageKeys(withNewKey([], ms))) as [string, string];

/** A machine with a checkout of its own, and keys in its `.env` if any are given. */
function machine(account: TestAccount, keys?: string) {
  const folder = temporaryFolder(onTestFinished);
  for (const name of ['s.yaml', 's-one-queue.yaml']) copyFileSync(join(root, name), join(folder, name));
  cpSync(join(root, 'policies'), join(folder, 'policies'), { recursive: true });
  const file = join(folder, '.env');
  if (keys !== undefined) writeFileSync(file, `${variable}=${keys}\n`);
  const env = { ...account.env, [variable]: '' };
  const { [variable]: _none, ...own } = env;
  const kept = (): string => (existsSync(file) ? (parse(readFileSync(file))[variable] ?? '') : '');
  return {
    folder,
    file,
    kept,
    bootstrap: (...args: string[]) =>
      capture(account.cloud, () =>
        runBootstrap(args, { root: folder }, own, (ms) => {
          account.clock.advance(ms);
          return Promise.resolve();
        }),
      ),
    doctor: async () => {
      const { lines } = await capture(account.cloud, () =>
        runDoctor(['--json'], { root: folder }, own, () => Promise.resolve(undefined)),
      );
      const { findings } = JSON.parse(lines.join('\n')) as {
        findings: { area: string; problem: string; mend: string }[];
      };
      return findings.filter(({ area }) => area === 'message key');
    },
    /** As `s deploy` does it with the environment as it reads it. */
    deploy: () =>
      deployFunctions(
        account.cloud,
        { ...own, DUALSTACK_ALB_ACCOUNT_ID: '1234567890123456', [variable]: kept() },
        ({ handler }) => {
          const code = zip({ [`${handler.split('.')[0]}.js`]: 'exports.handler = async () => {};' });
          return Promise.resolve({ zipFile: code.toString('base64') });
        },
      ),
  };
}

const secretsIn = (keys: string): string[] => keys.split(',').map((key) => key.split(/[:@]/)[1] ?? '');
const saidOf = ({ lines }: { lines: string[] }) => lines.find((line) => line.includes('message key')) ?? '';

describe('bootstrap on a machine without a message key', () => {
  it('makes one where nothing is deployed, keeps it when it runs again, and prints its id alone', async () => {
    const { bootstrap, kept } = machine(await emptyAccount());
    const outcome = await bootstrap();
    expect(outcome).toMatchObject({ exitCode: 0, error: '' });
    const made = kept();
    expect(saidOf(outcome)).toContain(`message key ${parseMessageKeys(made)[0]?.id}, new, in .env`);
    for (const secret of secretsIn(made)) expect(outcome.lines.join('\n')).not.toContain(secret);
    await bootstrap();
    expect(kept()).toBe(made);
  });

  it('takes over what is deployed, the key before included', async () => {
    const account = await emptyAccount();
    const first = machine(account, `${mine},${theirs}`);
    await first.bootstrap();
    await first.deploy();
    const second = machine(account);
    expect((await second.bootstrap()).error).toBe('');
    expect(second.kept()).toBe(`${mine},${theirs}`);
    expect(await second.doctor()).toEqual([]);
  });

  it('stops a deploy that has begun without it, and lets the next one go on', async () => {
    const { bootstrap, kept } = machine(await emptyAccount());
    expect((await bootstrap('--deploying')).error).toContain('Deploy again');
    expect(kept()).toMatch(/^k\w+:/);
    expect((await bootstrap('--deploying')).error).toBe('');
  });

  it('is what npm run deploy asks for before s begins', async () => {
    const { folder } = machine(await emptyAccount());
    await expect(runDeploy([], { root: folder }, {})).rejects.toThrow(/MESSAGE_KEYS is not set.*npm run bootstrap/);
  });
});

describe('a machine with another message key than the functions', () => {
  it('changes nothing, and says which way out there is', async () => {
    const account = await emptyAccount();
    const first = machine(account, theirs);
    await first.bootstrap();
    await first.deploy();
    const second = machine(account, mine);
    const { error, calls } = await second.bootstrap();
    expect(error).toMatch(/deployed with message key k2; here stands k1\./);
    expect(error).toContain('--new-message-key');
    for (const secret of secretsIn(`${mine},${theirs}`)) expect(error).not.toContain(secret);
    expect(calls.map(({ action }) => action)).not.toContain('CreateRole');
    expect(second.kept()).toBe(mine);
    expect(await second.doctor()).toMatchObject([{ problem: expect.stringContaining('k2; here stands k1') as string }]);
  });

  it('is known by the key, not by its name', async () => {
    const account = await emptyAccount();
    const first = machine(account, theirs);
    await first.bootstrap();
    await first.deploy();
    const { error } = await machine(account, mine.replace('k1:', 'k2:')).bootstrap();
    expect(error).toContain('deployed with message key k2; here stands k2');
  });
});

describe('--rotate-message-key', () => {
  it('is refused a second time before the first is deployed, since the key in use would be lost', async () => {
    const account = await emptyAccount();
    const { bootstrap, deploy, doctor, kept } = machine(account, mine);
    await bootstrap();
    await deploy();
    const outcome = await bootstrap('--rotate-message-key');
    expect(outcome.error).toBe('');
    const after = kept();
    expect(parseMessageKeys(after)[1]).toEqual(parseMessageKeys(mine)[0]);
    for (const secret of secretsIn(after)) expect(outcome.lines.join('\n')).not.toContain(secret);
    expect(await doctor()).toMatchObject([{ problem: expect.stringContaining('is not deployed') as string }]);
    expect((await bootstrap('--rotate-message-key')).error).toContain('Deploy first');
    expect(kept()).toBe(after);
  });

  it('leaves a colleague who has not fetched it the key before, and has them take the new one over once it is deployed', async () => {
    const account = await emptyAccount();
    const [first, colleague] = [machine(account, mine), machine(account, mine)];
    await first.bootstrap();
    await first.bootstrap('--rotate-message-key');
    expect((await colleague.bootstrap()).error).toBe('');
    await first.deploy();
    expect((await colleague.bootstrap()).error).toContain('here stands k1');
    writeFileSync(colleague.file, '');
    await colleague.bootstrap();
    expect(colleague.kept()).toBe(first.kept());
  });
});

describe('--new-message-key', () => {
  it('takes the place of all others at once', async () => {
    const account = await emptyAccount();
    const { bootstrap, deploy, doctor, kept } = machine(account, `${mine},${theirs}`);
    await bootstrap();
    await deploy();
    expect((await bootstrap('--new-message-key')).error).toBe('');
    const keys = parseMessageKeys(kept());
    expect(keys).toHaveLength(1);
    expect(parseMessageKeys(`${mine},${theirs}`)).not.toContainEqual(keys[0]);
    expect(await doctor()).toHaveLength(1);
  });

  it('does not go together with a rotation', async () => {
    const { bootstrap } = machine(await emptyAccount(), mine);
    expect((await bootstrap('--new-message-key', '--rotate-message-key')).error).toContain('exclude each other');
  });
});

describe('doctor', () => {
  it('finds a key that is missing here', async () => {
    expect(await machine(await emptyAccount()).doctor()).toMatchObject([
      { problem: expect.stringContaining(`${variable} is not set here`) as string, mend: 'npm run bootstrap' },
    ]);
  });

  it('finds functions that have none, as those of the version before', async () => {
    const account = await emptyAccount();
    await machine(account).deploy();
    expect(await machine(account, mine).doctor()).toEqual([
      {
        area: 'message key',
        problem: 'the functions: no valid message key, so nothing is served',
        mend: 'npx s deploy -y',
      },
    ]);
  });

  it('names a key that is not random, and does not quote it', async () => {
    const account = await emptyAccount();
    const weak = Buffer.from('secretsecretsecretsecretsecretse').toString('base64url');
    const { folder } = machine(account, `k1:${weak}`);
    const { [variable]: _none, ...env } = account.env;
    const { lines } = await capture(account.cloud, () =>
      runDoctor([], { root: folder }, env, () => Promise.resolve(undefined)),
    );
    expect(lines.join('\n')).toContain('key k1 is not random');
    expect(lines.join('\n')).not.toContain(weak.slice(0, 10));
  });
});

it('logs of calls that hand the keys to functions do not hold them', () => {
  const text = JSON.stringify(masked({ functionName: 'f', environmentVariables: { [variable]: mine } }));
  expect(text).not.toContain(secretsIn(mine)[0]);
});

it('what else stands in .env stays, in whatever way the variable was written', () => {
  const file = join(temporaryFolder(onTestFinished), '.env');
  writeFileSync(file, `# mine\nexport ${variable}=old\nOTHER="a=b"\n${variable}_OF_SOMEBODY=1`);
  setInEnvFile(file, { [variable]: 'new' });
  expect(readFileSync(file, 'utf8')).toBe(`# mine\nOTHER="a=b"\n${variable}_OF_SOMEBODY=1\n${variable}=new\n`);
});
