import type { CloudContext } from '../cloud-context.ts';

export interface Certificate {
  /** The number in front of the region in `CertIdentifier`. */
  id: number;
  name: string;
  /** All names that it is for. */
  names: string[];
  notAfterMs: number;
}

const year = 365 * 86_400_000;

/** Certificates of the account that HTTPS listeners may use: they were uploaded before the cloud began. */
export class CertificateState {
  readonly context: CloudContext;
  readonly certificates: Certificate[];

  constructor(context: CloudContext) {
    this.context = context;
    const nowMs = context.clock.nowMs();
    this.certificates = [
      { id: 1_234_567, name: 'example-com', names: ['example.com', '*.example.com'], notAfterMs: nowMs + year },
      {
        id: 7_654_321,
        name: 'example-com-renewed',
        names: ['example.com', '*.example.com'],
        notAfterMs: nowMs + 2 * year,
      },
    ];
  }

  /**
   * Whether a listener may use it. `<CertId>-<region>`, never the bare number (P-081): Certificate Management documents the
   * suffix `-cn-hangzhou` for all of the China site, Terraform appends the region that it works in; both are taken. That the
   * suffix of the international site is `-ap-southeast-1` is inferred from its endpoint.
   */
  isUsable(certificateId: string): boolean {
    const { regionId } = this.context;
    const [, number = '', suffix = ''] = /^(\d+)-(.+)$/.exec(certificateId) ?? [];
    const suffixes = [regionId, 'cn-hangzhou', ...(regionId.startsWith('cn-') ? [] : ['ap-southeast-1'])];
    return this.certificates.some(({ id }) => String(id) === number) && suffixes.includes(suffix);
  }
}
