import type { FcAction } from '../action.ts';
import { refuse } from '../errors.ts';
import { readBody, tagResourcesInput } from '../input.ts';
import type { FunctionDirectory, StoredFunction } from '../state.ts';

/** fc3 writes the type in both cases. @throws InvalidArgument, FunctionNotFound */
function functionsOf(directory: FunctionDirectory, arns: string[], type: string | null): StoredFunction[] {
  if ((type ?? '').toLowerCase() !== 'function')
    throw refuse('InvalidArgument', `resourceType '${type ?? ''}' is not function`);
  return arns.map((arn) => {
    const name = arn.split(':functions/')[1] ?? '';
    if (directory.arnOf(name) !== arn)
      throw refuse('InvalidArgument', `resourceId '${arn}' is not a function of this account and region`);
    return directory.function(name);
  });
}

/** A list in one query parameter, as JSON. @throws InvalidArgument */
function listOf(query: URLSearchParams, name: string): string[] {
  const text = query.get(name);
  if (text === null || text === '') return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refuse('InvalidArgument', `${name} is not a JSON list`);
  }
  if (!Array.isArray(parsed) || parsed.some((item) => typeof item !== 'string'))
    throw refuse('InvalidArgument', `${name} is not a list of texts`);
  return parsed as string[];
}

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-tagresources */
export const tagResources: FcAction = {
  name: 'TagResources',
  method: 'POST',
  path: '/tags-v2',
  apply({ directory, request }) {
    const { ResourceId, ResourceType, Tag } = readBody(tagResourcesInput, request.body);
    for (const { tags } of functionsOf(directory, ResourceId, ResourceType)) {
      if (new Set([...tags.keys(), ...Tag.map(({ Key }) => Key)]).size > 20)
        throw refuse('InvalidArgument', 'a function has at most 20 tags');
      for (const { Key, Value } of Tag) tags.set(Key, Value);
    }
    return undefined;
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-untagresources */
export const untagResources: FcAction = {
  name: 'UntagResources',
  method: 'DELETE',
  path: '/tags-v2',
  apply({ directory, request: { query } }) {
    const keys = listOf(query, 'TagKey');
    const all = query.get('All') === 'true';
    if (keys.length === 0 && !all) throw refuse('InvalidArgument', 'TagKey or All is required');
    for (const { tags } of functionsOf(directory, listOf(query, 'ResourceId'), query.get('ResourceType')))
      for (const key of all ? [...tags.keys()] : keys) tags.delete(key);
    return undefined;
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-listtagresources */
export const listTagResources: FcAction = {
  name: 'ListTagResources',
  method: 'GET',
  path: '/tags-v2',
  apply({ directory, request: { query, id } }) {
    const arns = listOf(query, 'ResourceId');
    const found =
      arns.length === 0 ? [...directory.functions.values()] : functionsOf(directory, arns, query.get('ResourceType'));
    return {
      RequestId: id,
      TagResources: found.flatMap(({ input, tags }) =>
        [...tags].map(([TagKey, TagValue]) => ({
          ResourceId: directory.arnOf(input.functionName),
          ResourceType: 'function',
          TagKey,
          TagValue,
        })),
      ),
    };
  },
};
