import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import * as z from 'zod';
import { check, problemsOf } from '../../shared/deployment/problems.ts';
import { problemResponse } from '../../shared/problem.ts';
import { shapeProblem } from './json-shape.ts';
import { invalidRequest } from './invalid-request.ts';

const maxBodyBytes = 256 * 1024;

type Refused = { refusal: Response };

/**
 * What the body must call itself. A web page can send a form, `text/plain` and no type at all to another origin without being
 * asked by the browser, JSON never (https://fetch.spec.whatwg.org/#cors-safelisted-request-header, read 2026-12-01).
 */
const mediaTypes = /^application\/(json|[\w.-]+\+json)$/;
/** A list of edits, and not the request with other values. */
const jsonPatch = 'application/json-patch+json';

function mediaProblem(context: Context): string | undefined {
  const [type = '', ...parameters] = (context.req.header('content-type') ?? '').toLowerCase().split(';');
  const name = type.trim();
  if (!mediaTypes.test(name) || name === jsonPatch)
    return `The body must be JSON and say so: Content-Type: application/json (curl: --json)${name === '' ? '' : `, not ${name.slice(0, 60)}`}.`;
  const charset = parameters
    .map((text) => /^\s*charset="?([^"\s]+)"?\s*$/.exec(text)?.[1])
    .find((one) => one !== undefined);
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset))
    return `The body must be in UTF-8, not in ${charset.slice(0, 60)}.`;
  const encoding = context.req.header('content-encoding') ?? 'identity';
  return encoding === 'identity'
    ? undefined
    : `The body must be sent as it is, without Content-Encoding ${encoding.slice(0, 60)}.`;
}

export async function readText(context: Context): Promise<{ text: string } | Refused> {
  const text = await context.req.text();
  const hash = context.req.header('x-acs-content-sha256');
  // A signature covers this header, and not the body: another body under it was put there by somebody else.
  if (hash !== undefined && hash !== createHash('sha256').update(text).digest('hex'))
    return {
      refusal: problemResponse(
        400,
        'body-not-signed',
        'Bad Request',
        'The body is not the one whose hash is in x-acs-content-sha256. Sign the hash of the body that is sent.',
      ),
    };
  const problem = text === '' ? undefined : mediaProblem(context);
  if (problem !== undefined)
    return { refusal: problemResponse(415, 'unsupported-media-type', 'Unsupported Media Type', problem) };
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
    const json = JSON.parse(text) as unknown;
    const problem = shapeProblem(json);
    return problem === undefined
      ? { json }
      : { refusal: problemResponse(400, 'invalid-request', 'Bad Request', `The body is no request: ${problem}`) };
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

const nothing = z.strictObject({});

/** The answer where a call that takes no body has one that says something: what is not read must not look taken. */
export async function refuseBody(context: Context): Promise<Response | undefined> {
  const read = await readJson(context);
  if ('refusal' in read) return read.refusal;
  const parsed = check(nothing, read.json);
  return parsed.success ? undefined : invalidRequest(problemsOf(parsed.error, read.json));
}
