import type { ConditionKeys } from '../../authorization/conditions.ts';
import type { Access } from '../../authorization/policy.ts';
import { type Place, type ResourceTable, valuesOf } from '../../authorization/resources.ts';
import { tempBucketOf } from './temp-bucket.ts';

const ofFunction = ['functions/{functionName}'] as const;
const ofTrigger = ['functions/{functionName}/triggers/{triggerName}'] as const;

/**
 * Read in the vendor's deployment tool (devsapp/fc3, README: `functions/*` for CreateFunction, `functions/<f>/triggers/<t>` for
 * triggers). The API page of CreateFunction says All Resources instead; narrow policies were seen at work, so the tool's form
 * stands here. inf: the rows of what belongs to a function ask for that function; the lists of an account for `functions/*`;
 * CreateFunction and UpdateFunction pass a role (the tool's README has `ram:PassRole`), the invocationRole of a trigger is not asked about.
 */
export const functionResources: ResourceTable = {
  source:
    'https://github.com/devsapp/fc3, https://help.aliyun.com/zh/functioncompute/fc-3-0/developer-reference/api-fc-2023-03-30-createfunction',
  service: 'fc',
  actions: {
    CreateFunction: ofFunction,
    GetFunction: ofFunction,
    UpdateFunction: ofFunction,
    ListFunctions: ['functions/*'],
    DeleteFunction: ofFunction,
    GetFunctionCode: ofFunction,
    InvokeFunction: ofFunction,
    CreateTrigger: ofTrigger,
    GetTrigger: ofTrigger,
    UpdateTrigger: ofTrigger,
    ListTriggers: ['functions/{functionName}/triggers/*'],
    DeleteTrigger: ofTrigger,
    PutAsyncInvokeConfig: ofFunction,
    GetAsyncInvokeConfig: ofFunction,
    DeleteAsyncInvokeConfig: ofFunction,
    ListAsyncInvokeConfigs: ofFunction,
    PutConcurrencyConfig: ofFunction,
    GetConcurrencyConfig: ofFunction,
    DeleteConcurrencyConfig: ofFunction,
    ListConcurrencyConfigs: ofFunction,
    TagResources: ['{tagged}'],
    UntagResources: ['{tagged}'],
    ListTagResources: ['{tagged}'],
    ListFunctionVersions: ofFunction,
    ListAliases: ofFunction,
    ListVpcBindings: ofFunction,
    ListInstances: ofFunction,
    ListScalingConfigs: ofFunction,
    ListProvisionConfigs: ofFunction,
    ListCustomDomains: ['custom-domains/*'],
    ListLayers: ['layers/*'],
    GetProvisionConfig: ofFunction,
    GetScalingConfig: ofFunction,
    PublishFunctionVersion: ofFunction,
    CreateAlias: ofFunction,
    CreateVpcBinding: ofFunction,
    PutScalingConfig: ofFunction,
    PutProvisionConfig: ofFunction,
    CreateCustomDomain: ['custom-domains/*'],
  },
  passesRole: { to: 'fc.aliyuncs.com', by: { CreateFunction: 'role', UpdateFunction: 'role' } },
  variables: {
    // An ARN of another account or region, which the action refuses, is no resource of ours.
    tagged: (_state, params) => {
      const ids = valuesOf(params, 'ResourceId');
      return (ids.length === 0 ? ['functions/*'] : ids).map((id) => id.slice(id.lastIndexOf(':') + 1));
    },
  },
};

/**
 * Whoever takes a function's code out of a bucket must be allowed to read it there; what was uploaded by tempBucketToken belongs to
 * the platform.
 *
 * @param code - of the request, unchecked.
 * @see https://help.aliyun.com/zh/functioncompute/fc-3-0/developer-reference/api-fc-2023-03-30-createfunction
 */
export function codeAccess(code: unknown, { regionId, accountId }: Place, keys: ConditionKeys): Access[] {
  const { ossBucketName: bucket, ossObjectName: object } = { ...(code as object) } as Record<string, unknown>;
  if (typeof bucket !== 'string' || typeof object !== 'string' || bucket === tempBucketOf(regionId)) return [];
  return [{ action: 'oss:GetObject', arn: `acs:oss::${accountId}:${bucket}/${object}`, keys }];
}
