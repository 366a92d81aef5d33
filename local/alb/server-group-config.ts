import { flag, integer, list, oneOf, struct, text, type Values } from '../action.ts';
import { paramErrors, refuse } from './errors.ts';
import type { ConnectionDrain, HealthCheck, SlowStart, StickySession } from './state.ts';

/** Bounds and defaults: SDK-ALB and the schema of META2-ALB. */
export const healthCheckShape = {
  HealthCheckEnabled: flag(),
  HealthCheckProtocol: oneOf('HTTP', 'HTTPS', 'TCP', 'gRPC'),
  HealthCheckMethod: oneOf('GET', 'POST', 'HEAD'),
  HealthCheckPath: text({ pattern: /^\/[A-Za-z0-9\-/.%?#&=_;~!()*[\]@$^:'",+]{0,79}$/ }),
  HealthCheckHost: text({ pattern: /^(?![.-])(?=.*\.)[a-z0-9.-]{1,79}[a-z]$/ }),
  HealthCheckHttpVersion: oneOf('HTTP1.0', 'HTTP1.1'),
  HealthCheckCodes: list(oneOf('http_2xx', 'http_3xx', 'http_4xx', 'http_5xx'), 4, 1),
  HealthCheckConnectPort: integer(0, 65_535),
  HealthCheckInterval: integer(1, 50),
  HealthCheckTimeout: integer(1, 300),
  HealthyThreshold: integer(2, 10),
  UnhealthyThreshold: integer(2, 10),
};

export const stickySessionShape = {
  StickySessionEnabled: flag(),
  StickySessionType: oneOf('Insert', 'Server'),
  Cookie: text({ pattern: /^[A-Za-z0-9]{1,200}$/ }),
  CookieTimeout: integer(1, 86_400),
};

/** Bounds and defaults: SDK-ALB 1.3.2, CreateServerGroup and UpdateServerGroupAttribute. */
export const transitionShape = {
  ConnectionDrainConfig: struct({ ConnectionDrainEnabled: flag(), ConnectionDrainTimeout: integer(0, 900) }),
  SlowStartConfig: struct({ SlowStartEnabled: flag(), SlowStartDuration: integer(30, 900) }),
};

/** Settings whose effect on traffic the embedded cloud does not have: their defaults are taken, anything else is refused. */
export const inertShape = {
  CrossZoneEnabled: flag(),
  UchConfig: struct({ Type: text(), Value: text() }),
  IpVersionAffinityMode: text(),
};

export const defaultHealthCheck: HealthCheck = {
  enabled: true,
  protocol: 'HTTP',
  method: 'HEAD',
  path: '/',
  host: '',
  httpVersion: 'HTTP1.1',
  codes: ['http_2xx'],
  connectPort: 0,
  intervalSeconds: 2,
  timeoutSeconds: 5,
  healthyThreshold: 3,
  unhealthyThreshold: 3,
};

export const defaultStickySession: StickySession = {
  enabled: false,
  type: 'Insert',
  cookie: '',
  cookieTimeoutSeconds: 1000,
};

/** `base` with what was given. @throws UnsupportedFeature.NotEmulated for gRPC. */
export function readHealthCheck(
  given: Values<typeof healthCheckShape> | undefined,
  base: HealthCheck = defaultHealthCheck,
): HealthCheck {
  if (given?.HealthCheckProtocol === 'gRPC') throw refuse('UnsupportedFeature.NotEmulated', 'gRPC health checks');
  return {
    enabled: given?.HealthCheckEnabled ?? base.enabled,
    protocol: given?.HealthCheckProtocol ?? base.protocol,
    method: given?.HealthCheckMethod ?? base.method,
    path: given?.HealthCheckPath ?? base.path,
    host: given?.HealthCheckHost ?? base.host,
    httpVersion: given?.HealthCheckHttpVersion ?? base.httpVersion,
    codes: given?.HealthCheckCodes ?? base.codes,
    connectPort: given?.HealthCheckConnectPort ?? base.connectPort,
    intervalSeconds: given?.HealthCheckInterval ?? base.intervalSeconds,
    timeoutSeconds: given?.HealthCheckTimeout ?? base.timeoutSeconds,
    healthyThreshold: given?.HealthyThreshold ?? base.healthyThreshold,
    unhealthyThreshold: given?.UnhealthyThreshold ?? base.unhealthyThreshold,
  };
}

/** @throws IllegalParam.Cookie when a cookie to rewrite is not named. */
export function readStickySession(
  given: Values<typeof stickySessionShape> | undefined,
  base: StickySession = defaultStickySession,
): StickySession {
  const read: StickySession = {
    enabled: given?.StickySessionEnabled ?? base.enabled,
    type: given?.StickySessionType ?? base.type,
    cookie: given?.Cookie ?? base.cookie,
    cookieTimeoutSeconds: given?.CookieTimeout ?? base.cookieTimeoutSeconds,
  };
  if (read.enabled && read.type === 'Server' && read.cookie === '')
    throw paramErrors.invalid('StickySessionConfig.Cookie', 'is required when StickySessionType is Server');
  return read;
}

type Transition = Values<typeof transitionShape>;

export const defaultTransition: { connectionDrain: ConnectionDrain; slowStart: SlowStart } = {
  connectionDrain: { enabled: false, timeoutSeconds: 300 },
  slowStart: { enabled: false, durationSeconds: 30 },
};

/**
 * `base` with what was given. Slow start is for weighted round robin only [SDK-ALB].
 *
 * @throws Mismatch.ServerGroupSchedulerAndSlowStartEnable
 */
export function readTransition(given: Transition, scheduler: string, base = defaultTransition): typeof base {
  const { ConnectionDrainConfig: drain, SlowStartConfig: slow } = given;
  const slowStart = {
    enabled: slow?.SlowStartEnabled ?? base.slowStart.enabled,
    durationSeconds: slow?.SlowStartDuration ?? base.slowStart.durationSeconds,
  };
  if (slowStart.enabled && scheduler !== 'Wrr')
    throw refuse('Mismatch.ServerGroupSchedulerAndSlowStartEnable', `[${scheduler}]`);
  return {
    connectionDrain: {
      enabled: drain?.ConnectionDrainEnabled ?? base.connectionDrain.enabled,
      timeoutSeconds: drain?.ConnectionDrainTimeout ?? base.connectionDrain.timeoutSeconds,
    },
    slowStart,
  };
}

/** @throws UnsupportedFeature.NotEmulated */
export function refuseInert(given: Values<typeof inertShape>): void {
  const name =
    given.CrossZoneEnabled === false
      ? 'CrossZoneEnabled=false'
      : given.UchConfig !== undefined
        ? 'UchConfig'
        : given.IpVersionAffinityMode !== undefined
          ? 'IpVersionAffinityMode (undocumented, P-073)'
          : undefined;
  if (name !== undefined) throw refuse('UnsupportedFeature.NotEmulated', name);
}

export const schedulers = oneOf('Wrr', 'Wlc', 'Sch', 'Uch');

/** @throws UnsupportedFeature.NotEmulated for Uch, hashing of URLs. */
export function readScheduler(given: 'Wrr' | 'Wlc' | 'Sch' | 'Uch'): 'Wrr' | 'Wlc' | 'Sch' {
  if (given === 'Uch') throw refuse('UnsupportedFeature.NotEmulated', 'Scheduler=Uch');
  return given;
}
