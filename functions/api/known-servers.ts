import type { Spec } from '../../shared/deployment/spec.ts';
import { without } from '../../shared/dictionary.ts';
import { isRecord } from '../../shared/is-record.ts';
import { mergePatch } from './merge-patch.ts';

/**
 * A patch whose list of servers is written out: an entry with the name of a server that is known changes that server, so it need
 * not repeat what stays. A server without an entry is none any more, as RFC 7396 has it for lists.
 */
export const withKnownServers = ({ backends: known }: Pick<Spec, 'backends'>, patch: Record<string, unknown>): object =>
  Array.isArray(patch['backends'])
    ? {
        ...patch,
        backends: patch['backends'].map((entry: unknown) => {
          const server = isRecord(entry) ? known.find(({ name }) => name === entry['name']) : undefined;
          return server === undefined ? entry : mergePatch(ofItsForm(server, entry), entry);
        }),
      }
    : patch;

/** Without what the other form of a server has, where the entry turns it into that: that it cannot, the table of changes says. */
const ofItsForm = (server: object, entry: unknown): object => {
  if (!isRecord(entry)) return server;
  const known = { ...server } as Record<string, unknown>;
  if (Object.hasOwn(entry, 'instanceId')) return without(without(known, 'page'), 'zoneId');
  return Object.hasOwn(entry, 'page') || Object.hasOwn(entry, 'zoneId') ? without(known, 'instanceId') : known;
};
