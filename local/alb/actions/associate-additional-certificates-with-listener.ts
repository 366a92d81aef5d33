import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { paramErrors, refuse } from '../errors.ts';
import { albWrite } from '../alb-action.ts';
import { additionalCertificateQuota, additionalCertificates, mustBeHttps, mustNotBeDefault } from '../certificates.ts';
import { mustBe } from '../status-rules.ts';

/** AssociateAdditionalCertificatesWithListener, ALB 2020-06-16: the listener is Configuring until all are Associated. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-associateadditionalcertificateswithlistener (read 2026-11-22). */
export const associateAdditionalCertificatesWithListener = albWrite({
  params: { ListenerId: required(text()), Certificates: additionalCertificates },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const ids = params.Certificates.map((certificate) => certificate.CertificateId);
    if (new Set(ids).size < ids.length) throw paramErrors.invalid('Certificates', 'has a certificate twice');
    const listener = state.listener(params.ListenerId);
    mustBeHttps(listener);
    mustBe(state, listener, 'Running', 'Stopped');
    mustNotBeDefault(listener, ids);
    const known = listener.additionalCertificates;
    for (const id of ids) {
      if (known.some((certificate) => certificate.id === id))
        throw refuse('ResourceAlreadyAssociated.Certificate', `[${id}]`);
      if (!state.dependencies.hasCertificate(id)) throw refuse('ResourceNotFound.Certificate', id);
    }
    const used = state
      .listenersOf(listener.loadBalancerId)
      .reduce((sum, sibling) => sum + sibling.additionalCertificates.length, 0);
    if (used + ids.length > additionalCertificateQuota)
      throw refuse(
        'ResourceQuotaExceeded.LoadBalancerCertificatesNum',
        `[${listener.loadBalancerId}: usage ${used}/${additionalCertificateQuota}]`,
      );
    commit();
    const ms = latency.listenerMs;
    state.setAdditionalCertificates(listener, [
      ...known,
      ...ids.map((id) => ({ id, status: begin(clock, 'Associating', 'Associated', ms) })),
    ]);
    listener.status = begin(clock, 'Configuring', state.listeners.statusOf(listener), ms);
    return { JobId: state.jobs.begin('AssociateAdditionalCertificatesWithListener', 'listener', listener.id, ms) };
  },
});
