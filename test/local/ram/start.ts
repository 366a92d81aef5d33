import { ramService } from '../../../local/ram/index.ts';
import { resourceManagerService } from '../../../local/resource-manager/index.ts';
import { ResourceManagerState } from '../../../local/resource-manager/state.ts';
import { testContext } from '../../support/cloud-context.ts';
import { testEdge } from '../../support/edge.ts';
import { genericClient } from '../../support/rpc-call.ts';

export const trustPolicy = JSON.stringify({
  Version: '1',
  Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: ['fc.aliyuncs.com'] } }],
});

export const allowing = (...actions: string[]): string =>
  JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

/** RAM and ResourceManager behind a real socket, showing the same roles. */
export async function start() {
  const context = testContext();
  const ram = ramService(context);
  const resourceManager = resourceManagerService(context, new ResourceManagerState(context, ram.state.roles));
  const { url } = await testEdge(context, [ram, resourceManager]);
  const call = genericClient(url, context, '2015-05-01');
  return {
    context,
    state: ram.state,
    url,
    call,
    callResourceManager: genericClient(url, context, '2020-03-31'),
    createRole: (RoleName: string) => call('CreateRole', { RoleName, AssumeRolePolicyDocument: trustPolicy }),
    createPolicy: (PolicyName: string, PolicyDocument: string) => call('CreatePolicy', { PolicyName, PolicyDocument }),
    attach: (RoleName: string, PolicyName: string, PolicyType = 'Custom') =>
      call('AttachPolicyToRole', { RoleName, PolicyName, PolicyType }),
    detach: (RoleName: string, PolicyName: string, PolicyType = 'Custom') =>
      call('DetachPolicyFromRole', { RoleName, PolicyName, PolicyType }),
    /** Whether credentials of the role may do the action now. */
    may: (roleName: string, action: string): boolean =>
      context.credentials.isAllowed(context.credentials.issue(roleName, 'some-function').principal, action),
  };
}
