import { readFileSync } from 'node:fs';
import type { SpecInput } from '../../shared/deployment/spec.ts';

const read = (file: string): SpecInput =>
  JSON.parse(readFileSync(new URL(`../../events/${file}`, import.meta.url), 'utf8')) as SpecInput;

/** The tutorial's request, the same that `npm start` sends. */
export const tutorial = (): SpecInput => read('create-load-balancer.json');

/** The tutorial's request with its settings written, also where they stand on their defaults: what is not written is kept as somebody changes it. */
export function tutorialInFull(): SpecInput {
  const { serverGroup, loadBalancer, ...rest } = tutorial();
  return {
    ...rest,
    loadBalancer: { ...loadBalancer, name: 'dualstack-alb' },
    serverGroup: {
      ...serverGroup,
      name: 'dualstack-alb',
      healthCheck: { enabled: true, path: '/', intervalSeconds: 2 },
    },
    listener: { protocol: 'HTTP', port: 80, requestTimeoutSeconds: 60, idleTimeoutSeconds: 15 },
  };
}

/** The request that adopts a network with running servers. */
export const existingNetwork = (): SpecInput => read('create-load-balancer-existing-network.json');
