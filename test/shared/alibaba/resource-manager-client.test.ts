import { describe, expect, it } from 'vitest';
import { createResourceManagerClient } from '../../../shared/alibaba/resource-manager-client.ts';
import { json, rawServer } from './raw-server.ts';

describe('a service-linked role', () => {
  it('is created by service name', async () => {
    const { settings, calls } = await rawServer(
      json(200, { RequestId: 'r', Role: { RoleName: 'AliyunServiceRoleForAlb' } }),
    );
    await createResourceManagerClient(settings).ensureServiceLinkedRole('alb.aliyuncs.com');
    expect(calls).toMatchObject([{ action: 'CreateServiceLinkedRole', query: { ServiceName: 'alb.aliyuncs.com' } }]);
    expect(calls[0]?.headers['x-acs-version']).toBe('2020-03-31');
  });

  it('P-060: that exists counts as created', async () => {
    const { settings } = await rawServer(
      json(409, { RequestId: 'r', Code: 'EntityAlreadyExists.Role', Message: 'exists' }),
    );
    await expect(
      createResourceManagerClient(settings).ensureServiceLinkedRole('alb.aliyuncs.com'),
    ).resolves.toBeUndefined();
  });

  it('that is forbidden is refused with the code of the service', async () => {
    const { settings } = await rawServer(json(403, { RequestId: 'r', Code: 'NoPermission', Message: 'no' }));
    await expect(
      createResourceManagerClient(settings).ensureServiceLinkedRole('alb.aliyuncs.com'),
    ).rejects.toMatchObject({
      service: 'resourcemanager',
      code: 'NoPermission',
      httpStatus: 403,
    });
  });
});
