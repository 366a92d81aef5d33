import { integer, oneOf, text } from '../../action.ts';
import { rpcAction } from '../../rpc.ts';
import type { Certificate, CertificateState } from '../state.ts';

const nearMs = 30 * 86_400_000;

type Status = 'ISSUED' | 'WILLEXPIRED' | 'EXPIRED';

/** How near the end counts as near is inferred. */
const statusOf = ({ notAfterMs }: Certificate, nowMs: number): Status =>
  notAfterMs <= nowMs ? 'EXPIRED' : notAfterMs - nowMs <= nearMs ? 'WILLEXPIRED' : 'ISSUED';

const certificateForm = (certificate: Certificate, nowMs: number) => ({
  CertificateId: certificate.id,
  Name: certificate.name,
  CommonName: certificate.names[0] ?? '',
  Sans: certificate.names.join(','),
  EndDate: new Date(certificate.notAfterMs).toISOString().slice(0, 10),
  Expired: certificate.notAfterMs <= nowMs,
  Status: statusOf(certificate, nowMs),
  Upload: true,
});

/**
 * ListUserCertificateOrder, Certificate Management 2020-04-07: certificates without their keys. Without a status those that
 * are valid; orders, the default kind, there are none.
 * Source: https://www.alibabacloud.com/help/en/doc-detail/411733.html (read 2026-11-30); members of the answer by the vendor's
 * SDK @alicloud/cas20200407 3.0.0.
 */
export const listUserCertificateOrder = rpcAction<CertificateState>()({
  isWrite: false,
  params: {
    Keyword: text(),
    OrderType: oneOf('CPACK', 'BUY', 'UPLOAD', 'CERT'),
    Status: oneOf('PAYED', 'CHECKING', 'CHECKED_FAIL', 'ISSUED', 'WILLEXPIRED', 'EXPIRED', 'NOTACTIVATED', 'REVOKED'),
    CurrentPage: integer(1),
    ShowSize: integer(1, 100),
    ResourceGroupId: text(),
  },
  apply({ certificates, context }, params) {
    const nowMs = context.clock.nowMs();
    const isCertificates = params.OrderType === 'CERT' || params.OrderType === 'UPLOAD';
    const wanted = params.Status === undefined ? ['ISSUED', 'WILLEXPIRED'] : [params.Status];
    const keyword = params.Keyword ?? '';
    const found = isCertificates
      ? certificates.filter(
          (one) =>
            wanted.includes(statusOf(one, nowMs)) &&
            (keyword === '' || one.names.some((name) => name.includes(keyword)) || String(one.id).includes(keyword)),
        )
      : [];
    const [page, size] = [params.CurrentPage ?? 1, params.ShowSize ?? 50];
    return {
      CertificateOrderList: found.slice((page - 1) * size, page * size).map((one) => certificateForm(one, nowMs)),
      CurrentPage: page,
      ShowSize: size,
      TotalCount: found.length,
    };
  },
});
