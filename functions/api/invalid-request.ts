import type { Problem } from '../../shared/deployment/spec.ts';
import { problemResponse } from '../../shared/problem.ts';

export const sentenceOf = (problems: Problem[]): string =>
  problems.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ');

/** 400 with every problem. */
export const invalidRequest = (problems: Problem[]): Response =>
  problemResponse(400, 'invalid-request', 'Bad Request', sentenceOf(problems), problems);
