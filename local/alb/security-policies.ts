export interface SecurityPolicy {
  tlsVersions: ('TLSv1.0' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3')[];
  ciphers: string[];
}

const forwardSecret = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-RSA-AES256-SHA384',
];
const forwardSecretSha1 = [
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA',
];
const others = [
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA256',
  'AES256-SHA256',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
];
const tls13 = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
];
const broad = [...forwardSecret, ...forwardSecretSha1, ...others];
const strict = [...forwardSecret, ...forwardSecretSha1];

/** What a listener takes when none is given: the weakest of them (P-080). */
export const defaultSecurityPolicyId = 'tls_cipher_policy_1_0';

/**
 * System policies. Ids and TLS versions: https://help.aliyun.com/en/slb/application-load-balancer/user-guide/tls-security-policies
 * (read 2026-11-30); which ciphers each holds is inferred from its name.
 */
export const securityPolicies: Readonly<Record<string, SecurityPolicy>> = {
  tls_cipher_policy_1_0: { tlsVersions: ['TLSv1.0', 'TLSv1.1', 'TLSv1.2'], ciphers: broad },
  tls_cipher_policy_1_1: { tlsVersions: ['TLSv1.1', 'TLSv1.2'], ciphers: broad },
  tls_cipher_policy_1_2: { tlsVersions: ['TLSv1.2'], ciphers: broad },
  tls_cipher_policy_1_2_strict: { tlsVersions: ['TLSv1.2'], ciphers: strict },
  tls_cipher_policy_1_2_strict_with_1_3: { tlsVersions: ['TLSv1.2', 'TLSv1.3'], ciphers: [...tls13, ...strict] },
  tls_cipher_policy_1_0_to_1_3: {
    tlsVersions: ['TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
    ciphers: [...tls13, ...broad],
  },
};
