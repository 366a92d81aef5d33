import type { ChannelAnswer, ChannelRequest } from './channel.ts';

const timeoutMs = 5000;
const maxBodyBytes = 16 * 1024;

/** A channel that could not be reached; says nothing of its URL (P-188). */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Sends the request as it is. A redirect is an answer like any other, and is not followed. */
export async function post({ url, headers, body }: ChannelRequest): Promise<ChannelAnswer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await beginningOf(response),
    };
  } catch (error) {
    throw new Unreachable(reasonOf(error));
  }
}

/** No more of the answer than is looked at. */
async function beginningOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body !== null)
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxBodyBytes) break;
    }
  return Buffer.concat(chunks).subarray(0, maxBodyBytes).toString('utf8');
}

/** The system's code, or the kind of the error: messages of `fetch` may hold the URL. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const { cause } = error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : undefined;
  return code ?? error.name;
}
