import { backendHeader } from '../../shared/backend-header.ts';
import { isAdopted } from '../../shared/deployment/adopted.ts';
import { hostNameOf } from '../../shared/domain-name.ts';
import { httpGet, type HttpAnswer } from '../../shared/net/http-get.ts';
import { noRouteCodes } from '../../shared/net/no-route.ts';
import { normalAddress } from '../../shared/net/cidr.ts';
import { addressesOutOfService, type ZoneState } from '../../shared/zones-in-service.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';
import { valueAt } from '../../shared/dictionary.ts';

const requestTimeoutMs = 3000;

/** A backend that answers is missed with less probability than this. */
const missProbability = 1e-6;

/** So many requests to each address fit into one turn with room to spare. */
const mostTries = 150;

/** Probability that none of `tries` requests meets a backend that gets `share` of them. */
const missedAfter = (tries: number, share: number): number => (1 - share) ** tries;

/** Requests after which the backend with the smallest share has almost surely answered: 20 at 1:1, 145 at 1:10. */
export const triesFor = (smallestShare: number): number =>
  smallestShare >= 1 ? 1 : Math.min(mostTries, Math.ceil(Math.log(missProbability) / Math.log(1 - smallestShare)));

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : error instanceof Error
      ? error.message
      : String(error);

/**
 * Requests to every IPv6 address of the load balancer, by address and Host header, since its own name does not work
 * directly (P-071): all backends that weigh anything must answer.
 *
 * @param zones - as they are declared now: of those out of service no answer is expected, unless there are no others.
 */
export async function answersOverIpv6(
  context: StageContext<'verify'>,
  zones: ZoneState[] | undefined,
  retryForMs: number,
): Promise<Finding> {
  const { spec, outputs } = context;
  const isInternet = outputs['ipv6-internet'].ipv6AddressType === 'Internet';
  const common = { type: 'AnswersOverIpv6' as const, vantage: 'function', scope: isInternet ? 'internet' : 'vpc' };
  const found = (status: 'True' | 'False' | 'Unknown', reason: string, message: string): Finding => ({
    condition: { ...common, status, reason, message },
    retryForMs,
  });
  const all = outputs['ipv6-internet'].zones.map(({ ipv6Address }) => ipv6Address).filter((address) => address !== '');
  const out = addressesOutOfService(zones ?? []);
  const inService = all.filter((address) => !out.includes(normalAddress(address)));
  const addresses = inService.length > 0 ? inService : all;
  if (addresses.length === 0) return found('False', 'no-ipv6-address', 'the load balancer shows no IPv6 address');
  if (!isInternet) return found('Unknown', 'PrivateIpv6', 'the IPv6 side is private: it cannot be tried from here');
  const host = spec.dns === undefined ? `[${addresses[0]}]` : hostNameOf(spec.dns);
  const weighing = spec.backends.filter(({ weight }) => weight > 0);
  const ours = weighing.filter((backend) => !isAdopted(backend)).map(({ name }) => name);
  const shares = new Map(weighing.map(({ name, weight }) => [name, weight / sumOf(weighing)]));
  const tries = triesFor(Math.min(...shares.values()));
  const seen = new Set<string>();
  const bodies = new Set<string>();
  const failures: string[] = [];
  for (const address of addresses) {
    for (let attempt = 0; attempt < tries; attempt += 1) {
      let answer: HttpAnswer;
      try {
        answer = await httpGet(context.dial, {
          address,
          port: outputs.listener.port,
          host,
          path: '/',
          tls: outputs.listener.protocol === 'HTTPS',
          timeoutMs: requestTimeoutMs,
        });
      } catch (error) {
        const code = codeOf(error);
        if (noRouteCodes.has(code)) return found('Unknown', 'NoIpv6Route', `this vantage has no IPv6 route (${code})`);
        failures.push(`[${address}]: ${code}`);
        break;
      }
      if (answer.status >= 400) {
        failures.push(`[${address}]: HTTP status ${answer.status}`);
        break;
      }
      const name = valueAt(answer.headers, backendHeader.toLowerCase());
      if (name !== undefined) seen.add(name);
      bodies.add(answer.body);
      // Adopted servers do not name themselves: only different answers tell them apart.
      const areToldApart = ours.length === weighing.length || bodies.size >= weighing.length;
      if (ours.every((backend) => seen.has(backend)) && areToldApart && attempt >= weighing.length - 1) break;
    }
  }
  if (failures.length > 0) return found('False', 'no-answer', failures.join('; '));
  if (spec.serverGroup.scheduler === 'Sch' && weighing.length > 1)
    return found(
      'Unknown',
      'SourceHash',
      `with the scheduler Sch a client meets one server only (${addresses.join(', ')} answered)`,
    );
  const silent = ours.filter((name) => !seen.has(name));
  if (silent.length > 0) {
    const message = `no answer from ${silent.join(', ')} in ${tries} requests to each of ${addresses.length} IPv6 addresses`;
    const missed = Math.max(...silent.map((name) => missedAfter(tries * addresses.length, shares.get(name) ?? 0)));
    return missed <= missProbability
      ? found('False', 'backend-silent', message)
      : found('Unknown', 'TooRare', `${message}; at its weight that happens with probability ${missed.toFixed(6)}`);
  }
  const at = `over IPv6 at ${addresses.join(', ')}`;
  if (ours.length === weighing.length)
    return found('True', 'AllBackendsAnswer', `${ours.join(' and ')} answered ${at}`);
  const different = bodies.size === 1 ? 'the same answer' : `${bodies.size} different answers`;
  return bodies.size >= weighing.length
    ? found('True', 'AllBackendsAnswer', `${different} from ${weighing.length} servers ${at}`)
    : found(
        'Unknown',
        'ServersNotToldApart',
        `${different} from ${weighing.length} servers ${at}: the servers that are not ours do not say who answers`,
      );
}

const sumOf = (backends: { weight: number }[]): number => backends.reduce((sum, { weight }) => sum + weight, 0);
