import { type ConditionBlock, conditionProblem } from '../authorization/conditions.ts';
import { arnFields, type PolicyDocument } from '../authorization/policy.ts';
import { refuse } from './errors.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): boolean =>
  typeof value === 'string' ||
  (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string'));

/** The text as policy, with `check` applied to each statement. @throws MalformedPolicyDocument */
function parse(text: string, check: (statement: Record<string, unknown>) => string | undefined): void {
  const refuseFor = (why: string) => refuse('MalformedPolicyDocument', why);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refuseFor('It is not JSON.');
  }
  if (!isObject(parsed) || parsed['Version'] !== '1') throw refuseFor('Version must be "1".');
  const statements = parsed['Statement'];
  if (!Array.isArray(statements) || statements.length === 0 || !statements.every(isObject))
    throw refuseFor('Statement must be a list of objects.');
  for (const statement of statements) {
    const { Effect: effect, Condition: condition } = statement;
    if (effect !== 'Allow' && effect !== 'Deny') throw refuseFor('Effect must be Allow or Deny.');
    if (condition !== undefined && !isCondition(condition))
      throw refuseFor('Condition must hold operators with condition keys.');
    const problem = elementProblem(statement) ?? check(statement);
    if (problem !== undefined) throw refuseFor(problem);
  }
}

const elements: ReadonlySet<string> = new Set(['Effect', 'Action', 'NotAction', 'Resource', 'Condition', 'Principal']);

/** A misspelt Condition must not be dropped in silence. No page of the vendor has NotResource. */
function elementProblem(statement: Record<string, unknown>): string | undefined {
  const unknown = Object.keys(statement).find((name) => !elements.has(name));
  return unknown === undefined ? undefined : `${unknown} is no element of a statement.`;
}

/** `vpc:Describe*`, or `*` alone. */
const isAction = (pattern: string): boolean => /^(\*|[\w*?-]+:[\w*?]+)$/.test(pattern);

const texts = (value: unknown): string[] => [value].flat() as string[];

function actionProblem({ Action: action, NotAction: notAction }: Record<string, unknown>): string | undefined {
  if ((action === undefined) === (notAction === undefined)) return 'Either Action or NotAction must be given.';
  const given = action ?? notAction;
  if (!isTexts(given)) return 'Action must be a text or a list of texts.';
  const bad = texts(given).find((pattern) => !isAction(pattern));
  return bad === undefined ? undefined : `${bad} is not the name of an action.`;
}

function resourceProblem({ Resource: resource }: Record<string, unknown>): string | undefined {
  if (!isTexts(resource)) return 'Resource must be given.';
  const bad = texts(resource).find((pattern) => pattern !== '*' && arnFields(pattern)?.[0] !== 'acs');
  if (bad !== undefined) return `${bad} is not acs:<service>:<region>:<account>:<relative id>.`;
  // Our word: the embedded cloud puts no variables in, and a pattern that never matches would lift a denial.
  const variable = texts(resource).find((pattern) => pattern.includes('${'));
  return variable === undefined ? undefined : `the embedded cloud knows no variables: ${variable}`;
}

const isValue = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

const isCondition = (value: unknown): value is ConditionBlock =>
  isObject(value) &&
  Object.values(value).every(
    (keys) =>
      isObject(keys) &&
      Object.values(keys).every((values) => isValue(values) || (Array.isArray(values) && values.every(isValue))),
  );

/**
 * The document of a custom policy, as it will be evaluated. What is refused beyond the elements that the vendor documents, such as
 * an unknown operator, is our word: the real service may take it and never match.
 *
 * @throws MalformedPolicyDocument, InvalidParameter.PolicyDocument.Length over 6,144 characters.
 * @see https://www.alibabacloud.com/help/en/ram/policy-elements
 */
export function parsePolicyDocument(text: string): PolicyDocument {
  if (text.length > 6144) throw refuse('InvalidParameter.PolicyDocument.Length');
  parse(
    text,
    (statement) =>
      (statement['Principal'] === undefined ? undefined : 'Principal is for trust policies.') ??
      actionProblem(statement) ??
      resourceProblem(statement) ??
      conditionProblem((statement['Condition'] ?? {}) as ConditionBlock),
  );
  return JSON.parse(text) as PolicyDocument;
}

/** @throws MalformedPolicyDocument unless every statement says who (Principal) may assume the role. */
export function checkTrustPolicy(text: string): void {
  if (text.length > 4096) throw refuse('InvalidParameter.AssumeRolePolicyDocument.Length');
  parse(text, (statement) => {
    const { Principal: principal } = statement;
    if (!isObject(principal) || Object.keys(principal).length === 0) return 'Principal must be given.';
    return actionProblem(statement);
  });
}
