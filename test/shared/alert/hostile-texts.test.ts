import { describe, expect, it } from 'vitest';
import { type Channel, channelsSchema } from '../../../shared/alert/channel.ts';
import { requestFor } from '../../../shared/alert/channel-kinds.ts';
import { watchedOnly } from '../../../shared/watch/watched.ts';
import { noticeOf, notificationOf } from './notices.ts';

const channels = channelsSchema.parse([
  { type: 'dingtalk', name: 'd', url: 'https://oapi.dingtalk.com/robot/send?access_token=t' },
  { type: 'feishu', name: 'f', url: 'https://open.feishu.cn/open-apis/bot/v2/hook/t' },
  { type: 'wecom', name: 'w', url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k' },
  { type: 'wecom', name: 'wt', url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k', format: 'text' },
  { type: 'slack', name: 's', url: 'https://hooks.slack.com/services/T/B/X' },
  { type: 'webhook', name: 'h', url: 'https://alerts.example.org/in', secret: 's' },
]) as Channel[];

/** What servers, name servers and requests may make an alert say; none of it leads anywhere. */
const hostile = [
  'https://evil.example/a',
  'HTTP://EVIL.EXAMPLE',
  'http:\\\\evil.example',
  'https：//evil.example',
  'https:／／evil.example',
  'dingtalk://dingtalkclient/page',
  'lark://client/chat',
  'weixin://dl/business',
  'file:///etc/hosts',
  'javascript:alert(1)',
  'data:text/html,x',
  'mailto:a@evil.example',
  'tel:+8613800000000',
  'sms:10086',
  'www.evil.example',
  'evil.example/login',
  'login.evil.example:8443',
  'evil。example',
  'evil．example',
  'evil｡example',
  'xn--e1awd7f.example',
  'пример.рф',
  '[click](https://evil.example)',
  '[click][1] [1]: https://evil.example',
  '![x](https://evil.example/x.png)',
  '<https://evil.example|click>',
  '<https://evil.example>',
  '<a href="https://evil.example">x</a>',
  '<img src=https://evil.example/x.png>',
  '&lt;a href=x&gt;',
  '&#60;at&#62;',
  '<at id=all></at>',
  '<at user_id="all">all</at>',
  '<@all>',
  '<@U12345>',
  '<!channel>',
  '<!here|here>',
  '<!subteam^S1>',
  '@all',
  '@here',
  '＠all',
  '﹫all',
  '@13800000000',
  '@\u200ball',
  'ht\u200btps://evil.example',
  'https:\u2060//evil.example',
  '\u202eelpmaxe.live//:sptth',
  '\u2066https://evil.example\u2069',
  'x\u061c\u200e\u200fy',
  '\u{e0068}\u{e0069}',
  '**bold** _it_ ~~no~~ `code`',
  '<font color="warning">RESOLVED</font>',
  'ok\r\n\r\n# RESOLVED web',
  '> quoted\n> more',
  '\u2028@all\u2029',
];

/** What a client makes a link or a mention of, in any of the channels. */
const live = [
  /[:：][/\\／]{2}/u,
  /\b(?:mailto|tel|sms|javascript|data):(?!\u2060)/i,
  /[@＠﹫](?!\u2060)/u,
  /<(?:!|@|at\b|a\b|img\b|font color="(?!warning"|info"|comment"))/i,
  /\][([]/,
  /[\p{L}\p{N}-][.。．｡]\p{L}{2}/u,
  // A joiner is ours; no other format character is.
  /(?!\u2060)\p{Cf}/u,
];

/** Lists all texts of a body, without what we put there ourselves. */
const textsIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];
const shown = (channel: Channel, text: string): string => {
  const notification = notificationOf(noticeOf({ evidence: `saw ${text} there`, subject: text }));
  for (const { target } of notification.notices) {
    target.name = text;
    delete target.url;
    delete target.link;
  }
  const body = JSON.parse(requestFor(channel, notification).body) as {
    title?: string;
    changes?: { title: string; text: string }[];
  };
  const seen =
    body.changes === undefined ? body : [body.title, ...body.changes.map(({ title, text: lines }) => [title, lines])];
  return textsIn(seen)
    .join('\n')
    .split('\n')
    .filter((line) => !line.includes('Next: '))
    .join('\n');
};

describe.each(channels.map((channel) => [channel.name, channel] as const))('in channel %s', (_, channel) => {
  it.each(hostile)('%j is neither a link nor a mention nor another line', (text) => {
    const calm = shown(channel, 'calm').split('\n').length;
    const body = shown(channel, text);
    for (const pattern of live) expect(body).not.toMatch(pattern);
    expect(body.split('\n')).toHaveLength(calm);
  });
});

it.each([
  ['/a b', '/a%20b'],
  ['/[x](y)', '/%5Bx%5D%28y%29'],
  ['/<at id=all>', '/%3Cat%20id=all%3E'],
  ['/@all', '/%40all'],
  ['/\u202egnp', '/%E2%80%AEgnp'],
  ['/价格', '/%E4%BB%B7%E6%A0%BC'],
  ['/a%20b?c=d&e=%41', '/a%20b?c=d&e=%41'],
  ['/100%', '/100%25'],
  ['/\'"`|*', '/%27%22%60%7C%2A'],
])('the path %j stands in the address as %s', (path, expected) => {
  const watch = {
    spec: { watchOnly: { domain: 'www.example.com', path, backends: [], identifyBy: { by: 'answers' } } },
    status: 'watching',
    front: { protocol: 'HTTP', port: 80, servers: [], ipv6Addresses: [], dnsName: '' },
  };
  expect(watchedOnly(watch as never).url).toBe(`http://www.example.com${expected}`);
});
