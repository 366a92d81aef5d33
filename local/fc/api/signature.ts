import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../../action.ts';
import type { CloudContext } from '../../cloud-context.ts';
import type { Principal } from '../../credentials.ts';
import { authenticateAcs3 } from '../../acs3.ts';
import { hasExpired } from '../../temporary-credentials.ts';
import type { WireRequest } from '../../wire.ts';
import { refuse } from './errors.ts';

const missing = (name: string) => refuse('MissingRequiredHeader', `required HTTP header ${name} was not specified`);

type Account = Pick<CloudContext, 'credentials' | 'clock'>;

/** @returns who signed, by ACS3-HMAC-SHA256. @throws ApiError with Function Compute's own codes. */
export function authenticateApi(request: WireRequest, { credentials, clock }: Account): Principal {
  if (request.headers['authorization'] === undefined) throw missing('Authorization');
  if (request.headers['x-acs-date'] === undefined) throw missing('x-acs-date');
  try {
    return authenticateAcs3(request, credentials, clock);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code.startsWith('InvalidAccessKeyId')) throw refuse('InvalidAccessKeyID');
    if (error.code.startsWith('InvalidTimeStamp')) throw refuse('RequestTimeTooSkewed');
    if (error.code.startsWith('InvalidSecurityToken')) throw refuse('InvalidSecurityToken', error.message);
    throw refuse('SignatureNotMatch', error.code === 'IncompleteSignature' ? error.message : undefined);
  }
}

/**
 * Checks the signature of API 2016-08-15: `FC <key>:<base64 HMAC-SHA256>` over method, MD5, type, date, `x-fc-` headers, path.
 *
 * @see https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/developer-reference/signature-authentication (read 2026-11-23)
 */
export function authenticateFc2(request: WireRequest, { credentials, clock }: Account): Principal {
  const { headers } = request;
  const parts = /^FC ([^:]+):([A-Za-z0-9+/=]+)$/.exec(headers['authorization'] ?? '');
  if (headers['authorization'] === undefined) throw missing('Authorization');
  if (parts === null) throw refuse('SignatureNotMatch');
  const [, accessKeyId = '', signature = ''] = parts;
  if (headers['date'] === undefined) throw missing('Date');
  const dateMs = Date.parse(headers['date']);
  if (Number.isNaN(dateMs) || Math.abs(clock.nowMs() - dateMs) > 15 * 60_000) throw refuse('RequestTimeTooSkewed');
  const credential = credentials.find(accessKeyId);
  if (credential === undefined) throw refuse('InvalidAccessKeyID', `invalid access key ID '${accessKeyId}'`);
  if (credential.securityToken !== headers['x-fc-security-token']) throw refuse('InvalidSecurityToken');
  if (hasExpired(credential, clock)) throw refuse('InvalidSecurityToken', 'It has expired.');
  const canonical = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-fc-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`)
    .join('');
  const signed = [
    request.method,
    headers['content-md5'] ?? '',
    headers['content-type'] ?? '',
    headers['date'],
    `${canonical}${decodeURIComponent(request.path)}`,
  ].join('\n');
  const expected = createHmac('sha256', credential.accessKeySecret).update(signed).digest();
  const given = Buffer.from(signature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refuse('SignatureNotMatch');
  const md5 = headers['content-md5'];
  if (
    md5 !== undefined &&
    Buffer.from(md5, 'base64').toString() !== createHash('md5').update(request.body).digest('hex')
  )
    throw refuse('InvalidArgument', 'Content-MD5 does not match the body');
  return credential.principal;
}
