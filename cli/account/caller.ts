import type { CloudSettings } from '../../shared/alibaba/call.ts';
import { sendOf, stsProduct } from './clients.ts';

/** Whose keys these are. */
export interface Caller {
  accountId: string;
  arn: string;
}

/**
 * No permission is needed for the question, so a refusal is about the keys themselves.
 *
 * @throws CloudError
 * @see https://help.aliyun.com/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity
 */
export async function callerOf(settings: CloudSettings): Promise<Caller> {
  const { AccountId, Arn } = await sendOf(settings, stsProduct)('GetCallerIdentity');
  return { accountId: String(AccountId), arn: String(Arn) };
}
