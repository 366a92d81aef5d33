import { errorTable } from '../action.ts';

/** DOC = https://www.alibabacloud.com/help/doc-detail/440570.html (read 2026-11-29), whose codes all come with status 400. */
export const refuse = errorTable({
  'PARAMETER.ILLEGALL': { status: 400, message: 'The specified parameter is invalid.', source: 'DOC; so spelt there' },
  MissingProductCode: { status: 400, message: 'ProductCode is missing', source: 'DOC' },
  'QUOTA.DIMENSION.UNSUPPORT': {
    status: 400,
    message: 'The entered quota dimension key is not supported.',
    source: 'DOC',
  },
  'QUOTA.DIMENSION.VALUE.UNSUPPORT': {
    status: 400,
    message: 'The entered quota dimension value is not supported.',
    source: 'DOC',
  },
  'EmbeddedCloud.NotEmulated': {
    status: 501,
    message: 'The embedded cloud keeps quotas of eventbridge only, not of',
    source: 'ours',
  },
});
