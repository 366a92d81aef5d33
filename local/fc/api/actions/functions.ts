import { signUrl } from '../../../oss/signature.ts';
import { type FcAction, isoTime } from '../action.ts';
import { createFunctionInput, pageOf, readBody, readTags, updateFunctionInput } from '../input.ts';
import type { FunctionDirectory, StoredFunction } from '../state.ts';

/** Bucket in which GetFunctionCode shows a function's archive. */
export const codeBucket = 'fc-function-code';

/** The function as the API shows it; a function with code is ready at once. */
export function functionForm(directory: FunctionDirectory, stored: StoredFunction): object {
  const { input, code, tags } = stored;
  return {
    ...input,
    codeChecksum: code.checksum,
    codeSize: code.archive.length,
    createdTime: isoTime(stored.createdAtMs),
    lastModifiedTime: isoTime(stored.modifiedAtMs),
    functionArn: directory.arnOf(input.functionName),
    functionId: stored.id,
    layers: [],
    lastUpdateStatus: 'Successful',
    lastUpdateStatusReason: '',
    lastUpdateStatusReasonCode: '',
    state: 'Active',
    stateReason: '',
    stateReasonCode: '',
    tags: [...tags].map(([Key, Value]) => ({ Key, Value })),
  };
}

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-createfunction */
export const createFunction: FcAction = {
  name: 'CreateFunction',
  method: 'POST',
  path: '/functions',
  apply: ({ directory, request }) =>
    functionForm(directory, directory.create(readBody(createFunctionInput, request.body))),
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-updatefunction */
export const updateFunction: FcAction = {
  name: 'UpdateFunction',
  method: 'PUT',
  path: '/functions/{functionName}',
  apply({ directory, request, path }) {
    directory.function(path.functionName);
    const input = readBody(updateFunctionInput, request.body);
    return functionForm(directory, directory.update(path.functionName, input));
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-getfunction */
export const getFunction: FcAction = {
  name: 'GetFunction',
  method: 'GET',
  path: '/functions/{functionName}',
  apply({ directory, request, path }) {
    const found = directory.function(path.functionName);
    directory.checkQualifier(path.functionName, request.query.get('qualifier'));
    return functionForm(directory, found);
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-listfunctions */
export const listFunctions: FcAction = {
  name: 'ListFunctions',
  method: 'GET',
  path: '/functions',
  apply({ directory, request }) {
    const { query } = request;
    const asks = (name: string): string | undefined => query.get(name) || undefined;
    const tags = readTags(asks('tags'));
    // Whether name and description must be equal or contained is not said; contained is taken (inf).
    const found = [...directory.functions.values()].filter(
      (stored) =>
        (asks('runtime') ?? stored.input.runtime) === stored.input.runtime &&
        stored.input.functionName.includes(asks('functionName') ?? '') &&
        (stored.input.description ?? '').includes(asks('description') ?? '') &&
        asks('gpuType') === undefined &&
        asks('fcVersion') !== 'v2' &&
        tags.every(({ Key, Value }) => stored.tags.get(Key) === Value),
    );
    const { page, nextToken } = pageOf(found, ({ input }) => input.functionName, request.query);
    return {
      functions: page.map((stored) => functionForm(directory, stored)),
      ...(nextToken === undefined ? {} : { nextToken }),
    };
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-deletefunction */
export const deleteFunction: FcAction = {
  name: 'DeleteFunction',
  method: 'DELETE',
  path: '/functions/{functionName}',
  apply({ directory, path }) {
    directory.remove(path.functionName);
    return undefined;
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-getfunctioncode */
export const getFunctionCode: FcAction = {
  name: 'GetFunctionCode',
  method: 'GET',
  path: '/functions/{functionName}/code',
  apply({ directory, request, path, baseUrl }) {
    const { code } = directory.function(path.functionName);
    directory.checkQualifier(path.functionName, request.query.get('qualifier'));
    const { oss, context } = directory.options;
    const key = `${context.credentials.accountId}/${path.functionName}/${code.checksum}.zip`;
    oss.addBucket(codeBucket, true);
    oss.put(codeBucket, key, code.archive, 'application/zip');
    const expiresAtMs = context.clock.nowMs() + 3_600_000;
    return { checksum: code.checksum, url: signUrl(baseUrl, codeBucket, key, context.credentials.root, expiresAtMs) };
  },
};
