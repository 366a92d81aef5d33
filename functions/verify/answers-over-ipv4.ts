import { judgeIpv4, requestsOver } from '../../shared/probe/ask-ipv4.ts';
import type { RequestLimits } from '../../shared/probe/request-target.ts';
import { ipv4SideOf } from '../../shared/probe/target.ts';
import { isWell } from '../../shared/probe/well.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { ZoneState } from '../../shared/zones-in-service.ts';
import { askedOf } from './answers-over-ipv6.ts';
import type { Finding } from './stage.ts';

/** One request to each address takes no more. */
const limits: RequestLimits = { requestTimeoutMs: 3000, probeTimeoutMs: 6000, parallel: 5 };

/**
 * One request to every IPv4 address of the load balancer that is in service, by address and Host header. That each server
 * answers is seen over IPv6, where every try counts for it: the balancing is the same for both.
 *
 * @param zones - as they are declared now: of those out of service no answer is expected, unless there are no others.
 */
export async function answersOverIpv4(
  { spec, outputs, dial }: Pick<StageContext<'verify'>, 'spec' | 'outputs' | 'dial'>,
  retryForMs: number,
  zones: ZoneState[] = [],
): Promise<Finding> {
  const { addressType = spec.loadBalancer.addressType, zones: recorded } = outputs['ipv6-internet'];
  const found = (status: 'True' | 'False' | 'Unknown', reason: string, message: string): Finding => ({
    condition: { type: 'AnswersOverIpv4', vantage: 'function', scope: 'internet', status, reason, message },
    retryForMs,
  });
  const side = ipv4SideOf({ isAsked: spec.probe?.ipv4, addressType }, recorded, zones);
  if ('off' in side) return found('Unknown', 'NotAsked', `IPv4 is not asked: ${side.off}`);
  const inService = side.addresses.filter((address) => !side.outOfService.includes(address));
  const addresses = inService.length > 0 ? inService : side.addresses;
  const asked = askedOf(spec, outputs.listener, addresses[0] ?? '');
  const samples = await requestsOver({ dial, limits }, asked, addresses);
  const { verdict, evidence } = judgeIpv4(asked, samples, addresses);
  if (verdict === 'ok' && samples.every((sample) => isWell(asked, sample)))
    return found('True', 'AllAddressesAnswer', evidence);
  return verdict === 'inconclusive'
    ? found('Unknown', 'NoIpv4Route', evidence)
    : found('False', 'no-answer-over-ipv4', evidence);
}
