import type { Environment } from './account/account.ts';
import { type Area, areas, examine, type Examined, type ExaminedAccount } from './account/examine.ts';
import { missingIpv6Route } from './account/ipv6-route.ts';
import type { Checkout } from './checkout.ts';
import { CommandError } from './command-error.ts';
import { parseOptions } from './options.ts';

const help = `npm run doctor -- [options]
Looks at everything that an installation needs, changes nothing, and says how to mend what
it finds: configuration, credentials, roles and policies, service-linked roles, the log
project, queues, tables, functions and triggers, the quota of event streams, and whether
this machine has a route to IPv6 addresses.

  --one-queue  as s-one-queue.yaml has it instead of s.yaml
  --within SECONDS
               how long it may take in all (default 120); what there was no time for is named
  --skip AREA  leave an area out, such as "IPv6 route"; may be given more than once
  --json       the result as JSON
  --help       this text

Exit status 0 when nothing was found, 1 when something was. Settings and keys: as those of
"npm run bootstrap".`;

/** @param missingRoute - whether this machine reaches IPv6 addresses. */
export async function runDoctor(
  args: string[],
  { root }: Pick<Checkout, 'root'>,
  env: Environment = process.env,
  missingRoute: () => Promise<string | undefined> = missingIpv6Route,
): Promise<number> {
  const options = parseOptions(args, {
    'one-queue': { type: 'boolean', default: false },
    within: { type: 'string', default: '120' },
    skip: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  });
  if (options.help) {
    console.log(help);
    return 0;
  }
  const isArea = (name: string): name is Area => (areas as readonly string[]).includes(name);
  const unknown = options.skip.find((name) => !isArea(name));
  if (unknown !== undefined)
    throw new CommandError(`--skip ${unknown}: there is no such area. There are: ${areas.join(', ')}.`);
  if (!/^[1-9]\d{0,3}$/.test(options.within))
    throw new CommandError(`--within ${options.within}: must be whole seconds, at most 9999.`);
  const withinMs = Number(options.within) * 1000;
  const { account, results } = await examine(root, env, { oneQueue: options['one-queue'], withinMs, missingRoute });
  const shown = results.map((one) =>
    options.skip.includes(one.area) ? { ...one, fine: undefined, findings: [], unseen: 'left out by --skip' } : one,
  );
  if (options.json) console.log(JSON.stringify(asJson(account, shown), undefined, 2));
  else print(account, shown);
  return shown.some(({ findings }) => findings.length > 0) ? 1 : 0;
}

function asJson(account: ExaminedAccount['account'], results: Examined[]): object {
  return {
    ...(account === undefined
      ? {}
      : {
          name: account.config.name,
          accountId: account.config.accountId,
          regionId: account.config.regionId,
          definition: account.definition,
        }),
    findings: results.flatMap(({ findings }) => findings),
    notLookedAt: results.flatMap(({ area, unseen }) => (unseen === undefined ? [] : [{ area, reason: unseen }])),
    fine: results.flatMap(({ area, fine }) => (fine === undefined ? [] : [{ area, what: fine }])),
  };
}

const width = Math.max(...areas.map((area) => area.length)) + 2;

function print(account: ExaminedAccount['account'], results: Examined[]): void {
  if (account !== undefined) {
    const { name, accountId, regionId } = account.config;
    console.log(`${name}: account ${accountId}, region ${regionId}, ${account.definition}\n`);
  }
  const indent = ' '.repeat(width + 4);
  for (const { area, fine, findings, unseen } of results) {
    if (fine !== undefined) console.log(`  ✔ ${area.padEnd(width)}${fine}`);
    // One remedy for what stands above it.
    findings.forEach(({ problem, mend }, index) => {
      console.log(index === 0 ? `  ✘ ${area.padEnd(width)}${problem}` : `${indent}${problem}`);
      if (findings[index + 1]?.mend !== mend) console.log(`${indent}→ ${mend}`);
    });
    if (unseen !== undefined) console.log(`  - ${area.padEnd(width)}not looked at: ${unseen}`);
  }
  const count = results.reduce((sum, { findings }) => sum + findings.length, 0);
  console.log(count === 0 ? '\nNothing to mend.' : `\n${count} to mend.`);
}
