import { describe, expect, it } from 'vitest';
import type { BackendServer, ServerGroup } from '../../../local/alb/state.ts';
import { answeredCookies, askedCookies, stickyServer } from '../../../local/data-plane/stickiness.ts';

const server = (serverId: string) => ({ serverId, serverIp: '10.0.0.1', port: 80 }) as BackendServer;
const [one, two] = [server('i-1'), server('i-2')];
const rewriting: Pick<ServerGroup, 'stickySession'> = {
  stickySession: { enabled: true, type: 'Server', cookie: 'SESSION', cookieTimeoutSeconds: 1000 },
};

describe('a cookie of the servers that is rewritten', () => {
  const [rewritten = '', other] = answeredCookies(rewriting, two, {}, ['SESSION=abc; Path=/', 'lang=en'], 0);
  const cookie = `lang=en; ${rewritten.split(';')[0]}`;

  it('keeps its attributes, and leaves others alone', () => {
    expect(rewritten).toMatch(/^SESSION=[0-9a-f]{32}\|abc; Path=\/$/);
    expect(other).toBe('lang=en');
  });

  it('leads the client to the server that set it', () => {
    expect(stickyServer(rewriting, [one, two], { cookie }, 1e12)).toBe(two);
    expect(stickyServer(rewriting, [one], { cookie }, 0)).toBeUndefined();
    expect(stickyServer(rewriting, [one, two], { cookie: 'SESSION=abc' }, 0)).toBeUndefined();
  });

  it('comes to the server as the server wrote it', () => {
    expect(askedCookies(rewriting, cookie)).toBe('lang=en; SESSION=abc');
  });
});
