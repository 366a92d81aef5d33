import * as z from 'zod';
import { instanceAction, instanceName, instanceOf } from '../action.ts';

/**
 * GetInstance, Tablestore 2020-12-09.
 * Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/api-tablestore-2020-12-09-getinstance (fields of SDK 3.2.0).
 */
export const getInstance = instanceAction({
  name: 'GetInstance',
  method: 'GET',
  path: 'getinstance',
  input: z.strictObject({ InstanceName: instanceName }),
  apply(tablestore, input) {
    const { name, clusterType, description, createdAtMs } = instanceOf(tablestore, input.InstanceName);
    return {
      InstanceName: name,
      // How long a new instance takes is not published.
      InstanceStatus: 'normal',
      InstanceSpecification: clusterType,
      InstanceDescription: description,
      NetworkTypeACL: ['INTERNET', 'VPC', 'CLASSIC'],
      CreateTime: new Date(createdAtMs).toISOString(),
    };
  },
});
