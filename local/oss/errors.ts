import { errorTable } from '../action.ts';

/** OSS-ERR = https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses-1, in the words of its table. */
export const refuse = errorTable({
  AccessDenied: { status: 403, message: 'You have no right to access this object.', source: 'OSS-ERR' },
  BadDigest: {
    status: 400,
    message: 'The Content-MD5 you specified did not match what we received.',
    source: 'OSS-ERR',
  },
  InvalidAccessKeyId: {
    status: 403,
    message: 'The OSS Access Key Id you provided does not exist in our records.',
    source: 'OSS-ERR',
  },
  InvalidBucketName: { status: 400, message: 'The specified bucket is not valid.', source: 'OSS-ERR' },
  InvalidSecurityToken: { status: 403, message: 'The security token you provided is invalid.', source: 'OSS-ERR' },
  NoSuchBucket: { status: 404, message: 'The specified bucket does not exist.', source: 'OSS-ERR' },
  NoSuchKey: { status: 404, message: 'The specified key does not exist.', source: 'OSS-ERR' },
  NotImplemented: {
    status: 501,
    message: 'The embedded cloud does not emulate this operation.',
    source: 'OSS-ERR: "A header you provided implies functionality that is not implemented."; the words are ours',
  },
  RequestTimeTooSkewed: {
    status: 403,
    message: 'The difference between the request time and the current time is too large.',
    source: 'OSS-ERR',
  },
  SecurityTokenExpired: {
    status: 403,
    message: 'The security token you provided has expired.',
    source:
      'https://help.aliyun.com/en/oss/user-guide/0002-00000007; code, status and text as in https://developer.aliyun.com/ask/553273',
  },
  SignatureDoesNotMatch: {
    status: 403,
    message:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    source: 'OSS-ERR',
  },
});
