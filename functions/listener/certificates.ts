import { certificatesPerCall, type Listener } from '../../shared/alibaba/alb/listeners.ts';
import type { Mending, StageContext } from '../../shared/stage.ts';

type Context = StageContext<'listener'>;

/** Of a load balancer, default ones not counted. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/quotas-and-limits (read 2026-11-22) */
const mostAdditional = 25;

export interface CertificatePlan {
  /** What the listener gets as its default certificate between the changes of `before` and those of `after`. */
  newDefault?: string;
  before: Mending[];
  after: Mending[];
  /** What there is to wait for besides. */
  busy?: string;
}

const nothing: CertificatePlan = { before: [], after: [] };

/**
 * How an HTTPS listener comes to its certificates without a moment in which a name has none: the default one is exchanged in
 * one call, additional ones are added before others go. Only a certificate that is additional and is to be the default leaves
 * for the time of one call, since the service refuses it in both places. The attributes of a listener show the default one
 * only, so they are listed (P-082).
 */
export async function planCertificates(context: Context, { listenerId }: Listener): Promise<CertificatePlan> {
  const { alb, spec, choose } = context;
  if (spec.listener.protocol !== 'HTTPS') return nothing;
  const wanted = spec.listener.certificateIds;
  const listed = (await alb.listCertificates(listenerId)).map((certificate) => ({
    ...certificate,
    certificateId: wanted.find((id) => isSame(id, certificate.certificateId)) ?? certificate.certificateId,
  }));
  const before = listed.find(({ isDefault }) => isDefault)?.certificateId;
  const present = listed.filter(({ isDefault, status }) => !isDefault && status !== 'Diassociating');
  const additional = inOrderOf(
    wanted,
    present.map(({ certificateId }) => certificateId),
  );
  const found = before === undefined ? additional : [before, ...additional];
  const [first, ...others] = choose('listener.certificateIds', found, wanted);
  const change = (
    purpose: string,
    ids: string[],
    reason: string,
    call: 'associateCertificates' | 'dissociateCertificates',
  ): Mending[] =>
    ids.length === 0
      ? []
      : [{ purpose, params: ids, reason, call: (clientToken) => alb[call](listenerId, ids, clientToken) }];
  const missing = others.filter((id) => !additional.includes(id) && (id !== before || first === before));
  const stale = additional.filter((id) => !others.includes(id) && id !== first);
  const room = Math.min(certificatesPerCall, Math.max(0, mostAdditional - present.length));
  const adding = change(
    'certificates',
    missing.slice(0, room),
    'more certificates are being associated',
    'associateCertificates',
  );
  const busy = listed.find(({ isDefault, status }) => !isDefault && status !== 'Associated');
  return {
    ...(before === undefined || first === undefined || first === before ? {} : { newDefault: first }),
    before: change(
      'free-certificate',
      first !== undefined && additional.includes(first) ? [first] : [],
      'the certificate that becomes the default one leaves the additional ones',
      'dissociateCertificates',
    ),
    after: [
      ...adding,
      ...change(
        'old-certificates',
        stale.slice(0, certificatesPerCall),
        'certificates that are not asked for any more are being dissociated',
        'dissociateCertificates',
      ),
    ],
    ...(busy === undefined ? {} : { busy: `certificate ${busy.certificateId} is ${busy.status}` }),
  };
}

/** A certificate has one number and may be named with more than one region: the account's and that of Certificate Management. */
const isSame = (one: string, other: string): boolean => one.split('-')[0] === other.split('-')[0];

/** The list in the order of another, what that does not have at the end. */
const inOrderOf = (order: readonly string[], ids: readonly string[]): string[] => [
  ...order.filter((id) => ids.includes(id)),
  ...ids.filter((id) => !order.includes(id)),
];
