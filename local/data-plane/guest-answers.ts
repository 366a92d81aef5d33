import { ApiError } from '../action.ts';
import type { GuestAnswer } from '../ecs/state.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';

/**
 * Reads `{PATH: {status, location?, body?}}`. The paths are those that requests ask for, without query, percent-decoded.
 *
 * @throws ApiError `InvalidAnswers` with the first thing that is wrong.
 */
export function readGuestAnswers(given: unknown): Map<string, GuestAnswer> {
  if (!isRecord(given)) throw invalid('an object of paths is needed');
  const answers = new Map<string, GuestAnswer>();
  for (const [path, answer] of Object.entries(given)) {
    if (!path.startsWith('/')) throw invalid(`${path} does not begin with /`);
    if (!isRecord(answer)) throw invalid(`${path} needs an object such as {"status": 404}`);
    const { status, location, body, ...rest } = answer;
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw invalid(`${path}: ${unknown} is none of status, location, body`);
    // Node's server cannot end a request with an interim answer.
    if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599)
      throw invalid(`${path}: status must be a whole number from 200 to 599`);
    if (!isText(location) || !isText(body)) throw invalid(`${path}: location and body must be texts`);
    answers.set(path, answer as unknown as GuestAnswer);
  }
  return answers;
}

const invalid = (message: string): ApiError => new ApiError('InvalidAnswers', 400, message);
