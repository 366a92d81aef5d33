import { describe, expect, it } from 'vitest';
import { blockOf, durationOf, fit, plain, titleOf } from '../../../shared/alert/notification.ts';
import { alertKinds } from '../../../shared/alert/settings.ts';
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

  it.each(alertKinds)('has words for %s', (kind) => {
    const { title, lines } = blockOf(noticeOf({ kind }));
    expect(title.length).toBeGreaterThan(20);
    expect(lines.find((line) => line.startsWith('Next: '))?.length).toBeGreaterThan(30);
  });

  it('takes no markup, mention or link from what was seen', () => {
    const { lines } = blockOf(
      noticeOf({ evidence: '<at id=all></at> <!channel> [click](https://evil.example)\n# head *bold*' }),
    );
    expect(lines[1]).toBe('Seen: (at id=all)(/at) (!channel) (click)(https://evil.example)   head  bold');
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

  it('cuts what is too long', () => {
    expect(plain('x'.repeat(400))).toHaveLength(300);
  });
});

describe('a message that is too long', () => {
  const many = notificationOf(...Array.from({ length: 40 }, () => noticeOf({ evidence: '探测'.repeat(50) })));
  const render = ({ title, lines }: { title: string; lines: string[] }) => [title, ...lines].join('\n');

  it.each([500, 2048, 4096])('is cut at %d bytes, not characters, and says so', (bytes) => {
    const text = fit(many, bytes, render);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes);
    expect(text).toMatch(/… and \d+ more: the message was too long\.$/);
  });

  it('counts those that are missing', () => {
    const text = fit(many, 4096, render);
    const shown = text.split('FIRING').length - 1;
    expect(text).toContain(`… and ${40 - shown} more`);
  });
});
