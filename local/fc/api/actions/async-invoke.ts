import { asyncInvokeSchema } from '../../spec.ts';
import { type FcAction, isoTime } from '../action.ts';
import { refuse } from '../errors.ts';
import { pageOf, readBody } from '../input.ts';
import type { FunctionDirectory, StoredFunction } from '../state.ts';

const path = '/functions/{functionName}/async-invoke-config';

function form(directory: FunctionDirectory, stored: StoredFunction): object {
  const { input, asyncInvoke } = stored;
  if (asyncInvoke === undefined)
    throw refuse('AsyncConfigNotExists', `AsyncConfig for ${input.functionName}:LATEST does not exist.`);
  const { qualifier: _qualifier, ...config } = asyncInvoke.config;
  return {
    ...config,
    asyncTask: config.asyncTask ?? false,
    destinationConfig: config.destinationConfig ?? {},
    createdTime: isoTime(asyncInvoke.createdAtMs),
    lastModifiedTime: isoTime(asyncInvoke.modifiedAtMs),
    functionArn: `${directory.arnOf(input.functionName)}/LATEST`,
  };
}

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-putasyncinvokeconfig */
export const putAsyncInvokeConfig: FcAction = {
  name: 'PutAsyncInvokeConfig',
  method: 'PUT',
  path,
  apply({ directory, request, path: { functionName } }) {
    directory.function(functionName);
    directory.checkQualifier(functionName, request.query.get('qualifier'));
    const config = readBody(asyncInvokeSchema, request.body);
    const now = directory.nowMs;
    directory.change(functionName, (stored) => {
      stored.asyncInvoke = { config, createdAtMs: stored.asyncInvoke?.createdAtMs ?? now, modifiedAtMs: now };
    });
    return form(directory, directory.function(functionName));
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-getasyncinvokeconfig */
export const getAsyncInvokeConfig: FcAction = {
  name: 'GetAsyncInvokeConfig',
  method: 'GET',
  path,
  apply({ directory, request, path: { functionName } }) {
    const stored = directory.function(functionName);
    directory.checkQualifier(functionName, request.query.get('qualifier'));
    return form(directory, stored);
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-deleteasyncinvokeconfig */
export const deleteAsyncInvokeConfig: FcAction = {
  name: 'DeleteAsyncInvokeConfig',
  method: 'DELETE',
  path,
  apply({ directory, request, path: { functionName } }) {
    const stored = directory.function(functionName);
    directory.checkQualifier(functionName, request.query.get('qualifier'));
    form(directory, stored);
    directory.change(functionName, (found) => {
      delete found.asyncInvoke;
    });
    return undefined;
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-listasyncinvokeconfigs */
export const listAsyncInvokeConfigs: FcAction = {
  name: 'ListAsyncInvokeConfigs',
  method: 'GET',
  path: '/async-invoke-configs',
  apply({ directory, request }) {
    const name = request.query.get('functionName') ?? '';
    const found = (name === '' ? [...directory.functions.values()] : [directory.function(name)]).filter(
      ({ asyncInvoke }) => asyncInvoke !== undefined,
    );
    const { page, nextToken } = pageOf(found, ({ input }) => input.functionName, request.query);
    return {
      configs: page.map((stored) => form(directory, stored)),
      ...(nextToken === undefined ? {} : { nextToken }),
    };
  },
};
