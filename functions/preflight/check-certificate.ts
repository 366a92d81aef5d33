import { connect as tlsConnect } from 'node:tls';
import { outputsOf } from '../../shared/deployment/record.ts';
import { hostNameOf, shownName } from '../../shared/domain-name.ts';
import type { Dial } from '../../shared/net/dial.ts';
import { type Certificate, certificateOf, tlsOptions } from '../../shared/probe/certificate.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';

const timeoutMs = 3000;

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

/** Undefined where none can be seen from here: that is a finding of the probe, and no reason to refuse a name. */
async function shownCertificate(
  dial: Dial,
  target: { address: string; port: number },
  name: string,
): Promise<Certificate | undefined> {
  return await new Promise((resolve) => {
    const raw = dial(target);
    const end = (certificate?: Certificate) => {
      clearTimeout(timer);
      raw.destroy();
      resolve(certificate);
    };
    const timer = setTimeout(end, timeoutMs);
    raw.once('error', () => end());
    const socket = tlsConnect({ socket: raw, ...tlsOptions(name) }, () => end(certificateOf(socket, name)));
    socket.once('error', () => end());
  });
}
