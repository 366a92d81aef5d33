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
  /** A new id in the real service's form: `nextId('vpc-uf6')`. Never given twice. */
  nextId: (prefix: string) => string;
}

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
      return id;
    }
  };
}
