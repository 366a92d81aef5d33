import type { ListenerHealth } from './alibaba/alb/listeners.ts';
import type { BackendServer, ServerKey } from './alibaba/alb/servers.ts';
import { normalAddress } from './net/cidr.ts';
import { type CheckedAnswers, checkedStatus, statusText } from './probe/well.ts';

export interface HealthFacts {
  wanted: ServerKey[];
  serverGroupId: string;
  /** Undefined: the group is gone. */
  listed: BackendServer[] | undefined;
  reports: ListenerHealth[];
  /** The health check that the request asks for; undefined: none. */
  check: CheckedAnswers | undefined;
}

const sameServer = (a: { serverId: string; serverIp: string; port: number }, b: ServerKey): boolean =>
  a.serverId === b.serverId && a.port === b.port && normalAddress(a.serverIp) === normalAddress(b.serverIp);

/**
 * Whether what the load balancer says proves every wanted server healthy. Healthy servers are not listed in its health
 * answer, so an empty one proves nothing by itself: the group must be reported with checks on, and every server be listed
 * as Available (P-068). A server of weight 0 is not checked and counts as it is (P-070).
 */
export function judgeHealth({ wanted, serverGroupId, listed, reports, check }: HealthFacts): {
  isHealthy: boolean;
  reason: string;
} {
  const no = (reason: string) => ({ isHealthy: false, reason });
  if (listed === undefined) return no(`server group ${serverGroupId} is gone`);
  for (const server of wanted) {
    const found = listed.find((candidate) => sameServer(candidate, server));
    if (found === undefined) return no(`server ${server.serverIp} is not in the server group`);
    if (found.status !== 'Available') return no(`server ${server.serverIp} is ${found.status}`);
  }
  if (check === undefined) return { isHealthy: true, reason: 'health checks are off' };
  const report = reports.find((candidate) => candidate.serverGroupId === serverGroupId);
  if (report === undefined) return no('the listener reports no health of the server group yet');
  if (!report.healthCheckEnabled) return no('health checks of the server group are off');
  for (const server of wanted) {
    const problem = report.nonNormalServers.find((candidate) => sameServer(candidate, server));
    if (problem === undefined) continue;
    if (
      problem.status === 'Unused' &&
      listed.some((candidate) => sameServer(candidate, server) && candidate.weight === 0)
    )
      continue;
    const why = whyUnhealthy(problem, check);
    return no(`server ${server.serverIp} is ${problem.status}${why === '' ? '' : ` (${why})`}`);
  }
  return { isHealthy: true, reason: 'all servers are healthy' };
}

/** The load balancer's reason; of an answer that the health check does not accept, with what was asked and what it accepts. */
export function whyUnhealthy(
  { reasonCode, actualResponse }: Pick<ListenerHealth['nonNormalServers'][number], 'reasonCode' | 'actualResponse'>,
  check: CheckedAnswers | undefined,
): string {
  const isStatus = /^[1-5]\d\d$/.test(actualResponse);
  const { method = 'GET', path = '/', codes = [] } = check ?? {};
  const answer =
    check === undefined || !isStatus
      ? actualResponse
      : `answered ${actualResponse} to ${method} at ${path}; the health check wants ${statusText(checkedStatus(codes))}`;
  return [reasonCode, answer].filter((text) => text !== '').join(', ');
}
