import type { Clock } from '../shared/clock.ts';
import type { CredentialStore } from './credentials.ts';
import type { Latency } from './latency.ts';

/** What every service state is built on. */
export interface CloudContext {
  clock: Clock;
  latency: Latency;
  credentials: CredentialStore;
  regionId: string;
  zoneIds: string[];
  /** 0 <= x < 1, seeded. */
  random: () => number;
  /** A new id in the real service's form: `nextId('vpc-uf6')`. Not given twice. */
  nextId: (prefix: string) => string;
}

/** Ids that are remembered as given; an older one would come again by a chance of one in 10^22 only. */
const mostGiven = 20_000;

/** Ids look like the real ones (lower-case letters and digits) and follow from the seed alone. */
export function idSource(random: () => number): (prefix: string) => string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const given = new Set<string>();
  return (prefix) => {
    for (;;) {
      let id = prefix;
      for (let index = 0; index < 17; index += 1) id += alphabet[Math.floor(random() * alphabet.length)];
      if (given.has(id)) continue;
      given.add(id);
      if (given.size > mostGiven) for (const oldest of [...given].slice(0, mostGiven / 2)) given.delete(oldest);
      return id;
    }
  };
}
