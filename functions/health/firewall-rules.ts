import { covers, overlap } from '../../shared/net/cidr.ts';

/** A new TCP connection from any address of a block, as a health check of the load balancer is one. */
export interface Arrival {
  family: 4 | 6;
  /** Where it comes from: the block of a vSwitch. */
  source: string;
  /** Of the server. */
  address: string;
  port: number;
}

/** Whether a condition holds: `maybe` where it does for a part of the block, or is not understood. */
export type Holds = 'yes' | 'no' | 'maybe';

export interface FirewallRule {
  /** As the tool prints it. */
  text: string;
  holds: (arrival: Arrival) => Holds;
  verdict: 'accept' | 'drop' | 'return' | 'jump' | 'goto' | 'none';
  /** Where it jumps or goes to. */
  chain?: string;
}

export interface Chain {
  name: string;
  rules: FirewallRule[];
  /** What becomes of what no rule decides, of a chain that packets for the guest itself come to. */
  policy?: 'accept' | 'drop';
}

export interface Ruleset {
  /** `iptables`, `ip6tables`, `nft table inet filter`. */
  tool: string;
  chains: Map<string, Chain>;
}

/** What keeps the arrival out: a rule in its own words, or a policy. `isSure` where nothing else explains it away. */
export interface Obstacle {
  what: string;
  isSure: boolean;
}

/** Deeper jumps are not followed: rulesets have no loops, what a guest prints may. */
const deepest = 16;

/** Returns what drops or rejects the arrival; undefined where the ruleset lets it in as far as it is understood. */
export function obstacleIn({ tool, chains }: Ruleset, arrival: Arrival): Obstacle | undefined {
  for (const chain of chains.values()) {
    if (chain.policy === undefined) continue;
    const walk = new Walk(tool, chains, arrival);
    const found = walk.follow(chain, true, 0) ?? (chain.policy === 'drop' ? walk.byPolicy(chain) : 'accept');
    if (found !== 'accept') return found;
    if (walk.possible !== undefined) return walk.possible;
  }
  return undefined;
}

class Walk {
  /** The first rule that may drop it, where nothing certain does. */
  possible: Obstacle | undefined;
  readonly #tool: string;
  readonly #chains: ReadonlyMap<string, Chain>;
  readonly #arrival: Arrival;
  /** A rule before may have let it in. */
  #isDoubtful = false;

  constructor(tool: string, chains: ReadonlyMap<string, Chain>, arrival: Arrival) {
    this.#tool = tool;
    this.#chains = chains;
    this.#arrival = arrival;
  }

  byPolicy({ name }: Chain): Obstacle {
    return {
      what: `the policy of chain ${name} of ${this.#tool} drops what no rule accepts`,
      isSure: !this.#isDoubtful,
    };
  }

  /** @returns the obstacle, `accept`, or undefined where the chain decides nothing. */
  follow({ name, rules }: Chain, isSure: boolean, depth: number): Obstacle | 'accept' | undefined {
    for (const rule of rules) {
      const holds = rule.holds(this.#arrival);
      if (holds === 'no') continue;
      const isCertain = isSure && holds === 'yes';
      if (rule.verdict === 'accept') {
        if (isCertain) return 'accept';
        this.#isDoubtful = true;
      } else if (rule.verdict === 'drop') {
        const what = `rule "${rule.text}" in chain ${name} of ${this.#tool}`;
        if (isCertain) return { what, isSure: !this.#isDoubtful };
        this.possible ??= { what, isSure: false };
      } else if (rule.verdict === 'return') {
        if (isCertain) return undefined;
      } else if (rule.chain !== undefined && depth < deepest) {
        const next = this.#chains.get(rule.chain);
        const found = next === undefined ? undefined : this.follow(next, isCertain, depth + 1);
        if (found !== undefined) return found;
        if (rule.verdict === 'goto' && isCertain) return undefined;
      }
    }
    return undefined;
  }
}

export const opposite = (holds: Holds): Holds => (holds === 'yes' ? 'no' : holds === 'no' ? 'yes' : 'maybe');

/** Joins conditions that must all hold. */
export const allOf = (parts: Holds[]): Holds =>
  parts.includes('no') ? 'no' : parts.includes('maybe') ? 'maybe' : 'yes';

/** Joins conditions of which one must hold. */
export const anyOf = (parts: Holds[]): Holds =>
  parts.includes('yes') ? 'yes' : parts.includes('maybe') ? 'maybe' : 'no';

/** Returns whether addresses of a block are in another. */
export const fromBlock = (block: string, { source }: Arrival): Holds =>
  covers(block, source) ? 'yes' : overlap(block, source) ? 'maybe' : 'no';

/** Returns whether the arrival comes in by an interface of this name; that of the vSwitch is one of these. */
export function byInterface(name: string): Holds {
  if (/^(?:lo|docker|br-|veth|cni|cali|virbr|tun|tap|wg)/.test(name)) return 'no';
  return /^(?:eth|en|\+$)/.test(name) ? 'yes' : 'maybe';
}

const services = new Map([
  ['http', 80],
  ['https', 443],
  ['ssh', 22],
  ['domain', 53],
  ['http-alt', 8080],
]);

/** `80`, `http`, `8000:8010`, `8000-8010`. */
export function isPort(text: string, port: number): Holds {
  const [first = '', last = first] = text.split(/[:-](?=\d|$)/);
  const numberOf = (word: string): number => services.get(word) ?? Number(word);
  const [from, to] = [first === '' ? 0 : numberOf(first), last === '' ? 65_535 : numberOf(last)];
  if (services.has(text)) return services.get(text) === port ? 'yes' : 'no';
  if (Number.isNaN(from) || Number.isNaN(to)) return 'maybe';
  return from <= port && port <= to ? 'yes' : 'no';
}
