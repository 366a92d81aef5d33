/**
 * Which fields a request wrote. An apply enforces those; a field that stands on its default and was changed by hand in the
 * cloud is kept. Pure, and free of the schema: stages load it.
 */
import { isRecord } from '../is-record.ts';
import type { DeploymentRecord } from './record.ts';

/** A field that was changed by hand, and that an apply leaves so since the request does not write it. */
export interface Kept {
  field: string;
  /** What the request has in its place by default. */
  default: unknown;
  found: unknown;
}

type Ruled = Pick<DeploymentRecord, 'spec' | 'explicit' | 'unsettled' | 'readyAtMs'>;

/** Whether the request wrote the field. A record of a version that did not keep this counts as if it had written all that it has. */
export const isExplicit = ({ spec, explicit = writtenIn(spec) }: Ruled, path: string): boolean =>
  explicit.includes(path);

/** Whether an apply makes the field what the request says: also until it was ready once, and while a change is under way. */
export const isEnforced = (record: Ruled, path: string): boolean =>
  record.readyAtMs === undefined || isExplicit(record, path) || record.unsettled?.includes(path) === true;

/**
 * Decides between the value that was found and the one that the request has; calls `keep` where the former stays. A value
 * that is part of something kept, of which the request says nothing, stays with it.
 */
export const chooser =
  (record: Ruled, keep: (kept: Kept) => void) =>
  <T>(field: string, found: T, wanted: T): T => {
    if (wanted === undefined) return found;
    if (JSON.stringify(found) === JSON.stringify(wanted) || isEnforced(record, field)) return wanted;
    keep({ field, default: wanted, found });
    return found;
  };

/** Paths of what a request writes: leaves, a list as a whole, and the fields of each server by the server's name. */
export const writtenIn = (body: unknown, path = ''): string[] => {
  if (Array.isArray(body)) return [path, ...(path === 'backends' ? body.flatMap(writtenOfBackend) : [])];
  if (!isRecord(body)) return path === '' || body === undefined ? [] : [path];
  return Object.entries(body).flatMap(([key, value]) => writtenIn(value, path === '' ? key : `${path}.${key}`));
};

const nameOf = (backend: unknown): string | undefined =>
  isRecord(backend) && typeof backend['name'] === 'string' ? backend['name'] : undefined;

const writtenOfBackend = (backend: unknown): string[] => {
  const name = nameOf(backend);
  return name === undefined || !isRecord(backend) ? [] : Object.keys(backend).map((key) => `backends.${name}.${key}`);
};

/** Written fields after a PATCH: what it writes is added, what it sets to null goes back to its default. */
export function writtenAfterPatch(before: readonly string[], patch: unknown): string[] {
  const removed = nulledIn(patch);
  const servers = isRecord(patch) && Array.isArray(patch['backends']) ? patch['backends'].map(nameOf) : undefined;
  const kept = before.filter(
    (path) =>
      !removed.some((above) => path === above || path.startsWith(`${above}.`)) &&
      (servers === undefined || !path.startsWith('backends.') || servers.includes(serverOf(path))),
  );
  const added = writtenIn(patch).filter((path) => !removed.includes(path));
  return [...new Set([...kept, ...added])].sort();
}

/** Name of the server that a path is about. It may have dots. */
const serverOf = (path: string): string => path.slice('backends.'.length, path.lastIndexOf('.'));

/** Paths that a PATCH sets to null. */
export const nulledIn = (patch: unknown, path = ''): string[] => {
  if (patch === null) return [path];
  if (!isRecord(patch)) return [];
  return Object.entries(patch).flatMap(([key, value]) => nulledIn(value, path === '' ? key : `${path}.${key}`));
};
