import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionSpec } from '../local/fc/spec.ts';
import type { LogLevel, Route } from '../local/fc/worker-protocol.ts';
import { CommandError } from './command-error.ts';
import { sealedEvent } from './event-files.ts';
import type { Ground } from './ground.ts';
import type { FromInstance, Invocation, ToInstance } from './instance-process.ts';

export interface LogLine {
  level: LogLevel;
  message: string;
}

export interface Invoked extends Invocation {
  requestId: string;
  logs: LogLine[];
}

/** A function instance in a process of its own: one after the other it serves what it is given, as a warm instance does. */
export class MeasuredInstance {
  readonly #child: ChildProcess;
  readonly #spec: FunctionSpec;
  #logs: LogLine[] = [];
  #settle: ((invocation: Invocation) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  private constructor(child: ChildProcess, ground: Ground, spec: FunctionSpec) {
    this.#child = child;
    this.#spec = spec;
    child.on('message', (message: FromInstance) => {
      if (message.type === 'log') this.#logs.push({ level: message.level, message: message.message });
      else if (message.type === 'result') this.#settle?.(message.invocation);
      else
        void ground
          .route(message.address, message.port)
          .catch((): Route => ({ refusal: 'EHOSTUNREACH' }))
          .then((route) => this.#say({ type: 'route', id: message.id, route }));
    });
    child.on('error', (error) => this.#fail?.(error));
    child.on('exit', (code, signal) => this.#fail?.(new Error(`the instance's process ended (${signal ?? code})`)));
  }

  static async start(
    ground: Ground,
    { root, codeDir, spec }: { root: string; codeDir: string; spec: FunctionSpec },
  ): Promise<MeasuredInstance> {
    const file = join(codeDir, `${spec.handler.slice(0, spec.handler.lastIndexOf('.'))}.js`);
    if (!existsSync(file)) throw new CommandError(`The bundle ${file} is missing. Run "npm run build".`);
    const credentials = await ground.credentials(spec.role.slice(spec.role.lastIndexOf('/') + 1), spec.functionName);
    const child = fork(join(root, 'dist', 'tools', 'instance-process.mjs'), { execArgv: [] });
    const instance = new MeasuredInstance(child, ground, spec);
    const { accountId, regionId } = ground;
    const workerPath = join(root, 'dist', 'tools', 'worker.cjs');
    instance.#say({
      type: 'start',
      start: { spec, file, folder: codeDir, workerPath, credentials, accountId, regionId },
    });
    return instance;
  }

  /** Queue messages in the event are sealed first, as the installation would have sent them. */
  async invoke(event: Buffer): Promise<Invoked> {
    const { functionName, environmentVariables } = this.#spec;
    const name = functionName.replace(`${environmentVariables['DUALSTACK_ALB_NAME']}-`, '');
    const sealed = sealedEvent(event, name, environmentVariables);
    const requestId = randomUUID().toUpperCase();
    this.#logs = [];
    const invocation = await new Promise<Invocation>((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
      this.#say({ type: 'invoke', requestId, event: sealed.toString('base64') });
    });
    return { ...invocation, requestId, logs: this.#logs };
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  #say(message: ToInstance): void {
    // Without a callback it would throw where the process has ended, which `exit` tells.
    this.#child.send(message, () => undefined);
  }
}
