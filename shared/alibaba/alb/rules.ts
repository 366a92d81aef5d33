import { CreateRuleRequest } from '@alicloud/alb20200616/dist/models/CreateRuleRequest.js';
import { CreateRuleResponseBody } from '@alicloud/alb20200616/dist/models/CreateRuleResponseBody.js';
import { DeleteRuleRequest } from '@alicloud/alb20200616/dist/models/DeleteRuleRequest.js';
import { ListRulesRequest } from '@alicloud/alb20200616/dist/models/ListRulesRequest.js';
import { ListRulesResponseBody } from '@alicloud/alb20200616/dist/models/ListRulesResponseBody.js';
import { UpdateRuleAttributeRequest } from '@alicloud/alb20200616/dist/models/UpdateRuleAttributeRequest.js';
import { type Call, idOf } from '../call.ts';
import { expecting } from '../cloud-error.ts';
import { tokenPages } from '../pages.ts';
import { albProduct } from '../products.ts';
import type { Fields } from '../sdk-models.ts';
import { readTags, type Tags, wireTags } from '../tags.ts';

export interface Rule {
  ruleId: string;
  listenerId: string;
  loadBalancerId: string;
  name: string;
  /** Unique in the listener. */
  priority: number;
  /** `Provisioning`, `Available`, `Configuring`, `Deleting`. */
  status: string;
  /** Paths of its path conditions. */
  paths: string[];
  /** Sends every path to HTTPS port 443, and does nothing else. */
  isToHttps: boolean;
  /** Present where it redirects. */
  redirect: { protocol: string; host: string; port: string; path: string; query: string; httpCode: string } | undefined;
  tags: Tags;
}

export interface NewRedirectRule {
  listenerId: string;
  name: string;
  /** 1 to 10000. */
  priority: number;
  tags: Tags;
  clientToken: string;
}

export interface Rules {
  listRules(listenerId: string): Promise<Rule[]>;
  findRule(ruleId: string): Promise<Rule | undefined>;
  /**
   * Sends every path with 301 to the same address on HTTPS port 443.
   *
   * @throws CloudError `Conflict.Priority` where the priority is taken: list the rules and compare.
   */
  createRedirectRule(rule: NewRedirectRule): Promise<string>;
  /** Makes a rule what `createRedirectRule` makes. */
  updateRedirectRule(ruleId: string, priority: number, clientToken: string): Promise<void>;
  /** A rule that is not there counts as deleted. */
  deleteRule(ruleId: string, clientToken: string): Promise<void>;
}

const createRule = { name: 'CreateRule', request: CreateRuleRequest, answer: CreateRuleResponseBody };
const deleteRule = { name: 'DeleteRule', request: DeleteRuleRequest };
const updateRuleAttribute = { name: 'UpdateRuleAttribute', request: UpdateRuleAttributeRequest };
const listRules = { name: 'ListRules', request: ListRulesRequest, answer: ListRulesResponseBody };

/** All six are sent: with the defaults a redirect would point at itself (P-077). The braces are the service's variables. */
const toHttps = {
  protocol: 'HTTPS',
  port: '443',
  host: '${host}',
  path: '${path}',
  query: '${query}',
  httpCode: '301',
};

const everything = {
  ruleConditions: [{ type: 'Path', pathConfig: { values: ['/*'] } }],
  ruleActions: [{ type: 'Redirect', order: 1, redirectConfig: toHttps }],
};

const isToHttps = ({ ruleConditions = [], ruleActions = [] }: ListedRule): boolean => {
  const [condition, ...moreConditions] = ruleConditions;
  const [action, ...moreActions] = ruleActions;
  const target = action?.redirectConfig ?? {};
  return (
    moreConditions.length === 0 &&
    moreActions.length === 0 &&
    condition?.pathConfig?.values?.join() === '/*' &&
    action?.type === 'Redirect' &&
    (Object.keys(toHttps) as (keyof typeof toHttps)[]).every((key) => target[key] === toHttps[key])
  );
};

type ListedRule = NonNullable<Fields<ListRulesResponseBody>['rules']>[number];

export const rules = (call: Call): Rules => ({
  async listRules(listenerId) {
    const rows = await expecting(['ResourceNotFound.Listener'], [], () =>
      tokenPages(async (nextToken) => {
        const answer = await call(listRules, { listenerIds: [listenerId], maxResults: 100, nextToken });
        return { rows: answer.rules, nextToken: answer.nextToken };
      }),
    );
    return rows.filter((row) => row.listenerId === listenerId).map(readRule);
  },

  async findRule(ruleId) {
    const answer = await expecting(['ResourceNotFound.Rule'], undefined, () => call(listRules, { ruleIds: [ruleId] }));
    const found = answer?.rules?.find((row) => row.ruleId === ruleId);
    return found === undefined ? undefined : readRule(found);
  },

  async createRedirectRule({ listenerId, name, priority, tags, clientToken }) {
    const answer = await call(createRule, {
      listenerId,
      ruleName: name,
      priority,
      ...everything,
      tag: wireTags(tags),
      clientToken,
    });
    return idOf(albProduct, createRule, answer.ruleId);
  },

  async updateRedirectRule(ruleId, priority, clientToken) {
    await call(updateRuleAttribute, { ruleId, priority, ...everything, clientToken });
  },

  async deleteRule(ruleId, clientToken) {
    // Gone with its listener too.
    const notFound = ['ResourceNotFound.Rule', 'ResourceNotFound.Listener', 'ResourceNotFound.LoadBalancer'];
    await expecting(notFound, undefined, () => call(deleteRule, { ruleId, clientToken }));
  },
});

const readRule = (row: ListedRule): Rule => {
  const redirect = row.ruleActions?.find((action) => action.type === 'Redirect')?.redirectConfig;
  return {
    ruleId: row.ruleId ?? '',
    listenerId: row.listenerId ?? '',
    loadBalancerId: row.loadBalancerId ?? '',
    name: row.ruleName ?? '',
    priority: row.priority ?? 0,
    status: row.ruleStatus ?? '',
    paths: (row.ruleConditions ?? []).flatMap((condition) => condition.pathConfig?.values ?? []),
    isToHttps: isToHttps(row),
    redirect:
      redirect === undefined
        ? undefined
        : {
            protocol: redirect.protocol ?? '',
            host: redirect.host ?? '',
            port: redirect.port ?? '',
            path: redirect.path ?? '',
            query: redirect.query ?? '',
            httpCode: redirect.httpCode ?? '',
          },
    tags: readTags(row.tags),
  };
};
