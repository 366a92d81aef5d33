import type { ResourceTable } from '../../authorization/resources.ts';

/** inf: an instance by its name, as the data plane has it; no page of these actions was seen. */
export const instanceResources: ResourceTable = {
  source: 'https://www.alibabacloud.com/help/en/tablestore/developer-reference/api-tablestore-2020-12-09-ram',
  service: 'ots',
  actions: {
    CreateInstance: ['instance/{name}'],
    GetInstance: ['instance/{name}'],
    DeleteInstance: ['instance/{name}'],
  },
  variables: { name: (_state, { InstanceName: name }) => (name === undefined ? [] : [name.toLowerCase()]) },
};
