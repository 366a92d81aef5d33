import { list, required, struct, text } from '../action.ts';
import { statusOf } from '../lifecycle.ts';
import { refuse } from './errors.ts';
import type { AlbState, Listener } from './state.ts';

/**
 * Certificates of an HTTPS listener beside its default one (P-082). The schema allows 15 in one call although the
 * documentation speaks of 20 [META-ALB].
 */
export const additionalCertificates = required(list(struct({ CertificateId: required(text({ min: 1 })) }), 15, 1));

/** Default certificates do not count. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/quotas-and-limits (read 2026-11-22) */
export const additionalCertificateQuota = 25;

/** @throws OperationDenied.HttpListenerNotSupport */
export function mustBeHttps(listener: Listener): void {
  if (listener.protocol === 'HTTP') throw refuse('OperationDenied.HttpListenerNotSupport', `[${listener.id}]`);
}

/** @throws OperationDenied.DefaultCertificateUsed if one of `ids` is the listener's default certificate. */
export function mustNotBeDefault(listener: Listener, ids: string[]): void {
  const used = ids.find((id) => listener.certificateIds.includes(id));
  if (used !== undefined) throw refuse('OperationDenied.DefaultCertificateUsed', `[${used}]`);
}

/** Default and additional certificates as ListListenerCertificates shows them. */
export const certificateForms = (state: AlbState, listener: Listener): { CertificateId: string }[] => [
  ...listener.certificateIds.map((id) => ({
    CertificateId: id,
    CertificateType: 'Server',
    IsDefault: true,
    Status: 'Associated',
  })),
  ...listener.additionalCertificates.map((certificate) => ({
    CertificateId: certificate.id,
    CertificateType: 'Server',
    IsDefault: false,
    Status: statusOf(certificate.status, state.context.clock),
  })),
];
