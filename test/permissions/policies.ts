import { readFileSync } from 'node:fs';
import type { PolicyDocument } from '../../local/credentials.ts';

/** The kinds of functions, each with a role of its own. */
export const roles = ['provisioner', 'api', 'prober', 'alert'] as const;
export type Role = (typeof roles)[number];

export const policyOf = (role: Role): PolicyDocument =>
  JSON.parse(readFileSync(new URL(`../../policies/${role}.json`, import.meta.url), 'utf8')) as PolicyDocument;

const actionsIn = ({ Action: action }: PolicyDocument['Statement'][number]): string[] => [action ?? []].flat();

export const actionsOf = (role: Role): string[] => policyOf(role).Statement.flatMap(actionsIn);

/** The policy without one of its actions. */
export function policyWithout(role: Role, missing: string): PolicyDocument {
  const { Version, Statement } = policyOf(role);
  return {
    Version,
    Statement: Statement.map((statement) => ({
      ...statement,
      Action: actionsIn(statement).filter((action) => action !== missing),
    })).filter(({ Action }) => Action.length > 0),
  };
}

/** Code of a refusal by the service of the action. */
export function refusalOf(action: string): string {
  const codes: Record<string, string> = { ots: 'OTSNoPermissionAccess', mns: 'AccessDenied', ram: 'NoPermission' };
  return codes[action.split(':')[0] ?? ''] ?? 'Forbidden.RAM';
}

/** Actions that a text names as refused: as RAM says it, or where the service says less, by the call that our message names. */
export const refusedIn = (text: string): string[] => [
  ...new Set([
    ...[...text.matchAll(/\(([\w-]+:[A-Z]\w+)\)/g)].map(([, action = '']) => action),
    ...[...text.matchAll(/Tablestore (\w+) \w+: OTSNoPermissionAccess/g)].map(([, call = '']) => `ots:${call}`),
    ...[...text.matchAll(/MNS (\w+) [\w-]+: AccessDenied/g)].map(([, call = '']) => `mns:${call}`),
  ]),
];
