import type { Notice, Notification } from '../../../shared/alert/notification.ts';
import type { AlertChange } from '../../../shared/alert/state.ts';
import { minute, startMs, targetId } from './observations.ts';

export const noticeOf = (other: Partial<AlertChange> = {}): Notice => ({
  change: {
    type: 'fired',
    id: '0123456789ab-fired',
    alertId: '0123456789ab',
    kind: 'backend-down',
    subject: 'ECS02',
    atMs: startMs + 3 * minute,
    sinceMs: startMs,
    isFlapping: false,
    evidence: 'none of 20 answers came from ECS02',
    ...other,
  },
  target: {
    id: targetId,
    name: 'web',
    url: 'http://www.example.com/',
    link: `https://status.example.org/load-balancers/${targetId}`,
  },
});

export const notificationOf = (...notices: Notice[]): Notification => ({
  id: 'n-1',
  atMs: startMs + 3 * minute,
  notices: notices.length === 0 ? [noticeOf()] : notices,
});
