import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { CredentialStore, Principal } from '../credentials.ts';
import { hasExpired } from '../temporary-credentials.ts';
import type { WireRequest } from '../wire.ts';
import { refuse } from './errors.ts';

export const mnsVersion = '2015-06-06';

/**
 * Checks version, date, signature, security token and Content-MD5, and says who signed.
 *
 * The signed text takes the path and query as sent; the security token is not part of it.
 *
 * @see https://alibabacloud.com/help/en/mns/sign-requests (read 2026-11-22)
 */
export function authenticateMns(request: WireRequest, credentials: CredentialStore, clock: Clock): Principal {
  const { headers } = request;
  const authorization = headers['authorization'];
  if (authorization === undefined) throw refuse('MissingAuthorizationHeader');
  const [, accessKeyId = '', signature = ''] = /^MNS ([^:\s]+):([A-Za-z0-9+/]+={0,2})$/.exec(authorization) ?? [];
  if (signature === '') throw refuse('InvalidAuthorizationHeader');
  if (headers['x-mns-version'] === undefined) throw refuse('MissingVersionHeader');
  if (headers['x-mns-version'] !== mnsVersion) throw refuse('InvalidVersionHeader');
  checkDate(headers['date'], clock);

  const credential = credentials.find(accessKeyId);
  if (credential === undefined) throw refuse('InvalidAccessKeyId');
  const canonicalHeaders = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-mns-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join('');
  const signed = `${request.method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n${headers['date'] ?? ''}\n${canonicalHeaders}${request.target}`;
  const expected = createHmac('sha1', credential.accessKeySecret).update(signed).digest();
  const given = Buffer.from(signature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refuse('SignatureDoesNotMatch');

  checkToken(headers['security-token'] ?? '', credential.securityToken ?? '');
  // The vendor's table of errors has none for it (inf).
  if (hasExpired(credential, clock)) throw refuse('AccessDenied', 'The security token has expired.');
  checkDigest(headers['content-md5'], request.body);
  return credential.principal;
}

function checkDate(date: string | undefined, clock: Clock): void {
  if (date === undefined) throw refuse('MissingDateHeader');
  const dateMs = Date.parse(date);
  if (Number.isNaN(dateMs) || !date.endsWith('GMT')) throw refuse('InvalidDateHeader');
  if (Math.abs(clock.nowMs() - dateMs) > 15 * 60_000) throw refuse('TimeExpired');
}

/** Codes inferred: without its token a temporary key is unknown to every service; none is documented for a wrong token. */
function checkToken(given: string, issued: string): void {
  if (given === issued) return;
  if (given === '') throw refuse('InvalidAccessKeyId');
  throw refuse('AccessDenied', 'The security token does not belong to the AccessKey Id.');
}

/** The SDKs send base64 of the hex text, RFC 1864 has base64 of the digest; both are taken. */
function checkDigest(given: string | undefined, body: Buffer): void {
  if (given === undefined || given === '') return;
  const digest = createHash('md5').update(body).digest();
  const forms = [digest.toString('base64'), Buffer.from(digest.toString('hex')).toString('base64')];
  if (!forms.includes(given)) throw refuse('InvalidDegist');
}
