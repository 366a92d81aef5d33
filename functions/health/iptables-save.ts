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
 * Reads what `iptables-save` or `ip6tables-save` prints of table `filter`. What it does not understand may hold or not.
 *
 * @see https://man7.org/linux/man-pages/man8/iptables.8.html and iptables-extensions.8.html (read 2026-11-30)
 */
export function readIptablesSave(tool: 'iptables' | 'ip6tables', text: string): Ruleset {
  const chains = new Map<string, Chain>();
  let isFilter = true;
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line.startsWith('*')) isFilter = line === '*filter';
    if (!isFilter) continue;
    const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
    if (name !== undefined)
      chains.set(name, {
        name,
        rules: [],
        ...(name === 'INPUT' ? { policy: policy === 'DROP' ? ('drop' as const) : ('accept' as const) } : {}),
      });
    const [, chain, rest] = /^(?:\[\d+:\d+\] )?-A (\S+) ?(.*)$/.exec(line) ?? [];
    if (chain !== undefined) chains.get(chain)?.rules.push(ruleOf(line, rest ?? ''));
  }
  return { tool, chains };
}

/** Takes the words of an option, and says when it holds. */
type Option = (value: string, arrival: Arrival) => Holds;

const yesIf = (holds: boolean): Holds => (holds ? 'yes' : 'no');
const always: Option = () => 'yes';
const states: Option = (value) => yesIf(value.split(',').includes('NEW'));
const ports: Option = (value, { port }) => anyOf(value.split(',').map((one) => isPort(one, port)));

/** With one word each. */
const options = new Map<string, Option>([
  ['-s', fromBlock],
  ['-d', (value, arrival) => fromBlock(value, { ...arrival, source: arrival.address })],
  ['-p', (value) => yesIf(['tcp', '6', 'all', '0'].includes(value))],
  ['-i', byInterface],
  ['-o', () => 'no'],
  ['-m', (value) => (['tcp', 'conntrack', 'state', 'multiport', 'comment'].includes(value) ? 'yes' : 'maybe')],
  ['--dport', ports],
  ['--dports', ports],
  ['--ports', ports],
  ['--ctstate', states],
  ['--state', states],
  ['--comment', always],
]);

const verdicts = new Map<string, FirewallRule['verdict']>([
  ['ACCEPT', 'accept'],
  ['DROP', 'drop'],
  ['REJECT', 'drop'],
  ['RETURN', 'return'],
]);
/** Targets that let the packet go on, with whatever options they have. */
const passing = new Set(['LOG', 'NFLOG', 'MARK', 'CONNMARK', 'TRACE', 'AUDIT', 'SET', 'TCPMSS', 'ULOG']);

function ruleOf(text: string, rest: string): FirewallRule {
  const words = rest.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const conditions: ((arrival: Arrival) => Holds)[] = [];
  let verdict: FirewallRule['verdict'] = 'none';
  let chain: string | undefined;
  let isNegated = false;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '!') {
      isNegated = true;
      continue;
    }
    if (word === '-j' || word === '-g') {
      const target = words[index + 1] ?? '';
      verdict = verdicts.get(target) ?? (passing.has(target) ? 'none' : word === '-j' ? 'jump' : 'goto');
      chain = verdict === 'jump' || verdict === 'goto' ? target : undefined;
      // What follows are options of the target.
      break;
    }
    const isOpposed = isNegated;
    isNegated = false;
    const option = options.get(word);
    if (option !== undefined) {
      const value = words[(index += 1)] ?? '';
      conditions.push((arrival) => (isOpposed ? opposite(option(value, arrival)) : option(value, arrival)));
    } else if (word === '--syn') conditions.push(() => (isOpposed ? 'no' : 'yes'));
    else if (word === '--tcp-flags') {
      const [mask = '', set = ''] = [words[(index += 1)], words[(index += 1)]];
      const hasSyn = set === 'SYN' && mask.split(',').includes('SYN');
      conditions.push(() => yesIf(hasSyn !== isOpposed));
    } else if (word.startsWith('-')) conditions.push(() => 'maybe');
  }
  return {
    text,
    holds: (arrival) => allOf(conditions.map((condition) => condition(arrival))),
    verdict,
    ...(chain === undefined ? {} : { chain }),
  };
}
