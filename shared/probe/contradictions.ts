import type { Problem } from '../deployment/problems.ts';
import {
  type CheckedAnswers,
  checkedStatus,
  hasStatus,
  overlap,
  readStatusRange,
  requestPath,
  statusText,
  wellOf,
  type WellSettings,
} from './well.ts';

/** 304 is no redirect. */
const redirecting = [300, 301, 302, 303, 307, 308];

/** Settings of a probe that contradict each other, each of them well-formed. */
export function* probeContradictions(
  probe: WellSettings,
  identifyBy: { by: string; header?: string | undefined } | undefined,
): Iterable<Problem> {
  const { method, redirectTo, acceptedStatus } = probe;
  const isByBody = identifyBy?.by === 'answers' || (identifyBy?.by === 'pattern' && identifyBy.header === undefined);
  if (method === 'HEAD' && isByBody)
    yield {
      field: 'probe.method',
      message: 'answers to HEAD have no body to tell servers apart by: use GET, or identifyBy a header',
    };
  const accepted = acceptedStatus?.flatMap(readStatusRange) ?? [];
  if (redirectTo !== undefined && accepted.length > 0 && !redirecting.some((status) => hasStatus(accepted, status)))
    yield {
      field: 'probe.redirectTo',
      message: `acceptedStatus has no redirect: add one such as 302, or leave it out (it has ${statusText(accepted)})`,
    };
}

/**
 * Answers that are well to the probe and ill to the health check at the same path: servers that give them are never
 * healthy, so the load balancer would never be ready. A host of its own may get other answers, so then nothing is said.
 */
export function* checkContradictions(probe: WellSettings, check: CheckedAnswers): Iterable<Problem> {
  const { acceptedStatus, redirectTo, host } = probe;
  if (host !== undefined || (acceptedStatus === undefined && redirectTo === undefined)) return;
  const well = wellOf(probe, check, 'any');
  const healthy = checkedStatus(check.codes);
  if (well.path !== requestPath(check.path) || overlap(well.acceptedStatus, healthy)) return;
  yield {
    field: acceptedStatus === undefined ? 'probe.redirectTo' : 'probe.acceptedStatus',
    message: `accepts ${statusText(well.acceptedStatus)} at ${well.path}, where the health check wants ${statusText(healthy)}: add the class to serverGroup.healthCheck.codes, give one of them another path, or name probe.host if the answer depends on it`,
  };
}
