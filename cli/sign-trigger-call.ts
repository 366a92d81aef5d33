import { createHash, createHmac } from 'node:crypto';
import type { CloudSettings } from '../shared/alibaba/call.ts';

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

export interface TriggerCall {
  method: string;
  url: URL;
  /** Empty for none. */
  body: string;
  /** Besides those of the signature; signed too. Names in lower case. */
  headers: Record<string, string>;
}

/**
 * Signs a call of an HTTP trigger by ACS3-HMAC-SHA256, so that neither its body nor its headers can be exchanged: the hash of the
 * body is a signed header, which the `api` function compares with the body that came, and stands in the signature itself.
 *
 * @param payload - what stands at the end of the signed text. `hash`, as the mechanism of version 3 has it; `empty`, as the
 *   samples for HTTP triggers have it, which sign no body. Which of them the platform takes for a call with a body is not
 *   documented.
 * @returns all headers to send.
 * @see https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature (read 2026-11-22)
 * @see https://help.aliyun.com/en/functioncompute/fc/user-guide/configure-signature-authentication-for-http-triggers (read 2026-12-01)
 */
export function signTriggerCall(
  { method, url, body, headers }: TriggerCall,
  { accessKeyId, accessKeySecret, securityToken }: CloudSettings['credentials'],
  { payload, nowMs }: { payload: 'hash' | 'empty'; nowMs: number },
): Record<string, string> {
  const hash = sha256(body);
  const signed: Record<string, string> = {
    ...headers,
    'x-acs-content-sha256': hash,
    'x-acs-date': new Date(nowMs).toISOString(),
    ...(securityToken === undefined ? {} : { 'x-acs-security-token': securityToken }),
  };
  const sorted = Object.entries(signed).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = sorted.map(([name]) => name).join(';');
  const query = [...url.searchParams].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const canonical = [
    method,
    url.pathname.replaceAll('$', '%24'),
    query.map((pair) => pair.map(encode).join('=')).join('&'),
    sorted.map(([name, value]) => `${name}:${value.trim()}\n`).join(''),
    names,
    payload === 'hash' ? hash : '',
  ].join('\n');
  const signature = createHmac('sha256', accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest('hex');
  return {
    ...signed,
    authorization: `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names},Signature=${signature}`,
  };
}
