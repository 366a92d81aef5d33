import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { SecureVersion } from 'node:tls';

/** A key and a certificate that it signed itself, both PEM. */
export interface SelfSigned {
  key: string;
  certificate: string;
}

/** One DER element: tag, length, content. */
function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const long = content.length < 128 ? '' : content.length.toString(16);
  const lengthBytes = Buffer.from(long.length % 2 === 0 ? long : `0${long}`, 'hex');
  const head = content.length < 128 ? [tag, content.length] : [tag, 0x80 | lengthBytes.length, ...lengthBytes];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...contents: Buffer[]): Buffer => der(0x30, ...contents);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const commonName = (name: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name, 'utf8')))));
/** UTCTime: two digits of the year. */
const time = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

/**
 * A certificate for any name: the embedded cloud knows certificates by their ids only, so every HTTPS listener shows this one.
 *
 * @param nowMs - it is valid from ten years before to ten years after.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function selfSigned(names: string[], nowMs: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
  const name = commonName('dualstack-alb embedded cloud');
  const tenYearsMs = 10 * 365 * 86_400_000;
  const alternativeNames = sequence(...names.map((one) => der(0x82, Buffer.from(one, 'ascii'))));
  const serial = randomBytes(12);
  serial[0] = 1;
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    name,
    sequence(time(nowMs - tenYearsMs), time(nowMs + tenYearsMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(oid('551d11'), der(0x04, alternativeNames)))),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

/** TLS versions of a system security policy, as its name says them (inf); the facts state only that `tls_cipher_policy_1_0` allows TLS 1.0. */
export function tlsVersions(securityPolicyId: string): { minVersion: SecureVersion; maxVersion: SecureVersion } {
  const maxVersion = /_(with|to)_1_3$/.test(securityPolicyId) ? 'TLSv1.3' : 'TLSv1.2';
  if (securityPolicyId.startsWith('tls_cipher_policy_1_2')) return { minVersion: 'TLSv1.2', maxVersion };
  return { minVersion: securityPolicyId.startsWith('tls_cipher_policy_1_1') ? 'TLSv1.1' : 'TLSv1', maxVersion };
}
