import type { Dial } from '../net/dial.ts';
import { type Certificate, worse } from './certificate.ts';
import { exchange } from './exchange.ts';
import { backendOf } from './identify.ts';
import type { Sample } from './observation.ts';
import type { ProbeTarget } from './target.ts';

export interface RequestLimits {
  requestTimeoutMs: number;
  /** No request is begun later than this after the first, and none runs past it. */
  probeTimeoutMs: number;
  /** Requests under way at once. */
  parallel: number;
}

export const defaultLimits: RequestLimits = { requestTimeoutMs: 5000, probeTimeoutMs: 10_000, parallel: 5 };

export interface Requested {
  samples: Sample[];
  /** The worst that was shown. */
  certificate?: Certificate;
}

/** Requests in turn to every address, each over a new connection. Ends within `probeTimeoutMs`; what it had no time for is left out. */
export async function requestTarget(
  dial: Dial,
  target: ProbeTarget,
  addresses: string[],
  count: number,
  limits: RequestLimits = defaultLimits,
): Promise<Requested> {
  const samples: Sample[] = [];
  const identify = backendOf(target.identification);
  const endMs = performance.now() + limits.probeTimeoutMs;
  let certificate: Certificate | undefined;
  let next = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const index = next;
      const leftMs = endMs - performance.now();
      if (index >= count || leftMs <= 0) return;
      next += 1;
      const address = addresses[index % addresses.length] as string;
      const { host, port, path, tls } = target;
      const answer = await exchange(dial, {
        address,
        port,
        host,
        path,
        tls,
        timeoutMs: Math.min(limits.requestTimeoutMs, leftMs),
      });
      const backend = answer.headers === undefined ? undefined : identify(answer);
      if (backend !== undefined) answer.sample.backend = backend;
      certificate = worse(certificate, answer.certificate);
      samples.push(answer.sample);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.parallel, count) }, work));
  return { samples, ...(certificate === undefined ? {} : { certificate }) };
}
