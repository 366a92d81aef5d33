import { hasCode } from '../../shared/alibaba/cloud-error.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';

type Context = StageContext<'preflight'>;

/** Whether an HTTPS listener's certificates and its TLS policy exist. */
export async function checkListener(context: Context): Promise<Finding[]> {
  const { listener } = context.spec;
  if (listener.protocol !== 'HTTPS') return [];
  return [
    ...(await checkPolicy(context, listener.securityPolicyId)),
    ...(await checkCertificates(context, listener.certificateIds)),
  ];
}

async function checkPolicy({ alb }: Context, securityPolicyId: string): Promise<Finding[]> {
  const policies = await alb.listSystemSecurityPolicies();
  if (policies.includes(securityPolicyId)) return [];
  if (securityPolicyId.startsWith('spy-') && (await alb.hasSecurityPolicy(securityPolicyId))) return [];
  return [
    {
      field: 'listener.securityPolicyId',
      code: 'ResourceNotFound.SecurityPolicy',
      message: `there is no TLS policy ${securityPolicyId} in this region`,
      remedy: `Choose one of ${policies.join(', ')}, or a policy of this account.`,
    },
  ];
}

/** A certificate that the listener has already is not looked for: one that ran out must not keep a repair from going on. */
async function checkCertificates({ alb, certificates, record, spec }: Context, wanted: string[]): Promise<Finding[]> {
  const { listenerId } = record.stages.listener.outputs as { listenerId?: string };
  const attached = listenerId === undefined ? [] : await alb.listCertificates(listenerId);
  const added = wanted.filter((id) => !attached.some(({ certificateId }) => certificateId === id));
  if (added.length === 0) return [];
  let numbers: number[];
  try {
    numbers = await certificates.listCertificateNumbers();
  } catch (error) {
    // Certificate Management has no host for some regions: what cannot be asked must not stand in the way.
    if (!hasCode(error, ['ConnectionFailed'])) throw error;
    const message = `the certificates could not be checked: ${error.message}`;
    return [{ field: 'listener.certificateIds', code: 'preflight.certificate', message, remedy: '', isWarning: true }];
  }
  return added
    .filter((id) => !numbers.includes(Number(id.split('-')[0])))
    .map((id) => ({
      field: `listener.certificateIds.${wanted.indexOf(id)}`,
      code: 'ResourceNotFound.Certificate',
      message: `certificate ${id} is not among the valid certificates of this account`,
      remedy: `Upload it to Certificate Management, or give the id of one that is there, such as <CertId>-${spec.regionId}.`,
    }));
}
