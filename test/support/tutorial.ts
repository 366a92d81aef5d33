import { readFileSync } from 'node:fs';
import type { SpecInput } from '../../shared/deployment/spec.ts';

const read = (file: string): SpecInput =>
  JSON.parse(readFileSync(new URL(`../../events/${file}`, import.meta.url), 'utf8')) as SpecInput;

/** The tutorial's request, the same that `npm start` sends. */
export const tutorial = (): SpecInput => read('create-load-balancer.json');

/** The request that adopts a network with running servers. */
export const existingNetwork = (): SpecInput => read('create-load-balancer-existing-network.json');
