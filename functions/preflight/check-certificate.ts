import { outputsOf } from '../../shared/deployment/record.ts';
import { hostNameOf, shownName } from '../../shared/domain-name.ts';
import { shownCertificate } from '../../shared/probe/shown-certificate.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';

/** Of a load balancer that serves by another name, or by none: whether the certificate that it shows is for the new one. */
export async function checkCertificate({ spec, record, dial }: StageContext<'preflight'>): Promise<Finding[]> {
  const { listenerId, port } = outputsOf(record, 'listener');
  const { zones = [], ipv6AddressType } = outputsOf(record, 'ipv6-internet');
  const address = zones.map(({ ipv6Address }) => ipv6Address).find((found) => found !== '');
  if (spec.dns === undefined || spec.listener.protocol !== 'HTTPS' || ipv6AddressType !== 'Internet') return [];
  const name = hostNameOf(spec.dns);
  if (listenerId === undefined || port === undefined || address === undefined) return [];
  if (outputsOf(record, 'dns').domainName === name) return [];
  const certificate = await shownCertificate(dial, { address, port }, name);
  if (certificate?.nameProblem === undefined) return [];
  return [
    {
      field: 'dns.rr',
      code: 'preflight.certificate',
      message: `the certificate that the load balancer shows now is not for ${shownName(name)}: ${certificate.nameProblem}`,
      remedy: '',
      isWarning: true,
    },
  ];
}
