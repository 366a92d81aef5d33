import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import { ApiError } from './action.ts';
import type { CredentialStore, Principal } from './credentials.ts';
import { hasExpired } from './temporary-credentials.ts';
import { valueAt } from './dictionary.ts';
import type { WireRequest } from './wire.ts';

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

/**
 * Checks an ACS3-HMAC-SHA256 signature and the request's date, and says who signed.
 *
 * @throws ApiError `IncompleteSignature`, `InvalidAccessKeyId.NotFound`, `SignatureDoesNotMatch`, `InvalidSecurityToken.*`, `InvalidTimeStamp.Expired`.
 * @see https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature (read 2026-11-22)
 */
export function authenticateAcs3(request: WireRequest, credentials: CredentialStore, clock: Clock): Principal {
  const authorization = request.headers['authorization'] ?? '';
  const parts = /^ACS3-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)$/.exec(
    authorization,
  );
  if (parts === null)
    throw new ApiError('IncompleteSignature', 400, 'The request signature does not conform to Aliyun standards.');
  const [, accessKeyId = '', signedHeaders = '', signature = ''] = parts;
  const credential = credentials.find(accessKeyId);
  if (credential === undefined)
    throw new ApiError('InvalidAccessKeyId.NotFound', 404, 'Specified access key is not found.');
  if (credential.securityToken !== undefined && request.headers['x-acs-security-token'] !== credential.securityToken)
    throw new ApiError('InvalidSecurityToken.Malformed', 400, 'Specified SecurityToken is malformed.');
  // 400 in most of the vendor's tables of errors, 403 in some (such as DTS); so a caller must look at the code.
  if (hasExpired(credential, clock))
    throw new ApiError('InvalidSecurityToken.Expired', 400, 'Specified SecurityToken is expired.');
  const dateMs = Date.parse(request.headers['x-acs-date'] ?? '');
  if (Number.isNaN(dateMs))
    throw new ApiError('InvalidTimeStamp.Format', 400, 'Specified time stamp or date value is not well formatted.');
  if (Math.abs(clock.nowMs() - dateMs) > 15 * 60_000)
    throw new ApiError('InvalidTimeStamp.Expired', 400, 'Specified time stamp or date value is expired.');
  const names = signedHeaders.split(';');
  for (const must of ['host', 'x-acs-action', 'x-acs-version', 'x-acs-date', 'x-acs-content-sha256'])
    if (valueAt(request.headers, must) !== undefined && !names.includes(must))
      throw new ApiError('IncompleteSignature', 400, `The header ${must} is not signed.`);
  if (sha256(request.body) !== request.headers['x-acs-content-sha256'])
    throw new ApiError('SignatureDoesNotMatch', 400, 'x-acs-content-sha256 is not the hash of the body.');
  const query = [...request.query]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map((pair) => pair.join('='))
    .join('&');
  const canonical = [
    request.method,
    request.path,
    query,
    ...names.map((name) => `${name}:${(valueAt(request.headers, name) ?? '').trim()}`),
    '',
    signedHeaders,
    request.headers['x-acs-content-sha256'],
  ].join('\n');
  const expected = createHmac('sha256', credential.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
    .digest();
  const given = Buffer.from(signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new ApiError('SignatureDoesNotMatch', 400, 'Specified signature is not matched with our calculation.');
  return credential.principal;
}
