import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Listener, LoadBalancer } from '../alb/state.ts';
import type { Asked } from './rules.ts';

/** Headers that belong to one connection and are not passed on. Source: RFC 9110, section 7.6.1. */
const perConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export const passedOn = (headers: IncomingMessage['headers']): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !perConnection.has(name)));

/** The client's headers with those that the listener adds, by its XForwardedForConfig. */
export function backendHeaders(loadBalancer: LoadBalancer, listener: Listener, request: Asked): OutgoingHttpHeaders {
  const { forwardedHeaders } = listener;
  const headers = passedOn(request.headers);
  const before = request.headers['x-forwarded-for'];
  const earlier = before === undefined ? [] : [before].flat();
  if (forwardedHeaders.processingMode === 'remove') delete headers['x-forwarded-for'];
  else if (forwardedHeaders.for) headers['x-forwarded-for'] = [...earlier, request.client].join(', ');
  if (forwardedHeaders.proto) headers['x-forwarded-proto'] = request.protocol.toLowerCase();
  if (forwardedHeaders.slbId) headers['slb-id'] = loadBalancer.id;
  if (forwardedHeaders.slbPort) headers['x-forwarded-port'] = String(listener.port);
  if (forwardedHeaders.clientSrcPort) headers['x-forwarded-client-srcport'] = String(request.clientPort);
  if (forwardedHeaders.host) headers['x-forwarded-host'] = request.headers.host ?? '';
  return headers;
}
