/**
 * Sticky sessions: a cookie of the load balancer's own (`Insert`), or a cookie of the servers that it rewrites (`Server`). Names
 * and kinds are documented, the form of the values is ours.
 * Source: https://help.aliyun.com/en/slb/application-load-balancer/user-guide/configure-session-persistence-1 (read 2026-11-30).
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { BackendServer, ServerGroup } from '../alb/state.ts';
import { serverMark } from './balancer.ts';
import { cookiesOf } from './rules.ts';

const insertedName = 'SERVERID';

/** The one of the candidates that the client's cookie names; undefined where it names none, or has run out. */
export function stickyServer(
  { stickySession }: Pick<ServerGroup, 'stickySession'>,
  candidates: BackendServer[],
  headers: IncomingHttpHeaders,
  nowMs: number,
): BackendServer | undefined {
  const { enabled, type, cookie, cookieTimeoutSeconds } = stickySession;
  if (!enabled) return undefined;
  const [mark, , lastUsed] = (cookiesOf(headers).get(type === 'Insert' ? insertedName : cookie) ?? '').split('|');
  if (type === 'Insert' && !(nowMs / 1000 - Number(lastUsed ?? 0) <= cookieTimeoutSeconds)) return undefined;
  return candidates.find((server) => serverMark(server) === mark);
}

/** The cookies that go to the client, from those that the server sets. */
export function answeredCookies(
  { stickySession }: Pick<ServerGroup, 'stickySession'>,
  server: BackendServer,
  headers: IncomingHttpHeaders,
  set: string[],
  nowMs: number,
): string[] {
  const { enabled, type, cookie } = stickySession;
  if (!enabled) return set;
  if (type === 'Server')
    return set.map((one) =>
      one.startsWith(`${cookie}=`) ? `${cookie}=${serverMark(server)}|${one.slice(cookie.length + 1)}` : one,
    );
  // Server, first and last use in seconds.
  const now = Math.floor(nowMs / 1000);
  const [mark, since] = (cookiesOf(headers).get(insertedName) ?? '').split('|');
  const first = mark === serverMark(server) && /^\d+$/.test(since ?? '') ? since : String(now);
  return [...set, `${insertedName}=${serverMark(server)}|${first}|${now};Path=/`];
}

/** The client's `Cookie` header as the server knows it: without what was written before its own value. */
export function askedCookies({ stickySession }: Pick<ServerGroup, 'stickySession'>, header: string): string {
  const { enabled, type, cookie } = stickySession;
  if (!enabled || type !== 'Server') return header;
  return header.replaceAll(new RegExp(`(^|;\\s*)${cookie}=[0-9a-f]{32}\\|`, 'g'), `$1${cookie}=`);
}
