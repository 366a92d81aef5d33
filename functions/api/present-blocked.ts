import type { Blocked } from '../../shared/deployment/blocked.ts';

/** What keeps a release from going on, since when, and when it is tried next. */
export const presentBlocked = (blocked: Blocked | undefined): object | undefined =>
  blocked && {
    stage: blocked.stage,
    code: blocked.code,
    message: blocked.message,
    requestId: blocked.requestId,
    remedy: blocked.remedy,
    since: new Date(blocked.sinceMs).toISOString(),
    tries: blocked.times,
    nextTryAt: blocked.nextTryAtMs === undefined ? undefined : new Date(blocked.nextTryAtMs).toISOString(),
  };
