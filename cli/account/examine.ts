import { channelProblem } from '../../shared/alert/channel-problem.ts';
import type { ChannelForm } from '../../shared/alert/stored-channel.ts';
import { OutOfTimeError } from '../../shared/budget.ts';
import { type Account, accountOf, type Environment } from './account.ts';
import { countStreams, inWords, mendShortage, shortageOf } from './event-streams.ts';
import { codeOf, grant, isDenied, type Step, type StepState, textOf } from './step.ts';
import { stepsOf } from './steps.ts';
import { keyFindings, readFunctionKeys } from './message-keys.ts';
import { deployedFunctions, deploymentDifferences } from './triggers.ts';

export const areas = [
  'configuration',
  'credentials',
  'roles and policies',
  'service-linked roles',
  'log project',
  'queues',
  'tables',
  'functions and triggers',
  'message key',
  'event streams',
  'alert channels',
  'IPv6 route',
] as const;
export type Area = (typeof areas)[number];

/** Something that is wrong, and what to do about it. */
export interface Finding {
  area: Area;
  problem: string;
  mend: string;
}

/** What is known of one area: what is fine, what is not, and what could not be looked at. */
export interface Examined {
  area: Area;
  fine: string | undefined;
  findings: Finding[];
  unseen: string | undefined;
}

const areaOf: Record<Step['kind'], Area> = {
  role: 'roles and policies',
  policy: 'roles and policies',
  'service-linked role': 'service-linked roles',
  'log project': 'log project',
  queue: 'queues',
  'Tablestore instance': 'tables',
  table: 'tables',
};

const isFine = (area: Area, fine: string): Examined => ({ area, fine, findings: [], unseen: undefined });
const isUnseen = (area: Area, unseen: string): Examined => ({ area, fine: undefined, findings: [], unseen });
const isWrong = (area: Area, findings: Omit<Finding, 'area'>[]): Examined => ({
  area,
  fine: undefined,
  findings: findings.map((finding) => ({ area, ...finding })),
  unseen: undefined,
});

export interface ExaminedAccount {
  account: Account | undefined;
  results: Examined[];
}

/**
 * Looks at everything that an installation needs, and changes nothing. What there is no time for is a finding: it may be
 * wrong too.
 *
 * @param missingRoute - as `missingIpv6Route`.
 */
export async function examine(
  root: string,
  env: Environment,
  options: { oneQueue: boolean; withinMs?: number; missingRoute: () => Promise<string | undefined> },
): Promise<ExaminedAccount> {
  const found = await accountOf(root, env, options);
  if ('problems' in found) {
    const wrong = (['configuration', 'credentials'] as const).map((area) => {
      const problems = found.problems.filter((one) => one.area === area);
      return problems.length > 0 ? isWrong(area, problems) : isUnseen(area, 'the rest of it is not known');
    });
    const rest = areas.slice(2, -1).map((area) => isUnseen(area, 'without configuration and credentials'));
    return { account: undefined, results: [...wrong, ...rest, await examineRoute(env, options.missingRoute)] };
  }
  const { account } = found;
  const steps = await examineSteps(root, account, options.oneQueue);
  return {
    account,
    results: [
      isFine('configuration', `${account.definition}, ${account.functions.length} functions`),
      isFine('credentials', account.caller.arn),
      ...steps,
      await examineFunctions(account),
      await examineMessageKey(account, options.oneQueue),
      await examineStreams(root, account),
      steps.some((one) => one.area === 'tables' && one.findings.length > 0)
        ? isUnseen('alert channels', 'not before the tables are as they should be')
        : await examineChannels(account),
      await examineRoute(env, options.missingRoute),
    ],
  };
}

async function examineSteps(root: string, account: Account, oneQueue: boolean): Promise<Examined[]> {
  const mend = `npm run bootstrap${oneQueue ? ' -- --one-queue' : ''}`;
  const steps = stepsOf(root, account);
  const results: Examined[] = [];
  let hasInstance = true;
  for (const area of areas) {
    const ours = steps.filter(({ kind }) => areaOf[kind] === area);
    if (ours.length === 0) continue;
    const skipped = ours.find((step) => step.skipped !== undefined)?.skipped;
    if (skipped !== undefined) {
      results.push(isUnseen(area, skipped));
      continue;
    }
    const findings: Omit<Finding, 'area'>[] = [];
    for (const step of ours) {
      const what = `${step.kind} ${step.name}`;
      try {
        const state: StepState = step.kind === 'table' && !hasInstance ? { is: 'absent' } : await step.state();
        if (step.kind === 'Tablestore instance') hasInstance = state.is !== 'absent';
        if (state.is === 'absent') findings.push({ problem: `${what} is missing`, mend });
        if (state.is === 'different') findings.push({ problem: `${what}: ${state.why}`, mend });
      } catch (error) {
        findings.push(cannotSee(what, error));
        // The other problems of this area say nothing more.
        if (error instanceof OutOfTimeError) break;
      }
    }
    results.push(findings.length > 0 ? isWrong(area, findings) : isFine(area, `all ${ours.length} are there`));
  }
  return results;
}

const cannotSee = (what: string, error: unknown): Omit<Finding, 'area'> => {
  if (error instanceof OutOfTimeError)
    return { problem: `${what} was not looked at: no time was left`, mend: 'Try again, or give it longer: --within.' };
  return cannotRead(what, error);
};

const cannotRead = (what: string, error: unknown): Omit<Finding, 'area'> => ({
  problem: `${what} cannot be looked at: ${textOf(error)}`,
  mend: isDenied(error) ? grant : 'Try again; if it stays, the message says what the service wants.',
});

async function examineFunctions(account: Account): Promise<Examined> {
  const area = 'functions and triggers';
  const file = account.definition === 's.yaml' ? '' : ` -t ${account.definition}`;
  try {
    const differences = await deploymentDifferences(account);
    const triggers = account.functions.reduce((sum, spec) => sum + spec.triggers.length, 0);
    if (differences.length === 0) return isFine(area, `${account.functions.length} functions, ${triggers} triggers`);
    return isWrong(
      area,
      differences.map(({ problem, removes }) => ({
        problem,
        mend:
          removes === undefined
            ? `npx s deploy -y${file}`
            : `npx s ${removes.resource} remove -y --trigger ${removes.triggerName}${file}`,
      })),
    );
  } catch (error) {
    return isWrong(area, [cannotSee('what is deployed', error)]);
  }
}

async function examineMessageKey(account: Account, oneQueue: boolean): Promise<Examined> {
  const area = 'message key';
  const { messageKeys } = account.config;
  const mend = {
    bootstrap: `npm run bootstrap${oneQueue ? ' -- --one-queue' : ''}`,
    deploy: `npx s deploy -y${account.definition === 's.yaml' ? '' : ` -t ${account.definition}`}`,
  };
  try {
    const findings = keyFindings(messageKeys, readFunctionKeys(account, await deployedFunctions(account)), mend);
    if (findings.length > 0) return isWrong(area, findings);
    return isFine(area, messageKeys.map(({ id }) => id).join(', and before it '));
  } catch (error) {
    return isWrong(area, [cannotSee('what is deployed', error)]);
  }
}

async function examineStreams(root: string, account: Account): Promise<Examined> {
  const area = 'event streams';
  try {
    const count = await countStreams(account);
    const shortage = shortageOf(count);
    if (shortage !== undefined) return isWrong(area, [{ problem: shortage, mend: mendShortage(root) }]);
    const fine = isFine(area, inWords(count));
    return count.isQuotaKnown ? fine : { ...fine, unseen: 'the quota center does not say how many there may be' };
  } catch (error) {
    if (codeOf(error) === 'ServiceAccessDenied')
      return isWrong(area, [
        { problem: 'EventBridge is not activated in the account', mend: 'Activate it in its console.' },
      ]);
    return isWrong(area, [cannotSee('the streams', error)]);
  }
}

/** Examines what the channels answered lately, as the alert function notes it, and rows whose secrets stand open or cannot be opened. */
async function examineChannels({ runtime }: Account): Promise<Examined> {
  const area = 'alert channels';
  try {
    const deliveries = await runtime.channels.deliveries();
    const { forms, refused } = await runtime.channels.list();
    const findings = [
      ...[...deliveries].flatMap(([name, delivery]) => {
        const problem = channelProblem(delivery);
        return problem === undefined ? [] : [{ problem: `${name}: ${problem}`, mend: mendChannel }];
      }),
      ...[...forms].flatMap(([name, form]) => {
        const problem = unsealed[form];
        return problem === undefined ? [] : [{ problem: `${name}: ${problem}`, mend: 'npm run channel -- seal' }];
      }),
      ...refused
        // Variables of the function alert are not looked for here.
        .filter(({ reason }) => !/^secretRef: variable .* is not set$/.test(reason))
        .map(({ name, reason }) => ({
          problem: `${name}: the row of the table channels cannot be used: ${reason}`,
          mend: 'Set the keys that the function alert has, or write the row again: npm run channel -- put FILE',
        })),
    ];
    if (findings.length > 0) return isWrong(area, findings);
    return isFine(area, `${deliveries.size} of those that messages were sent to take them`);
  } catch (error) {
    return isWrong(area, [cannotSee('what the channels answered', error)]);
  }
}

const unsealed: Partial<Record<ChannelForm, string>> = {
  plain: 'who can read the table channels can read its secret',
  'sealed-before': 'its row is encrypted with the key before (DUALSTACK_ALB_CHANNEL_KEY_BEFORE)',
};

const mendChannel =
  'Look at its robot (keyword, signature, allowed addresses, whether it exists) and at DUALSTACK_ALB_ALERT_CHANNELS or the table channels.';

async function examineRoute(env: Environment, missingRoute: () => Promise<string | undefined>): Promise<Examined> {
  const area = 'IPv6 route';
  if ((env['DUALSTACK_ALB_ENDPOINT'] ?? '') !== '')
    return isUnseen(area, 'DUALSTACK_ALB_ENDPOINT is set: addresses of an embedded cloud lead to this machine');
  const code = await missingRoute();
  if (code === undefined) return isFine(area, 'this machine has one');
  return isWrong(area, [
    {
      problem: `this machine has none (${code}): curl -6 from here cannot reach a load balancer`,
      mend: 'Probes run elsewhere: only to try by hand, use another machine. --skip "IPv6 route" leaves it out.',
    },
  ]);
}
