import { setImmediate } from 'node:timers/promises';
import { OutOfTimeError, outOfTimeCode } from '../budget.ts';
import type { Dial } from '../net/dial.ts';
import { type Certificate, worse } from './certificate.ts';
import { type Exchange, exchange, type ExchangeTarget } from './exchange.ts';
import { identifierOf } from './identify.ts';
import type { Sample } from './observation.ts';
import type { Identification } from './target.ts';
import { type Asked, isWell } from './well.ts';

export interface RequestLimits {
  requestTimeoutMs: number;
  /** No request is begun later than this after the first, and none runs past it. */
  probeTimeoutMs: number;
  /** Requests under way at once. */
  parallel: number;
}

export const defaultLimits: RequestLimits = { requestTimeoutMs: 5000, probeTimeoutMs: 10_000, parallel: 5 };

export interface RequestHooks {
  /** Whether the answers so far say all that is to be known: then no further request is begun. With it each has its name at once. */
  isSettled?: ((samples: readonly Sample[]) => boolean) | undefined;
  /** Called with each answer that counts. */
  onAnswer?: (asked: ExchangeTarget, answer: Exchange) => void;
}

export interface Requested {
  samples: Sample[];
  /** The worst that was shown. */
  certificate?: Certificate;
}

/**
 * Requests in turn to every address, each over a new connection. Ends within `probeTimeoutMs`, or earlier with the budget that the
 * dial is bound to; what it had no time for, and what had too little to say anything, is left out.
 *
 * Who answered is found out once the requests are over, text by text with a pause: many probes share a process, and none of
 * their times may hold the search of another's pattern.
 *
 * @throws OutOfTimeError where the budget ended before there was any answer.
 */
export async function requestTarget(
  dial: Dial,
  target: Asked & { identification: Identification; family?: 4 | 6 },
  addresses: string[],
  count: number,
  limits: RequestLimits = defaultLimits,
  { isSettled, onAnswer }: RequestHooks = {},
): Promise<Requested> {
  const samples: Sample[] = [];
  const { textIn, nameIn } = identifierOf(target.identification, (sample) => isWell(target, sample));
  const unnamed: { sample: Sample; text: string }[] = [];
  const give = ({ sample, text }: (typeof unnamed)[number]): void => {
    const backend = nameIn(text);
    if (backend !== undefined) sample.backend = backend;
  };
  const endMs = performance.now() + limits.probeTimeoutMs;
  let certificate: Certificate | undefined;
  let next = 0;
  let isOver = false;
  let isCutOff = false;
  const work = async (): Promise<void> => {
    for (;;) {
      const index = next;
      const leftMs = endMs - performance.now();
      if (isOver || index >= count || leftMs <= 0) return;
      next += 1;
      const address = addresses[index % addresses.length] as string;
      const { family = 6, method, host, port, path, tls } = target;
      const timeoutMs = Math.min(limits.requestTimeoutMs, leftMs);
      const asked = { address, family, port, method, host, path, tls, timeoutMs };
      const answer = await exchange(dial, asked);
      const { sample } = answer;
      if (sample.error?.code === outOfTimeCode) {
        isCutOff = isOver = true;
        return;
      }
      const isHasty = timeoutMs < limits.requestTimeoutMs / 2 && sample.error?.code === 'ETIMEDOUT';
      if (isHasty) return;
      const text = answer.headers === undefined ? undefined : textIn(answer);
      if (text !== undefined && isSettled !== undefined) give({ sample, text });
      else if (text !== undefined) unnamed.push({ sample, text });
      certificate = worse(certificate, answer.certificate);
      samples.push(sample);
      onAnswer?.(asked, answer);
      isOver ||= isSettled?.(samples) ?? false;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.parallel, count) }, work));
  if (isCutOff && samples.length === 0) throw new OutOfTimeError(`requests to ${target.host}: no time is left`);
  for (const one of unnamed) {
    await setImmediate();
    give(one);
  }
  return { samples, ...(certificate === undefined ? {} : { certificate }) };
}
