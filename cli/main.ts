import type { Checkout } from './checkout.ts';
import { runCall } from './call.ts';
import { runChannel } from './channel.ts';
import { runCloud } from './cloud.ts';
import { CommandError } from './command-error.ts';
import { runBootstrap } from './bootstrap-command.ts';
import { runComponent } from './component.ts';
import { runDeploy } from './deploy.ts';
import { runDeployLocal } from './deploy-local.ts';
import { runDoctor } from './doctor.ts';
import { runInvoke } from './invoke.ts';
import { runOutage } from './outage/outage.ts';
import { runPitfalls } from './pitfalls.ts';
import { runStart } from './start.ts';
import { valueAt } from '../shared/dictionary.ts';

const help = `dualstack-alb

  npm start -- [options]       provision a dual-stack load balancer on the embedded cloud
  npm run cloud -- [options]   the embedded cloud alone
  npm run bootstrap            prepares an account for "s deploy"
  npm run component            the hash of the component that s deploys with
  npm run deploy               "s deploy" after that hash was compared
  npm run doctor               what is missing or differs in an account, and how to mend it
  npm run deploy:local         s.yaml deployed to the embedded cloud by the real s
  npm run channel              channels of alerts in the table, their secrets encrypted
  npm run call -- METHOD PATH  calls the API of a deployed installation, signed
  npm run invoke -- FUNCTION EVENT
                               one function once, as Function Compute runs it
  npm run outage               four outages, and what is told of them
  npm run pitfalls             which known traps no test shows, and why

Add --help to any of them for its options.`;

const commands: Record<string, (args: string[], checkout: Checkout) => Promise<number>> = {
  start: runStart,
  cloud: runCloud,
  bootstrap: runBootstrap,
  doctor: runDoctor,
  component: runComponent,
  deploy: runDeploy,
  'deploy:local': runDeployLocal,
  call: runCall,
  channel: runChannel,
  invoke: runInvoke,
  outage: runOutage,
  pitfalls: runPitfalls,
};

/** @returns the exit code. */
export async function main([name = '', ...args]: string[], checkout: Checkout): Promise<number> {
  const command = valueAt(commands, name);
  if (command === undefined) {
    console.error(help);
    return 2;
  }
  try {
    return await command(args, checkout);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(`\n${error.message}`);
    return 1;
  }
}
