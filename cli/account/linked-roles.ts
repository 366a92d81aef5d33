import { resourceManagerProduct } from '../../shared/alibaba/products.ts';
import type { Account } from './account.ts';
import { orAbsent, sendOf } from './clients.ts';
import { stateOf, type Step } from './step.ts';

/** EventBridge's are what a queue trigger needs; `s deploy` stops at the first that exists, so all are made here (P-166). */
const serviceLinkedRoles = [
  { service: 'alb.aliyuncs.com', what: 'load balancers use network cards' },
  { service: 'fc.aliyuncs.com', what: 'Function Compute writes logs' },
  { service: 'sendevent-fc.eventbridge.aliyuncs.com', what: 'queue triggers call functions' },
  { service: 'sendevent-mns.eventbridge.aliyuncs.com', what: 'queue triggers read queues' },
];

/** Others in the account may use them, so they are never removed. */
export function linkedRoleSteps({ settings }: Account): Step[] {
  const resourceManager = sendOf(settings, resourceManagerProduct);
  return serviceLinkedRoles.map(({ service, what }): Step => ({
    kind: 'service-linked role',
    name: service,
    what,
    async state() {
      const { Exists } = await resourceManager('CheckServiceLinkedRoleExistence', { ServiceName: service });
      return stateOf(Exists === true || Exists === 'true' ? [] : undefined);
    },
    async make() {
      await orAbsent(
        resourceManager('CreateServiceLinkedRole', { ServiceName: service }),
        (code) => code === 'EntityAlreadyExists.Role',
      );
    },
  }));
}
