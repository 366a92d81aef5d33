import type { ResourceTable } from '../authorization/resources.ts';

/** Read: an object is `acs:oss:*:*:bucket/key`, its region `*`. HeadObject asks for `oss:GetObject` (read). */
export const objectResources: ResourceTable = {
  source: 'https://www.alibabacloud.com/help/en/oss/user-guide/ram-policy-overview',
  service: 'oss',
  isGlobal: true,
  actions: {
    PutObject: ['{object}'],
    GetObject: ['{object}'],
    HeadObject: ['{object}'],
    DeleteObject: ['{object}'],
  },
  variables: { object: (_state, { bucket = '', object = '' }) => [`${bucket}/${object}`] },
};
