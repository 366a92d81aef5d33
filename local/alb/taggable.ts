import { oneOf, required } from '../action.ts';
import type { Collection, Kept } from '../lifecycle.ts';
import { refuse } from './errors.ts';
import { ids } from './params.ts';
import type { AlbState } from './state.ts';

/** The first four are documented [SDK-ALB]; Terraform tags `listener` too [TF-TAGS], so it is taken here (P-083). */
export const taggedResource = {
  ResourceType: required(oneOf('loadbalancer', 'servergroup', 'acl', 'securitypolicy', 'listener')),
};
export const taggedIds = required(ids(50));

type TaggedType = 'loadbalancer' | 'servergroup' | 'acl' | 'securitypolicy' | 'listener';

/** All of the type; there are no access control lists and no security policies of one's own. */
export function resourcesOf(state: AlbState, type: TaggedType): Pick<Collection<Kept>, 'list' | 'find'> {
  if (type === 'loadbalancer') return state.loadBalancers;
  if (type === 'servergroup') return state.serverGroups;
  if (type === 'listener') return state.listeners;
  return { list: () => [], find: () => undefined };
}

/** @throws ResourceNotFound.LoadBalancer, .ServerGroup, .Listener, .Acl, .SecurityPolicy */
export function getTaggable(state: AlbState, type: TaggedType, wanted: string[]): Kept[] {
  const code = {
    loadbalancer: 'ResourceNotFound.LoadBalancer',
    servergroup: 'ResourceNotFound.ServerGroup',
    listener: 'ResourceNotFound.Listener',
    acl: 'ResourceNotFound.Acl',
    securitypolicy: 'ResourceNotFound.SecurityPolicy',
  } as const;
  const resources = resourcesOf(state, type);
  return wanted.map((id) => {
    const found = resources.find(id);
    if (found === undefined) throw refuse(code[type], id);
    return found;
  });
}
