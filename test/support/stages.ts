import { backendServers } from '../../functions/backend-servers/stage.ts';
import { dns } from '../../functions/dns/stage.ts';
import { health } from '../../functions/health/stage.ts';
import { instances } from '../../functions/instances/stage.ts';
import { ipv6Internet } from '../../functions/ipv6-internet/stage.ts';
import { listener } from '../../functions/listener/stage.ts';
import { loadBalancer } from '../../functions/load-balancer/stage.ts';
import { network } from '../../functions/network/stage.ts';
import { preflight } from '../../functions/preflight/stage.ts';
import { securityGroup } from '../../functions/security-group/stage.ts';
import { serverGroup } from '../../functions/server-group/stage.ts';
import { verify } from '../../functions/verify/stage.ts';
import type { StageName } from '../../shared/pipeline.ts';
import type { Stage } from '../../shared/stage.ts';

const all = [
  preflight,
  network,
  securityGroup,
  serverGroup,
  loadBalancer,
  instances,
  ipv6Internet,
  backendServers,
  listener,
  health,
  dns,
  verify,
];

/** Every stage by name. */
export const stages = Object.fromEntries(all.map((stage) => [stage.name, stage])) as unknown as Record<
  StageName,
  Stage
>;
