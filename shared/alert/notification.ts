import type { AlertKind } from './settings.ts';
import type { AlertChange } from './state.ts';
import { oneLine, shortened } from '../text.ts';
import { withoutHosts } from './text.ts';

/** One change, with what the reader must know of its target. */
export interface Notice {
  change: AlertChange;
  target: {
    id: string;
    name: string;
    /** Where it serves, such as `http://www.example.com/`. */
    url?: string;
    /** Where more is told. */
    link?: string;
  };
}

/** What is to be sent to a channel now; it may take several messages. */
export interface Notification {
  /** The same for repeats of one message. */
  id: string;
  atMs: number;
  /** The most urgent first. */
  notices: Notice[];
}

/** What one change says, without any markup: the channels escape it, and put theirs around it. */
export interface Block {
  type: AlertChange['type'];
  title: string;
  lines: string[];
  link: string | undefined;
  /** Alert and message, for telling repeats apart. */
  id: string;
}

interface Words {
  /** What is wrong, with the subject where there is one. */
  wrong: (subject: string) => string;
  next: string;
}

const words: Record<AlertKind, Words> = {
  'front-down': {
    wrong: () => 'does not answer over IPv6',
    next: 'Look at the name (CNAME, AAAA), then the listener, then the load balancer; an apply mends what we made: POST …/apply.',
  },
  'ipv4-down': {
    wrong: () => 'does not answer over IPv4',
    next: 'Says nothing about the IPv6 side. Look at the A records of the name, then the public IPv4 addresses of the load balancer and its listener; where it is for IPv6 clients alone, set probe.ipv4 to false.',
  },
  'backend-down': {
    wrong: (subject) => `backend ${subject} is down`,
    next: 'Look at the instance, its service and the security group rule for its port; IPv6 servers need a rule of their own.',
  },
  'stranger-answers': {
    wrong: () => 'is answered for by a server that is none of its backends',
    next: 'Look at the servers of its server group, its forwarding rules and its DNS records for what is not yours; if the servers name themselves, in the header X-Backend-Server, give the backends these names or set probe.identifyBy.',
  },
  'no-observation': {
    wrong: () => 'has not been probed',
    next: 'Look at the probe function: its timer, its logs, its quota. Nothing is known of the load balancer meanwhile.',
  },
  'declared-observed-differ': {
    wrong: () => 'declares what is not observed',
    next: 'Compare the health check (path, codes, port) with what the service answers to real requests.',
  },
  'address-count-low': {
    wrong: () => 'answers at too few IPv6 addresses',
    next: 'A zone may be out of order: look at the zones of the load balancer and at the AAAA records of its name.',
  },
  'zone-out-of-service': {
    wrong: (subject) => `zone ${subject} gives no redundancy`,
    next: 'Users are served by the other zones. Look at the zones of the load balancer in the console: one that somebody shifted is brought back there (CancelShiftLoadBalancerZones); nothing here does that by itself.',
  },
  'vantage-without-ipv6': {
    wrong: () => 'cannot be probed over IPv6 from where it is tried',
    next: 'Says nothing about the load balancer. What was seen names the vantage: a function needs name servers and an IPv6 route, else vantage "auto" or "instance"; an instance needs an IPv6 address, curl and a running Cloud Assistant.',
  },
  slow: {
    wrong: () => 'answers slowly',
    next: 'Compare the phases: connect points at the way, first byte at the servers.',
  },
  'certificate-near-expiry': {
    wrong: () => 'has a certificate that ends soon',
    next: 'Upload a new certificate, then PATCH listener.certificateIds with its id: one given to the listener by hand is put back by the next apply. Of a load balancer that is only watched, give it to the listener.',
  },
  'channel-failing': {
    wrong: (subject) => `alert channel ${subject} does not take messages`,
    next: 'Look at what it answers, then at its robot (keyword, signature, allowed addresses, whether it exists) and its settings. What waits is sent once it takes messages again, for a day. GET /channels shows all of them.',
  },
  'release-blocked': {
    wrong: () => 'cannot be released',
    next: 'Fix what is named: the release then goes on by itself, and DELETE tries at once. GET shows it as blocked, with the request id.',
  },
  drift: {
    wrong: () => 'differs from what was asked for',
    next: 'GET …/drift tells each difference; POST …/apply mends them.',
  },
};

const labels = { fired: 'FIRING', resolved: 'RESOLVED', reminder: 'STILL FIRING' } as const;

/** `2026-11-22 08:05:00 UTC`. */
export const instantOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How much of what others wrote a message shows, in bytes of UTF-8: a name, what was seen, an address. */
export interface Room {
  name: number;
  evidence: number;
  url: number;
}

/** From all that is kept to the least that still says what is wrong with what: names lose last. */
export const rooms = [
  { name: 300, evidence: 1000, url: 1000 },
  { name: 300, evidence: 500, url: 500 },
  { name: 300, evidence: 300, url: 300 },
  { name: 150, evidence: 100, url: 150 },
  { name: 60, evidence: 40, url: 0 },
  { name: 24, evidence: 20, url: 0 },
] as const satisfies Room[];

/**
 * What broke, since when, what was seen, what to do next, where to look. Nothing in it is escaped yet; of what others wrote no
 * client makes the link of a host by itself.
 */
export function blockOf({ change, target }: Notice, room: Room = rooms[0]): Block {
  const { type, kind, subject = '', sinceMs, atMs, durationMs = 0, evidence, isFlapping } = change;
  const name = (text: string) => withoutHosts(shortened(oneLine(text), room.name));
  const seen = withoutHosts(shortened(oneLine(evidence), room.evidence));
  const { wrong, next } = words[kind];
  const url = target.url === undefined ? '' : oneLine(target.url);
  const where = url === '' || room.url === 0 ? '' : ` (${shortened(url, room.url)})`;
  const title = `${labels[type]} ${name(target.name)}: ${wrong(name(subject))}`;
  const id = `alert ${change.alertId}, message ${change.id}`;
  const link = linkOf(target, room);
  if (type === 'resolved')
    return {
      type,
      title,
      lines: [
        `Over after ${durationOf(durationMs)}: from ${instantOf(sinceMs)} to ${instantOf(sinceMs + durationMs)}${where}`,
        `Seen last while it lasted: ${seen}`,
      ],
      link,
      id,
    };
  return {
    type,
    title,
    lines: [
      `Since ${instantOf(sinceMs)} (${durationOf(Math.max(0, atMs - sinceMs))})${where}`,
      `Seen: ${seen}`,
      ...(isFlapping ? ['It comes and goes: no more is said until it has been calm for a while.'] : []),
      `Next: ${next}`,
    ],
    link,
    id,
  };
}

/**
 * An address that can stand in any channel's markup as it is: what is more than a part of an address there is
 * percent-encoded. A beginning of an address leads nowhere, so one that is too long is left out.
 */
function linkOf({ link, url }: Notice['target'], room: Room): string | undefined {
  const address = link ?? url ?? '';
  if (!URL.canParse(address)) return undefined;
  const { protocol, host, pathname, search, hash } = new URL(address);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  const rest = `${pathname}${search}${hash}`.replace(
    /[^\w.~:/?#&=+,;%-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  const href = `${protocol}//${host}${rest}`;
  return href.length <= Math.max(room.url, 200) ? href : undefined;
}

/** The one line that a lock screen shows. */
export function titleOf({ notices }: Pick<Notification, 'notices'>, room: Room = rooms[0]): string {
  const [first] = notices;
  if (first !== undefined && notices.length === 1) return blockOf(first, room).title;
  const count = (wanted: AlertChange['type']) => notices.filter(({ change }) => change.type === wanted).length;
  return (['fired', 'reminder', 'resolved'] as const)
    .filter((type) => count(type) > 0)
    .map((type) => `${count(type)} ${labels[type]}`)
    .join(', ');
}
