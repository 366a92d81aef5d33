import type { CloudContext } from '../../cloud-context.ts';
import { rpcAction } from '../../rpc.ts';

/**
 * GetCallerIdentity, STS 2015-04-01: no policy is needed. The embedded cloud has the account itself and roles, no RAM users.
 * Source: https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity (read 2026-11-29).
 */
export const getCallerIdentity = rpcAction<CloudContext>()({
  isWrite: false,
  needsNoPermission: true,
  params: {},
  apply(_context, _params, { principal: { accountId, name, functionName = 'session', accessKeyId } }) {
    if (name === 'root')
      return {
        IdentityType: 'Account',
        AccountId: accountId,
        PrincipalId: accountId,
        UserId: accountId,
        Arn: `acs:ram::${accountId}:root`,
      };
    return {
      IdentityType: 'AssumedRoleUser',
      AccountId: accountId,
      PrincipalId: `${accessKeyId}:${functionName}`,
      Arn: `acs:ram::${accountId}:assumed-role/${name}/${functionName}`,
    };
  },
});
