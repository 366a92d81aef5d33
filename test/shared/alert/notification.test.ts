import { describe, expect, it } from 'vitest';
import { blockOf, durationOf, rooms, titleOf } from '../../../shared/alert/notification.ts';
import { byUrgency } from '../../../shared/alert/settings.ts';
import { minute } from './observations.ts';
import { noticeOf, notificationOf } from './notices.ts';

describe('the text of an alert', () => {
  it('says what broke, since when, what was seen, what to do, where to look, and which message it is', () => {
    expect(blockOf(noticeOf())).toEqual({
      type: 'fired',
      title: 'FIRING web: backend ECS02 is down',
      lines: [
        'Since 2026-11-22 08:00:00 UTC (3 min) (http://www.example.com/)',
        'Seen: none of 20 answers came from ECS02',
        'Next: Look at the instance, its service and the security group rule for its port; IPv6 servers need a rule of their own.',
      ],
      link: 'https://status.example.org/load-balancers/01khq0000000000000000000aa',
      id: 'alert 0123456789ab, message 0123456789ab-fired',
    });
  });

  it('tells how long it lasted when it is over', () => {
    const { title, lines } = blockOf(noticeOf({ type: 'resolved', durationMs: 7 * minute }));
    expect(title).toBe('RESOLVED web: backend ECS02 is down');
    expect(lines[0]).toBe(
      'Over after 7 min: from 2026-11-22 08:00:00 UTC to 2026-11-22 08:07:00 UTC (http://www.example.com/)',
    );
  });

  it('says that it flaps', () => {
    expect(blockOf(noticeOf({ isFlapping: true })).lines.join()).toContain('It comes and goes');
  });

  it.each([...byUrgency])('has words for %s', (kind) => {
    const { title, lines } = blockOf(noticeOf({ kind }));
    expect(title.length).toBeGreaterThan(20);
    expect(lines.find((line) => line.startsWith('Next: '))?.length).toBeGreaterThan(30);
  });

  it('shows what was seen as it is, in one line', () => {
    const evidence = 'web_node_1 at [2408:4002::1]:80 said\n`*bold*` <at id=all></at> \\ # ~~x~~';
    const { lines } = blockOf(noticeOf({ evidence }));
    expect(lines[1]).toBe('Seen: web_node_1 at [2408:4002::1]:80 said `*bold*` <at id=all></at> \\ # ~~x~~');
  });

  it('shows less of it where there is less room, and the names last', () => {
    const notice = noticeOf({ subject: 'node-家-1', evidence: '探测'.repeat(1000) });
    const shown = rooms.map((room) => blockOf(notice, room));
    expect(shown.map(({ lines }) => Buffer.byteLength(lines[1] ?? '') - 'Seen: '.length)).toEqual([
      999, 498, 300, 99, 39, 18,
    ]);
    for (const { title, lines } of shown) {
      expect(title).toBe('FIRING web: backend node-家-1 is down');
      expect(lines[1]).toMatch(/[探测]…$/);
    }
  });

  it.each([
    [
      'https://x.example/a_b*c`](https://evil.example)|<!channel>@all',
      'https://x.example/a_b%2Ac%60%5D%28https://evil.example%29%7C%3C%21channel%3E%40all',
    ],
    ['https://user:pass@x.example/', 'https://x.example/'],
    ['http://[2408:4002::1]:8080/', 'http://[2408:4002::1]:8080/'],
    ['https://x.example/家?q=家#家', 'https://x.example/%E5%AE%B6?q=%E5%AE%B6#%E5%AE%B6'],
    [`https://x.example/${'a'.repeat(2000)}`, undefined],
    ['javascript:alert(1)', undefined],
    ['not an address', undefined],
  ])('links to %s as %s', (link, expected) => {
    const notice = noticeOf();
    expect(blockOf({ ...notice, target: { ...notice.target, link } }).link).toBe(expected);
  });

  it('counts what there is when there is more than one', () => {
    const notification = notificationOf(noticeOf(), noticeOf({ type: 'resolved' }), noticeOf());
    expect(titleOf(notification)).toBe('2 FIRING, 1 RESOLVED');
  });

  it.each([
    [0, '0 s'],
    [89_000, '89 s'],
    [5 * minute, '5 min'],
    [125 * minute, '2 h 5 min'],
    [240 * minute, '4 h'],
    [50 * 60 * minute, '2 d 2 h'],
  ])('says %d ms as %s', (ms, text) => {
    expect(durationOf(ms)).toBe(text);
  });
});
