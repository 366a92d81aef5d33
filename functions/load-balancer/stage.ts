import type { LoadBalancer } from '../../shared/alibaba/alb/load-balancers.ts';
import { findOwn, secondLookMs } from '../../shared/find-own.ts';
import { hasMark } from '../../shared/marks.ts';
import { ensureMark, hasLostMark, markLost } from '../../shared/ownership.ts';
import { isUpgrade } from '../../shared/deployment/changes/load-balancer.ts';
import { settingChanges } from './settings.ts';
import { defineStage, done, fail, gone, type StageContext, wait } from '../../shared/stage.ts';
import { ensureZones } from './zones.ts';
import { zoneAddresses } from '../../shared/zone-addresses.ts';
import { zoneProblem, zoneStates } from '../../shared/zones-in-service.ts';

/** The dual-stack load balancer; dual-stack cannot be added later (P-061). */
export const loadBalancer = defineStage({
  name: 'load-balancer',
  longestWaitMs: 10 * 60_000,

  async apply(context) {
    const { spec, alb, outputs } = context;
    const found = await findOurs(context);
    if (found === undefined) {
      await context.change(
        'service-linked-role',
        {},
        () => context.resourceManager.ensureServiceLinkedRole('alb.aliyuncs.com'),
        { isEffectOpen: true },
      );
      const { vpcId, vSwitches } = outputs.network;
      const params = {
        name: spec.loadBalancer.name ?? spec.name,
        vpcId,
        addressType: spec.loadBalancer.addressType,
        addressIpVersion: 'DualStack' as const,
        edition: spec.loadBalancer.edition,
        zones: vSwitches.map(({ zoneId, vSwitchId }) => ({ zoneId, vSwitchId })),
        deletionProtection: spec.loadBalancer.deletionProtection,
        tags: context.mark(),
      };
      const id = await context.create('load-balancer', 'LoadBalancer', params, (clientToken) =>
        alb.createLoadBalancer({ ...params, clientToken }),
      );
      return wait('the load balancer is being created', {
        own: { loadBalancerId: id },
        resources: [{ type: 'LoadBalancer', id, created: true }],
      });
    }
    const { loadBalancerId } = found;
    const mark = context.mark();
    const created = await ensureMark(context, 'load-balancer', { id: loadBalancerId, tags: found.tags }, mark, () =>
      alb.tagResource('loadbalancer', loadBalancerId, mark),
    );
    const resources = [{ type: 'LoadBalancer', id: loadBalancerId, created }];
    if (found.status === 'CreateFailed') {
      // Its creation has no job id: the job is found by the resource (P-062).
      const reason = await alb.failureReason(loadBalancerId);
      return fail(
        'load-balancer.create-failed',
        `the load balancer could not be created${reason === undefined ? '' : `: ${reason}`}`,
        {
          remedy:
            'Mend what the reason names (often the EIP quota or an overdue payment), release the deployment and ask again.',
        },
      );
    }
    if (found.status !== 'Active')
      return wait(`the load balancer is ${found.status}`, { own: { loadBalancerId }, resources });
    if (found.addressIpVersion !== 'DualStack')
      return fail(
        'load-balancer.not-dual-stack',
        `load balancer ${loadBalancerId} has IPv4 only, and that cannot be changed`,
        {
          remedy: 'Release the deployment and ask again.',
        },
      );
    const edition = context.choose('loadBalancer.edition', found.edition, spec.loadBalancer.edition as string);
    if (found.edition !== edition && !isUpgrade(found.edition, edition))
      return fail(
        'load-balancer.fixed',
        `load balancer ${loadBalancerId} is of edition ${found.edition}, not ${edition}, and the vendor offers no way down`,
        {
          remedy: 'Take what it is into the request: POST …/apply with {"adopt": ["loadBalancer.edition"]}.',
        },
      );
    const rezoning = await ensureZones(context, found);
    if (rezoning !== undefined) return wait(rezoning, { own: { loadBalancerId }, resources });
    for (const message of zoneStates(found).flatMap((zone) => zoneProblem(zone) ?? []))
      context.show({ message, remedy: zoneRemedy, hasOwnAlert: true });
    const mending = await context.mend(settingChanges(context, found, edition));
    if (mending !== undefined) return wait(mending, { own: { loadBalancerId }, resources });
    return done({ loadBalancerId, dnsName: found.dnsName, zones: zoneAddresses(found) }, resources);
  },

  async release(context) {
    const { alb, own, record } = context;
    const found = await findOurs(context);
    if (found === undefined) {
      const mayExist =
        own.loadBalancerId === undefined && record.stages['load-balancer'].tokens['load-balancer'] !== undefined;
      return mayExist && context.waitedMs < secondLookMs
        ? wait('looking twice for a load balancer of ours', { afterMs: secondLookMs })
        : gone();
    }
    const { loadBalancerId, status } = found;
    if (hasLostMark(record, 'load-balancer', { id: loadBalancerId, tags: found.tags }, context.mark()))
      return markLost('load balancer', loadBalancerId, context.mark());
    if (!hasMark(found.tags, context.mark())) return gone();
    if (status === 'Active' && found.deletionProtection) {
      if (record.liftProtection !== true)
        return fail('load-balancer.deletion-protection', `load balancer ${loadBalancerId} has deletion protection`, {
          remedy:
            'Repeat DELETE with ?liftDeletionProtection=true, or lift it in the console: the release then goes on by itself.',
        });
      await context.change('deletion-protection', { isOn: false }, (clientToken) =>
        alb.setDeletionProtection(loadBalancerId, false, clientToken),
      );
      return wait('deletion protection is being lifted');
    }
    if (status === 'Active' || status === 'CreateFailed' || status === 'Inactive')
      await context.change('delete', { loadBalancerId }, (clientToken) =>
        alb.deleteLoadBalancer(loadBalancerId, clientToken),
      );
    return wait(status === 'Active' ? 'the load balancer is being deleted' : `the load balancer is ${status}`);
  },
});

/** Who shifts a zone means it, and a zone that fails is for the service to repair: an apply brings none back. */
const zoneRemedy =
  'Bring the zone back into service in the console when it is fit for it; an apply leaves it as it is.';

/** A listing carries no addresses, so what the mark finds is read once more by its id. */
const findOurs = ({ alb, own, mark }: StageContext<'load-balancer'>): Promise<LoadBalancer | undefined> =>
  findOwn(own.loadBalancerId, alb.findLoadBalancer, async () => {
    const [marked] = await alb.listLoadBalancers({ tags: mark() });
    const whole = marked === undefined ? undefined : await alb.findLoadBalancer(marked.loadBalancerId);
    return whole === undefined ? [] : [whole];
  });
