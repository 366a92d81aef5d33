import type { SpecInput } from '../../shared/deployment/spec.ts';
import type { Harness } from '../support/harness.ts';

/** Posts until the answer comes, as a client with an Idempotency-Key does. @returns the deployment's id. */
export async function post(harness: Harness, key: string, spec: SpecInput): Promise<string> {
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const response = await harness
      .api('POST', '/load-balancers', { name: 'chaos', ...spec }, { 'idempotency-key': key })
      .catch(() => undefined);
    if (response?.status === 202) return response.headers.get('location')?.split('/').at(-1) ?? '';
  }
  throw new Error('POST was never answered with 202');
}

/** Asks until the answer comes. @returns its status. */
export async function ask(harness: Harness, method: string, path: string, body?: object): Promise<number> {
  let status = 0;
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    status = (await harness.api(method, path, body).catch(() => undefined))?.status ?? 0;
    if (status !== 0 && status < 500) return status;
  }
  return status;
}
