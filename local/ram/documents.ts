import type { PolicyDocument } from '../credentials.ts';
import { refuse } from './errors.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): boolean =>
  typeof value === 'string' ||
  (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string'));

function parseStatements(text: string): Record<string, unknown>[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refuse('MalformedPolicyDocument', 'It is not JSON.');
  }
  if (!isObject(parsed) || parsed['Version'] !== '1') throw refuse('MalformedPolicyDocument', 'Version must be "1".');
  const statements = parsed['Statement'];
  if (!Array.isArray(statements) || statements.length === 0 || !statements.every(isObject))
    throw refuse('MalformedPolicyDocument', 'Statement must be a list of objects.');
  for (const { Effect: effect, Action: action } of statements) {
    if (effect !== 'Allow' && effect !== 'Deny')
      throw refuse('MalformedPolicyDocument', 'Effect must be Allow or Deny.');
    if (!isTexts(action))
      throw refuse('MalformedPolicyDocument', 'Action must be given (the embedded cloud evaluates no NotAction).');
  }
  return statements;
}

/**
 * The document of a custom policy, as it will be evaluated.
 *
 * @throws MalformedPolicyDocument, InvalidParameter.PolicyDocument.Length over 6,144 characters.
 * @see https://www.alibabacloud.com/help/en/ram/policy-elements
 */
export function parsePolicyDocument(text: string): PolicyDocument {
  if (text.length > 6144) throw refuse('InvalidParameter.PolicyDocument.Length');
  for (const { Resource: resource, Condition: condition } of parseStatements(text)) {
    if (!isTexts(resource)) throw refuse('MalformedPolicyDocument', 'Resource must be given.');
    if (condition !== undefined && (!isObject(condition) || !Object.values(condition).every(isObject)))
      throw refuse('MalformedPolicyDocument', 'Condition must hold operators with condition keys.');
  }
  return JSON.parse(text) as PolicyDocument;
}

/** @throws MalformedPolicyDocument unless every statement says who (Principal) may assume the role. */
export function checkTrustPolicy(text: string): void {
  if (text.length > 4096) throw refuse('InvalidParameter.AssumeRolePolicyDocument.Length');
  for (const { Principal: principal } of parseStatements(text))
    if (!isObject(principal) || Object.keys(principal).length === 0)
      throw refuse('MalformedPolicyDocument', 'Principal must be given.');
}
