import type { Listener } from '../../shared/alibaba/alb/listeners.ts';
import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import type { Resource } from '../../shared/deployment/record.ts';
import { hasMark } from '../../shared/marks.ts';
import { ensureMark } from '../../shared/ownership.ts';
import { planCertificates } from './certificates.ts';
import { fail, type StageContext, type StageResult, wait } from '../../shared/stage.ts';
import { valueAt } from '../../shared/dictionary.ts';

type Context = StageContext<'listener'>;

/** Makes the listener of a port, or puts right what differs of it. @returns it when it is running and as wanted. */
export async function ensureListener(
  context: Context,
  wanted: { part: 'main' | 'redirect'; protocol: 'HTTP' | 'HTTPS'; port: number },
  resources: Resource[],
): Promise<{ found: Listener } | { result: StageResult<StageOutputs['listener']> }> {
  const { spec, alb, outputs } = context;
  const { loadBalancerId } = outputs['load-balancer'];
  const { serverGroupId } = outputs['server-group'];
  const { part, protocol, port } = wanted;
  const mark = context.mark(part);
  const idKey = part === 'main' ? 'listenerId' : 'redirectListenerId';
  const onPort = await alb.findListener({ loadBalancerId, port });
  if (onPort === undefined) {
    const params = {
      loadBalancerId,
      protocol,
      port,
      serverGroupId,
      description: context.markText,
      requestTimeoutSeconds: spec.listener.requestTimeoutSeconds,
      idleTimeoutSeconds: spec.listener.idleTimeoutSeconds,
      // Exactly one certificate at creation (P-082); the default policy would still allow TLS 1.0 (P-080).
      ...(protocol === 'HTTPS' && spec.listener.protocol === 'HTTPS'
        ? { certificateId: spec.listener.certificateIds[0], securityPolicyId: spec.listener.securityPolicyId }
        : {}),
      tags: mark,
    };
    const id = await context.create(`listener-${part}`, 'Listener', params, (clientToken) =>
      alb.createListener({ ...params, clientToken }),
    );
    return {
      result: wait(`the listener on port ${port} is being created`, {
        own: { [idKey]: id },
        resources: [...resources, { type: 'Listener', id, created: true }],
      }),
    };
  }
  if (bearsMark(context, onPort) && isOfAnotherKind(context, onPort, wanted)) {
    // It has never served: the request was corrected since.
    if (context.record.readyAtMs === undefined) {
      await deleteOurs(context, onPort);
      return { result: wait(`the ${onPort.protocol} listener on port ${port} is being deleted`, { resources }) };
    }
    return {
      result: fail(
        'listener.fixed',
        `listener ${onPort.listenerId} on port ${port} speaks ${onPort.protocol}, not ${protocol}, which cannot be changed`,
        { remedy: 'Delete that listener, then apply the deployment again: it makes the right one.' },
      ),
    };
  }
  const marked = { id: onPort.listenerId, tags: onPort.tags, isDescribed: onPort.description === context.markText };
  const isOurs = await ensureMark(context, 'listener', marked, mark, () =>
    alb.tagResource('listener', onPort.listenerId, mark),
  );
  if (!isOurs)
    return {
      result: fail(
        'listener.port-taken',
        `port ${port} of load balancer ${loadBalancerId} has a listener that is not ours (${onPort.listenerId})`,
        {
          remedy: 'Delete that listener or choose another listener.port, then retry.',
        },
      ),
    };
  resources.push({ type: 'Listener', id: onPort.listenerId, created: true });
  const own = { [idKey]: onPort.listenerId };
  if (onPort.status === 'Stopped') {
    await context.change(`start-${part}`, { id: onPort.listenerId }, (clientToken) =>
      alb.startListener(onPort.listenerId, clientToken),
    );
    return { result: wait(`the listener on port ${port} is being started`, { own, resources }) };
  }
  if (onPort.status !== 'Running')
    return { result: wait(`the listener on port ${port} is ${onPort.status}`, { own, resources }) };
  const found = (await alb.getListener(onPort.listenerId)) ?? onPort;
  const certificates = part === 'main' ? await planCertificates(context, found) : undefined;
  const change = driftOf(context, found, part, certificates?.newDefault);
  const mending = await context.mend([
    ...(certificates?.before ?? []),
    ...(change === undefined
      ? []
      : [
          {
            purpose: `update-${part}`,
            params: change,
            reason: `the listener on port ${port} is being put right`,
            call: (clientToken: string) => alb.updateListener(found.listenerId, change, clientToken),
          },
        ]),
    ...(certificates?.after ?? []),
  ]);
  const reason = mending ?? certificates?.busy;
  return reason === undefined ? { found } : { result: wait(reason, { own, resources }) };
}

/** By its tags or by its description. */
export const bearsMark = (context: Context, { tags, description }: Listener): boolean =>
  hasMark(tags, context.mark()) || description === context.markText;

/** Of another protocol, or the one that redirects where the main one is to be, or the other way round. */
const isOfAnotherKind = (
  { config, mark }: Context,
  found: Listener,
  wanted: { part: string; protocol: string },
): boolean => {
  const part = valueAt(found.tags, `${config.name}-part`);
  return (
    found.protocol !== wanted.protocol || (hasMark(found.tags, mark()) && part !== undefined && part !== wanted.part)
  );
};

export const deleteOurs = (context: Context, { listenerId, port }: Listener): Promise<void> =>
  context.change(`delete-${port}`, { id: listenerId }, (clientToken) =>
    context.alb.deleteListener(listenerId, clientToken),
  );

/** A listener of ours that a request before its correction asked for. */
export async function findStray(context: Context, wanted: Resource[]): Promise<Listener | undefined> {
  if (context.record.epoch === 0) return undefined;
  const listed = await context.alb.listListeners({ loadBalancerId: context.outputs['load-balancer'].loadBalancerId });
  return listed.find((found) => bearsMark(context, found) && !wanted.some(({ id }) => id === found.listenerId));
}

/** What of an existing listener differs from the request and can be changed in place. */
function driftOf(
  context: Context,
  found: Listener,
  part: 'main' | 'redirect',
  certificateId: string | undefined,
): Parameters<Context['alb']['updateListener']>[1] | undefined {
  const wanted = context.spec.listener;
  const { serverGroupId } = context.outputs['server-group'];
  const request = context.choose(
    'listener.requestTimeoutSeconds',
    found.requestTimeoutSeconds,
    wanted.requestTimeoutSeconds,
  );
  const idle = context.choose('listener.idleTimeoutSeconds', found.idleTimeoutSeconds, wanted.idleTimeoutSeconds);
  const policy =
    part === 'main' && wanted.protocol === 'HTTPS'
      ? context.choose('listener.securityPolicyId', found.securityPolicyId, wanted.securityPolicyId)
      : found.securityPolicyId;
  const change = {
    ...(found.serverGroupIds.length === 1 && found.serverGroupIds[0] === serverGroupId ? {} : { serverGroupId }),
    ...(found.requestTimeoutSeconds === request ? {} : { requestTimeoutSeconds: request }),
    ...(found.idleTimeoutSeconds === idle ? {} : { idleTimeoutSeconds: idle }),
    ...(found.securityPolicyId === policy ? {} : { securityPolicyId: policy }),
    ...(certificateId === undefined ? {} : { certificateId }),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}
