import { spawn } from 'node:child_process';
import type { Environment } from './account/account.ts';
import { givenKeys, messageKeysVariable } from './account/message-keys.ts';
import type { Checkout } from './checkout.ts';
import { checkComponent, componentFolder } from './component.ts';
import { CommandError } from './command-error.ts';
import { findS, NotRun } from './serverless-devs.ts';

const help = `npm run deploy -- [options of s deploy]: "s deploy -y" with what it runs checked first

  --help             this text; every other option goes to s, such as -t s-one-queue.yaml

It prints the hash of component fc3 and compares it with component.sum before s loads the
component: s runs code of the component before the pre-deploy action, and with your keys.`;

/** @returns the exit code of `s`. @throws CommandError when the component is not the pinned one, or `s` is missing. */
export async function runDeploy(
  args: string[],
  { root }: Pick<Checkout, 'root'>,
  env: Environment = process.env,
): Promise<number> {
  if (args.some((word) => word === '--help' || word === '-h')) {
    console.log(help);
    return 0;
  }
  if (givenKeys(root, 's.yaml', env).length === 0)
    throw new CommandError(
      `${messageKeysVariable} is not set. "npm run bootstrap" makes it or takes it over: run that first.`,
    );
  console.log(checkComponent(root, componentFolder(undefined, env)));
  const [command = '', ...first] = commandOf(root);
  const child = spawn(command, [...first, 'deploy', '-y', ...args], { cwd: root, stdio: 'inherit', env });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

function commandOf(root: string): string[] {
  try {
    return findS(root);
  } catch (error) {
    if (error instanceof NotRun) throw new CommandError(`${error.message}.`);
    throw error;
  }
}
