import type { Context } from 'hono';
import { problemResponse } from '../../shared/problem.ts';

const maxBodyBytes = 256 * 1024;

export type Json = { json: unknown } | { refusal: Response };

/** The body of a request, unless there is too much of it. */
export async function readText(context: Context): Promise<{ text: string } | { refusal: Response }> {
  const text = await context.req.text();
  if (Buffer.byteLength(text) > maxBodyBytes)
    return {
      refusal: problemResponse(413, 'body-too-large', 'Content Too Large', `The body may have ${maxBodyBytes} bytes.`),
    };
  return { text: text.trim() };
}

/** The body of a request; an empty one is an empty object. */
export async function readJson(context: Context): Promise<Json> {
  const read = await readText(context);
  if ('refusal' in read) return read;
  return read.text === '' ? { json: {} } : parseJson(read.text);
}

export function parseJson(text: string): Json {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch (error) {
    return {
      refusal: problemResponse(
        400,
        'malformed-json',
        'Bad Request',
        `The body is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      ),
    };
  }
}
