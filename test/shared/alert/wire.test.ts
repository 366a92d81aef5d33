import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Channel, channelsSchema } from '../../../shared/alert/channel.ts';
import { firstPortion, messageOf, requestFor, requestsFor } from '../../../shared/alert/channel-kinds.ts';
import type { Notice } from '../../../shared/alert/notification.ts';
import { noticeOf, notificationOf } from './notices.ts';

const channels = channelsSchema.parse([
  {
    type: 'dingtalk',
    name: 'd',
    url: 'https://d.example/x?access_token=t',
    secret: 'SEC1',
    keyword: 'lb_',
    atMobiles: ['13800000000'],
  },
  { type: 'feishu', name: 'f', url: 'https://f.example/x', secret: 's', keyword: 'lb_' },
  { type: 'wecom', name: 'w', url: 'https://w.example/x?key=k' },
  { type: 'wecom', name: 'w-text', url: 'https://w.example/x?key=k', format: 'text' },
  { type: 'slack', name: 's', url: 'https://s.example/x' },
  { type: 'webhook', name: 'h', url: 'https://h.example/x', secret: 's3cret' },
]);
const byName = channels.map((channel) => [channel.name, channel] as const);

interface Body {
  markdown: { title: string; text: string; content: string };
  text: { content: string };
  card: { header: { title: { content: string } }; elements: { text?: { tag: string; content: string } }[] };
  blocks: { text: { text: string } }[];
  changes: { title: string; text: string; evidence: string; subject: string }[];
}
const parsed = (body: string) => JSON.parse(body) as Body;

/** The limits of the vendors, from their documents: none of our constants. */
const isTaken: Record<string, (body: string) => boolean> = {
  d: (body) => Buffer.byteLength(body) <= 20_000,
  f: (body) => Buffer.byteLength(body) <= 20 * 1024,
  w: (body) => Buffer.byteLength(parsed(body).markdown.content) <= 4096,
  'w-text': (body) => Buffer.byteLength(parsed(body).text.content) <= 2048,
  s: (body) => {
    const lengths = parsed(body).blocks.map(({ text }) => text.text.length);
    return (
      lengths.length <= 50 &&
      lengths.every((length) => length <= 3000) &&
      lengths.reduce((sum, one) => sum + one, 0) <= 13_000
    );
  },
  h: (body) => Buffer.byteLength(body) <= 64 * 1024,
};

/** What a reader sees: all texts of the message, without what escapes them. */
function seen({ name }: Channel, body: string): string {
  const { markdown, text, card, blocks, changes } = parsed(body);
  const unseen = (content: string) => content.replaceAll('\u2060', '');
  switch (name) {
    case 'd':
      return unseen(`${markdown.title}\n${markdown.text.replace(/\\([\\`*_])/g, '$1')}`);
    case 'f':
      return unseen([card.header.title.content, ...card.elements.map((one) => one.text?.content ?? '')].join('\n'));
    case 'w':
      return unseen(markdown.content);
    case 'w-text':
      return unseen(text.content);
    case 's':
      return unseen(
        blocks
          .map((block) => block.text.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'))
          .join('\n'),
      );
    default:
      return unseen(changes.map((change) => `${change.title}\n${change.text}\n${change.evidence}`).join('\n'));
  }
}

const words = [
  '"',
  '\\',
  '_',
  '*',
  '`',
  '~~',
  '<',
  '>',
  '&',
  '@all',
  '](',
  '://',
  '#',
  '家',
  '👨‍👩‍👧',
  '\u0000',
  '\n',
  '\ud83d',
  'web_node_1 ',
];
const text = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength }),
    fc.array(fc.constantFrom(...words), { maxLength }).map((parts) => parts.join('')),
    fc.constantFrom(...words).map((word) => word.repeat(maxLength)),
  );
const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9._-]{1,59}$/);
const notice = fc
  .record({
    name,
    subject: fc.oneof(name, text(100)),
    evidence: text(1500),
    path: text(400),
    type: fc.constantFrom('fired' as const, 'resolved' as const, 'reminder' as const),
  })
  .map(({ name: target, path, ...change }): Notice => {
    const made = noticeOf(change);
    return { ...made, target: { ...made.target, name: target, url: `http://www.example.com/${path}` } };
  });

describe('P-187: every message', () => {
  it.each(byName)('of %s is within what the vendor takes, and valid', (channelName, channel) => {
    fc.assert(
      fc.property(fc.array(notice, { minLength: 1, maxLength: 8 }), (notices) => {
        const requests = requestsFor(channel, notificationOf(...notices));
        for (const { body } of requests) {
          expect(isTaken[channelName]?.(body)).toBe(true);
          expect(body).not.toMatch(/\\ud[89a-f]/i);
          expect(body).not.toMatch(/\p{Cs}/u);
        }
      }),
      { numRuns: 25 },
    );
  });

  it.each(byName)('of %s shows the names as they are', (_, channel) => {
    fc.assert(
      fc.property(notice, name, (given, subject) => {
        const { body } = requestFor(channel, notificationOf({ ...given, change: { ...given.change, subject } }));
        expect(seen(channel, body)).toContain(`${given.target.name}: backend ${subject} is down`);
      }),
      { numRuns: 25 },
    );
  });

  it.each(byName)('of %s shows what was seen as it is, in one line', (_, channel) => {
    const evidence = '[2408:4002::1]:80 is a CNAME to cdn_v2.example.net, said "*a* `b` ~~c~~ \\ <d> &amp; @all"';
    const { body } = requestFor(channel, notificationOf(noticeOf({ evidence })));
    expect(seen(channel, body)).toContain(evidence);
  });

  it.each(byName.filter(([channelName]) => channelName !== 'h'))(
    'of %s makes no link, mention or markup of it',
    (channelName, channel) => {
      const evidence =
        '<at id=all></at> <!channel> <@U1> @all [click](https://evil.example) ![i](https://evil.example/i) **b** ~~s~~ <font color="info">x</font>';
      const subject = '@13800000001](https://evil.example)';
      const { body } = requestFor(channel, notificationOf(noticeOf({ evidence, subject })));
      const texts = JSON.stringify(parsed(body));
      for (const markup of [
        '<at ',
        '<!channel',
        '<@U1',
        '@all',
        '](https://evil',
        '://evil',
        '<font color=\\"info',
        '@13800000001',
      ])
        expect(texts).not.toContain(markup);
      if (!['f', 'w-text'].includes(channelName)) expect(texts).not.toMatch(/(?<!\\)\*\*b/);
      expect(seen(channel, body)).toContain('[click](https://evil.example)');
    },
  );
});

it.each(byName.filter(([channelName]) => ['d', 'w'].includes(channelName)))(
  'markdown of %s decodes no entity of what was seen',
  (_, channel) => {
    const { body } = requestFor(channel, notificationOf(noticeOf({ evidence: 'a &lt;b&#62; & c;' })));
    expect(body).not.toMatch(/&#?\w+;/);
    expect(seen(channel, body)).toContain('a &lt;b&#62; & c;');
  },
);

describe('many notices', () => {
  const many = Array.from({ length: 60 }, (_, index) =>
    noticeOf({ id: `n${index}-fired`, subject: `node_${index}_end`, evidence: '"'.repeat(300) }),
  );

  it.each(byName)('go to %s in as many messages as it takes, in their order, none twice', (channelName, channel) => {
    const requests = requestsFor(channel, notificationOf(...many));
    const told = requests.flatMap(({ body }) => [...new Set(seen(channel, body).match(/node_\d+_end/g))]);
    expect(told).toEqual(many.map(({ change }) => change.subject));
    for (const { body } of requests) expect(isTaken[channelName]?.(body)).toBe(true);
  });

  it.each(byName)('fill the messages of %s', (_, channel) => {
    const requests = requestsFor(channel, notificationOf(...many));
    for (const [index, { load }] of requests.slice(0, -1).entries())
      expect(load + (requests[index + 1]?.load ?? 0) > 1 || load > 0.5).toBe(true);
  });

  it('are as before one message where they fit', () => {
    for (const channel of channels)
      expect(requestsFor(channel, notificationOf(noticeOf(), noticeOf()))).toHaveLength(1);
  });

  it('are fewer where the channel has refused more, and one is shortened at last', () => {
    for (const channel of channels) {
      const notification = notificationOf(...many.slice(0, 8));
      const whole = firstPortion(channel, notification);
      const { load } = messageOf(channel, { ...notification, notices: whole.notices }, whole.room);
      expect(firstPortion(channel, notification, { load: load / 2 }).notices.length).toBeLessThan(whole.notices.length);
      expect(firstPortion(channel, notification, { notices: 2 }).notices).toHaveLength(2);
      expect(firstPortion(channel, notification, { load: 1e-6 })).toMatchObject({
        notices: { length: 1 },
        isSmallest: true,
      });
    }
  });
});
