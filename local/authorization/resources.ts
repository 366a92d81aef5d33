import { valueAt } from '../dictionary.ts';
import { type ConditionKeys, tagKeys } from './conditions.ts';
import type { Access } from './policy.ts';

type Params = Record<string, string>;

/**
 * What an action asks permission on. `*`: the vendor's table says "All Resources", so that only a policy with
 * `Resource: "*"` grants it. Otherwise one template for each resource, as `vswitch/*` or `vpc/{VpcId}`, all of which must be
 * granted. A parameter may hold several ids (`InstanceId.1`, `["i-1"]`, `a,b`): each is a resource; without any it is
 * `vpc/*`. A template ends with `?` where the call needs the resource only if it names one.
 */
export type ResourceRule = '*' | readonly string[];

/** Each action of a service, as its API spells it, with what it asks permission on. */
export interface ResourceTable<State = unknown, Action extends string = string> {
  /** Where the rows come from. */
  readonly source: string;
  /** Service in ARNs, and the product of RAM actions unless `product` says another. */
  readonly service: string;
  readonly product?: string;
  /** Whether the ARNs have no region. */
  readonly isGlobal?: boolean;
  readonly actions: Readonly<Record<Action, ResourceRule>>;
  /** Variables that are no parameter: what a call names only through another resource. */
  readonly variables?: Readonly<Record<string, (state: State, params: Params) => string[]>>;
  /** Actions that hand a role to the service, with the parameter that names it: they need `ram:PassRole` on the role too. */
  readonly passesRole?: { readonly to: string; readonly by: Readonly<Record<string, string>> };
  /** Tags for `acs:ResourceTag/...`; absent where the service documents no such key. */
  readonly tagsOf?: (state: State, type: string, id: string) => Record<string, string> | undefined;
}

/** Keeps the names of the actions in the type, so that a service with an action more is an error of the compiler. */
export const resourceTable =
  <State>() =>
  <Action extends string>(table: ResourceTable<State, Action>): ResourceTable<State, Action> =>
    table;

export interface Place {
  regionId: string;
  accountId: string;
}

const arnOf = ({ regionId, accountId }: Place, service: string, relativeId: string, isGlobal = false): string =>
  `acs:${service}:${isGlobal ? '' : regionId}:${accountId}:${relativeId}`;

/** Returns the ARN as the vendor prints it: `*` in the place of a region that does not exist. */
export const printedArn = (arn: string): string => arn.replace(/^acs:([^:]*)::/, 'acs:$1:*:');

function jsonTexts(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const values: unknown = JSON.parse(text);
    return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : undefined;
  } catch {
    return undefined;
  }
}

/** Lists all values of a parameter: `Name`, also as a JSON array or with commas, and `Name.1`. */
export function valuesOf(params: Params, name: string): string[] {
  const plain = valueAt(params, name);
  if (plain !== undefined && plain !== '') return jsonTexts(plain) ?? plain.split(',').map((each) => each.trim());
  return Object.entries(params)
    .filter(([key, value]) => value !== '' && key.startsWith(`${name}.`) && /^\d+$/.test(key.slice(name.length + 1)))
    .map(([, value]) => value);
}

/**
 * What the call must be allowed, in the order of the table.
 *
 * @throws Error when the table lacks the action.
 */
export function accessesOf<State>(
  table: ResourceTable<State>,
  action: string,
  call: { state: State; params: Params; place: Place; keys: ConditionKeys },
): Access[] {
  const rule = valueAt(table.actions, action);
  if (rule === undefined) throw new Error(`no resource is stated for ${table.service} ${action}`);
  const name = `${table.product ?? table.service}:${action}`;
  const arns = rule === '*' ? ['*'] : rule.flatMap((template) => arnsOf(table, template, call));
  // A call that names nothing of what it may name is no call for nothing.
  const accesses = (arns.length === 0 ? ['*'] : arns).map((arn) => ({
    action: name,
    arn,
    keys: { ...call.keys, ...tagsAt(table, call, arn) },
  }));
  return [...accesses, ...passRole(table, action, call)];
}

/**
 * The role that a call hands over, by its ARN or its name.
 *
 * @see https://www.alibabacloud.com/help/en/ram/user-guide/grant-permissions-to-pass-a-ram-role (condition key `acs:Service`)
 */
function passRole<State>(
  { passesRole }: ResourceTable<State>,
  action: string,
  { params, place, keys }: { params: Params; place: Place; keys: ConditionKeys },
): Access[] {
  const role = passesRole === undefined ? undefined : valueAt(params, valueAt(passesRole.by, action) ?? '');
  if (passesRole === undefined || role === undefined || role === '') return [];
  const arn = role.includes(':') ? role : arnOf(place, 'ram', `role/${role}`, true);
  return [{ action: 'ram:PassRole', arn, keys: { ...keys, 'acs:Service': passesRole.to } }];
}

function arnsOf<State>(
  table: ResourceTable<State>,
  template: string,
  { state, params, place }: { state: State; params: Params; place: Place },
): string[] {
  const isOptional = template.endsWith('?');
  // A resource of another service or account stands with that in front: `vpc:vpc/{VpcId}`, `ram:system:policy/{x}`.
  const [, service = table.service, accountId = place.accountId, relative = ''] =
    /^(?:(\w+):(?:(\w+):)?)?(.*?)\??$/.exec(template) ?? [];
  const valuesFor = (variable: string): string[] => {
    const values = valueAt(table.variables ?? {}, variable)?.(state, params) ?? valuesOf(params, variable);
    return values.length === 0 && !isOptional ? ['*'] : [...new Set(values)];
  };
  // Split at variables, so that every second part is the name of one.
  const relativeIds = relative
    .split(/\{(\w+)\}/)
    .reduce<string[]>(
      (heads, part, index) =>
        index % 2 === 0
          ? heads.map((head) => head + part)
          : heads.flatMap((head) => valuesFor(part).map((value) => head + value)),
      [''],
    );
  return relativeIds.map((relativeId) => arnOf({ ...place, accountId }, service, relativeId, table.isGlobal));
}

/** The tags of the resource behind an ARN `...:type/id`; none for `type/*`. */
function tagsAt<State>(table: ResourceTable<State>, { state }: { state: State }, arn: string): Record<string, string> {
  const relativeId = arn.split(':').slice(4).join(':');
  const slash = relativeId.indexOf('/');
  const tags = table.tagsOf?.(state, relativeId.slice(0, slash), relativeId.slice(slash + 1));
  return tags === undefined ? {} : tagKeys('acs:ResourceTag', tags);
}

/** `{Tag.1.Key: 'a', Tag.1.Value: 'b'}` as `acs:RequestTag/a` = `b`. */
export function requestTagKeys(params: Params): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const [name, key] of Object.entries(params)) {
    const number = /^Tag\.(\d+)\.Key$/.exec(name)?.[1];
    if (number !== undefined)
      Object.assign(tags, tagKeys('acs:RequestTag', { [key]: valueAt(params, `Tag.${number}.Value`) ?? '' }));
  }
  return tags;
}
