import type { IncomingMessage } from 'node:http';
import { isInCidr } from '../addresses.ts';
import type { Rule, RuleAction, RuleCondition } from '../alb/state.ts';
import { valueAt } from '../dictionary.ts';

/** What rules look at. */
export interface Asked {
  method: string;
  protocol: 'HTTP' | 'HTTPS';
  /** Without port. */
  host: string;
  /** Port of the listener. */
  port: number;
  path: string;
  /** Without `?`. */
  query: string;
  headers: IncomingMessage['headers'];
  client: string;
  clientPort: number;
}

export function asked(request: IncomingMessage, protocol: 'HTTP' | 'HTTPS', port: number): Asked {
  const target = request.url ?? '/';
  const question = target.indexOf('?');
  return {
    method: request.method ?? 'GET',
    protocol,
    host: (request.headers.host ?? '').replace(/:\d+$/, ''),
    port,
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? '' : target.slice(question + 1),
    headers: request.headers,
    client: request.socket.remoteAddress ?? '',
    clientPort: request.socket.remotePort ?? 0,
  };
}

/** `*` stands for any characters, `?` for one. */
function wildcard(pattern: string, text: string, ignoreCase: boolean): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, ignoreCase ? 'is' : 's').test(text);
}

export const cookiesOf = (headers: IncomingMessage['headers']): Map<string, string> =>
  new Map(
    (headers.cookie ?? '').split(';').flatMap((part): [string, string][] => {
      const equals = part.indexOf('=');
      return equals < 0 ? [] : [[part.slice(0, equals).trim(), part.slice(equals + 1).trim()]];
    }),
  );

function matches(condition: RuleCondition, request: Asked): boolean {
  switch (condition.type) {
    case 'Host':
      return condition.values.some((value) => wildcard(value, request.host, true));
    case 'Path':
      return condition.values.some((value) => wildcard(value, request.path, false));
    case 'Method':
      return condition.values.includes(request.method);
    case 'SourceIp':
      return condition.values.some((value) =>
        isInCidr(request.client, value.includes('/') ? value : `${value}/${value.includes(':') ? 128 : 32}`),
      );
    case 'Header': {
      const value = valueAt(request.headers, condition.key.toLowerCase());
      const text = Array.isArray(value) ? value.join(', ') : value;
      return text !== undefined && condition.values.some((pattern) => wildcard(pattern, text, true));
    }
    case 'QueryString': {
      const query = new URLSearchParams(request.query);
      return condition.pairs.some(({ key, value }) => query.getAll(key).some((given) => wildcard(value, given, true)));
    }
    case 'Cookie': {
      const cookies = cookiesOf(request.headers);
      return condition.pairs.some(({ key, value }) => {
        const given = cookies.get(key);
        return given !== undefined && wildcard(value, given, true);
      });
    }
  }
}

/** The first rule, by priority, all of whose conditions hold. */
export const ruleFor = (rules: Rule[], request: Asked): Rule | undefined =>
  rules.find((rule) => rule.conditions.every((condition) => matches(condition, request)));

/** Where a redirect action sends the client, with the request's own parts filled in. */
export function redirectLocation(action: Extract<RuleAction, { type: 'Redirect' }>, request: Asked): string {
  const parts: Record<string, string> = {
    protocol: request.protocol,
    host: request.host,
    port: String(request.port),
    path: request.path,
    query: request.query,
  };
  const fill = (text: string): string =>
    text.replace(/\$\{(protocol|host|port|path|query)\}/g, (_, name: string) => valueAt(parts, name) ?? '');
  const protocol = fill(action.protocol).toLowerCase();
  const port = fill(action.port);
  const usual = protocol === 'https' ? '443' : '80';
  const query = fill(action.query);
  const path = fill(action.path);
  return `${protocol}://${fill(action.host)}${port === usual || port === '' ? '' : `:${port}`}${path.startsWith('/') ? path : `/${path}`}${query === '' ? '' : `?${query}`}`;
}
