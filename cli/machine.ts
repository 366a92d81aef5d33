import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { CommandError } from './command-error.ts';

/** @throws CommandError when the machine has no IPv6 loopback address: the embedded cloud moves real IPv6 packets over it. */
export async function needIpv6Loopback(): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) =>
      reject(
        new CommandError(
          `This machine has no IPv6 loopback address (::1): ${error.message}.\nThe embedded cloud moves real IPv6 packets over it. Turn IPv6 on for the loopback interface (Linux: sysctl net.ipv6.conf.lo.disable_ipv6=0).`,
        ),
      ),
    );
    probe.listen(0, '::1', () => probe.close(() => resolve()));
  });
}

/** Version of the curl on PATH; undefined when there is none. */
export async function findCurl(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('curl', ['--version']);
    return /^curl (\S+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}
