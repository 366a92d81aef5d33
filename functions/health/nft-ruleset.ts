import {
  allOf,
  anyOf,
  type Arrival,
  byInterface,
  type Chain,
  type FirewallRule,
  fromBlock,
  type Holds,
  isPort,
  opposite,
  type Ruleset,
} from './firewall-rules.ts';

/**
 * Reads what `nft list ruleset` prints, table by table, firewalld's among them. What it does not understand may hold or not.
 *
 * @see https://man7.org/linux/man-pages/man8/nft.8.html (read 2026-11-30)
 */
export function readNftRuleset(text: string): Ruleset[] {
  const rulesets: (Ruleset & { family: string })[] = [];
  let chain: Chain | undefined;
  let depth = 0;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [, family, table] = /^table (\S+) (\S+) \{$/.exec(line) ?? [];
    if (family !== undefined && table !== undefined) {
      rulesets.push({ tool: `nft table ${family} ${table}`, chains: new Map(), family });
      depth = 1;
      continue;
    }
    const ruleset = rulesets.at(-1);
    if (ruleset === undefined) continue;
    const name = depth === 1 ? /^chain (\S+) \{$/.exec(line)?.[1] : undefined;
    if (name !== undefined) {
      chain = { name, rules: [] };
      ruleset.chains.set(name, chain);
    }
    depth += line.split('{').length - line.split('}').length;
    if (name !== undefined) continue;
    if (depth < 2) chain = undefined;
    else if (chain !== undefined && depth === 2) readLine(chain, ruleset.family, line);
  }
  return rulesets.filter(({ family }) => ['ip', 'ip6', 'inet'].includes(family));
}

function readLine(chain: Chain, family: string, line: string): void {
  const hook = /^type (\S+) hook (\S+) .*?(?:policy (\S+);)?$/.exec(line);
  // Nat has no say over what comes in.
  if (hook !== null && hook[1] === 'filter' && hook[2] === 'input')
    chain.policy = hook[3] === 'drop' ? 'drop' : 'accept';
  else if (hook === null && line !== '' && !line.startsWith('#') && line !== '}')
    chain.rules.push(ruleOf(line, family));
}

const yesIf = (holds: boolean): Holds => (holds ? 'yes' : 'no');

/** Value of an expression: one word, a list with commas, or a set in braces; `!=` before it. */
interface Value {
  isOpposed: boolean;
  members: string[];
}

type Expression = (member: string, arrival: Arrival) => Holds;
const addresses =
  (family: 4 | 6, of: 'source' | 'address'): Expression =>
  (member, arrival) => {
    if (arrival.family !== family) return 'no';
    if (member.startsWith('@') || member.includes('-')) return 'maybe';
    return fromBlock(member, of === 'source' ? arrival : { ...arrival, source: arrival.address });
  };
const protocol: Expression = (member) => yesIf(member === 'tcp' || member === '6');

/** By the two words that begin it. */
const expressions = new Map<string, Expression>([
  ['tcp dport', (member, { port }) => (member.startsWith('@') ? 'maybe' : isPort(member, port))],
  ['th dport', (member, { port }) => (member.startsWith('@') ? 'maybe' : isPort(member, port))],
  ['ip saddr', addresses(4, 'source')],
  ['ip6 saddr', addresses(6, 'source')],
  ['ip daddr', addresses(4, 'address')],
  ['ip6 daddr', addresses(6, 'address')],
  ['ip protocol', (member, arrival) => (arrival.family === 4 ? protocol(member, arrival) : 'no')],
  ['ip6 nexthdr', (member, arrival) => (arrival.family === 6 ? protocol(member, arrival) : 'no')],
  ['meta l4proto', protocol],
  ['meta nfproto', (member, { family }) => yesIf(member === `ipv${family}`)],
  ['meta iifname', byInterface],
  ['meta iif', byInterface],
  ['ct state', (member) => yesIf(member === 'new' || member === 'untracked')],
  ['ct status', () => 'no'],
]);
/** By one word. */
const shorts = new Map<string, Expression>([
  ['iifname', byInterface],
  ['iif', byInterface],
  ['oifname', () => 'no'],
  ['oif', () => 'no'],
]);
const otherProtocols = new Set(['udp', 'icmp', 'icmpv6', 'sctp', 'dccp', 'esp', 'ah', 'vlan', 'arp']);

function ruleOf(text: string, family: string): FirewallRule {
  const words = text.match(/"(?:[^"\\]|\\.)*"|[{}]|[^\s{},]+|,/g) ?? [];
  const conditions: ((arrival: Arrival) => Holds)[] = [];
  if (family !== 'inet') conditions.push((arrival) => yesIf(family === (arrival.family === 4 ? 'ip' : 'ip6')));
  let index = 0;
  const take = (): string => words[index++] ?? '';
  const valueOf = (): Value => {
    const isOpposed = words[index] === '!=';
    if (isOpposed || words[index] === '==') index += 1;
    const members: string[] = [];
    if (words[index] === '{') {
      index += 1;
      for (let word = take(); word !== '}' && word !== ''; word = take())
        if (word !== ',') members.push(unquoted(word));
    } else {
      members.push(unquoted(take()));
      while (words[index] === ',') {
        index += 1;
        members.push(unquoted(take()));
      }
    }
    return { isOpposed, members };
  };
  const rule: Pick<FirewallRule, 'verdict' | 'chain'> = { verdict: 'none' };
  while (index < words.length) {
    const word = take();
    const pair = `${word} ${words[index] ?? ''}`;
    const expression = expressions.get(pair) ?? shorts.get(word);
    if (expression !== undefined) {
      if (expressions.has(pair)) index += 1;
      if (words[index] === 'vmap') {
        // A map of states names none that is new; of anything else a map is not read.
        const { members } = (take(), valueOf());
        if (pair !== 'ct state' || members.includes('new')) conditions.push(() => 'maybe');
        continue;
      }
      const { isOpposed, members } = valueOf();
      conditions.push((arrival) => {
        const holds = anyOf(members.map((member) => expression(member, arrival)));
        return isOpposed ? opposite(holds) : holds;
      });
    } else if (word === 'accept') rule.verdict = 'accept';
    else if (word === 'drop' || word === 'reject') {
      rule.verdict = 'drop';
      break;
    } else if (word === 'return') rule.verdict = 'return';
    else if (word === 'jump' || word === 'goto') {
      rule.verdict = word;
      rule.chain = take();
    } else if (word === 'counter') {
      if (words[index] === 'packets') index += 4;
    } else if (word === 'comment' || word === 'prefix' || word === 'level') index += 1;
    else if (otherProtocols.has(word)) conditions.push(() => 'no');
    else if (word !== 'log' && word !== 'continue') conditions.push(() => 'maybe');
  }
  return { text, holds: (arrival) => allOf(conditions.map((condition) => condition(arrival))), ...rule };
}

const unquoted = (word: string): string => word.replace(/^"|"$/g, '');
