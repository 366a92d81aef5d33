import type { AlertKind } from './settings.ts';
import type { AlertChange } from './state.ts';

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

/** One message for one channel: everything that is to be told now. */
export interface Notification {
  /** Tells repeats of one message apart from new ones. */
  id: string;
  atMs: number;
  notices: Notice[];
}

/** What one change says, without any markup; the channels put theirs around it. */
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
  'backend-down': {
    wrong: (subject) => `backend ${subject} is down`,
    next: 'Look at the instance, its service and the security group rule for its port; IPv6 servers need a rule of their own.',
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
    next: 'Upload a new certificate and give its id to the listener.',
  },
  drift: {
    wrong: () => 'differs from what was asked for',
    next: 'GET …/drift tells each difference; POST …/apply mends them.',
  },
};

const labels = { fired: 'FIRING', resolved: 'RESOLVED', reminder: 'STILL FIRING' } as const;

/**
 * What comes from outside must not become markup, a mention or a link: one line, no brackets, no more than `longest`
 * characters.
 */
export function plain(text: string, longest = 300): string {
  const line = text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[<[{]/g, '(')
    .replace(/[>\]}]/g, ')')
    .replace(/[`*_~#|\\]/g, ' ')
    .trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

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

/** What broke, since when, what was seen, what to do next, where to look. */
export function blockOf({ change, target }: Notice): Block {
  const { type, kind, subject = '', sinceMs, atMs, durationMs = 0, evidence, isFlapping } = change;
  const { wrong, next } = words[kind];
  const where = target.url === undefined ? '' : ` (${target.url})`;
  const title = `${labels[type]} ${plain(target.name, 80)}: ${wrong(plain(subject, 80))}`;
  const id = `alert ${change.alertId}, message ${change.id}`;
  const link = target.link ?? target.url;
  if (type === 'resolved')
    return {
      type,
      title,
      lines: [
        `Over after ${durationOf(durationMs)}: from ${instantOf(sinceMs)} to ${instantOf(sinceMs + durationMs)}${where}`,
        `Seen last while it lasted: ${plain(evidence)}`,
      ],
      link,
      id,
    };
  return {
    type,
    title,
    lines: [
      `Since ${instantOf(sinceMs)} (${durationOf(Math.max(0, atMs - sinceMs))})${where}`,
      `Seen: ${plain(evidence)}`,
      ...(isFlapping ? ['It comes and goes: no more is said until it has been calm for a while.'] : []),
      `Next: ${next}`,
    ],
    link,
    id,
  };
}

/** The one line that a lock screen shows. */
export function titleOf(notification: Notification): string {
  const [first] = notification.notices;
  if (first !== undefined && notification.notices.length === 1) return blockOf(first).title;
  const count = (wanted: AlertChange['type']) =>
    notification.notices.filter(({ change }) => change.type === wanted).length;
  return (['fired', 'reminder', 'resolved'] as const)
    .filter((type) => count(type) > 0)
    .map((type) => `${count(type)} ${labels[type]}`)
    .join(', ');
}

/**
 * As many rendered blocks as fit into `maxBytes` of UTF-8, and a line that says how many did not.
 *
 * @param render - from one block to the channel's markup.
 */
export function fit(
  notification: Notification,
  maxBytes: number,
  render: (block: Block) => string,
  separator = '\n\n',
): string {
  const parts: string[] = [];
  const sizeOf = (texts: string[]) => Buffer.byteLength(texts.join(separator));
  const { notices } = notification;
  for (const [index, notice] of notices.entries()) {
    const left = notices.length - index - 1;
    const more = (count: number) => `… and ${count} more: the message was too long.`;
    const whole = render(blockOf(notice));
    const tail = left > 0 ? [more(left)] : [];
    if (sizeOf([...parts, whole, ...tail]) <= maxBytes) {
      parts.push(whole);
      continue;
    }
    parts.push(more(left + 1));
    break;
  }
  return parts.join(separator);
}
