import { onTestFinished, vi } from 'vitest';
import { root } from '../../cli/build.mjs';
import type { Environment } from '../../cli/account/account.ts';
import { runBootstrap } from '../../cli/bootstrap-command.ts';
import { CommandError } from '../../cli/command-error.ts';
import { runDoctor } from '../../cli/doctor.ts';
import { EmbeddedCloud } from '../../local/cloud.ts';
import { startControlPlane } from '../../local/control-plane.ts';
import type { PolicyDocument } from '../../local/credentials.ts';
import type { WireLogEntry } from '../../local/edge.ts';
import { latencies } from '../../local/latency.ts';
import { VirtualClock } from '../../shared/clock.ts';
import { testMessageKeys } from './message-keys.ts';

export interface Outcome {
  /** What was printed, without blank lines; what is told on a line of its own for want of room stands behind. */
  lines: string[];
  /** Message of the error that a person would see; '' for a run that ended well. */
  error: string;
  exitCode: number;
  /** Calls that it made. */
  calls: WireLogEntry[];
}

export const isWriting = ({ action }: WireLogEntry): boolean => !/^(Get|List|Describe|Check)/.test(action);
export const writing = ({ calls }: Outcome): string[] => calls.filter(isWriting).map(({ action }) => action);

/** Runs a command in this process. */
export async function capture(cloud: EmbeddedCloud, run: () => Promise<number>): Promise<Outcome> {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  const from = cloud.wireLog.length;
  let error = '';
  let exitCode = 1;
  try {
    exitCode = await run();
  } catch (thrown) {
    if (!(thrown instanceof CommandError)) throw thrown;
    error = thrown.message;
  }
  const lines = log.mock.calls
    .flatMap(([text]) =>
      String(text)
        .replaceAll(/:\n {13}/g, ': ')
        .split('\n'),
    )
    .filter((line) => line !== '');
  log.mockRestore();
  // Deployed triggers read their queues meanwhile.
  const calls = cloud.wireLog.slice(from).filter(({ action }) => action !== 'ReceiveMessage');
  return { lines, error, exitCode, calls };
}

/** As `startAccount`, closed when the test ends. */
export async function emptyAccount(): Promise<TestAccount> {
  const account = await startAccount();
  onTestFinished(account.close);
  return account;
}

export type TestAccount = Awaited<ReturnType<typeof startAccount>>;

/** An account in which nothing has been prepared: no instance of Tablestore, no queue, no role. */
export async function startAccount() {
  const clock = new VirtualClock(Date.now());
  const cloud = new EmbeddedCloud({ clock, latency: latencies.none, tablestoreInstances: [] });
  await cloud.start();
  const functions = startControlPlane(cloud, { workerPath: '', environment: {} });
  const { accessKeyId, accessKeySecret } = cloud.credentials.root;
  const env: Environment = {
    DUALSTACK_ALB_ENDPOINT: cloud.url,
    DUALSTACK_ALB_NAME: 'mine',
    DUALSTACK_ALB_MESSAGE_KEYS: testMessageKeys,
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret,
  };
  /** The same, as somebody with a role of these policies. */
  const envOf = (...policies: PolicyDocument[]): Environment => {
    cloud.credentials.setRolePolicies('somebody', policies);
    const { accessKeyId: id, accessKeySecret: secret, securityToken } = cloud.credentials.issue('somebody', 'cli');
    return {
      ...env,
      ALIBABA_CLOUD_ACCESS_KEY_ID: id,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret,
      ALIBABA_CLOUD_SECURITY_TOKEN: securityToken,
    };
  };
  const pause = (ms: number) => {
    clock.advance(ms);
    return Promise.resolve();
  };
  return {
    cloud,
    clock,
    functions,
    env,
    envOf,
    close: async () => {
      await functions.close();
      await cloud.close();
    },
    doctor: (
      args: string[] = [],
      as: Environment = env,
      missingRoute: () => Promise<string | undefined> = () => Promise.resolve(undefined),
    ) => capture(cloud, () => runDoctor(args, { root }, as, missingRoute)),
    bootstrap: (args: string[] = [], as: Environment = env) =>
      capture(cloud, () => runBootstrap(args, { root }, { DUALSTACK_ALB_MESSAGE_KEYS: testMessageKeys, ...as }, pause)),
  };
}
