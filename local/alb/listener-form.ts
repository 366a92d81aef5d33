import type { AlbState, Listener } from './state.ts';
import { tagForms } from './wire-forms.ts';

/** A row of ListListeners, also the greater part of GetListenerAttribute. */
export const listenerForm = (state: AlbState, listener: Listener): object => ({
  DefaultActions: [
    { Type: 'ForwardGroup', ForwardGroupConfig: { ServerGroupTuples: [{ ServerGroupId: listener.serverGroupId }] } },
  ],
  GzipEnabled: listener.gzipEnabled,
  Http2Enabled: listener.http2Enabled,
  IdleTimeout: listener.idleTimeoutSeconds,
  ListenerDescription: listener.description,
  ListenerId: listener.id,
  ListenerPort: listener.port,
  ListenerProtocol: listener.protocol,
  ListenerStatus: state.listeners.statusOf(listener),
  LoadBalancerId: listener.loadBalancerId,
  LogConfig: { AccessLogRecordCustomizedHeadersEnabled: false, AccessLogTracingConfig: { TracingEnabled: false } },
  QuicConfig: { QuicUpgradeEnabled: false },
  RequestTimeout: listener.requestTimeoutSeconds,
  SecurityPolicyId: listener.securityPolicyId,
  Tags: tagForms(listener.tags),
  XForwardedForConfig: {
    XForwardedForClientCertClientVerifyEnabled: false,
    XForwardedForClientCertFingerprintEnabled: false,
    XForwardedForClientCertIssuerDNEnabled: false,
    XForwardedForClientCertSubjectDNEnabled: false,
    XForwardedForClientSourceIpsEnabled: false,
    XForwardedForClientSrcPortEnabled: listener.forwardedHeaders.clientSrcPort,
    XForwardedForEnabled: listener.forwardedHeaders.for,
    XForwardedForHostEnabled: listener.forwardedHeaders.host,
    XForwardedForProcessingMode: listener.forwardedHeaders.processingMode,
    XForwardedForProtoEnabled: listener.forwardedHeaders.proto,
    XForwardedForSLBIdEnabled: listener.forwardedHeaders.slbId,
    XForwardedForSLBPortEnabled: listener.forwardedHeaders.slbPort,
  },
});
