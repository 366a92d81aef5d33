import type { Channel, ChannelAnswer, ChannelKind, Delivered, Most, SizedRequest } from './channel.ts';
import { dingtalk } from './channels/dingtalk.ts';
import { feishu } from './channels/feishu.ts';
import { slack } from './channels/slack.ts';
import { webhook } from './channels/webhook.ts';
import { wecom } from './channels/wecom.ts';
import { type Notice, type Notification, type Room, rooms } from './notification.ts';
import type { RateLimit } from '../rate-limit.ts';
import { withoutSecrets } from './secrets.ts';

const kinds = { dingtalk, feishu, wecom, slack, webhook };
const kindOf = (channel: Channel) => kinds[channel.type] as unknown as ChannelKind<Channel>;

/** Notices that one message has at most: their ids are kept while it is under way. */
const mostNotices = 100;

/** One message: what it holds, how much of each it shows, and whether less of it can be sent. */
export interface Portion {
  notices: Notice[];
  room: Room;
  isSmallest: boolean;
}

/**
 * Returns the first message of the notification in this channel: as many of its notices, in their order, as fit, whole.
 * One that does not fit alone is shortened.
 *
 * @param most - less than the channel takes by its documents, where it has refused more: a `load`, a number of notices.
 */
export function firstPortion(channel: Channel, notification: Notification, most: Most = {}): Portion {
  const { notices } = notification;
  const mostLoad = most.load ?? 1;
  const mostCount = Math.min(notices.length, most.notices ?? mostNotices);
  const fits = (count: number, room: Room) =>
    messageOf(channel, { ...notification, notices: notices.slice(0, count) }, room).load <= mostLoad;
  let count = 1;
  // Twice as many, half as many back: loads grow with the number.
  for (let step = 1; step >= 1;) {
    const isMore = count + step <= mostCount && fits(count + step, rooms[0]);
    if (isMore) count += step;
    step = isMore ? step * 2 : Math.floor(step / 2);
  }
  if (count > 1) return { notices: notices.slice(0, count), room: rooms[0], isSmallest: false };
  const smallest = rooms[rooms.length - 1] ?? rooms[0];
  const room = rooms.find((one) => fits(1, one)) ?? smallest;
  return { notices: notices.slice(0, 1), room, isSmallest: room === smallest };
}

/** Returns the request that sends all of the notification at once, and how much that is of what the channel takes. */
export const messageOf = (channel: Channel, notification: Notification, room: Room): SizedRequest =>
  kindOf(channel).request(channel, notification, room);

/** Returns the requests that send the notification, each within what the channel takes. */
export function requestsFor(channel: Channel, notification: Notification): SizedRequest[] {
  const requests: SizedRequest[] = [];
  for (let left = notification.notices; left.length > 0;) {
    const { notices, room } = firstPortion(channel, { ...notification, notices: left });
    requests.push(messageOf(channel, { ...notification, notices }, room));
    left = left.slice(notices.length);
  }
  return requests;
}

/** Returns the first of them; the only one where all fits into one message. */
export function requestFor(channel: Channel, notification: Notification): SizedRequest {
  const { notices, room } = firstPortion(channel, notification);
  return messageOf(channel, { ...notification, notices }, room);
}

/** Whether the channel took it. An answer 200 may be a refusal (P-182). The reason holds nothing secret (P-188). */
export function readAnswer(channel: Channel, answer: ChannelAnswer): Delivered {
  const read = kindOf(channel).read(answer);
  return read.ok ? read : { ...read, reason: withoutSecrets(channel, read.reason) };
}

export const limitsOf = (channel: Channel): RateLimit[] => kindOf(channel).limits;
