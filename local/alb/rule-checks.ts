import { begin } from '../lifecycle.ts';
import { refuse } from './errors.ts';
import type { AlbState, Listener, LoadBalancer, Rule, RuleAction } from './state.ts';
import { mustBe, mustBeForwardable } from './status-rules.ts';

/** @throws Conflict.Priority if another rule of the listener has it (P-079). */
export function priorityMustBeFree(listener: Listener, priority: number, except?: Rule): void {
  const holder = listener.rules.find((rule) => rule.priority === priority && rule !== except);
  if (holder !== undefined) throw refuse('Conflict.Priority', `[${holder.id}: ${priority}]`);
}

/** @throws what `mustBeForwardable` throws, for every server group of the actions. */
export function targetsMustBeForwardable(
  state: AlbState,
  actions: RuleAction[],
  listener: Listener,
  loadBalancer: LoadBalancer,
): void {
  for (const action of actions)
    if (action.type === 'ForwardGroup')
      for (const { serverGroupId } of action.serverGroups)
        mustBeForwardable(state, serverGroupId, loadBalancer, listener.protocol);
}

/** @throws ResourceInConfiguring.Listener, IncorrectStatus.Listener, IncorrectStatus.Rule */
export function mustBeChangeable(state: AlbState, rule: Rule, listener: Listener): void {
  mustBe(state, listener, 'Running');
  const status = state.rules.statusOf(rule);
  if (status !== 'Available') throw refuse('IncorrectStatus.Rule', `[${rule.id}: ${status}]`);
}

/** A change of a rule configures its listener meanwhile: ResourceInConfiguring.Listener is listed for all writes on rules. */
export function configureListener(state: AlbState, listener: Listener, ms: number): void {
  listener.status = begin(state.context.clock, 'Configuring', 'Running', ms);
}
