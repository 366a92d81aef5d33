import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { Credential, CredentialStore } from '../credentials.ts';
import { hasExpired } from '../temporary-credentials.ts';
import type { WireRequest } from '../wire.ts';
import { invalid, refuse } from './errors.ts';
import { valueAt } from '../dictionary.ts';

const maxClockSkewMs = 15 * 60_000;

const md5 = (data: Buffer): string => createHash('md5').update(data).digest('base64');
const hmac = (secret: string, text: string): Buffer => createHmac('sha1', secret).update(text).digest();

const canonicalHeaders = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .filter(([name]) => name.startsWith('x-ots-') && name !== 'x-ots-signature')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}`)
    .join('\n');

/**
 * Checks the required headers, the date, the body's MD5 and the signature, and says who signed. Texts as in the vendor's
 * list of error codes.
 *
 * @throws ApiError `OTSParameterInvalid` 400 for a missing or malformed header, `OTSAuthFailed` 403.
 */
export function authenticate(request: WireRequest, credentials: CredentialStore, clock: Clock): Credential {
  const header = (name: string): string => {
    const value = valueAt(request.headers, name);
    if (value === undefined || value === '') throw invalid(`Missing header: '${name}'.`);
    return value;
  };
  if (header('x-ots-apiversion') !== '2015-12-31')
    throw invalid(`Unsupported API version: '${header('x-ots-apiversion')}'.`);
  const date = header('x-ots-date');
  const contentMd5 = header('x-ots-contentmd5');
  const signature = header('x-ots-signature');
  const credential = credentials.find(header('x-ots-accesskeyid'));
  if (credential === undefined) throw refuse('OTSAuthFailed', 'The AccessKeyID does not exist.');
  if ((request.headers['x-ots-ststoken'] ?? '') !== (credential.securityToken ?? ''))
    throw refuse('OTSAuthFailed', 'The security token is invalid.');
  // No page of the vendor has a text for it (inf).
  if (hasExpired(credential, clock)) throw refuse('OTSAuthFailed', 'The security token has expired.');
  const dateMs = /^\d{4}-\d\d-\d\dT/.test(date) ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(dateMs)) throw invalid(`Invalid date format: ${date}.`);
  if (Math.abs(clock.nowMs() - dateMs) > maxClockSkewMs)
    throw refuse('OTSAuthFailed', `Mismatch between system time and x-ots-date: ${date}.`);
  if (md5(request.body) !== contentMd5)
    throw refuse('OTSAuthFailed', 'Mismatch between MD5 value of request body and x-ots-contentmd5 in header.');
  const query = new URLSearchParams([...request.query].sort(([a], [b]) => (a < b ? -1 : 1))).toString();
  const expected = hmac(
    credential.accessKeySecret,
    `${request.path}\n${request.method}\n${query}\n${canonicalHeaders(request.headers)}\n`,
  );
  const given = Buffer.from(signature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw refuse('OTSAuthFailed', 'Signature mismatch.');
  return credential;
}

/**
 * Headers of an answer. The Python SDK refuses a success without them, or with a wrong signature of them
 * (aliyun/aliyun-tablestore-python-sdk: tablestore/protocol.py).
 */
export function answerHeaders(
  request: WireRequest,
  body: Buffer,
  credential: Credential | undefined,
  clock: Clock,
): Record<string, string> {
  const headers: Record<string, string> = {
    'x-ots-contentmd5': md5(body),
    'x-ots-contenttype': 'OTS protobuf',
    'x-ots-date': new Date(clock.nowMs()).toISOString(),
    'x-ots-requestid': request.id.toLowerCase(),
  };
  if (credential === undefined) return headers;
  const signature = hmac(credential.accessKeySecret, `${canonicalHeaders(headers)}\n${request.path}`);
  return { ...headers, authorization: `OTS ${credential.accessKeyId}:${signature.toString('base64')}` };
}
