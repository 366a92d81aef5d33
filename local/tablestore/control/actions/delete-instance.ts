import * as z from 'zod';
import { instanceAction, instanceName, instanceOf } from '../action.ts';
import { refuse } from '../errors.ts';

/**
 * DeleteInstance, Tablestore 2020-12-09: an instance must be empty.
 * Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/api-tablestore-2020-12-09-deleteinstance (text of SDK 3.2.0).
 */
export const deleteInstance = instanceAction({
  name: 'DeleteInstance',
  method: 'POST',
  path: 'deleteinstance',
  input: z.strictObject({ InstanceName: instanceName }),
  apply(tablestore, input) {
    const { name, tables } = instanceOf(tablestore, input.InstanceName);
    if (tables.size > 0) throw refuse('InstanceNotEmpty', name);
    tablestore.removeInstance(name);
    return {};
  },
});
