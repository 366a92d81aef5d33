import { list, struct, text } from '../action.ts';
import { refuse } from './errors.ts';
import type { Permission, RuleValues } from './rules.ts';
import { identityOf, readRule } from './rules.ts';
import type { EcsState, SecurityGroup } from './state.ts';
import { valueAt } from '../dictionary.ts';

/** One rule's parameters; `Permissions.N.` goes before them, or nothing in the old flat form. Values are checked by `readRule`. */
export const permissionShape = {
  IpProtocol: text(),
  PortRange: text(),
  SourceCidrIp: text(),
  Ipv6SourceCidrIp: text(),
  SourceGroupId: text(),
  SourcePrefixListId: text(),
  Policy: text(),
  Priority: text(),
  Description: text(),
  NicType: text(),
};

export const permissions = () => list(struct(permissionShape), 100, 1);

/**
 * The rules of a request in either form.
 *
 * @throws InvalidParam.Permissions when both forms are mixed, InvalidParam.DuplicatePermissions, and what `readRule` throws.
 */
export function readPermissions(
  state: EcsState,
  group: SecurityGroup,
  params: Permission & { Permissions: Permission[] | undefined },
): RuleValues[] {
  const { Permissions: numbered, ...rest } = params;
  const flat: Permission = Object.fromEntries(Object.keys(permissionShape).map((key) => [key, valueAt(rest, key)]));
  const isFlat = Object.values(flat).some((value) => value !== undefined);
  if (numbered !== undefined && isFlat) throw refuse('InvalidParam.Permissions');
  if (numbered === undefined && !isFlat) throw refuse('MissingParameter', 'Permissions');
  const rules = (numbered ?? [flat]).map((permission) => readRule(permission));
  for (const rule of rules) {
    if (rule.sourceGroupId === '') continue;
    if (group.type === 'enterprise') throw refuse('InvalidGroupParameter.OperationDenied');
    if (state.securityGroups.find(rule.sourceGroupId) === undefined)
      throw refuse('InvalidSourceGroupId.NotFound', rule.sourceGroupId);
  }
  if (new Set(rules.map(identityOf)).size < rules.length) throw refuse('InvalidParam.DuplicatePermissions');
  return rules;
}
