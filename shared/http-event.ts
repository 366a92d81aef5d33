/**
 * Between Function Compute's HTTP trigger and the web's Request and Response.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/http-trigger-invoking-function (read 2026-11-22)
 */
export interface HttpEvent {
  version: string;
  rawPath: string;
  body: string;
  isBase64Encoded: boolean;
  headers: Record<string, string>;
  queryParameters: Record<string, string>;
  requestContext: {
    accountId?: string;
    domainName?: string;
    http: { method: string; path: string; sourceIp?: string };
    requestId?: string;
  };
}

export interface HttpResult {
  statusCode: number;
  headers: Record<string, string>;
  isBase64Encoded: boolean;
  body: string;
}

/** @throws Error when the event is not one of an HTTP trigger. */
export function readHttpEvent(event: Buffer | string): HttpEvent {
  const parsed = JSON.parse(event.toString()) as Partial<HttpEvent> | null;
  if (
    typeof parsed !== 'object' ||
    parsed === null ||
    typeof parsed.rawPath !== 'string' ||
    parsed.requestContext?.http?.method === undefined
  )
    throw new Error('the event is not one of an HTTP trigger: rawPath and requestContext.http.method are missing');
  return { version: 'v1', body: '', isBase64Encoded: false, headers: {}, queryParameters: {}, ...parsed } as HttpEvent;
}

export function toRequest(event: HttpEvent): Request {
  const { method } = event.requestContext.http;
  // Put together as text: resolved against a base, a path that begins with two slashes would name another host.
  const url = new URL(`https://${event.requestContext.domainName ?? 'localhost'}${event.rawPath || '/'}`);
  for (const [name, value] of Object.entries(event.queryParameters)) url.searchParams.set(name, value);
  const hasBody = method !== 'GET' && method !== 'HEAD' && event.body !== '';
  return new Request(url, {
    method,
    headers: event.headers,
    ...(hasBody ? { body: event.isBase64Encoded ? Buffer.from(event.body, 'base64') : event.body } : {}),
  });
}

export async function toResult(response: Response): Promise<HttpResult> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    isBase64Encoded: false,
    body: await response.text(),
  };
}
