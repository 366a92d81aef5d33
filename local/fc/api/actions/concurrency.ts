import type { FcAction } from '../action.ts';
import { refuse } from '../errors.ts';
import { pageOf, putConcurrencyInput, readBody } from '../input.ts';
import type { FunctionDirectory, StoredFunction } from '../state.ts';

const path = '/functions/{functionName}/concurrency';

function form(directory: FunctionDirectory, { input, reservedConcurrency }: StoredFunction): object {
  if (reservedConcurrency === undefined)
    throw refuse('OnDemandConfigNotFound', `function '${input.functionName}' has no concurrency config`);
  return { functionArn: directory.arnOf(input.functionName), reservedConcurrency };
}

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-putconcurrencyconfig */
export const putConcurrencyConfig: FcAction = {
  name: 'PutConcurrencyConfig',
  method: 'PUT',
  path,
  apply({ directory, request, path: { functionName } }) {
    directory.function(functionName);
    const { reservedConcurrency } = readBody(putConcurrencyInput, request.body);
    directory.change(functionName, (stored) => {
      stored.reservedConcurrency = reservedConcurrency;
    });
    return form(directory, directory.function(functionName));
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-getconcurrencyconfig */
export const getConcurrencyConfig: FcAction = {
  name: 'GetConcurrencyConfig',
  method: 'GET',
  path,
  apply: ({ directory, path: { functionName } }) => form(directory, directory.function(functionName)),
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-deleteconcurrencyconfig */
export const deleteConcurrencyConfig: FcAction = {
  name: 'DeleteConcurrencyConfig',
  method: 'DELETE',
  path,
  apply({ directory, path: { functionName } }) {
    form(directory, directory.function(functionName));
    directory.change(functionName, (stored) => {
      delete stored.reservedConcurrency;
    });
    return undefined;
  },
};

/** @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-listconcurrencyconfigs */
export const listConcurrencyConfigs: FcAction = {
  name: 'ListConcurrencyConfigs',
  method: 'GET',
  path: '/concurrency-configs',
  apply({ directory, request }) {
    const name = request.query.get('functionName') ?? '';
    const found = (name === '' ? [...directory.functions.values()] : [directory.function(name)]).filter(
      ({ reservedConcurrency }) => reservedConcurrency !== undefined,
    );
    const { page, nextToken } = pageOf(found, ({ input }) => input.functionName, request.query);
    return {
      configs: page.map((stored) => form(directory, stored)),
      ...(nextToken === undefined ? {} : { nextToken }),
    };
  },
};
