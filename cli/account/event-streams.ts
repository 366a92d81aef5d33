import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFunctions } from '../../local/fc/s-yaml.ts';
import type { FunctionSpec } from '../../local/fc/spec.ts';
import { CloudError } from '../../shared/alibaba/cloud-error.ts';
import { tokenPages } from '../../shared/alibaba/pages.ts';
import type { Account } from './account.ts';
import { eventBridgeProduct, quotaProduct, type Send, sendOf } from './clients.ts';
import { codeOf } from './step.ts';

/**
 * Each queue trigger is an event stream, and an account has a number of them per region.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/mns-queue-triggers
 */
export interface StreamCount {
  /** Queue triggers of the installation. */
  needed: number;
  /** Of those the ones whose stream is there. */
  ours: number;
  used: number;
  quota: number;
  /** False: `quota` is what the vendor documents, since the quota center does not say. */
  isQuotaKnown: boolean;
}

/** https://alibabacloud.com/help/tc/eventbridge/product-overview/limits (text of July 2024; read 2026-11-29) */
const documentedQuota = 50;

const queuesOf = (functions: FunctionSpec[]): string[] =>
  functions.flatMap(({ triggers }) =>
    triggers.flatMap((trigger) =>
      trigger.triggerType === 'eventbridge'
        ? [trigger.triggerConfig.eventSourceConfig.eventSourceParameters.sourceMNSParameters.QueueName]
        : [],
    ),
  );

/** @throws CloudError */
export async function countStreams({ functions, config, settings }: Account): Promise<StreamCount> {
  const queues = queuesOf(functions);
  const streams = await listStreams(sendOf(settings, eventBridgeProduct));
  const quota = await findQuota(sendOf(settings, quotaProduct), config.regionId);
  return {
    needed: queues.length,
    ours: queues.filter((queue) => streams.includes(queue)).length,
    used: streams.length,
    quota: quota ?? documentedQuota,
    isQuotaKnown: quota !== undefined,
  };
}

/** Why the triggers cannot all be made; undefined: they can. */
export function shortageOf({ needed, ours, used, quota, isQuotaKnown }: StreamCount): string | undefined {
  const missing = needed - ours;
  const free = Math.max(0, quota - used);
  if (missing <= free) return undefined;
  const limit = isQuotaKnown ? `the account's ${quota}` : `${quota}, which the vendor documents,`;
  return `${missing} more event streams are needed for queue triggers, and ${free} of ${limit} are free`;
}

export function inWords({ needed, ours, used, quota, isQuotaKnown }: StreamCount): string {
  const limit = isQuotaKnown ? `${quota}` : `${quota}, as the vendor documents: the quota center does not say`;
  return `${needed} for queue triggers, ${ours} of them there; ${used} used of ${limit}`;
}

/** The two ways out of a shortage. */
export function mendShortage(root: string): string {
  const fewest = queuesOf(readFunctions(readFileSync(join(root, 's-one-queue.yaml'), 'utf8'), {})).length;
  return `Ask for more in the Quota Center (product EventBridge), or deploy s-one-queue.yaml, whose stages share a queue: it needs ${fewest} in all.`;
}

/** Queues of the region's streams; '' for a stream with another source. */
async function listStreams(eventBridge: Send): Promise<string[]> {
  return await tokenPages(async (token) => {
    const { Code, Message, Data, RequestId } = (await eventBridge(
      'ListEventStreamings',
      {},
      { Limit: 100, ...(token === undefined ? {} : { NextToken: token }) },
    )) as {
      Code?: string;
      Message?: string;
      RequestId?: string;
      Data?: {
        NextToken?: string;
        EventStreamings?: { Source?: { SourceMNSParameters?: { QueueName?: string } } }[];
      };
    };
    // The product answers some refusals with status 200.
    if (Data === undefined || (Code !== undefined && Code !== 'Success'))
      throw new CloudError({
        service: 'eventbridge',
        action: 'ListEventStreamings',
        code: Code ?? 'UnreadableAnswer',
        message: `eventbridge ListEventStreamings was refused: ${Message ?? 'no reason given'} (${Code ?? 'no code'})`,
        requestId: RequestId,
      });
    return {
      rows: (Data.EventStreamings ?? []).map(({ Source }) => Source?.SourceMNSParameters?.QueueName ?? ''),
      nextToken: Data.NextToken,
    };
  });
}

/** The number granted; undefined where the quota center does not tell: its code for this quota is not published, so it is found by name. */
async function findQuota(quotas: Send, regionId: string): Promise<number | undefined> {
  const ask = (dimensions: object) =>
    quotas('ListProductQuotas', {}, { ProductCode: 'eventbridge', MaxResults: 100, ...dimensions });
  try {
    const { Quotas = [] } = (await ask({ Dimensions: [{ Key: 'regionId', Value: regionId }] }).catch(
      (error: unknown) => {
        if (codeOf(error).startsWith('QUOTA.DIMENSION')) return ask({});
        throw error;
      },
    )) as { Quotas?: { QuotaName?: string; QuotaDescription?: string; TotalQuota?: number }[] };
    const found = Quotas.find(({ QuotaName = '', QuotaDescription = '' }) =>
      /event ?stream|事件流/i.test(`${QuotaName} ${QuotaDescription}`),
    );
    return found?.TotalQuota;
  } catch {
    return undefined;
  }
}
