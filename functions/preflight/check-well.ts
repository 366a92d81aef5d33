import { posix } from 'node:path';
import { isAdopted } from '../../shared/deployment/adopted.ts';
import { checkedStatus, hasStatus, statusText, wellOf } from '../../shared/probe/well.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';

/**
 * Returns a problem where the servers that we make cannot be well: they have one page, answer 200 there and 404 elsewhere. Only
 * before the first time that the deployment is ready: from then on people may have added pages.
 */
export function checkWell({ record, spec }: Pick<StageContext<'preflight'>, 'record' | 'spec'>): Promise<Finding[]> {
  if (record.readyAtMs !== undefined || spec.backends.every(isAdopted)) return Promise.resolve([]);
  const { healthCheck } = spec.serverGroup;
  const findings: Finding[] = [];
  const look = (field: string, path: string, accepted: ReturnType<typeof checkedStatus>, remedy: string): void => {
    const status = statusAt(path);
    if (hasStatus(accepted, status)) return;
    findings.push({
      field,
      code: 'preflight.not-well',
      message: `the servers that are made answer ${status} at ${path}; wanted ${statusText(accepted)}`,
      remedy,
    });
  };
  if (healthCheck.enabled)
    look(
      'serverGroup.healthCheck.path',
      healthCheck.path,
      checkedStatus(healthCheck.codes),
      'Let the health check ask for /, accept http_4xx in serverGroup.healthCheck.codes, or adopt servers that have the path.',
    );
  const well = wellOf(spec.probe, healthCheck.enabled ? healthCheck : undefined, '');
  const isSameQuestion = healthCheck.enabled && findings.length > 0 && well.path === healthCheck.path;
  if (!isSameQuestion)
    look(
      'probe.path',
      well.path,
      well.acceptedStatus,
      'Let the probe ask for /, name the status in probe.acceptedStatus, or adopt servers that have the path.',
    );
  return Promise.resolve(findings);
}

/** As nginx serves the folder that holds the page as index.html: slashes merged, dots resolved, without the query. */
function statusAt(path: string): 200 | 404 {
  const [name = ''] = path.split(/[?#]/, 1);
  let decoded: string;
  try {
    decoded = decodeURIComponent(name);
  } catch {
    return 404;
  }
  return ['/', '/index.html'].includes(posix.normalize(decoded)) ? 200 : 404;
}
