import { runCloud } from './cloud.ts';
import { CommandError } from './command-error.ts';
import { runStart } from './start.ts';

const help = `dualstack-alb

  npm start -- [options]       provision a dual-stack load balancer on the embedded cloud
  npm run cloud -- [options]   the embedded cloud alone

Add --help to either for its options.`;

const commands: Record<string, (args: string[], root: string) => Promise<number>> = {
  start: runStart,
  cloud: runCloud,
};

/** @returns the exit code. */
export async function main([name = '', ...args]: string[], root: string): Promise<number> {
  const command = commands[name];
  if (command === undefined) {
    console.error(help);
    return 2;
  }
  try {
    return await command(args, root);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(`\n${error.message}`);
    return 1;
  }
}
