import { expect, it } from 'vitest';
import { problemResponse } from '../../shared/problem.ts';

it('a problem has its media type', async () => {
  const response = problemResponse(404, 'not-found', 'Not Found', 'There is nothing here.');
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'There is nothing here.',
    code: 'not-found',
  });
});

it('a problem names every field that is wrong', async () => {
  const errors = [
    { field: 'listener.port', message: 'too big' },
    { field: '', message: 'no body' },
  ];
  const response = problemResponse(400, 'invalid-request', 'Bad Request', 'two problems', errors);
  expect(await response.json()).toMatchObject({ errors });
});
