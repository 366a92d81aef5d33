import type { Clock } from '../../shared/clock.ts';
import type { WireRequest } from '../wire.ts';
import type { ConditionKeys } from './conditions.ts';

/**
 * The condition keys that every request has. The edge speaks plain HTTP, and nobody signs in with a second factor.
 *
 * @see https://www.alibabacloud.com/help/en/ram/policy-elements (common condition keys)
 */
export const commonKeys = (request: WireRequest, clock: Clock): ConditionKeys => ({
  ...(request.remoteAddress === undefined ? {} : { 'acs:SourceIp': request.remoteAddress }),
  'acs:CurrentTime': new Date(clock.nowMs()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
  'acs:SecureTransport': 'false',
  'acs:MFAPresent': 'false',
});
