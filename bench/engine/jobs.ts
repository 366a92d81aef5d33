/** What a measured process is told to do, and what it answers. */

export interface Job {
  port: number;
  /** Requests under way at once. */
  parallel: number;
  warmUpMs: number;
  ms: number;
}

/** Each target is probed once. */
export interface FleetJob {
  port: number;
  targets: number;
  requests: number;
  /** No target is begun later. */
  longestMs: number;
}

export interface Done {
  probes: number;
  /** Of them those that did not see a 200 from where they should. */
  failed: number;
  seconds: number;
  /** User and system time. */
  cpuSeconds: number;
}

/** Whatever the time: a run stays bounded. */
export const mostProbes = 500_000;

/** Repeats `probe` for `ms`, `parallel` at once. @param probe - whether it saw what it should. */
export async function repeat(
  probe: () => Promise<boolean>,
  { parallel, ms }: { parallel: number; ms: number },
): Promise<Pick<Done, 'probes' | 'failed' | 'seconds'>> {
  const startMs = performance.now();
  let [probes, failed] = [0, 0];
  const work = async () => {
    while (performance.now() - startMs < ms && probes < mostProbes) {
      probes += 1;
      if (!(await probe())) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return { probes, failed, seconds: (performance.now() - startMs) / 1000 };
}
