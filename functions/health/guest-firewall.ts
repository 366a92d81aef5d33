import { isIPv6 } from 'node:net';
import { oneLine } from '../../shared/text.ts';
import { type Arrival, type Obstacle, obstacleIn, type Ruleset } from './firewall-rules.ts';
import { readIptablesSave } from './iptables-save.ts';
import { readNftRuleset } from './nft-ruleset.ts';

/** Lines of each tool that are looked at. */
const mostLines = { iptables: 80, nft: 160 };

/**
 * Prints what the guest's own firewalls are set to, read-only: only what decides over connections to it, and not more lines
 * than the 24 KB of output that Cloud Assistant keeps have room for.
 */
export const firewallScript = [
  ...['iptables', 'ip6tables'].map(
    (tool) =>
      `echo "[${tool}]"; ${tool}-save -t filter 2>/dev/null | grep -v -E "^-A (FORWARD|OUTPUT|DOCKER|KUBE)|^#" | head -n ${mostLines.iptables}`,
  ),
  `echo "[nft]"; nft list ruleset 2>/dev/null | head -n ${mostLines.nft}`,
  'echo "[firewalld]"; firewall-cmd --state 2>/dev/null | head -n 1',
].join('\n');

/** The sections of a script's output by their names in brackets; what comes before the first is under the empty one. */
export function sectionsOf(output: string): Map<string, string> {
  const sections = new Map<string, string>();
  let name = '';
  for (const line of output.split('\n')) {
    const begun = /^\[([a-z0-9-]+)\]$/.exec(line.trim())?.[1];
    if (begun !== undefined) name = begun;
    else sections.set(name, `${sections.get(name) ?? ''}${line}\n`);
  }
  return sections;
}

export interface Guest {
  /** A server's address and port that the load balancer checks. */
  address: string;
  port: number;
}

/** Blocks that the load balancer's own addresses are of, and so its health checks. */
export interface SourceBlock {
  cidrBlock: string;
  ipv6CidrBlock: string;
}

/** How much of a rule is quoted. */
const longestRule = 200;

/** Returns in plain words what of the guest's own firewalls keeps the health checks out; or that nothing does, as far as it shows. */
export function judgeFirewalls(output: string, guests: readonly Guest[], sources: readonly SourceBlock[]): string {
  const sections = sectionsOf(output);
  const of = (name: string) => sections.get(name) ?? '';
  // What was cut off may let in what is dropped as far as it shows.
  const isCut = (name: string, most: number) => of(name).trimEnd().split('\n').length >= most;
  const rulesets: Shown[] = [
    ...([4, 6] as const).map((family): Shown => {
      const tool = family === 4 ? 'iptables' : 'ip6tables';
      return { family, ruleset: readIptablesSave(tool, of(tool)), isCut: isCut(tool, mostLines.iptables) };
    }),
    // `iptables-nft` keeps its rules there too: what iptables prints comes first, and is said once.
    ...readNftRuleset(of('nft')).map((ruleset): Shown => ({ ruleset, isCut: isCut('nft', mostLines.nft) })),
  ];
  const found = guests.flatMap((guest) => obstaclesTo(guest, sources, rulesets));
  const isFirewalld = of('firewalld').trim() === 'running';
  const managed = isFirewalld
    ? '; firewalld is running: open the port there (firewall-cmd --permanent --add-port)'
    : '';
  if (found.length > 0) return `${[...new Set(found)].join('; ')}${managed}`;
  if (rulesets.every(({ ruleset }) => ruleset.chains.size === 0)) return 'no firewall of the guest shows rules';
  return `nothing in iptables, nft or firewalld keeps ${[...new Set(guests.map(({ port }) => `TCP ${port}`))].join(', ')} out`;
}

interface Shown {
  /** Absent: its rules say which they are about. */
  family?: 4 | 6;
  ruleset: Ruleset;
  isCut: boolean;
}

function obstaclesTo({ address, port }: Guest, sources: readonly SourceBlock[], rulesets: readonly Shown[]): string[] {
  const family = isIPv6(address) ? 6 : 4;
  return sources.flatMap(({ cidrBlock, ipv6CidrBlock }) => {
    const source = family === 6 ? ipv6CidrBlock : cidrBlock;
    if (source === '') return [];
    const arrival: Arrival = { family, source, address, port };
    const found = rulesets.flatMap(({ family: only = family, ruleset, isCut }): Obstacle[] => {
      const obstacle = only === family ? obstacleIn(ruleset, arrival) : undefined;
      return obstacle === undefined ? [] : [{ ...obstacle, isSure: obstacle.isSure && !isCut }];
    });
    const obstacle = found.find(({ isSure }) => isSure) ?? found[0];
    if (obstacle === undefined) return [];
    const what = oneLine(obstacle.what).slice(0, longestRule);
    return [`${what} ${obstacle.isSure ? 'keeps' : 'may keep'} TCP ${port} from vSwitch block ${source} out`];
  });
}
