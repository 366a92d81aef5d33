import { createHash, createHmac } from 'node:crypto';
import type { CloudContext } from '../../local/cloud-context.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Sends one call of the RPC style, signed by hand as root: for what the vendor's clients lose on the way, as a parameter
 * called `__proto__`.
 *
 * @see https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature (read 2026-11-22)
 */
export async function signedCall(
  url: string,
  { credentials, clock }: CloudContext,
  version: string,
  action: string,
  params: [name: string, value: string][] = [],
): Promise<{ status: number; text: string; code: string }> {
  const headers: [name: string, value: string][] = [
    ['host', new URL(url).host],
    ['x-acs-action', action],
    ['x-acs-content-sha256', sha256('')],
    ['x-acs-date', new Date(clock.nowMs()).toISOString()],
    ['x-acs-version', version],
  ];
  const query = params
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const names = headers.map(([name]) => name).join(';');
  const canonical = ['POST', '/', query, ...headers.map((header) => header.join(':')), '', names, sha256('')].join(
    '\n',
  );
  const { accessKeyId, accessKeySecret } = credentials.root;
  const signature = createHmac('sha256', accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  const answer = await fetch(`${url}/?${query}`, {
    method: 'POST',
    headers: {
      ...Object.fromEntries(headers.filter(([name]) => name !== 'host')),
      authorization: `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names},Signature=${signature}`,
    },
  });
  const text = await answer.text();
  return { status: answer.status, text, code: (JSON.parse(text) as { Code?: string }).Code ?? '' };
}
