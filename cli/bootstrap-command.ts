import { StoreError } from '../shared/store/rows.ts';
import { type Account, accountOf, type Environment } from './account/account.ts';
import { countStreams, inWords, mendShortage, shortageOf, type StreamCount } from './account/event-streams.ts';
import { type Failure, makeAll, type Pause, removeAll } from './account/apply-steps.ts';
import { grant, isDenied, type Step, textOf } from './account/step.ts';
import { stepsOf } from './account/steps.ts';
import { seeToMessageKeys } from './account/message-keys.ts';
import type { Checkout } from './checkout.ts';
import { CommandError } from './command-error.ts';
import { parseOptions } from './options.ts';

const help = `npm run bootstrap -- [options]
Prepares an account for "s deploy": roles with their policies, service-linked roles, the
log project, queues, the Tablestore instance with its tables; keeps a key for queue
messages in .env; and looks whether the queue
triggers fit into the quota of event streams. Safe to repeat: what is there stays, what
differs is put right.

  --dry-run    say what would be done, and change nothing
  --one-queue  for s-one-queue.yaml instead of s.yaml
  --rotate-message-key
               put a new key for queue messages before the one that signs now; deploy within
               the hour, after which the new one signs and the other is still accepted
  --new-message-key
               put a new key in the place of all, where one was lost or seen by others: what
               they signed is refused, and the sweep sends those turns again
  --deploying  as the action of s.yaml: ends with 1 where s has read the files before a
               message key was kept
  --remove     delete what it makes: queues with their messages, tables with all records,
               roles and policies, logs. Service-linked roles stay, since others may use
               them. Refused while load balancers are active
  --force      with --remove: although load balancers are active, which then nothing
               looks after and nothing releases
  --help       this text

The installation is the one that s.yaml describes in this environment; the account is the
one whose keys stand in AccessKeyID and AccessKeySecret, or ALIBABA_CLOUD_ACCESS_KEY_ID
and ALIBABA_CLOUD_ACCESS_KEY_SECRET (and SecurityToken or ALIBABA_CLOUD_SECURITY_TOKEN).`;

const sleep: Pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @throws CommandError one list of everything that is missing or did not work. */
export async function runBootstrap(
  args: string[],
  { root }: Pick<Checkout, 'root'>,
  env: Environment = process.env,
  pause: Pause = sleep,
): Promise<number> {
  const options = parseOptions(args, {
    'dry-run': { type: 'boolean', default: false },
    'one-queue': { type: 'boolean', default: false },
    'rotate-message-key': { type: 'boolean', default: false },
    'new-message-key': { type: 'boolean', default: false },
    deploying: { type: 'boolean', default: false },
    remove: { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  if (options['rotate-message-key'] && options['new-message-key'])
    throw new CommandError('--rotate-message-key and --new-message-key exclude each other.\nTry --help.');
  if (options.force && !options.remove) throw new CommandError('--force belongs to --remove.\nTry --help.');
  const found = await accountOf(root, env, { oneQueue: options['one-queue'] });
  if ('problems' in found)
    throw new CommandError(
      listOf(
        'This is missing or wrong:',
        found.problems.map(({ problem, mend }) => `${problem}. ${mend}`),
      ),
    );
  const { account } = found;
  const dryRun = options['dry-run'];
  const { config } = account;
  console.log(
    `${options.remove ? 'Removing' : 'Preparing'} ${config.name}: account ${config.accountId}, region ${config.regionId}, ${account.definition}${dryRun ? '; nothing is changed' : ''}\n`,
  );
  if (!options.remove) {
    const [rotates, renews] = [options['rotate-message-key'], options['new-message-key']];
    const asked = { rotates, renews, dryRun, nowMs: Date.now() };
    const { said, isNew } = await seeToMessageKeys(root, account, env, asked);
    if (said !== undefined) console.log(`  ${said}`);
    if (isNew && options.deploying && !dryRun)
      throw new CommandError('The message key was kept just now, after s had read its files. Deploy again.');
  }
  const steps = stepsOf(root, account);
  let failures: Failure[];
  if (options.remove) {
    if (!options.force) await needNoDeployments(account, steps);
    failures = await removeAll(steps.toReversed(), dryRun);
  } else failures = [...(await makeAll(steps, { dryRun, pause })), ...(await lookAtStreams(root, account))];
  if (failures.length === 0) return 0;
  throw new CommandError(
    [
      listOf(
        'This did not work:',
        failures.map(({ what, error }) => `${what}: ${textOf(error)}`),
      ),
      ...(failures.some(({ error }) => isDenied(error)) ? [grant] : []),
    ].join('\n'),
  );
}

const listOf = (title: string, lines: string[]): string =>
  [title, ...[...new Set(lines)].map((line) => `  ${line}`)].join('\n');

/** The quota is looked at before the first trigger is made; that it cannot be read stops nobody. */
async function lookAtStreams(root: string, account: Account): Promise<Failure[]> {
  const what = 'event streams';
  let count: StreamCount;
  try {
    count = await countStreams(account);
  } catch (error) {
    console.log(`  unknown  ${what}: ${textOf(error)}`);
    return [];
  }
  const shortage = shortageOf(count);
  if (shortage !== undefined) return [{ what, error: `${shortage}. ${mendShortage(root)}` }];
  console.log(`  enough   ${what}: ${inWords(count)}`);
  return [];
}

/** @throws CommandError when load balancers would be left with nobody who looks after them. */
async function needNoDeployments({ runtime }: Account, steps: Step[]): Promise<void> {
  const despite = 'With --force everything is removed nevertheless.';
  let ids: string[] = [];
  try {
    const instance = steps.find(({ kind }) => kind === 'Tablestore instance');
    if ((await instance?.state())?.is === 'absent') return;
    ({ ids } = await runtime.active.list(100));
  } catch (error) {
    if (error instanceof StoreError && error.code === 'OTSObjectNotExist') return;
    throw new CommandError(`Whether load balancers are active cannot be seen: ${textOf(error)}\n${despite}`);
  }
  if (ids.length === 0) return;
  const shown = ids.length > 10 ? [...ids.slice(0, 10), '...'] : ids;
  const title = 'Load balancers are active; release them first, or nothing looks after them any more:';
  throw new CommandError(`${listOf(title, shown)}\n${despite}`);
}
