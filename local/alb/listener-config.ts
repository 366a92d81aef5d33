import { flag, integer, list, oneOf, required, struct, text, type Values } from '../action.ts';
import { paramErrors, refuse } from './errors.ts';
import { defaultSecurityPolicyId, securityPolicies } from './security-policies.ts';
import type { AlbState, ForwardedHeaders, Listener } from './state.ts';

/** Only ForwardGroup, to exactly one server group: no redirect here (P-076). Source: SDK-ALB, META2-ALB. */
export const defaultActions = list(
  struct({
    Type: required(oneOf('ForwardGroup')),
    ForwardGroupConfig: required(
      struct({ ServerGroupTuples: required(list(struct({ ServerGroupId: required(text()) }), 1, 1)) }),
    ),
  }),
  1,
  1,
);

const off = oneOf('false');

/** What CreateListener and UpdateListenerAttribute have in common. Bounds: SDK-ALB; certificates: exactly one (P-082). */
export const listenerShape = {
  // Letters, digits, `-`, `/`, `.`, `_` are documented; the vendor's Chinese text gives the wider pattern.
  ListenerDescription: text({ pattern: /^[\u0100-\uffff\w.,;/@-]{2,256}$/ }),
  RequestTimeout: integer(1, 180),
  IdleTimeout: integer(1, 60),
  GzipEnabled: flag(),
  Http2Enabled: flag(),
  SecurityPolicyId: text(),
  CaEnabled: flag(),
  Certificates: list(struct({ CertificateId: required(text()) }), 1, 1),
  QuicConfig: struct({ QuicUpgradeEnabled: flag() }),
  XForwardedForConfig: struct({
    XForwardedForEnabled: flag(),
    XForwardedForProcessingMode: oneOf('append', 'remove'),
    XForwardedForProtoEnabled: flag(),
    XForwardedForSLBIdEnabled: flag(),
    XForwardedForSLBPortEnabled: flag(),
    XForwardedForClientSrcPortEnabled: flag(),
    XForwardedForHostEnabled: flag(),
    // Source addresses out of X-Forwarded-For and client certificates are not emulated.
    XForwardedForClientSourceIpsEnabled: off,
    XForwardedForClientCertClientVerifyEnabled: off,
    XForwardedForClientCertFingerprintEnabled: off,
    XForwardedForClientCertIssuerDNEnabled: off,
    XForwardedForClientCertSubjectDNEnabled: off,
  }),
};

type Given = Values<typeof listenerShape>;

export const defaultForwardedHeaders: ForwardedHeaders = {
  for: true,
  processingMode: 'append',
  proto: false,
  slbId: false,
  slbPort: false,
  clientSrcPort: false,
  host: false,
  clientSourceIps: false,
  clientSourceIpsTrusted: '',
};

export function readForwardedHeaders(given: Given['XForwardedForConfig'], base: ForwardedHeaders): ForwardedHeaders {
  return {
    for: given?.XForwardedForEnabled ?? base.for,
    processingMode: given?.XForwardedForProcessingMode ?? base.processingMode,
    proto: given?.XForwardedForProtoEnabled ?? base.proto,
    slbId: given?.XForwardedForSLBIdEnabled ?? base.slbId,
    slbPort: given?.XForwardedForSLBPortEnabled ?? base.slbPort,
    clientSrcPort: given?.XForwardedForClientSrcPortEnabled ?? base.clientSrcPort,
    host: given?.XForwardedForHostEnabled ?? base.host,
    clientSourceIps: base.clientSourceIps,
    clientSourceIpsTrusted: base.clientSourceIpsTrusted,
  };
}

/**
 * The TLS side of a listener: of an HTTPS listener the certificate, the policy and HTTP/2; an HTTP listener must be given
 * none of them.
 *
 * @throws MissingCertificates, ResourceNotFound.Certificate, ResourceAlreadyAssociated.Certificate, ResourceNotFound.SecurityPolicy, UnsupportedFeature.NotEmulated, IllegalParam.*
 */
export function readTls(
  state: AlbState,
  protocol: Listener['protocol'],
  given: Given,
  base?: Listener,
): Pick<Listener, 'certificateIds' | 'securityPolicyId' | 'http2Enabled'> {
  if (given.CaEnabled === true) throw refuse('UnsupportedFeature.NotEmulated', 'CaEnabled');
  if (given.QuicConfig?.QuicUpgradeEnabled === true) throw refuse('UnsupportedFeature.NotEmulated', 'QuicConfig');
  if (protocol === 'HTTP') {
    for (const name of ['Certificates', 'SecurityPolicyId', 'Http2Enabled'] as const)
      if (given[name] !== undefined && given[name] !== false)
        throw paramErrors.invalid(name, 'is for HTTPS listeners only');
    return { certificateIds: [], securityPolicyId: '', http2Enabled: false };
  }
  const certificateIds = given.Certificates?.map((certificate) => certificate.CertificateId) ?? base?.certificateIds;
  if (certificateIds === undefined) throw paramErrors.missing('Certificates');
  for (const id of certificateIds)
    if (!state.dependencies.hasCertificate(id)) throw refuse('ResourceNotFound.Certificate', id);
  // The code is listed for UpdateListenerAttribute; that this is its case is inferred.
  const twin = base?.additionalCertificates.find((certificate) => certificateIds.includes(certificate.id));
  if (twin !== undefined) throw refuse('ResourceAlreadyAssociated.Certificate', `[${twin.id}]`);
  const securityPolicyId = given.SecurityPolicyId ?? base?.securityPolicyId ?? defaultSecurityPolicyId;
  if (!Object.hasOwn(securityPolicies, securityPolicyId) && !state.customPolicies.has(securityPolicyId))
    throw refuse('ResourceNotFound.SecurityPolicy', securityPolicyId);
  return { certificateIds, securityPolicyId, http2Enabled: given.Http2Enabled ?? base?.http2Enabled ?? true };
}
