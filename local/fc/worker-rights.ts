import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import v8 from 'node:v8';

const denied = (what: string) => (): never => {
  throw Object.assign(new Error(`A function may not use ${what} in the embedded cloud`), { code: 'ERR_ACCESS_DENIED' });
};

/**
 * Takes from a function what the permission model leaves it of the process and the user: signals, by which it could end the
 * process or open its inspector; the report, which shows the process's environment; flags of V8, which hold for all threads;
 * heap snapshots, which V8 itself writes; the user's home and name. Comes after all other changes of built-in modules.
 *
 * @throws Error when the permission model is not in force: then nothing of the function must run.
 */
export function installRights(): void {
  if (process.permission === undefined)
    throw new Error(`Node ${process.version} does not restrict this worker, so no function runs in it`);
  const deny = (owner: object, name: string): void => {
    Object.defineProperty(owner, name, { value: denied(name), writable: false, configurable: false });
  };
  for (const name of ['kill', '_kill', '_debugProcess', '_debugEnd', '_startProfilerIdleNotifier']) deny(process, name);
  Object.defineProperty(process, 'report', { value: undefined, writable: false, configurable: false });
  deny(v8, 'setFlagsFromString');
  deny(v8, 'setHeapSnapshotNearHeapLimit');
  deny(os, 'setPriority');
  os.homedir = () => process.env['HOME'] ?? '/tmp';
  os.userInfo = (() => ({ username: 'function', uid: -1, gid: -1, shell: null, homedir: os.homedir() })) as never;
  syncBuiltinESMExports();
}
