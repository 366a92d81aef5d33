import { errorTable } from '../action.ts';

/**
 * Sources: DOC = https://alibabacloud.com/help/en/mns/error-codes, GO = errors.go of aliyun/aliyun-mns-go-sdk (which gives
 * codes without status or text), both read 2026-11-22.
 */
export const refuse = errorTable({
  MissingAuthorizationHeader: { status: 400, message: 'Authorization header is required.', source: 'DOC' },
  InvalidAuthorizationHeader: { status: 400, message: 'The Authorization header format is invalid.', source: 'DOC' },
  MissingDateHeader: { status: 400, message: 'Date header is required.', source: 'DOC' },
  InvalidDateHeader: { status: 400, message: 'The Date header format is invalid.', source: 'DOC' },
  MissingVersionHeader: { status: 400, message: 'x-mns-version header is required.', source: 'GO; text inf' },
  InvalidVersionHeader: { status: 400, message: 'The x-mns-version header is invalid.', source: 'GO; text inf' },
  TimeExpired: { status: 408, message: 'The http request you sent is expired.', source: 'DOC' },
  InvalidAccessKeyId: { status: 403, message: 'The AccessKey Id you provided is not exist.', source: 'DOC' },
  SignatureDoesNotMatch: {
    status: 403,
    message:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    source: 'DOC',
  },
  AccessDenied: {
    status: 403,
    message: 'The OwnerId that your Access Key Id associated to is forbidden for this operation.',
    source: 'DOC',
  },
  // So spelt in the documentation.
  InvalidDegist: { status: 400, message: 'The Content-MD5 you specified is invalid.', source: 'DOC' },
  InvalidRequestURL: { status: 400, message: 'Http request URL format invalid.', source: 'DOC' },
  InvalidQueryString: { status: 400, message: 'Http request URL contains invalid querystring item', source: 'DOC' },
  InvalidArgument: { status: 400, message: 'The argument is invalid.', source: 'DOC' },
  MalformedXML: { status: 400, message: 'The XML you provided was not well-formed.', source: 'DOC' },
  MissingReceiptHandle: { status: 400, message: 'ReceiptHandle is required.', source: 'DOC' },
  MissingVisibilityTimeout: { status: 400, message: 'VisibilityTimeout is required.', source: 'DOC' },
  ReceiptHandleError: { status: 400, message: 'The receipt handle you provide is not valid.', source: 'DOC' },
  MessageNotExist: { status: 404, message: 'Message not exist.', source: 'DOC' },
  QueueNotExist: { status: 404, message: 'The queue name you provided is not exist.', source: 'DOC' },
  QueueAlreadyExist: { status: 409, message: 'The queue you want to create is already exist.', source: 'DOC' },
  QueueDeletedRecently: { status: 400, message: 'The queue you want to create is deleted recently.', source: 'DOC' },
  InvalidQueueName: {
    status: 400,
    message:
      'The queue name you provided is invalid. QueueName should start with a letter or digit and contain only letters, digits and -.',
    source: 'DOC; first character: help page of the queue limits',
  },
  QueueNameLengthError: {
    status: 400,
    message: 'Queue name length should between 1 and 120.',
    source: 'DOC; 120: help page of the queue limits (older texts say 256)',
  },
  'EmbeddedCloud.TopicsNotEmulated': {
    status: 400,
    message: 'The embedded cloud emulates MNS queues, not topics.',
    source: 'ours',
  },
  'EmbeddedCloud.NotEmulated': { status: 400, message: 'The embedded cloud does not emulate', source: 'ours' },
});

/** The element or query item is outside its range, in the documentation's words. */
export const outOfRange = (name: string, low: number, high: number, unit = 'seconds') =>
  sayInvalid(`The value of ${name} should between ${low} and ${high}${unit === '' ? '' : ` ${unit}`}.`);

/** The document is well-formed, but not what the operation takes. */
export const offSchema = (element: string) =>
  sayInvalid(`The XML you provided did not validate against our published schema, cause by ${element}.`);

function sayInvalid(message: string) {
  const error = refuse('InvalidArgument');
  error.message = message;
  return error;
}
