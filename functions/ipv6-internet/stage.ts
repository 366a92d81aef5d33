import { defineStage, done, fail, gone, wait } from '../../shared/stage.ts';
import { isEnforced } from '../../shared/deployment/explicit.ts';
import { hasMark, markOf } from '../../shared/marks.ts';
import { zoneAddresses } from '../../shared/zone-addresses.ts';

/** Switches the load balancer's IPv6 side from private to public. */
export const ipv6Internet = defineStage({
  name: 'ipv6-internet',
  longestWaitMs: 10 * 60_000,

  async apply(context) {
    const { spec, alb, outputs, record } = context;
    const { loadBalancerId } = outputs['load-balancer'];
    const found = await alb.findLoadBalancer(loadBalancerId);
    if (found === undefined)
      return fail('ipv6-internet.load-balancer-gone', `load balancer ${loadBalancerId} does not exist any more`, {
        remedy: 'Apply the deployment again: it makes a new one.',
      });
    // As the IPv4 side is to be, or as it is where `load-balancer` keeps what was changed by hand.
    const isAsked = isEnforced(record, 'loadBalancer.addressType');
    const isPublic = (isAsked ? spec.loadBalancer.addressType : found.addressType) === 'Internet';
    // Active alone is not enough (P-063): the switch is done when the type says so.
    if (isPublic && found.ipv6AddressType !== 'Internet') {
      if (found.status !== 'Active') return wait(`the load balancer is ${found.status}`);
      await context.change('enable', { loadBalancerId }, (clientToken) =>
        alb.enableIpv6Internet(loadBalancerId, clientToken),
      );
      return wait('the IPv6 side is becoming public');
    }
    if (found.status !== 'Active') return wait(`the load balancer is ${found.status}`);
    if (!isPublic && found.ipv6AddressType === 'Internet') {
      await context.change('disable', { loadBalancerId }, (clientToken) =>
        alb.disableIpv6Internet(loadBalancerId, clientToken),
      );
      return wait('the IPv6 side is becoming private');
    }
    const { ipv6AddressType, addressType } = found;
    return done({ ipv6AddressType, addressType, zones: zoneAddresses(found) }, []);
  },

  async release(context) {
    const { alb, config, record } = context;
    const { loadBalancerId } = record.stages['load-balancer'].outputs as { loadBalancerId?: string };
    const found = loadBalancerId === undefined ? undefined : await alb.findLoadBalancer(loadBalancerId);
    if (found === undefined || found.ipv6AddressType !== 'Internet') return gone();
    if (!hasMark(found.tags, markOf(config.name, record.deploymentId, 'load-balancer'))) return gone();
    if (found.status === 'CreateFailed' || found.status === 'Deleting') return gone();
    if (found.status !== 'Active') return wait(`the load balancer is ${found.status}`);
    await context.change('disable', { loadBalancerId }, (clientToken) =>
      alb.disableIpv6Internet(found.loadBalancerId, clientToken),
    );
    return wait('the IPv6 side is becoming private');
  },
});
