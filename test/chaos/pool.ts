import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * Does jobs in processes of their own, two per core: a lost answer is waited for.
 *
 * @param module - file whose `work` takes the jobs.
 * @param shared - what every process is told first.
 */
export async function spread(
  jobs: object[],
  module: string,
  shared: unknown,
  onAnswer: (answer: unknown, left: number) => void,
): Promise<void> {
  let next = 0;
  let answered = 0;
  await Promise.all(
    Array.from({ length: Math.min(2 * availableParallelism(), jobs.length) }, async () => {
      const child = fork(module, process.argv.slice(2), {
        execArgv: ['--no-deprecation', '--max-semi-space-size=64'],
      });
      child.send({ shared });
      await new Promise<void>((resolve, reject) => {
        const give = () => {
          const job = jobs[next];
          next += 1;
          if (job === undefined) {
            child.kill();
            resolve();
          } else child.send({ job });
        };
        child.on('message', (answer: unknown) => {
          answered += 1;
          onAnswer(answer, jobs.length - answered);
          give();
        });
        child.on('exit', (code) => {
          if (code !== null && code !== 0) reject(new Error(`a worker ended with ${code}`));
        });
        give();
      });
    }),
  );
}

/** In a process of the pool: does one job after the other. */
export function work(perform: (job: unknown, shared: unknown) => Promise<unknown>): void {
  let shared: unknown;
  process.on('message', (message: { shared: unknown } | { job: unknown }) => {
    if ('shared' in message) ({ shared } = message);
    else void perform(message.job, shared).then((answer) => process.send?.(answer));
  });
}
