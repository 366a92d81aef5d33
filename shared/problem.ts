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
  /** The load balancer that stands in the way. */
  id?: string;
}

export function problemResponse(
  status: number,
  code: string,
  title: string,
  detail: string,
  errors?: Problem[],
  more: Pick<ProblemDetails, 'id'> = {},
): Response {
  const body: ProblemDetails = {
    type: 'about:blank',
    title,
    status,
    detail,
    code,
    ...(errors === undefined ? {} : { errors }),
    ...more,
  };
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } });
}
