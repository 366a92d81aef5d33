import type { LoadBalancer, NewLoadBalancer } from '../../shared/alibaba/alb/load-balancers.ts';
import type { Mending, StageContext } from '../../shared/stage.ts';

/** What differs of a load balancer and is changed while it serves, each by a call of its own. */
export function settingChanges(
  context: StageContext<'load-balancer'>,
  found: LoadBalancer,
  edition: string,
): Mending[] {
  const { alb, choose, spec } = context;
  const { loadBalancerId: id } = found;
  const { loadBalancer: wanted } = spec;
  const name = choose('loadBalancer.name', found.name, wanted.name ?? spec.name);
  const type = choose('loadBalancer.addressType', found.addressType, wanted.addressType as string);
  const isOn = choose('loadBalancer.deletionProtection', found.deletionProtection, wanted.deletionProtection);
  const change = <T>(
    purpose: string,
    before: T,
    after: T,
    reason: string,
    call: (clientToken: string) => Promise<void>,
  ): Mending[] => (before === after ? [] : [{ purpose, params: { id, before, after }, reason, call }]);
  return [
    ...change('upgrade', found.edition, edition, `the load balancer becomes ${edition}`, (token) =>
      alb.upgrade(id, edition as NewLoadBalancer['edition'], token),
    ),
    ...change('address-type', found.addressType, type, `the IPv4 side becomes ${type}`, (token) =>
      alb.setAddressType(id, type as NewLoadBalancer['addressType'], token),
    ),
    ...change('rename', found.name, name, 'the load balancer is being renamed', (token) => alb.rename(id, name, token)),
    ...change('deletion-protection', found.deletionProtection, isOn, 'deletion protection is being set', (token) =>
      alb.setDeletionProtection(id, isOn, token),
    ),
  ];
}
