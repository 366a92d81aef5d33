import { isAhead } from '../../shared/ahead.ts';
import { type Condition, type DeploymentRecord, isServing, knownZones } from '../../shared/deployment/record.ts';
import type { Declared } from '../../shared/probe/observation.ts';
import type { Runtime } from '../../shared/runtime.ts';
import type { Watched } from '../../shared/watch/watched.ts';
import { sameZones, zoneProblem, zonesInService, type ZoneState } from '../../shared/zones-in-service.ts';

/**
 * Keeps what the load balancer declares of its zones where the API shows it, and in the history: a zone may leave or come
 * back at any time after the deployment was ready. Writes only what has changed.
 */
export async function recordZones(runtime: Runtime, watched: Watched, declared: Declared | undefined): Promise<void> {
  const zones = declared?.zones;
  if (declared === undefined || zones === undefined) return;
  const { record, watch } = watched;
  const before = record === undefined ? watch?.front.zones : knownZones(record);
  if (sameZones(before, zones)) return;
  const { atMs } = declared;
  let isWritten = false;
  const changed = <T>(next: T | undefined): T | undefined => {
    isWritten = next !== undefined;
    return next;
  };
  if (record !== undefined)
    await runtime.deployments.update(watched.id, (known) => changed(withZones(known, zones, atMs)), record);
  else
    await runtime.watches.update(watched.id, (known) =>
      changed(
        known.status === 'watching' && (known.front.atMs <= atMs || isAhead(known.front.atMs, atMs))
          ? { ...known, front: { ...known.front, zones } }
          : undefined,
      ),
    );
  const text = changes(before, zones);
  if (!isWritten || text === '') return;
  await runtime.events.append({
    deploymentId: watched.id,
    identity: `zones-${new Date(atMs).toISOString()}`,
    atMs,
    kind: 'zones',
    text,
    details: {},
  });
}

/** @returns undefined where the deployment does not serve any more, or somebody newer has looked. */
function withZones(record: DeploymentRecord, zones: ZoneState[], atMs: number): DeploymentRecord | undefined {
  const known = record.conditions.find(({ type }) => type === 'ZonesInService');
  if (!isServing(record) || (known !== undefined && known.atMs > atMs && !isAhead(known.atMs, atMs))) return undefined;
  const condition: Condition = { ...zonesInService(zones), atMs };
  return {
    ...record,
    updatedAtMs: atMs,
    conditions:
      known === undefined
        ? [...record.conditions, condition]
        : record.conditions.map((one) => (one === known ? condition : one)),
  };
}

/** What has become of each zone; empty where nobody had looked before and all is well. */
function changes(before: ZoneState[] = [], now: ZoneState[]): string {
  const problemsBefore = new Map(before.map((zone) => [zone.zoneId, zoneProblem(zone)]));
  return now
    .flatMap((zone) => {
      const [was, is] = [problemsBefore.get(zone.zoneId), zoneProblem(zone)];
      if (was === is) return [];
      return [is ?? `zone ${zone.zoneId} is in service again`];
    })
    .join('; ');
}
