import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import type { Resource } from '../../shared/deployment/record.ts';
import { secondLookMs } from '../../shared/find-own.ts';
import { hasLostMark, markLost } from '../../shared/ownership.ts';
import { defineStage, done, gone, wait } from '../../shared/stage.ts';
import { bearsMark, deleteOurs, ensureListener, findStray } from './ensure-listener.ts';
import { ensureRedirect } from './redirect.ts';

/** The listener; for HTTPS also the redirect from port 80, which is a rule on an HTTP listener of its own (P-076). */
export const listener = defineStage({
  name: 'listener',
  longestWaitMs: 5 * 60_000,

  async apply(context) {
    const { spec, outputs } = context;
    const { loadBalancerId } = outputs['load-balancer'];
    const resources: Resource[] = [];
    const main = await ensureListener(
      context,
      { part: 'main', protocol: spec.listener.protocol, port: spec.listener.port },
      resources,
    );
    if ('result' in main) return main.result;
    const { listenerId } = main.found;
    const own: Partial<StageOutputs['listener']> = { listenerId };

    if (spec.listener.protocol === 'HTTPS' && spec.listener.redirectHttp) {
      const plain = await ensureListener(context, { part: 'redirect', protocol: 'HTTP', port: 80 }, resources);
      if ('result' in plain) return plain.result;
      own.redirectListenerId = plain.found.listenerId;
      const rule = await ensureRedirect(context, plain.found.listenerId, resources);
      if ('result' in rule) return rule.result;
      own.redirectRuleId = rule.ruleId;
      own.isRedirectTagged = rule.isTagged;
    }
    const stray = await findStray(context, resources);
    if (stray !== undefined) {
      await deleteOurs(context, stray);
      return wait(`the listener on port ${stray.port}, which is not asked for any more, is being deleted`, {
        own,
        resources,
      });
    }
    context.log('debug', 'listener is running', { loadBalancerId, listenerId });
    return done({ listenerId, port: spec.listener.port, protocol: spec.listener.protocol, ...own }, resources);
  },

  async release(context) {
    const { alb, record, own } = context;
    const { loadBalancerId } = record.stages['load-balancer'].outputs as { loadBalancerId?: string };
    // By the load balancer: listeners are not among the documented types of tag queries (P-083).
    const listed = loadBalancerId === undefined ? [] : await alb.listListeners({ loadBalancerId });
    const left = listed.filter((found) => bearsMark(context, found));
    if (left.length === 0) {
      const lost = listed.find(({ listenerId: id, tags }) =>
        hasLostMark(record, 'listener', { id, tags }, context.mark()),
      );
      if (lost !== undefined) return markLost('listener', lost.listenerId, context.mark());
      const mayExist = own.listenerId === undefined && record.stages.listener.tokens['listener-main'] !== undefined;
      return mayExist && context.waitedMs < secondLookMs
        ? wait('looking twice for listeners of ours', { afterMs: secondLookMs })
        : gone();
    }
    const next = left.find(({ status }) => status === 'Running' || status === 'Stopped');
    if (next !== undefined) await deleteOurs(context, next);
    return wait(`${left.length} listeners are being deleted`);
  },
});
