import { integer, list, oneOf, required, struct, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import { refuse } from '../errors.ts';
import type { Quota, QuotaState } from '../state.ts';

const quotaForm = ({ productCode, actionCode, name, total, usage }: Quota, regionId: string) => ({
  ProductCode: productCode,
  QuotaActionCode: actionCode,
  QuotaName: name,
  QuotaDescription: name,
  QuotaCategory: 'CommonQuota',
  QuotaUnit: 'AMOUNT',
  Dimensions: { regionId },
  Adjustable: true,
  Consumable: usage !== undefined,
  TotalQuota: total,
  ...(usage === undefined ? {} : { TotalUsage: usage }),
});

/**
 * ListProductQuotas, Quota Center 2020-05-10, without sorting and groups.
 * Source: https://www.alibabacloud.com/help/en/quota-center/developer-reference/api-quotas-2020-05-10-listproductquotas
 * (read 2026-11-29); members of the answer by the vendor's SDK. Product codes:
 * https://www.alibabacloud.com/help/en/quota-center/product-overview/alibaba-cloud-services-that-support-quota-center
 */
export const listProductQuotas = rpcAction<QuotaState>()({
  isWrite: false,
  params: {
    ProductCode: required(text()),
    QuotaActionCode: text(),
    QuotaCategory: oneOf('CommonQuota', 'FlowControl', 'WhiteListLabel'),
    MaxResults: integer(1, 100),
    NextToken: text(),
    Dimensions: list(struct({ Key: required(text()), Value: required(text()) }), 10),
  },
  apply(state, params) {
    const { regionId } = state.context;
    const quotas = state.list(params.ProductCode);
    if (quotas === undefined) throw refuse('EmbeddedCloud.NotEmulated', `${params.ProductCode}.`);
    for (const { Key, Value } of params.Dimensions ?? []) {
      if (Key !== 'regionId') throw refuse('QUOTA.DIMENSION.UNSUPPORT', Key);
      if (Value !== regionId) throw refuse('QUOTA.DIMENSION.VALUE.UNSUPPORT', Value);
    }
    const found = quotas.filter(
      ({ actionCode }) =>
        (params.QuotaActionCode ?? actionCode) === actionCode &&
        (params.QuotaCategory ?? 'CommonQuota') === 'CommonQuota',
    );
    const limit = params.MaxResults ?? 30;
    const from = Number(params.NextToken ?? 0);
    if (!Number.isInteger(from) || from < 0) throw refuse('PARAMETER.ILLEGALL', 'NextToken is not valid.');
    const next = from + limit;
    return {
      Quotas: found.slice(from, next).map((quota) => quotaForm(quota, regionId)),
      MaxResults: limit,
      TotalCount: found.length,
      ...(next < found.length ? { NextToken: String(next) } : {}),
    };
  },
});
