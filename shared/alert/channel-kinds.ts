import type { Channel, ChannelAnswer, ChannelRequest, Delivered, RateLimit } from './channel.ts';
import { dingtalk } from './channels/dingtalk.ts';
import { feishu } from './channels/feishu.ts';
import { slack } from './channels/slack.ts';
import { webhook } from './channels/webhook.ts';
import { wecom } from './channels/wecom.ts';
import type { Notification } from './notification.ts';

const kinds = { dingtalk, feishu, wecom, slack, webhook };

/** The request that tells `notification` to this channel. */
export function requestFor(channel: Channel, notification: Notification): ChannelRequest {
  switch (channel.type) {
    case 'dingtalk':
      return dingtalk.request(channel, notification);
    case 'feishu':
      return feishu.request(channel, notification);
    case 'wecom':
      return wecom.request(channel, notification);
    case 'slack':
      return slack.request(channel, notification);
    case 'webhook':
      return webhook.request(channel, notification);
  }
}

/** Whether the channel took it. An answer 200 may be a refusal (P-182). */
export const readAnswer = (channel: Channel, answer: ChannelAnswer): Delivered => kinds[channel.type].read(answer);

export const limitsOf = (channel: Channel): RateLimit[] => kinds[channel.type].limits;

/** How long to wait before one more may be sent, after these; 0: not at all. */
export function waitMs(limits: RateLimit[], sentAtMs: number[], nowMs: number): number {
  let longest = 0;
  for (const { count, perMs } of limits) {
    const recent = sentAtMs.filter((ms) => ms > nowMs - perMs).sort((a, b) => a - b);
    const blocking = recent[recent.length - count];
    if (blocking !== undefined) longest = Math.max(longest, blocking + perMs - nowMs);
  }
  return longest;
}
