import { isIP } from 'node:net';
import { integer, list, oneOf, required, struct, text, type Values } from '../action.ts';
import { paramErrors, refuse } from './errors.ts';
import type { Listener, LoadBalancer, RuleAction, RuleCondition } from './state.ts';

const values = (max: number) => struct({ Values: required(list(text({ min: 1, max: 128 }), max, 1)) });
const pairs = struct({
  Values: required(list(struct({ Key: text({ max: 100 }), Value: required(text({ min: 1, max: 128 })) }), 50, 1)),
});

const conditionShape = {
  Type: required(
    oneOf(
      'Host',
      'Path',
      'Header',
      'QueryString',
      'Method',
      'Cookie',
      'SourceIp',
      'ResponseHeader',
      'ResponseStatusCode',
    ),
  ),
  HostConfig: values(50),
  PathConfig: values(50),
  MethodConfig: struct({
    Values: required(list(oneOf('HEAD', 'GET', 'POST', 'OPTIONS', 'PUT', 'PATCH', 'DELETE'), 10, 1)),
  }),
  SourceIpConfig: values(50),
  HeaderConfig: struct({
    Key: required(text({ pattern: /^(?!cookie$|host$)[A-Za-z0-9_-]{1,40}$/i })),
    Values: required(list(text({ min: 1, max: 128 }), 50, 1)),
  }),
  QueryStringConfig: pairs,
  CookieConfig: pairs,
};

/** Bounds and defaults of the actions: SDK-ALB. */
const actionShape = {
  Type: required(
    oneOf(
      'ForwardGroup',
      'Redirect',
      'FixedResponse',
      'Rewrite',
      'InsertHeader',
      'RemoveHeader',
      'TrafficLimit',
      'TrafficMirror',
      'Cors',
    ),
  ),
  Order: required(integer(1, 50_000)),
  ForwardGroupConfig: struct({
    ServerGroupTuples: required(list(struct({ ServerGroupId: required(text()), Weight: integer(0, 100) }), 5, 1)),
    // Stickiness among the server groups of one rule is not emulated.
    ServerGroupStickySession: struct({ Enabled: oneOf('false'), Timeout: integer(1, 86_400) }),
  }),
  RedirectConfig: struct({
    Protocol: oneOf('HTTP', 'HTTPS', '${protocol}'),
    Host: text({ pattern: /^(\$\{host\}|[a-z0-9*?][a-z0-9.*?=~_+\\^!$&|()[\]-]{2,127})$/ }),
    Port: text({ pattern: /^(\$\{port\}|[1-9]\d{0,4})$/ }),
    Path: text({ pattern: /^(\/|\$\{)[A-Za-z0-9$\-_.+/&~@:"*?{}]{0,127}$/ }),
    Query: text({ max: 128 }),
    HttpCode: oneOf('301', '302', '303', '307', '308'),
  }),
  FixedResponseConfig: struct({
    Content: required(text({ max: 1024, pattern: /^[\s!-~]*$/ })),
    ContentType: oneOf('text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'),
    HttpCode: required(text({ pattern: /^(HTTP_)?[245]\d\d$/ })),
  }),
};

export const ruleConditions = list(struct(conditionShape), 100, 1);
export const ruleActions = list(struct(actionShape), 100, 1);

type ConditionParam = Values<typeof conditionShape>;
type ActionParam = Values<typeof actionShape>;

const need = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw paramErrors.missing(name);
  return value;
};

function isAddressOrCidr(value: string): boolean {
  const [address = '', prefix] = value.split('/');
  const family = isIP(address);
  if (family === 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

function readCondition(given: ConditionParam, name: string): RuleCondition {
  const config = `${given.Type}Config`;
  const foreign = Object.entries(given).find(([key, value]) => key !== 'Type' && key !== config && value !== undefined);
  if (foreign !== undefined) throw paramErrors.invalid(`${name}.${foreign[0]}`, `does not go with Type ${given.Type}`);
  switch (given.Type) {
    case 'ResponseHeader':
    case 'ResponseStatusCode':
      throw refuse('UnsupportedFeature.NotEmulated', `condition ${given.Type}`);
    case 'Header': {
      const { Key: key, Values: read } = need(given.HeaderConfig, `${name}.${config}`);
      return { type: 'Header', key, values: read };
    }
    case 'QueryString':
    case 'Cookie': {
      const read = need(given[`${given.Type}Config`], `${name}.${config}`).Values;
      return { type: given.Type, pairs: read.map(({ Key, Value }) => ({ key: Key ?? '', value: Value })) };
    }
    default: {
      const read = need(given[`${given.Type}Config`], `${name}.${config}`).Values;
      if (given.Type === 'Path' && read.some((path) => path.startsWith('~')))
        throw refuse('UnsupportedFeature.NotEmulated', 'paths as regular expressions');
      if (given.Type === 'Path' && read.some((path) => !/^\/[A-Za-z0-9$\-_.+/&~@:'*?%,=]*$/.test(path)))
        throw paramErrors.invalid(`${name}.PathConfig.Values`, 'must start with / and hold no special characters');
      if (given.Type === 'SourceIp' && !read.every(isAddressOrCidr))
        throw paramErrors.invalid(`${name}.SourceIpConfig.Values`, 'must hold IP addresses or CIDR blocks');
      return { type: given.Type, values: read };
    }
  }
}

/** @throws QuotaExceeded.RuleMatchEvaluationsNum: 5 values to match on Basic, 10 on the other editions. */
export function readConditions(given: ConditionParam[], edition: LoadBalancer['edition']): RuleCondition[] {
  const conditions = given.map((condition, index) => readCondition(condition, `RuleConditions.${index + 1}`));
  const count = conditions
    .map((condition) => ('pairs' in condition ? condition.pairs.length : condition.values.length))
    .reduce((sum, length) => sum + length, 0);
  const most = edition === 'Basic' ? 5 : 10;
  if (count > most) throw refuse('QuotaExceeded.RuleMatchEvaluationsNum', `usage ${count}/${most}`);
  return conditions;
}

function readRedirect(
  given: NonNullable<ActionParam['RedirectConfig']>,
  order: number,
  name: string,
  listener: Pick<Listener, 'port' | 'protocol'>,
): RuleAction {
  const redirect = {
    type: 'Redirect' as const,
    order,
    protocol: given.Protocol ?? ('${protocol}' as const),
    host: given.Host ?? '${host}',
    port: given.Port ?? '${port}',
    path: given.Path ?? '${path}',
    query: given.Query ?? '${query}',
    httpCode: Number(given.HttpCode ?? '301'),
  };
  if (redirect.port !== '${port}' && Number(redirect.port) > 65_535)
    throw paramErrors.invalid(`${name}.Port`, 'must be between 1 and 65535');
  const protocol = redirect.protocol === '${protocol}' ? listener.protocol : redirect.protocol;
  if (listener.protocol === 'HTTPS' && protocol === 'HTTP')
    throw refuse('Mismatch.Protocol', 'HTTPS listeners redirect to HTTPS only');
  const port = redirect.port === '${port}' ? listener.port : Number(redirect.port);
  const isSamePlace =
    protocol === listener.protocol &&
    port === listener.port &&
    redirect.host === '${host}' &&
    redirect.path === '${path}' &&
    redirect.query === '${query}';
  // "Do not set all fields to default values, except for HttpCode" [SDK-ALB]: the redirect would point at itself (P-077).
  if (isSamePlace) throw paramErrors.invalid(name, 'must not lead back to the request itself');
  return redirect;
}

function readAction(given: ActionParam, name: string, listener: Pick<Listener, 'port' | 'protocol'>): RuleAction {
  const config = `${given.Type}Config`;
  const foreign = Object.entries(given).find(
    ([key, value]) => key.endsWith('Config') && key !== config && value !== undefined,
  );
  if (foreign !== undefined) throw paramErrors.invalid(`${name}.${foreign[0]}`, `does not go with Type ${given.Type}`);
  switch (given.Type) {
    case 'ForwardGroup': {
      const { ServerGroupTuples: tuples } = need(given.ForwardGroupConfig, `${name}.${config}`);
      if (new Set(tuples.map((tuple) => tuple.ServerGroupId)).size < tuples.length)
        throw paramErrors.invalid(`${name}.${config}.ServerGroupTuples`, 'names a server group twice');
      return {
        type: 'ForwardGroup',
        order: given.Order,
        serverGroups: tuples.map((tuple, index) => ({
          serverGroupId: tuple.ServerGroupId,
          weight:
            tuples.length === 1
              ? (tuple.Weight ?? 100)
              : need(tuple.Weight, `${name}.${config}.ServerGroupTuples.${index + 1}.Weight`),
        })),
      };
    }
    case 'Redirect':
      return readRedirect(need(given.RedirectConfig, `${name}.${config}`), given.Order, `${name}.${config}`, listener);
    case 'FixedResponse': {
      const fixed = need(given.FixedResponseConfig, `${name}.${config}`);
      return {
        type: 'FixedResponse',
        order: given.Order,
        httpCode: Number(fixed.HttpCode.replace('HTTP_', '')),
        contentType: fixed.ContentType ?? 'text/plain',
        content: fixed.Content,
      };
    }
    default:
      throw refuse('UnsupportedFeature.NotEmulated', `action ${given.Type}`);
  }
}

/**
 * The actions in order. The three kinds that are emulated are all final, and a rule has exactly one final action [SDK-ALB].
 *
 * @throws QuotaExceeded.RuleActionsNum: 3 on Basic, 5 on the other editions.
 */
export function readActions(
  given: ActionParam[],
  listener: Pick<Listener, 'port' | 'protocol'>,
  edition: LoadBalancer['edition'],
): RuleAction[] {
  const most = edition === 'Basic' ? 3 : 5;
  if (given.length > most) throw refuse('QuotaExceeded.RuleActionsNum', `usage ${given.length}/${most}`);
  const actions = given.map((action, index) => readAction(action, `RuleActions.${index + 1}`, listener));
  if (actions.length !== 1)
    throw paramErrors.invalid('RuleActions', 'must hold exactly one of ForwardGroup, Redirect, FixedResponse');
  return actions;
}
