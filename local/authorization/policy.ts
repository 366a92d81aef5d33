import { type Condition, type ConditionBlock, type ConditionKeys, compileCondition } from './conditions.ts';
import { type Matcher, wildcard, wildcardIgnoringCase } from './wildcards.ts';

/**
 * A statement of a RAM policy. `Action` and `NotAction` exclude one another; the vendor documents no NotResource.
 *
 * @see https://www.alibabacloud.com/help/en/ram/policy-elements
 */
export interface Statement {
  Effect: 'Allow' | 'Deny';
  Action?: string | string[];
  NotAction?: string | string[];
  Resource: string | string[];
  Condition?: ConditionBlock;
}

export interface PolicyDocument {
  Version: string;
  Statement: Statement[];
}

/** One action on one resource: what a call must be allowed. A call may need several. */
export interface Access {
  /** `vpc:CreateVSwitch` */
  action: string;
  /** `acs:vpc:cn-shanghai:1234567890123456:vpc/vpc-1`, or `*` where the service knows no resource of the action. */
  arn: string;
  keys: ConditionKeys;
}

const asList = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);

const anyOf =
  (matchers: Matcher[]): Matcher =>
  (text) =>
    matchers.some((matches) => matches(text));

/** Letter case does not count in actions. Most patterns are plain names, which one look-up settles. */
function compileActions(patterns: string[]): Matcher {
  const lower = patterns.map((pattern) => pattern.toLowerCase());
  const plain = new Set(lower.filter((pattern) => !/[*?]/.test(pattern)));
  const others = lower.filter((pattern) => /[*?]/.test(pattern)).map((pattern) => wildcardIgnoringCase(pattern));
  return (action) => plain.has(action.toLowerCase()) || others.some((matches) => matches(action));
}

/** `acs`, service, region, account, and the relative id with all colons that follow. */
export function arnFields(arn: string): [string, string, string, string, string] | undefined {
  const [acs, service, region, account, ...relative] = arn.split(':');
  if (acs === undefined || service === undefined || region === undefined || account === undefined) return undefined;
  return relative.length === 0 ? undefined : [acs, service, region, account, relative.join(':')];
}

/** Names of roles differ by more than letter case, and RAM shows their ARNs in lower case. */
const isRole = (service: string, relativeId: string): boolean => service === 'ram' && /^role\//i.test(relativeId);

/**
 * One value of a Resource element. `*` alone is every resource; otherwise each of the five fields is matched by itself, so that
 * an asterisk does not reach over a colon. A resource without a region (RAM, AliDNS) has an empty field, which an empty field
 * or `*` matches; no other field may be left out. Field by field, and the rule for empty ones, are our word: the vendor
 * says only that `*` stands where a field is not needed.
 */
function compileResource(pattern: string): Matcher {
  if (pattern === '*') return () => true;
  const fields = arnFields(pattern);
  if (fields === undefined) return () => false;
  const exact = fields.map((field) => wildcard(field));
  const roleMatcher = wildcardIgnoringCase(fields[4]);
  return (arn) => {
    const given = arnFields(arn);
    return (
      given?.every((field, index) =>
        index === 4 && isRole(given[1], field) ? roleMatcher(field) : exact[index]?.(field) === true,
      ) ?? false
    );
  };
}

interface CompiledStatement {
  isDenial: boolean;
  action: Matcher;
  resource: Matcher;
  condition: Condition;
}

function compileStatement(statement: Statement): CompiledStatement {
  const { Action: action, NotAction: notAction } = statement;
  const excluded = compileActions(asList(notAction ?? []));
  return {
    isDenial: statement.Effect === 'Deny',
    action:
      action === undefined ? (name) => notAction !== undefined && !excluded(name) : compileActions(asList(action)),
    resource: anyOf(asList(statement.Resource).map((pattern) => compileResource(pattern))),
    condition: compileCondition(statement.Condition),
  };
}

export type Decision = 'allowed' | 'denied' | 'not-allowed';

/** Policies of one principal, ready to be asked. */
export class PolicySet {
  readonly #statements: CompiledStatement[];

  constructor(documents: PolicyDocument[]) {
    this.#statements = documents.flatMap(({ Statement: statements }) => statements.map(compileStatement));
  }

  /** Returns whether some resource is allowed, and not every one denied. */
  allowsSomewhere(action: string, keys: ConditionKeys): boolean {
    const ofAction = this.#statements.filter((statement) => statement.action(action));
    return (
      ofAction.some(({ isDenial, condition }) => !isDenial && condition(keys) === 'met') &&
      !ofAction.some(({ isDenial, resource, condition }) => isDenial && resource('*') && condition(keys) !== 'unmet')
    );
  }

  /** A denial beats every allowance, and what nothing allows is refused (`not-allowed`). */
  decide({ action, arn, keys }: Access): Decision {
    let decision: Decision = 'not-allowed';
    for (const statement of this.#statements) {
      if (!statement.action(action) || !statement.resource(arn)) continue;
      const verdict = statement.condition(keys);
      if (statement.isDenial && verdict !== 'unmet') return 'denied';
      if (!statement.isDenial && verdict === 'met') decision = 'allowed';
    }
    return decision;
  }
}
