import type { CloudSettings } from './call.ts';
import type { Catalog } from './ecs/catalog.ts';
import type { Commands } from './ecs/commands.ts';
import type { Instances } from './ecs/instances.ts';
import type { NetworkInterfaces } from './ecs/network-interfaces.ts';
import type { SecurityGroups } from './ecs/security-groups.ts';
import type { EcsTagging } from './ecs/tagging.ts';
import { lazyClient } from './lazy-client.ts';

export interface EcsClient extends Catalog, SecurityGroups, Instances, NetworkInterfaces, Commands, EcsTagging {}

export const createEcsClient = (settings: CloudSettings): EcsClient =>
  lazyClient<EcsClient>(async () => {
    const [
      { createCall },
      { ecsProduct },
      { catalog },
      { securityGroups },
      { instances },
      { networkInterfaces },
      { commands },
      { ecsTagging },
    ] = await Promise.all([
      import('./call.ts'),
      import('./products.ts'),
      import('./ecs/catalog.ts'),
      import('./ecs/security-groups.ts'),
      import('./ecs/instances.ts'),
      import('./ecs/network-interfaces.ts'),
      import('./ecs/commands.ts'),
      import('./ecs/tagging.ts'),
    ]);
    const call = createCall(settings, ecsProduct);
    return {
      ...catalog(call),
      ...securityGroups(call),
      ...instances(call),
      ...networkInterfaces(call),
      ...commands(call),
      ...ecsTagging(call),
    };
  });
