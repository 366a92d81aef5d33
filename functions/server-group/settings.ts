import type {
  HealthCheck,
  ServerGroup,
  ServerGroupChange,
  StickySession,
  Transition,
} from '../../shared/alibaba/alb/server-groups.ts';
import type { Spec } from '../../shared/deployment/spec.ts';
import { valueAt } from '../../shared/dictionary.ts';
import type { StageContext } from '../../shared/stage.ts';

type Choose = StageContext<'server-group'>['choose'];

interface Settings {
  healthCheck: HealthCheck;
  stickySession: StickySession;
  /** Undefined: the request has none. A Basic load balancer refuses them, so none is asked for that is off. */
  connectionDrain?: Transition;
  slowStart?: Transition;
}

export const nameOf = (spec: Spec): string => spec.serverGroup.name ?? spec.name;

/** What the request says of the group, in the words of the client. */
export const settingsOf = ({ serverGroup }: Spec): Settings => {
  const { healthCheck, stickySession, connectionDrain, slowStart } = serverGroup;
  return {
    healthCheck: {
      isEnabled: healthCheck.enabled,
      protocol: serverGroup.protocol,
      path: healthCheck.path,
      method: healthCheck.method,
      codes: healthCheck.codes,
      connectPort: 0,
      intervalSeconds: healthCheck.intervalSeconds,
      timeoutSeconds: healthCheck.timeoutSeconds,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
    },
    stickySession: stickySession.enabled
      ? stickySession.type === 'Server'
        ? { isEnabled: true, type: 'Server', cookie: stickySession.cookie }
        : { isEnabled: true, type: 'Insert', cookieTimeoutSeconds: stickySession.cookieTimeoutSeconds }
      : { isEnabled: false },
    ...(connectionDrain && {
      connectionDrain: { isEnabled: connectionDrain.enabled, seconds: connectionDrain.timeoutSeconds },
    }),
    ...(slowStart && { slowStart: { isEnabled: slowStart.enabled, seconds: slowStart.durationSeconds } }),
  };
};

/** Settings of the group that differ from what is to stand; the vendor changes them all in one call. */
export function settingChange(
  { spec, choose }: StageContext<'server-group'>,
  found: ServerGroup,
): ServerGroupChange | undefined {
  const wanted = settingsOf(spec);
  const name = choose('serverGroup.name', found.name, nameOf(spec));
  const scheduler = choose('serverGroup.scheduler', found.scheduler, spec.serverGroup.scheduler as string);
  const healthCheck = chooseHealthCheck(choose, found.healthCheck, wanted.healthCheck);
  const stickySession = chooseStickySession(choose, found.stickySession, wanted.stickySession);
  const connectionDrain = chooseTransition(
    choose,
    ['connectionDrain', 'timeoutSeconds'],
    found.connectionDrain,
    wanted.connectionDrain,
  );
  const slowStart = chooseTransition(choose, ['slowStart', 'durationSeconds'], found.slowStart, wanted.slowStart);
  const change = {
    ...(found.name === name ? {} : { name }),
    ...(found.scheduler === scheduler ? {} : { scheduler: scheduler as ServerGroupChange['scheduler'] }),
    ...(differs(found.healthCheck, healthCheck) ? { healthCheck } : {}),
    ...(differs(found.stickySession, stickySession) ? { stickySession } : {}),
    ...(differs(found.connectionDrain, connectionDrain) ? { connectionDrain } : {}),
    ...(differs(found.slowStart, slowStart) ? { slowStart } : {}),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

/** Draining or slow start: off where the request says nothing of it, and with its own length where it was turned on by hand. */
function chooseTransition(
  choose: Choose,
  [field, length]: [field: string, length: string],
  found: Transition,
  wanted: Transition | undefined,
): Transition {
  const isEnabled = choose(`serverGroup.${field}.enabled`, found.isEnabled, wanted?.isEnabled ?? false);
  if (!isEnabled) return { isEnabled };
  if (!found.isEnabled) return { isEnabled, seconds: wanted?.seconds };
  return { isEnabled, seconds: choose(`serverGroup.${field}.${length}`, found.seconds, wanted?.seconds) };
}

function chooseHealthCheck(choose: Choose, found: HealthCheck, wanted: HealthCheck): HealthCheck {
  const pick = <K extends keyof HealthCheck>(key: K, field: string = key): HealthCheck[K] =>
    choose(`serverGroup.healthCheck.${field}`, found[key], wanted[key]);
  const isEnabled = pick('isEnabled', 'enabled');
  // Settings of what is off say nothing.
  if (!found.isEnabled || !isEnabled) return { ...wanted, isEnabled };
  return {
    ...wanted,
    isEnabled,
    path: pick('path'),
    method: pick('method'),
    codes: pick('codes'),
    intervalSeconds: pick('intervalSeconds'),
    timeoutSeconds: pick('timeoutSeconds'),
    healthyThreshold: pick('healthyThreshold'),
    unhealthyThreshold: pick('unhealthyThreshold'),
  };
}

function chooseStickySession(choose: Choose, found: StickySession, wanted: StickySession): StickySession {
  const pick = <K extends keyof StickySession>(key: K, field: string = key): StickySession[K] =>
    choose(`serverGroup.stickySession.${field}`, found[key], wanted[key]);
  const isEnabled = pick('isEnabled', 'enabled');
  if (!isEnabled) return { isEnabled };
  if (!found.isEnabled) return wanted;
  // What was turned on by hand keeps the settings that it was given with: the request has none.
  const type = pick('type');
  return type === 'Server'
    ? { isEnabled, type, cookie: pick('cookie') }
    : { isEnabled, type, cookieTimeoutSeconds: pick('cookieTimeoutSeconds') };
}

/** Fields of something that is off do not count. */
function differs<T extends { isEnabled: boolean }>(found: T, wanted: T): boolean {
  if (found.isEnabled !== wanted.isEnabled) return true;
  if (!wanted.isEnabled) return false;
  return Object.entries(wanted).some(
    ([key, value]) => value !== undefined && JSON.stringify(valueAt(found, key)) !== JSON.stringify(value),
  );
}
