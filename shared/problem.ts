import type { Problem } from './deployment/spec.ts';

/** Problem details of HTTP APIs (RFC 9457). */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  /** Every problem with the field it is about. */
  errors?: Problem[];
}

export function problemResponse(
  status: number,
  code: string,
  title: string,
  detail: string,
  errors?: Problem[],
): Response {
  const body: ProblemDetails = {
    type: 'about:blank',
    title,
    status,
    detail,
    code,
    ...(errors === undefined ? {} : { errors }),
  };
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } });
}
