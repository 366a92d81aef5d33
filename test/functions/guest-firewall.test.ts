import { describe, expect, it } from 'vitest';
import { type GuestFirewall, iptablesSave, nftRuleset } from '../../local/ecs/guest-firewall.ts';
import { firewallScript, judgeFirewalls } from '../../functions/health/guest-firewall.ts';

const sources = [
  { cidrBlock: '192.168.1.0/24', ipv6CidrBlock: '2408:4002:1000:101::/64' },
  { cidrBlock: '192.168.2.0/24', ipv6CidrBlock: '2408:4002:1000:102::/64' },
];
const four = { address: '192.168.1.10', port: 80 };
const six = { address: '2408:4002:1000:102::a', port: 80 };

const judge = (section: string, lines: string, guests = [six]) =>
  judgeFirewalls(`[cloud-init]\nstatus: done\n[${section}]\n${lines}\n`, guests, sources);
/** A table as `iptables-save` prints it, with a chain of somebody's own. */
const saved = (rules: string[], policy = 'ACCEPT') =>
  ['*filter', `:INPUT ${policy} [0:0]`, ':FORWARD ACCEPT [0:0]', ':MINE - [0:0]', ...rules, 'COMMIT'].join('\n');
const usual = ['-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-A INPUT -i lo -j ACCEPT'];
const nft = (rules: string[], policy = 'accept', more = '') =>
  `table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy ${policy};\n${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}\n${more}}`;

const open = 'nothing in iptables, nft or firewalld keeps TCP 80 out';

describe('of ip6tables', () => {
  it.each<[string, string[], string?]>([
    ['nothing keeps the port out without a rule', usual],
    ['a rule of another port says nothing', ['-A INPUT -p tcp -m tcp --dport 443 -j DROP']],
    [
      'a rule of another protocol says nothing',
      ['-A INPUT -p udp -m udp --dport 80 -j DROP', '-A INPUT -p ipv6-icmp -j DROP'],
    ],
    ['an earlier acceptance wins', ['-A INPUT -p tcp --dport 80 -j ACCEPT', '-A INPUT -j DROP']],
    [
      'a chain of its own may accept',
      ['-A INPUT -j MINE', '-A INPUT -j DROP', '-A MINE -p tcp -m multiport --dports 22,80:90 -j ACCEPT'],
    ],
    [
      'drops of what others send say nothing',
      ['-A INPUT -s 2001:db8::/32 -j DROP', '-A INPUT ! -s 2408::/12 -j DROP', '-A INPUT -i docker0 -j DROP'],
    ],
    ['what is invalid is no new connection', ['-A INPUT -m state --state INVALID -j DROP']],
    [
      'the default policy is met by a rule for the blocks',
      ['-A INPUT -s 2408:4002:1000::/48 -p tcp -m tcp --dport 80 -j ACCEPT'],
      'DROP',
    ],
    ['a log lets it pass', ['-A INPUT -j LOG --log-prefix "in: "']],
  ])('%s', (_what, rules, policy) => {
    expect(judge('ip6tables', saved([...usual, ...rules], policy))).toBe(open);
  });

  it.each<[string, string[], string, string?]>([
    [
      'a rule of the port',
      ['-A INPUT -p tcp -m tcp --dport 80 -j DROP'],
      'rule "-A INPUT -p tcp -m tcp --dport 80 -j DROP" in chain INPUT of ip6tables keeps TCP 80',
    ],
    [
      'a rule of a range',
      ['-A INPUT -p tcp -m tcp --dport 1:1024 -j REJECT --reject-with tcp-reset'],
      'rule "-A INPUT -p tcp -m tcp --dport 1:1024 -j REJECT --reject-with tcp-reset" in chain INPUT of ip6tables keeps',
    ],
    ['all ports but one', ['-A INPUT -p tcp -m tcp ! --dport 22 -j DROP'], 'in chain INPUT of ip6tables keeps'],
    [
      'a policy',
      ['-A INPUT -p tcp --dport 22 -j ACCEPT'],
      'the policy of chain INPUT of ip6tables drops what no rule accepts keeps',
      'DROP',
    ],
    [
      'a rule at the end, as of CentOS',
      [
        '-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT',
        '-A INPUT -j REJECT --reject-with icmp6-adm-prohibited',
      ],
      'rule "-A INPUT -j REJECT --reject-with icmp6-adm-prohibited" in chain INPUT of ip6tables keeps',
    ],
    [
      'a chain that is jumped to',
      ['-A INPUT -p tcp -j MINE', '-A MINE -p tcp --dport 22 -j RETURN', '-A MINE -j DROP'],
      'rule "-A MINE -j DROP" in chain MINE of ip6tables keeps',
    ],
    [
      'a rule of an earlier place than the acceptance',
      ['-A INPUT -p tcp --dport 80 -j DROP', '-A INPUT -p tcp --dport 80 -j ACCEPT'],
      'keeps',
    ],
  ])('%s keeps it out', (_what, rules, said, policy) => {
    const text = judge('ip6tables', saved([...usual, ...rules], policy));
    expect(text).toContain(said);
    for (const { ipv6CidrBlock } of sources) expect(text).toContain(`TCP 80 from vSwitch block ${ipv6CidrBlock} out`);
    expect(text).not.toContain('may keep');
  });

  it('names only the block that a rule is about', () => {
    const text = judge('ip6tables', saved(['-A INPUT -s 2408:4002:1000:102::/64 -p tcp --dport 80 -j DROP']));
    expect(text).toContain('from vSwitch block 2408:4002:1000:102::/64 out');
    expect(text).not.toContain('1000:101::');
  });

  it.each([
    ['a rule for a part of the block', '-A INPUT -s 2408:4002:1000:101:1::/80 -p tcp --dport 80 -j DROP'],
    ['a rule with a limit', '-A INPUT -p tcp --dport 80 -m recent --update --seconds 60 --hitcount 9 -j DROP'],
    ['a rule with a set', '-A INPUT -m set --match-set blocked src -j DROP'],
  ])('%s may keep it out', (_what, rule) => {
    expect(judge('ip6tables', saved([rule]))).toMatch(
      / may keep TCP 80 from vSwitch block 2408:4002:1000:101::\/64 out/,
    );
  });

  it('says that it may where the list of rules was cut off', () => {
    const long = Array.from({ length: 90 }, (_, index) => `-A INPUT -p tcp --dport ${2000 + index} -j ACCEPT`);
    expect(judge('ip6tables', saved(long, 'DROP'))).toContain('may keep TCP 80');
  });

  it('says nothing of what another family’s rules drop', () => {
    const text = judge('ip6tables', saved(['-A INPUT -p tcp --dport 80 -j DROP']), [four]);
    expect(text).toBe(open);
    expect(judge('iptables', saved(['-A INPUT -p tcp --dport 80 -j DROP']), [four])).toContain(
      'of iptables keeps TCP 80 from vSwitch block 192.168.1.0/24 out',
    );
  });

  it('does not follow chains round and round', () => {
    expect(judge('ip6tables', saved(['-A INPUT -j MINE', '-A MINE -j MINE']))).toBe(open);
  });
});

describe('of nft', () => {
  it.each<[string, string]>([
    ['nothing keeps the port out without a rule', nft([])],
    ['a list of ports may accept', nft(['tcp dport { 22, 80 } accept', 'drop'])],
    ['names of services are ports', nft(['tcp dport { ssh, http, https } accept'], 'drop')],
    [
      'states that are not new say nothing',
      nft(['ct state invalid drop', 'ct state vmap { established : accept, related : accept, invalid : drop }']),
    ],
    ['IPv4 rules say nothing of IPv6', nft(['ip saddr 0.0.0.0/0 drop', 'meta nfproto ipv4 drop'])],
    [
      'a counter and a comment stand beside',
      nft(['tcp dport 80 counter packets 3 bytes 180 accept comment "web, drop"', 'counter packets 0 bytes 0 drop']),
    ],
    [
      'a hook of what goes out says nothing',
      'table inet filter {\n\tchain output {\n\t\ttype filter hook output priority filter; policy drop;\n\t}\n}',
    ],
    [
      'a table of nat says nothing',
      'table ip6 nat {\n\tchain in {\n\t\ttype nat hook input priority 100; policy drop;\n\t}\n}',
    ],
    [
      'elements of a set are no rules',
      `table inet filter {\n\tset blocked {\n\t\ttype ipv6_addr\n\t\telements = { 2001:db8::1,\n\t\t\t\t 2001:db8::2 }\n\t}\n\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n}`,
    ],
  ])('%s', (_what, ruleset) => {
    expect(judge('nft', ruleset)).toBe(open);
  });

  it.each<[string, string, string]>([
    [
      'a rule of the port',
      nft(['tcp dport 80 drop']),
      'rule "tcp dport 80 drop" in chain input of nft table inet filter keeps TCP 80',
    ],
    [
      'a rule of the block',
      nft(['ip6 saddr 2408:4002::/32 tcp dport { 80, 443 } reject with tcp reset']),
      'keeps TCP 80',
    ],
    [
      'a policy',
      nft(['tcp dport 22 accept'], 'drop'),
      'the policy of chain input of nft table inet filter drops what no rule accepts keeps',
    ],
    ['all ports but some', nft(['tcp dport != { 22, 443 } drop']), 'keeps TCP 80'],
    [
      'a chain that is gone to',
      nft(['iifname "eth0" goto web'], 'accept', '\tchain web {\n\t\ttcp dport 80 drop\n\t}\n'),
      'rule "tcp dport 80 drop" in chain web of nft table inet filter keeps',
    ],
    [
      'a later table, though an earlier one accepts',
      `${nft(['accept'])}\ntable inet other {\n\tchain in {\n\t\ttype filter hook input priority 10; policy drop;\n\t}\n}`,
      'the policy of chain in of nft table inet other',
    ],
  ])('%s keeps it out', (_what, ruleset, said) => {
    const text = judge('nft', ruleset);
    expect(text).toContain(said);
    expect(text).not.toContain('may keep');
  });

  it.each(['ip6 saddr @blocked drop', 'tcp dport 80 limit rate over 10/second drop', 'fib saddr type local drop'])(
    '"%s" may keep it out',
    (rule) => {
      expect(judge('nft', nft([rule]))).toContain(' may keep TCP 80');
    },
  );
});

it('says that firewalld is what makes the rules, and where to open the port', () => {
  const rules = nft(['tcp dport 22 accept'], 'drop').replace('filter {', 'firewalld {');
  const text = judgeFirewalls(`[nft]\n${rules}\n[firewalld]\nrunning\n`, [six], sources);
  expect(text).toContain('of nft table inet firewalld');
  expect(text).toContain('firewalld is running: open the port there');
});

it('says that no firewall shows any rule', () => {
  expect(judgeFirewalls('[iptables]\n[ip6tables]\n[nft]\n[firewalld]\nnot running\n', [four, six], sources)).toBe(
    'no firewall of the guest shows rules',
  );
});

it.each([
  '',
  '\n',
  '[nft]\n}}}{{{\ntable\n',
  '[ip6tables]\n-A\n:INPUT\n-A INPUT -j\n*filter\n:INPUT DROP\n-A INPUT\n',
  '[iptables]\n\u0000\u202e',
])('reads %j without failing', (output) => {
  expect(typeof judgeFirewalls(output, [four, six], sources)).toBe('string');
});

it('quotes no more than a part of a rule, on one line', () => {
  const rule = `-A INPUT -p tcp --dport 80 -m comment --comment "${'x'.repeat(2000)}\u001b[2J" -j DROP`;
  const text = judge('ip6tables', saved([rule]));
  expect(text.length).toBeLessThan(700);
  expect(text).not.toMatch(/\p{Cc}/u);
});

it('only reads: no command of the script changes anything', () => {
  const commands = firewallScript.split(/[\n;|]+/).map((command) => command.trim().split(' ').slice(0, 2).join(' '));
  expect(new Set(commands)).toEqual(
    new Set([
      'echo "[iptables]"',
      'iptables-save -t',
      'echo "[ip6tables]"',
      'ip6tables-save -t',
      'grep -v',
      'KUBE)',
      '^#"',
      'DOCKER',
      'OUTPUT',
      'head -n',
      'echo "[nft]"',
      'nft list',
      'echo "[firewalld]"',
      'firewall-cmd --state',
    ]),
  );
});

it.each<[GuestFirewall, string]>([
  [
    { tool: 'iptables', rules: [{ family: 6, port: 80, action: 'DROP' }], policy: 'ACCEPT' },
    'in chain INPUT of ip6tables keeps',
  ],
  [
    { tool: 'iptables', rules: [{ source: '2408:4002::/32', port: 80, action: 'ACCEPT' }], policy: 'DROP' },
    'nothing in',
  ],
  [
    { tool: 'nft', rules: [{ port: 22, action: 'ACCEPT' }], policy: 'DROP' },
    'the policy of chain input of nft table inet filter drops what no rule accepts keeps',
  ],
  [
    { tool: 'nft', rules: [{ source: '2408:4002:1000::/48', port: 80, action: 'ACCEPT' }], policy: 'DROP' },
    'nothing in',
  ],
  [
    { tool: 'firewalld', rules: [], policy: 'ACCEPT' },
    'rule "reject with icmpx admin-prohibited" in chain filter_INPUT of nft table inet firewalld keeps',
  ],
  [{ tool: 'firewalld', rules: [{ port: 80, action: 'ACCEPT' }], policy: 'ACCEPT' }, 'nothing in'],
])('understands what the emulated guest prints of %j', (firewall, said) => {
  const output = `[ip6tables]\n${iptablesSave(firewall, 6)}[nft]\n${nftRuleset(firewall)}[firewalld]\n${firewall.tool === 'firewalld' ? 'running' : ''}\n`;
  expect(judgeFirewalls(output, [six], sources)).toContain(said);
});
