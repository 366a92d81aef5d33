import { CloudError } from './cloud-error.ts';

/** Codes of Node.js that say that no answer came. */
const connectionCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** The fields by which the errors of the SDK, of its HTTP client and of Node.js can be told apart. */
interface Thrown {
  name?: string;
  code?: unknown;
  message?: string;
  statusCode?: number;
  requestId?: string;
  retryAfter?: number;
  data?: { Message?: unknown; message?: unknown };
}

/**
 * What a failed SDK call means. Codes of the service are kept; what never reached a service, or came back unreadable, gets
 * `ConnectionFailed`, `Timeout`, `UnreadableAnswer` (an HTML page or nothing where JSON was due, P-008).
 *
 * @param secrets - texts that must not stand in a message: a refused signature is answered with what was signed.
 */
export function toCloudError(
  service: string,
  action: string,
  thrown: unknown,
  secrets: readonly string[] = [],
): CloudError {
  if (thrown instanceof CloudError) return thrown;
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) }) as Thrown;
  const call = `${service} ${action}`;
  const httpStatus = error.statusCode;
  const requestId = error.requestId === 'undefined' || error.requestId === '' ? undefined : error.requestId;
  const code = typeof error.code === 'string' && error.code !== 'undefined' ? error.code : undefined;
  const said = error.data?.Message ?? error.data?.message ?? error.message ?? '';
  const message = typeof said === 'string' ? said : JSON.stringify(said);
  const isTainted = secrets.some(
    (secret) => secret !== '' && (message.includes(secret) || (error.message ?? '').includes(secret)),
  );
  const facts = {
    service,
    action,
    httpStatus,
    requestId,
    retryAfterMs: error.retryAfter,
    cause: isTainted ? undefined : thrown,
  };
  if (httpStatus === undefined) {
    if (error.name === 'RequestTimeoutError')
      return new CloudError({ ...facts, code: 'Timeout', message: `${call} got no answer in time` });
    if ((code !== undefined && connectionCodes.has(code)) || /socket hang up|^aborted$/.test(error.message ?? ''))
      return new CloudError({
        ...facts,
        code: 'ConnectionFailed',
        message: `${call} lost its connection (${code ?? 'hang-up'})`,
      });
    // A TypeError: valid JSON that is no object, where the SDK looks for Code.
    if (thrown instanceof SyntaxError || thrown instanceof TypeError)
      return new CloudError({
        ...facts,
        code: 'UnreadableAnswer',
        message: `${call} was answered with something other than JSON`,
      });
  } else if (code === undefined)
    return new CloudError({
      ...facts,
      code: 'UnreadableAnswer',
      message: `${call} was answered with HTTP ${httpStatus} without a code`,
    });
  const where = [
    code,
    httpStatus === undefined ? undefined : `HTTP ${httpStatus}`,
    requestId === undefined ? undefined : `request ${requestId}`,
  ];
  return new CloudError({
    ...facts,
    code: code ?? 'UnexpectedFailure',
    message: `${call} was refused: ${clean(message, secrets)} (${where.filter((part) => part !== undefined).join(', ')})`,
  });
}

const clean = (message: string, secrets: readonly string[]): string => {
  let text = message;
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '***');
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
};
