import { type AlertSettings, completeSettings } from '../alert/settings.ts';
import { blockedOf } from '../deployment/blocked.ts';
import { type DeploymentRecord, isOver, isServing } from '../deployment/record.ts';
import { hostNameOf } from '../domain-name.ts';
import { type ProbeTarget, targetOf } from '../probe/target.ts';
import type { Runtime } from '../runtime.ts';
import { wellFormed } from '../text.ts';
import { targetOfWatch } from './target.ts';
import { type Watch, watchNameOf } from './watch.ts';

/** A load balancer as far as probes, alerts and the sweep know it. */
export interface Watched {
  id: string;
  name: string;
  /** Where it serves, such as `http://www.example.com/`; nothing of it comes from what was observed. */
  url?: string;
  alerts: AlertSettings;
  /** Since when it is probed, and must be; absent: not yet, or no more. */
  sinceMs?: number;
  /** Why it is watched no more: what was told of it is taken back. */
  endedBy?: string;
  /** What keeps it from being released, in words. */
  blocked?: string;
  /** Nothing is left to be done for it. */
  isOver: boolean;
  /** Absent where there is nothing yet that could be probed. */
  target?: ProbeTarget;
  /** Of one that we made. */
  record?: DeploymentRecord;
  /** Of one that we did not make. */
  watch?: Watch;
}

/** @returns undefined where the id stands for nothing. */
export async function findWatched({ deployments, watches }: Runtime, id: string): Promise<Watched | undefined> {
  const record = await deployments.find(id);
  if (record !== undefined) return watchedDeployment(record);
  const watch = await watches.find(id);
  return watch === undefined ? undefined : watchedOnly(watch);
}

/** What is probed under the id; undefined where nothing is. */
export async function findTarget(runtime: Runtime, id: string): Promise<ProbeTarget | undefined> {
  const watched = await findWatched(runtime, id);
  return watched?.sinceMs === undefined ? undefined : watched.target;
}

export function watchedDeployment(record: DeploymentRecord): Watched {
  const { deploymentId, spec, readyAtMs, desired } = record;
  const target = targetOf(record);
  const blocked = blockedOf(record);
  return {
    id: deploymentId,
    name: spec.name,
    ...(spec.dns === undefined ? {} : { url: urlOf({ ...spec.listener, host: hostNameOf(spec.dns), path: '/' }) }),
    alerts: completeSettings(spec.alerts),
    ...(readyAtMs !== undefined && isServing(record) ? { sinceMs: readyAtMs } : {}),
    ...(desired === 'released' ? { endedBy: 'it is being released' } : {}),
    ...(blocked === undefined ? {} : { blocked: `${blocked.stage}: ${blocked.message}` }),
    isOver: isOver(record),
    ...(target === undefined ? {} : { target }),
    record,
  };
}

export function watchedOnly(watch: Watch): Watched {
  const { watchId, spec, status, createdAtMs, front } = watch;
  const { domain, path } = spec.watchOnly;
  return {
    id: watchId,
    name: watchNameOf(watch),
    url: urlOf({ ...front, host: domain, path: path ?? '/' }),
    alerts: completeSettings(spec.alerts),
    ...(status === 'watching' ? { sinceMs: createdAtMs } : { endedBy: 'it is watched no more' }),
    isOver: status === 'ended',
    target: targetOfWatch(watch),
    watch,
  };
}

function urlOf({ protocol, host, port, path }: { protocol: string; host: string; port: number; path: string }): string {
  const isUsual = port === (protocol === 'HTTPS' ? 443 : 80);
  return `${protocol.toLowerCase()}://${host}${isUsual ? '' : `:${port}`}${encodedPath(path)}`;
}

/** Whatever a path may hold besides what RFC 3986 lets stand there: people see the address, and clients make a link of it. */
const encodedPath = (path: string): string =>
  wellFormed(path).replace(/%(?![\da-f]{2})|[^\w.~:/?&=+,;%-]/giu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
