import { ApiError } from '../action.ts';
import type { EcsState, Instance } from './state.ts';

/**
 * Why a guest has no IPv6 address inside although its network card has one: `address`: its image does not set one up, as some
 * public and older custom images do not; `module`: its kernel has IPv6 turned off (`ipv6.disable=1`), which needs a restart.
 * Source: https://www.alibabacloud.com/help/en/ecs/user-guide/configure-ipv6-addresses (read 2026-11-30). Which public images
 * are of which kind the page does not say: here all are set up, but for those that the control names.
 */
export const inet6Lacks = ['address', 'module'] as const;
export type Inet6Lack = (typeof inet6Lacks)[number];

/** Returns whether the guest has the addresses of its network card. */
export const hasInet6 = ({ lacksInet6 }: Instance): boolean => lacksInet6 === undefined;

/**
 * `acs-plugin-manager --exec --plugin=ecs-utils-ipv6`: sets up the addresses of the network card, and may restart the network.
 * Source: the page above; its words are those of a sample of an older page. That it says the same where the kernel has IPv6
 * turned off, and then has no effect, is our word alone.
 */
export function configureInet6(instance: Instance): string {
  if (instance.lacksInet6 === 'address' && instance.ipv6Addresses.length > 0) delete instance.lacksInet6;
  return [
    '[Info]  ECS Utils IPv6 1.0.2.',
    '[Info]  IPv6 Auto Config Begin...',
    '[Info]  Config eth0...',
    '[Done]  IPv6 Auto Config Finished.',
    '',
  ].join('\n');
}

/** Reads `{"inet6": "address" | "module" | "set-up"}` of an image, by id or family, for instances that are made from now on. */
export function setImageInet6(state: EcsState, image: string, given: unknown): object {
  const { inet6, ...rest } = (typeof given === 'object' && given !== null ? given : {}) as { inet6?: unknown };
  const lack = inet6Lacks.find((one) => one === inet6);
  if (image === '' || Object.keys(rest).length > 0 || (lack === undefined && inet6 !== 'set-up'))
    throw new ApiError(
      'InvalidControl',
      400,
      `PUT /_local/images/{id or family} with {"inet6": "set-up"}, or ${inet6Lacks.map((one) => `"${one}"`).join(' or ')} for what its guests lack`,
    );
  if (lack === undefined) state.inet6LackOf.delete(image);
  else state.inet6LackOf.set(image, lack);
  return { image, inet6: lack ?? 'set-up' };
}
