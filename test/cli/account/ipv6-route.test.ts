import { expect, it } from 'vitest';
import { missingIpv6Route } from '../../../cli/account/ipv6-route.ts';
import { noRouteCodes } from '../../../shared/net/no-route.ts';

it('there is a route to this machine itself', async () => {
  expect(await missingIpv6Route('::1')).toBeUndefined();
});

it('there is a route to the Internet, or a code that says that there is none', async () => {
  const code = await missingIpv6Route();
  expect(code === undefined || noRouteCodes.has(code)).toBe(true);
});

it('what is no address is an error, not an answer', async () => {
  await expect(missingIpv6Route('not an address')).rejects.toThrow();
});
