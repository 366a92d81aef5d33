import type { CloudSettings } from './call.ts';
import { lazyClient } from './lazy-client.ts';
import type { Ipv6Gateways } from './vpc/ipv6-gateways.ts';
import type { VpcTagging } from './vpc/tagging.ts';
import type { VSwitches } from './vpc/v-switches.ts';
import type { Vpcs } from './vpc/vpcs.ts';

export interface VpcClient extends Vpcs, VSwitches, Ipv6Gateways, VpcTagging {}

export const createVpcClient = (settings: CloudSettings): VpcClient =>
  lazyClient<VpcClient>(async () => {
    const [{ createCall }, { vpcProduct }, { vpcs }, { vSwitches }, { ipv6Gateways }, { vpcTagging }] =
      await Promise.all([
        import('./call.ts'),
        import('./products.ts'),
        import('./vpc/vpcs.ts'),
        import('./vpc/v-switches.ts'),
        import('./vpc/ipv6-gateways.ts'),
        import('./vpc/tagging.ts'),
      ]);
    const call = createCall(settings, vpcProduct);
    return { ...vpcs(call), ...vSwitches(call), ...ipv6Gateways(call), ...vpcTagging(call) };
  });
