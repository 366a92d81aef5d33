import type { CloudSettings } from './call.ts';
import { expecting } from './cloud-error.ts';
import { lazyClient } from './lazy-client.ts';

export interface ResourceManagerClient {
  /**
   * Creates the role that lets a product act in the account; a role that is there already counts as done.
   *
   * @param serviceName - such as `alb.aliyuncs.com`.
   */
  ensureServiceLinkedRole(serviceName: string): Promise<void>;
}

/** By the generic call: the product has no Node.js SDK among our dependencies, and one action needs no model. */
export const createResourceManagerClient = (settings: CloudSettings): ResourceManagerClient =>
  lazyClient<ResourceManagerClient>(async () => {
    const [{ createSend }, { resourceManagerProduct }] = await Promise.all([
      import('./call.ts'),
      import('./products.ts'),
    ]);
    const send = createSend(settings, resourceManagerProduct);
    return {
      async ensureServiceLinkedRole(serviceName) {
        await expecting(['EntityAlreadyExists.Role'], undefined, () =>
          send('CreateServiceLinkedRole', { ServiceName: serviceName }),
        );
      },
    };
  });
