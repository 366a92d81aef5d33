import * as z from 'zod';
import { clusterTypes } from '../../state.ts';
import { instanceAction, instanceName } from '../action.ts';
import { refuse } from '../errors.ts';

const mostInstances = 10;

/**
 * CreateInstance, Tablestore 2020-12-09. Its network may be restricted in the real service, which changes nothing here.
 * Source: https://www.alibabacloud.com/help/en/tablestore/developer-reference/api-tablestore-2020-12-09-createinstance (read 2026-11-29).
 */
export const createInstance = instanceAction({
  name: 'CreateInstance',
  method: 'POST',
  path: 'createinstance',
  input: z.strictObject({
    InstanceName: instanceName,
    ClusterType: z.enum(clusterTypes),
    InstanceDescription: z.string().min(3).max(256).optional(),
    NetworkTypeACL: z.array(z.enum(['INTERNET', 'VPC', 'CLASSIC'])).optional(),
    Tags: z.array(z.strictObject({ Key: z.string().max(64), Value: z.string().max(64) })).optional(),
  }),
  apply(tablestore, { InstanceName: name, ClusterType: clusterType, InstanceDescription: description = '' }) {
    if (tablestore.findInstance(name) !== undefined) throw refuse('InstanceAlreadyExists', name);
    if (tablestore.instances.size >= mostInstances) throw refuse('QuotaExceeded');
    tablestore.addInstance({ name, clusterType, description });
    return {};
  },
});
