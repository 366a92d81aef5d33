import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { CloudContext } from '../cloud-context.ts';
import type { Credential, Principal } from '../credentials.ts';
import { hasExpired } from '../temporary-credentials.ts';
import type { WireRequest } from '../wire.ts';
import { refuse } from './errors.ts';

/** Query parameters that are part of the signed resource, those of the operations emulated here and their neighbours. */
const signedQueries = new Set(
  `acl append callback callback-var cors delete lifecycle location logging partNumber policy position referer
   response-cache-control response-content-disposition response-content-encoding response-content-language
   response-content-type response-expires restore security-token symlink tagging uploadId uploads versionId website
   x-oss-process x-oss-traffic-limit`.split(/\s+/),
);

/**
 * Checks an OSS signature of version 1, in the header (`OSS <key>:<signature>`) or in a URL, and says who signed.
 *
 * @throws ApiError 403
 * @see https://www.alibabacloud.com/help/en/oss/developer-reference/include-signatures-in-the-authorization-header (read 2026-11-23)
 */
export function authenticateOss(
  request: WireRequest,
  resource: string,
  { credentials, clock }: Pick<CloudContext, 'credentials' | 'clock'>,
): Principal {
  const header = /^OSS ([^:]+):(.+)$/.exec(request.headers['authorization'] ?? '');
  const accessKeyId = header?.[1] ?? request.query.get('OSSAccessKeyId');
  const signature = header?.[2] ?? request.query.get('Signature');
  if (accessKeyId === null || signature === null) throw refuse('AccessDenied');
  const credential = credentials.find(accessKeyId);
  if (credential === undefined) throw refuse('InvalidAccessKeyId');
  const expires = request.query.get('Expires');
  let date: string;
  if (header === null) {
    if (!/^\d+$/.test(expires ?? '') || Number(expires) * 1000 < clock.nowMs())
      throw refuse('AccessDenied', 'Request has expired.');
    date = expires ?? '';
  } else {
    date = request.headers['x-oss-date'] ?? request.headers['date'] ?? '';
    const dateMs = Date.parse(date);
    if (Number.isNaN(dateMs)) throw refuse('AccessDenied', 'The Date header is missing or not valid.');
    if (Math.abs(clock.nowMs() - dateMs) > 15 * 60_000) throw refuse('RequestTimeTooSkewed');
  }
  checkToken(request, credential);
  if (hasExpired(credential, clock)) throw refuse('SecurityTokenExpired');
  const given = Buffer.from(signature, 'base64');
  const expected = createHmac('sha1', credential.accessKeySecret)
    .update(stringToSign(request, resource, date))
    .digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refuse('SignatureDoesNotMatch');
  const digest = request.headers['content-md5'];
  if (digest !== undefined && digest !== createHash('md5').update(request.body).digest('base64'))
    throw refuse('BadDigest');
  return credential.principal;
}

/** The text that a URL of `signUrl` and a signed header have in common. */
export function stringToSign(request: WireRequest, resource: string, date: string): string {
  const headers = Object.entries(request.headers)
    .filter(([name]) => name.startsWith('x-oss-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join('');
  const queries = [...request.query]
    .filter(([name]) => signedQueries.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`));
  const canonical = queries.length === 0 ? resource : `${resource}?${queries.join('&')}`;
  return [
    request.method,
    request.headers['content-md5'] ?? '',
    request.headers['content-type'] ?? '',
    date,
    `${headers}${canonical}`,
  ].join('\n');
}

function checkToken(request: WireRequest, credential: Credential): void {
  const given = request.headers['x-oss-security-token'] ?? request.query.get('security-token') ?? undefined;
  if (credential.securityToken !== given) throw refuse('InvalidSecurityToken');
}

/** A URL that lets whoever has it read one object until `expiresAtMs`. */
export function signUrl(
  base: string,
  bucket: string,
  key: string,
  credential: Credential,
  expiresAtMs: number,
): string {
  const expires = String(Math.ceil(expiresAtMs / 1000));
  const signature = createHmac('sha1', credential.accessKeySecret)
    .update(`GET\n\n\n${expires}\n/${bucket}/${key}`)
    .digest('base64');
  const query = new URLSearchParams({ Expires: expires, OSSAccessKeyId: credential.accessKeyId, Signature: signature });
  return `${base}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}?${query.toString()}`;
}
