import type { Health } from './alb/listener-health.ts';
import type { Listeners } from './alb/listeners.ts';
import type { LoadBalancers } from './alb/load-balancers.ts';
import type { Rules } from './alb/rules.ts';
import type { SecurityPolicies } from './alb/security-policies.ts';
import type { ServerGroups } from './alb/server-groups.ts';
import type { Servers } from './alb/servers.ts';
import type { AlbTagging } from './alb/tagging.ts';
import type { CloudSettings } from './call.ts';
import { lazyClient } from './lazy-client.ts';

export interface AlbClient
  extends LoadBalancers, ServerGroups, Servers, Listeners, Health, Rules, SecurityPolicies, AlbTagging {}

export const createAlbClient = (settings: CloudSettings): AlbClient =>
  lazyClient<AlbClient>(async () => {
    const [
      { createCall, createSend },
      { albProduct },
      { loadBalancers },
      { serverGroups },
      { servers },
      { listeners },
      { listenerHealth },
      { rules },
      { securityPolicies },
      { albTagging },
    ] = await Promise.all([
      import('./call.ts'),
      import('./products.ts'),
      import('./alb/load-balancers.ts'),
      import('./alb/server-groups.ts'),
      import('./alb/servers.ts'),
      import('./alb/listeners.ts'),
      import('./alb/listener-health.ts'),
      import('./alb/rules.ts'),
      import('./alb/security-policies.ts'),
      import('./alb/tagging.ts'),
    ]);
    const call = createCall(settings, albProduct);
    return {
      ...loadBalancers(call),
      ...serverGroups(call),
      ...servers(call),
      ...listeners(call),
      ...listenerHealth(call),
      ...rules(call),
      ...securityPolicies(call, createSend(settings, albProduct)),
      ...albTagging(call),
    };
  });
