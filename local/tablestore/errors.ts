import { errorTable } from '../action.ts';

/**
 * DOC = https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes (text of May 2026, read 2026-11-22);
 * PY = tests of aliyun/aliyun-tablestore-python-sdk against the real service.
 */
const rows = {
  OTSAuthFailed: { status: 403, message: 'Signature mismatch.', source: 'DOC' },
  OTSNoPermissionAccess: {
    status: 403,
    message: 'You have no permission to access the requested resource, please contact the resource owner.',
    source: 'DOC',
  },
  OTSRequestBodyTooLarge: { status: 413, message: 'The size of POST data is too large.', source: 'DOC' },
  OTSRequestTimeout: { status: 408, message: 'Request timeout.', source: 'DOC' },
  OTSMethodNotAllowed: { status: 405, message: 'Only POST method for requests is supported.', source: 'DOC' },
  OTSParameterInvalid: { status: 400, message: 'The parameter is invalid.', source: 'DOC, PY' },
  OTSInvalidPK: { status: 400, message: 'Primary key schema mismatch.', source: 'DOC, PY' },
  OTSOutOfRowSizeLimit: {
    status: 400,
    message: 'The total data size of columns in one row exceeded the limit.',
    source: 'DOC',
  },
  OTSOutOfColumnCountLimit: {
    status: 400,
    message: 'The number of columns in one row exceeded the limit.',
    source: 'DOC',
  },
  OTSQuotaExhausted: { status: 403, message: 'Number of tables exceeded the quota.', source: 'DOC' },
  OTSCapacityUnitExhausted: { status: 403, message: 'Capacity unit is not enough.', source: 'DOC' },
  OTSNotEnoughCapacityUnit: { status: 403, message: 'Remaining capacity unit is not enough.', source: 'PY' },
  OTSConditionCheckFail: { status: 403, message: 'Condition check failed.', source: 'DOC, PY' },
  OTSObjectNotExist: { status: 404, message: 'Requested table does not exist.', source: 'DOC, PY' },
  OTSTableNotReady: { status: 404, message: 'The table is not ready.', source: 'DOC' },
  OTSObjectAlreadyExist: { status: 409, message: 'Requested table already exists.', source: 'DOC, PY' },
  OTSRowOperationConflict: {
    status: 409,
    message: 'Data is being modified by the other request.',
    source: 'DOC',
  },
  OTSFlowControl: { status: 429, message: 'The requests have been throttled.', source: 'DOC' },
  OTSInternalServerError: { status: 500, message: 'Internal server error.', source: 'DOC' },
  OTSServerBusy: { status: 503, message: 'Server is busy.', source: 'DOC' },
  OTSPartitionUnavailable: { status: 503, message: 'The partition is not available.', source: 'DOC' },
  OTSTimeout: { status: 503, message: 'Operation timeout.', source: 'DOC' },
  OTSServerUnavailable: { status: 503, message: 'Server is not available.', source: 'DOC' },
};

export type TablestoreErrorCode = keyof typeof rows;

const refuseCode = errorTable(rows);

/** `message` replaces the table's text: most codes have one text per cause. */
export const refuse = (code: TablestoreErrorCode, message?: string) => {
  const error = refuseCode(code);
  if (message !== undefined) error.message = message;
  return error;
};

/** OTSParameterInvalid with the given text. */
export const invalid = (message: string) => refuse('OTSParameterInvalid', message);

export const isTablestoreCode = (code: string): code is TablestoreErrorCode => Object.hasOwn(rows, code);

/** The real service's name for the codes that the fault injector and the edge use for every protocol. */
const ownNames: [RegExp, TablestoreErrorCode][] = [
  [/^Throttling/, 'OTSServerBusy'],
  [/^(ServiceUnavailable|ServerUnavailable)/, 'OTSServerUnavailable'],
  [/^Internal/, 'OTSInternalServerError'],
  [/^InvalidParameter/, 'OTSParameterInvalid'],
  [/^Forbidden/, 'OTSNoPermissionAccess'],
];

/** An injected error in Tablestore's own words. A foreign code stays as given; 400 yields to the status that the code really has. */
export function inOwnWords(
  status: number,
  code: string,
  message: string,
): { code: string; status: number; message: string } {
  const translated = ownNames.find(([pattern]) => pattern.test(code))?.[1];
  if (translated !== undefined) {
    const error = refuse(translated);
    return {
      code: translated,
      status: error.httpStatus,
      message: translated === 'OTSParameterInvalid' ? message : error.message,
    };
  }
  if (isTablestoreCode(code) && status === 400) return { code, status: refuse(code).httpStatus, message };
  return { code, status, message };
}
