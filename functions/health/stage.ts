import { defineStage, done, fail, gone, type StageContext, wait } from '../../shared/stage.ts';
import { standing } from '../../shared/deployment/standing.ts';
import { judgeHealth } from '../../shared/judge-health.ts';
import { checkOf } from '../../shared/probe/target.ts';
import { diagnose } from './diagnosis.ts';
import { type Ipv6Inside, looksAfterMs, lookInside } from './ipv6-inside.ts';

/** From then on the stage collects evidence from the servers, and fails with it. Installing nginx may take minutes. */
const deadlineMs = 8 * 60_000;

/** Waits until the load balancer sees every server healthy, in two looks in a row. */
export const health = defineStage({
  name: 'health',
  longestWaitMs: 15 * 60_000,

  async apply(context) {
    const { outputs } = context;
    const { epoch } = context.record;
    // Looks and evidence of an earlier run say nothing of now.
    const own = context.own.epoch === epoch ? context.own : {};
    const verdict = await look(context);
    if (verdict.isHealthy) {
      const looks = (own.looks ?? 0) + 1;
      if (looks >= 2) return done({ healthyServers: outputs['backend-servers'].servers.length, looks, epoch }, []);
      return wait('healthy once; looking once more', { own: { looks, epoch }, afterMs: 1000 });
    }
    const begun: Ipv6Inside = own.ipv6Inside?.epoch === epoch ? own.ipv6Inside : { epoch, step: 'look' };
    const isDue = context.elapsedMs >= looksAfterMs && context.elapsedMs < deadlineMs;
    const ipv6Inside = isDue ? await lookInside(context, begun) : begun;
    const inside = ipv6Inside.evidence === undefined ? '' : `. ${ipv6Inside.evidence}`;
    if (context.elapsedMs < deadlineMs)
      return wait(`${verdict.reason}${inside}`, {
        ...(isDue || (own.looks ?? 0) > 0 ? { own: { looks: 0, epoch, ipv6Inside } } : {}),
        ...(['looking', 'configuring'].includes(ipv6Inside.step) ? { afterMs: 2000 } : {}),
      });
    const diagnosis = await diagnose({ ...context, own });
    if ('waiting' in diagnosis) return wait(diagnosis.waiting, { own: { ...diagnosis.own, epoch }, afterMs: 2000 });
    return fail(
      'health.unhealthy',
      `after ${Math.round(context.elapsedMs / 60_000)} minutes: ${verdict.reason}${inside}. ${diagnosis.evidence}`,
      {
        remedy:
          'Fix what the evidence shows (a firewall of the guest, cloud-init, the IPv6 address, nginx, the security group), or the health check (serverGroup.healthCheck: path, codes), then retry the deployment.',
      },
    );
  },

  release: () => Promise.resolve(gone()),
});

async function look({ alb, outputs, record }: StageContext<'health'>): Promise<{ isHealthy: boolean; reason: string }> {
  const { serverGroupId } = outputs['server-group'];
  const [listed, reports] = [
    await alb.listServers(serverGroupId),
    await alb.getListenerHealth(outputs.listener.listenerId),
  ];
  return judgeHealth({
    wanted: outputs['backend-servers'].servers,
    serverGroupId,
    listed,
    reports,
    check: checkOf(standing(record)),
  });
}
