import type { Context } from 'hono';
import { problemResponse } from '../../shared/problem.ts';

const maxBodyBytes = 256 * 1024;

type Refused = { refusal: Response };

export async function readText(context: Context): Promise<{ text: string } | Refused> {
  const text = await context.req.text();
  return Buffer.byteLength(text) > maxBodyBytes
    ? {
        refusal: problemResponse(
          413,
          'body-too-large',
          'Content Too Large',
          `The body may have ${maxBodyBytes} bytes.`,
        ),
      }
    : { text: text.trim() };
}

/** An empty body is an empty object. */
export async function readJson(context: Context): Promise<{ json: unknown } | Refused> {
  const read = await readText(context);
  if ('refusal' in read) return read;
  return read.text === '' ? { json: {} } : parseJson(read.text);
}

export function parseJson(text: string): { json: unknown } | Refused {
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
