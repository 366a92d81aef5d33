import type { FcAction } from '../action.ts';
import { refuse } from '../errors.ts';

/** Of the log, from its end. Source: SDK, InvokeFunctionHeaders (`x-fc-log-type: Tail`). */
const tailBytes = 4096;

/**
 * A handler's error answers 200 as well: `X-Fc-Error-Type` tells (P-141).
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-invokefunction
 */
export const invokeFunction: FcAction = {
  name: 'InvokeFunction',
  method: 'POST',
  path: '/functions/{functionName}/invocations',
  async apply({ directory, request, path: { functionName } }) {
    const stored = directory.function(functionName);
    directory.checkQualifier(functionName, request.query.get('qualifier'));
    const type = (request.headers['x-fc-invocation-type'] ?? 'Sync').toLowerCase();
    if (type !== 'sync' && type !== 'async')
      throw refuse('InvalidArgument', `x-fc-invocation-type '${type}' is neither Sync nor Async`);
    const logType = request.headers['x-fc-log-type'] ?? 'None';
    if (logType !== 'None' && logType !== 'Tail')
      throw refuse('InvalidArgument', `x-fc-log-type '${logType}' is neither None nor Tail`);
    const delay = request.headers['x-fc-async-delay'];
    const delaySeconds = delay === undefined ? 0 : Number(delay);
    if (delay !== undefined && !(delaySeconds > 0 && delaySeconds <= 3600))
      throw refuse('InvalidArgument', 'x-fc-async-delay must be in (0, 3600]');
    const log = directory.options.compute.follow(request.id);
    try {
      const result = await directory.options.compute.invoke(functionName, request.body, {
        type,
        requestId: request.id,
        delayMs: delaySeconds * 1000,
      });
      const headers: Record<string, string> = { 'x-fc-code-checksum': stored.code.checksum };
      if (result.refusal !== undefined) {
        const body = { RequestId: request.id, Code: result.refusal.code, Message: result.refusal.message };
        return {
          status: result.statusCode,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          code: result.refusal.code,
        };
      }
      if (type === 'async') return { status: result.statusCode, headers, body: '' };
      const durationMs = Math.max(1, Math.ceil(result.durationMs));
      headers['x-fc-invocation-duration'] = String(durationMs);
      headers['content-type'] = 'application/octet-stream';
      if (result.error !== undefined) headers['x-fc-error-type'] = result.error.kind;
      if (logType === 'Tail') {
        const text = [
          `FC Invoke Start RequestId: ${request.id}`,
          ...log.lines.map(({ time, level, message }) => `${time} ${request.id} [${level}] ${message}`),
          `FC Invoke End RequestId: ${request.id}`,
          '',
          `Duration: ${result.durationMs.toFixed(2)} ms, Billed Duration: ${durationMs} ms, Memory Size: ${stored.input.memorySize} MB`,
        ].join('\n');
        headers['x-fc-log-result'] = Buffer.from(text).subarray(-tailBytes).toString('base64');
      }
      return {
        status: 200,
        headers,
        body: result.body,
        ...(result.error === undefined ? {} : { code: result.error.errorType }),
      };
    } finally {
      log.end();
    }
  },
};
