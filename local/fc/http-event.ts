import type { WireAnswer, WireRequest } from '../wire.ts';
import { setAt } from '../dictionary.ts';

/** Request and response of an HTTP trigger. Source: https://www.alibabacloud.com/help/en/functioncompute/fc/http-trigger-invoking-function (read 2026-11-22). */

const isText = (contentType: string): boolean =>
  contentType === '' ||
  /^text\/|^application\/(json|xml|javascript|graphql|x-www-form-urlencoded|[\w.-]+\+(json|xml))\b/i.test(contentType);

/** `content-type` becomes `Content-Type`, as the platform's HTTP stack (Go) spells names (inf): handlers must not care. */
const headerName = (name: string): string => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The event of one request. `nowMs` is the cloud's time. */
export function eventOfRequest(request: WireRequest, accountId: string, nowMs: number): Buffer {
  const queryParameters: Record<string, string> = {};
  for (const name of new Set(request.query.keys())) setAt(queryParameters, name, request.query.getAll(name).join(','));
  const isBase64Encoded = request.body.length > 0 && !isText(request.headers['content-type'] ?? '');
  const domainName = (request.headers['host'] ?? '').replace(/:\d+$/, '');
  return Buffer.from(
    JSON.stringify({
      version: 'v1',
      rawPath: request.path,
      body: request.body.toString(isBase64Encoded ? 'base64' : 'utf8'),
      isBase64Encoded,
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [headerName(name), value])),
      queryParameters,
      requestContext: {
        accountId,
        domainName,
        domainPrefix: domainName.split('.')[0],
        http: {
          method: request.method,
          path: decodePath(request.path),
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: request.headers['user-agent'] ?? '',
        },
        requestId: request.id,
        time: new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
        timeEpoch: String(nowMs),
      },
    }),
  );
}

/** https://www.alibabacloud.com/help/doc-detail/191345.htm: the platform sets these itself. */
const isForbidden = (name: string, value: string): boolean =>
  name.startsWith('x-fc-') ||
  ['connection', 'content-length', 'date', 'keep-alive', 'server', 'transfer-encoding'].includes(name) ||
  (name === 'content-disposition' && value.trim().toLowerCase() === 'attachment');

export interface MappedResponse {
  answer: WireAnswer;
  /** Headers of the function that the platform does not pass on. */
  dropped: string[];
}

/**
 * The HTTP response that a function's output stands for. Output that is no JSON object with `statusCode` becomes the body of
 * a 200 with content type `application/json` (the page's own rule).
 *
 * @returns a text, the reason, when there is a `statusCode` but the rest has not the documented form.
 */
export function responseOf(output: Buffer): MappedResponse | string {
  const whole: MappedResponse = {
    answer: { status: 200, headers: { 'content-type': 'application/json' }, body: output },
    dropped: [],
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(output.toString('utf8'));
  } catch {
    return whole;
  }
  if (typeof parsed !== 'object' || parsed === null || !Object.hasOwn(parsed, 'statusCode')) return whole;
  const { statusCode, headers = {}, isBase64Encoded = false, body = '' } = parsed as Record<string, unknown>;
  const status = typeof statusCode === 'string' ? Number(statusCode) : statusCode;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599)
    return `statusCode ${String(statusCode)} is not a status`;
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return 'headers is not a map';
  if (typeof isBase64Encoded !== 'boolean') return 'isBase64Encoded is not a boolean';
  if (typeof body !== 'string') return 'body is not a text';
  const passed: Record<string, string> = {};
  const dropped: string[] = [];
  for (const [name, value] of Object.entries(headers as Record<string, unknown>)) {
    if (typeof value !== 'string' && typeof value !== 'number') return `header ${name} is not a text`;
    if (isForbidden(name.toLowerCase(), String(value))) dropped.push(name);
    else setAt(passed, name.toLowerCase(), String(value));
  }
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return { answer: { status, headers: { 'content-type': 'application/json', ...passed }, body: bytes }, dropped };
}
