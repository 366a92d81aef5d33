import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { root } from '../../cli/build.mjs';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  elapsedMs: number;
}

export interface Running {
  /** Resolves once `pattern` shows in the output, with what matched. @throws Error when the command ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: NodeJS.Signals): void;
  ended: Promise<Ended>;
}

/** Commands in the checkout, as a person starts them; what still runs at the end of the test is ended. */
export class Shell {
  readonly #onTestFinished: TestContext['onTestFinished'];

  /** Tests that run side by side have a hook of their own each. */
  constructor({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
    this.#onTestFinished = onTestFinished;
  }

  start(command: string, args: string[], env: Record<string, string> = {}): Running {
    const startedAt = performance.now();
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: npm does not pass signals on to what it has started.
      detached: true,
    });
    const signal = (name: NodeJS.Signals) => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, name);
    };
    this.#onTestFinished(() => signal('SIGKILL'));
    let [stdout, stderr] = ['', ''];
    const watchers = new Set<() => void>();
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
      for (const watcher of watchers) watcher();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr, elapsedMs: performance.now() - startedAt }));
    });
    return {
      ended,
      signal,
      until: (pattern) =>
        new Promise((resolve, reject) => {
          const look = () => {
            const found = pattern.exec(stdout);
            if (found === null) return;
            watchers.delete(look);
            resolve(found);
          };
          watchers.add(look);
          look();
          void ended.then((end) =>
            reject(new Error(`ended with ${end.code} before ${String(pattern)}: ${end.stderr}`)),
          );
        }),
    };
  }

  /** `npm start -- ...` without npm. */
  main(args: string[], env?: Record<string, string>): Running {
    return this.start(process.execPath, ['cli/run.mjs', ...args], env);
  }

  /** A directory of the test's own. */
  directory(): string {
    const directory = mkdtempSync(join(tmpdir(), 'dualstack-alb-cli-'));
    this.#onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
  }
}
