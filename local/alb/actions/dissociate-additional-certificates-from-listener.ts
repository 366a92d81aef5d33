import { required, text } from '../../action.ts';
import { begin } from '../../lifecycle.ts';
import { albWrite } from '../alb-action.ts';
import { additionalCertificates, mustBeHttps, mustNotBeDefault } from '../certificates.ts';
import { refuse } from '../errors.ts';
import { mustBe } from '../status-rules.ts';

/** DissociateAdditionalCertificatesFromListener, ALB 2020-06-16: the listener is Configuring until they are gone. Source: https://www.alibabacloud.com/help/en/slb/application-load-balancer/developer-reference/api-alb-2020-06-16-dissociateadditionalcertificatesfromlistener (read 2026-11-22). */
export const dissociateAdditionalCertificatesFromListener = albWrite({
  params: { ListenerId: required(text()), Certificates: additionalCertificates },
  apply(state, params, commit) {
    const { clock, latency } = state.context;
    const ids = params.Certificates.map((certificate) => certificate.CertificateId);
    const listener = state.listener(params.ListenerId);
    mustBeHttps(listener);
    mustBe(state, listener, 'Running', 'Stopped');
    mustNotBeDefault(listener, ids);
    const known = listener.additionalCertificates;
    for (const id of ids)
      if (!known.some((certificate) => certificate.id === id))
        throw refuse('ResourceNotAssociated.Certificate', `[${id}]`);
    commit();
    const ms = latency.listenerMs;
    for (const certificate of known)
      // The state is spelled so in the documentation of ListListenerCertificates [SDK-ALB].
      if (ids.includes(certificate.id)) certificate.status = begin(clock, 'Diassociating', undefined, ms);
    listener.status = begin(clock, 'Configuring', state.listeners.statusOf(listener), ms);
    return { JobId: state.jobs.begin('DissociateAdditionalCertificatesFromListener', 'listener', listener.id, ms) };
  },
});
