import { backendServers } from './backend-servers/stage.ts';
import { dns } from './dns/stage.ts';
import { health } from './health/stage.ts';
import { instances } from './instances/stage.ts';
import { ipv6Internet } from './ipv6-internet/stage.ts';
import { listener } from './listener/stage.ts';
import { loadBalancer } from './load-balancer/stage.ts';
import { network } from './network/stage.ts';
import { preflight } from './preflight/stage.ts';
import { securityGroup } from './security-group/stage.ts';
import { serverGroup } from './server-group/stage.ts';
import { verify } from './verify/stage.ts';
import type { StageName } from '../shared/pipeline.ts';
import type { Stage } from '../shared/stage.ts';

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

/** Every stage by name, for those that must see all of them: the drift report, the function behind a shared queue, and the tests. */
export const allStages = Object.fromEntries(all.map((stage) => [stage.name, stage])) as unknown as Record<
  StageName,
  Stage
>;
