import { ApiError, type ErrorRow } from '../../action.ts';

/**
 * FC3-ERR = https://help.aliyun.com/zh/functioncompute/api-fc-2023-03-30-errorcodes, which mostly leaves the HTTP status out;
 * FC2-ERR = https://help.aliyun.com/document_detail/440324.html, the same codes of API 2021-04-06 with their status;
 * TF = Terraform provider, alicloud/service_alicloud_fcv3_v2.go (all read 2026-11-23).
 */
const rows = {
  AccessDenied: { status: 403, message: 'the caller is not authorized', source: 'FC2-ERR' },
  AliasNotFound: { status: 404, message: 'alias does not exist', source: 'FC2-ERR' },
  AsyncConfigNotExists: { status: 404, message: 'AsyncConfig does not exist', source: 'FC2-ERR, TF' },
  EntityTooLarge: { status: 400, message: 'payload size exceeds maximum allowed size', source: 'FC3-ERR' },
  FunctionAlreadyExists: { status: 409, message: 'function already exists', source: 'FC2-ERR' },
  FunctionNotEmpty: { status: 409, message: 'function has active triggers', source: 'FC3-ERR; status FC2-ERR' },
  FunctionNotFound: { status: 404, message: 'function does not exist', source: 'FC3-ERR' },
  InvalidAccessKeyID: { status: 403, message: 'invalid access key ID', source: 'FC2-ERR' },
  InvalidArgument: { status: 400, message: 'invalid argument', source: 'FC2-ERR' },
  InvalidSecurityToken: {
    status: 403,
    message: 'The security token is not valid.',
    source: 'inf: as InvalidAccessKeyID',
  },
  MissingRequiredHeader: { status: 400, message: 'required HTTP header was not specified', source: 'FC2-ERR' },
  OnDemandConfigNotFound: { status: 404, message: 'concurrency config does not exist', source: 'TF; status inf' },
  PathNotSupported: { status: 400, message: 'the path is not supported', source: 'FC2-ERR' },
  RequestTimeTooSkewed: {
    status: 403,
    message: 'the difference between the request time and the current time is too large.',
    source: 'FC2-ERR',
  },
  SignatureNotMatch: {
    status: 403,
    message:
      'The request signature we calculated does not match the signature you provided. Check your access key and signing method.',
    source: 'FC2-ERR',
  },
  TriggerAlreadyExists: { status: 409, message: 'trigger already exists', source: 'FC2-ERR' },
  TriggerNotFound: { status: 404, message: 'trigger does not exist', source: 'FC2-ERR, TF' },
  VersionNotFound: { status: 404, message: 'version does not exist', source: 'FC2-ERR, TF' },
  'EmbeddedCloud.NotEmulated': { status: 501, message: 'not emulated', source: 'ours' },
} satisfies Record<string, ErrorRow>;

/** @param message - instead of the general one: the platform names what it is about. */
export const refuse = (code: keyof typeof rows, message: string = rows[code].message): ApiError =>
  new ApiError(code, rows[code].status, message);
