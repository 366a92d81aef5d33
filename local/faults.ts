import * as z from 'zod';
import type { CallFacts } from './wire.ts';
import { valueAt } from './dictionary.ts';
import { schemaWords } from './schema-words.ts';

/**
 * `throttle`, `unavailable` (503 in the service's own form), `html-502`: answered without effect.
 * `reset-before`, `reset-after`: connection cut without or with the effect. `late`: effect at once, answer `delayMs` later.
 * `kill-before`, `kill-after`: the function instance that calls dies before or right after the effect.
 * `error`: answers `code` (with `httpStatus`, `message`) without effect.
 */
export const faultKinds = [
  'throttle',
  'unavailable',
  'html-502',
  'reset-before',
  'reset-after',
  'late',
  'kill-before',
  'kill-after',
  'error',
] as const;
export type FaultKind = (typeof faultKinds)[number];

const count = z.number().int().min(0);

export const faultRule = z.strictObject({
  kind: z.enum(faultKinds),
  /** `vpc`, `ecs`, `alb`, `alidns`, `cas`, `resourcemanager`, `ram`, `mns`, `tablestore`, `fc`; absent = any. */
  service: z.string().optional(),
  /** Wire name of the action; absent = any. */
  action: z.string().optional(),
  /** Function whose credentials sign the call; absent = any caller. */
  functionName: z.string().optional(),
  /** Every named parameter must have been sent with this value. */
  params: z.record(z.string(), z.string()).optional(),
  /** Matching calls that pass before the fault strikes; default 0. */
  skip: count.optional(),
  /** How often it strikes; default 1, 0 = always. */
  times: count.optional(),
  /** Chance of each strike from the seeded generator; default 1. */
  probability: z.number().min(0).max(1).optional(),
  /** For `late`; default 15000. */
  delayMs: count.optional(),
  code: z.string().optional(),
  httpStatus: z.number().int().min(400).max(599).optional(),
  message: z.string().optional(),
});
export type FaultRule = z.infer<typeof faultRule>;

/** Rules from a file or a request: one or a list. @throws Error that lists every problem, so that a misspelt rule is no silent one. */
export function parseFaultRules(value: unknown): FaultRule[] {
  const result = z.array(faultRule).safeParse(Array.isArray(value) ? value : [value], { error: schemaWords });
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(({ path, message }) => `rule ${path.join('.')}: ${message}`).join('; '));
}

interface Armed {
  rule: FaultRule;
  seen: number;
  struck: number;
}

/** A small seeded generator (mulberry32): the same seed gives the same faults. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Faults {
  #armed: Armed[] = [];
  readonly #random: () => number;

  constructor(random: () => number = seededRandom(1)) {
    this.#random = random;
  }

  add(...rules: FaultRule[]): void {
    for (const rule of rules) this.#armed.push({ rule, seen: 0, struck: 0 });
  }

  clear(): void {
    this.#armed = [];
  }

  list(): (FaultRule & { seen: number; struck: number })[] {
    return this.#armed.map(({ rule, seen, struck }) => ({ ...rule, seen, struck }));
  }

  /** The fault that strikes this call, if any; counts the call. */
  strike(call: CallFacts, functionName: string | undefined): FaultRule | undefined {
    for (const armed of this.#armed) {
      const { rule } = armed;
      if (rule.service !== undefined && rule.service !== call.service) continue;
      if (rule.action !== undefined && rule.action !== call.action) continue;
      if (rule.functionName !== undefined && rule.functionName !== functionName) continue;
      if (Object.entries(rule.params ?? {}).some(([name, value]) => valueAt(call.params, name) !== value)) continue;
      armed.seen += 1;
      if (armed.seen <= (rule.skip ?? 0)) continue;
      const times = rule.times ?? 1;
      if (times > 0 && armed.struck >= times) continue;
      if (rule.probability !== undefined && this.#random() >= rule.probability) continue;
      armed.struck += 1;
      return rule;
    }
    return undefined;
  }
}
