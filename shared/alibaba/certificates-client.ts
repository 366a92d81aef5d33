import type { CloudSettings } from './call.ts';
import { CloudError } from './cloud-error.ts';
import { lazyClient } from './lazy-client.ts';

export interface CertificatesClient {
  /**
   * Numbers of the account's certificates that are valid now, uploaded and issued ones. It is the action that answers no
   * keys: the one that answers a single certificate does.
   *
   * @throws CloudError `UnreadableAnswer` where the answer has no list.
   * @see https://www.alibabacloud.com/help/en/doc-detail/411733.html (read 2026-11-30)
   */
  listCertificateNumbers(): Promise<number[]>;
}

interface Listing {
  CertificateOrderList?: { CertificateId?: number | string }[];
  TotalCount?: number;
}

/** By the generic call: the product has no Node.js SDK among our dependencies, and one action needs no model. */
export const createCertificatesClient = (settings: CloudSettings): CertificatesClient =>
  lazyClient<CertificatesClient>(async () => {
    const [{ createSend }, { certificatesProduct }, { numberedPages }] = await Promise.all([
      import('./call.ts'),
      import('./products.ts'),
      import('./pages.ts'),
    ]);
    const send = createSend(settings, certificatesProduct);
    const action = 'ListUserCertificateOrder';
    return {
      async listCertificateNumbers() {
        const rows = await numberedPages(50, async ({ pageNumber, pageSize }) => {
          const query = { OrderType: 'CERT', CurrentPage: pageNumber, ShowSize: pageSize };
          const { CertificateOrderList, TotalCount } = (await send(action, query)) as Listing;
          if (!Array.isArray(CertificateOrderList))
            throw new CloudError({
              service: certificatesProduct.name,
              action,
              code: 'UnreadableAnswer',
              message: `${certificatesProduct.name} ${action} was answered without a list of certificates`,
            });
          return { rows: CertificateOrderList, totalCount: TotalCount };
        });
        return rows.flatMap(({ CertificateId }) => (CertificateId === undefined ? [] : [Number(CertificateId)]));
      },
    };
  });
