import { backendHeader } from '../../shared/backend-header.ts';
import { isAdopted } from '../../shared/deployment/adopted.ts';
import type { Spec } from '../../shared/deployment/spec.ts';
import { hostNameOf } from '../../shared/domain-name.ts';
import { dialWithin, refusedAddressCode } from '../../shared/net/dial.ts';
import { noRouteCodes } from '../../shared/net/no-route.ts';
import { inUrl, normalAddress } from '../../shared/net/cidr.ts';
import { refusedBlock } from '../../shared/net/special-blocks.ts';
import { addressesOutOfService, type ZoneState } from '../../shared/zones-in-service.ts';
import type { Sample } from '../../shared/probe/observation.ts';
import { requestTarget, type RequestLimits } from '../../shared/probe/request-target.ts';
import { checkOf, type Identification } from '../../shared/probe/target.ts';
import { type Asked, isWell, toldAnswer, toldUnwell, wellOf } from '../../shared/probe/well.ts';
import type { StageContext } from '../../shared/stage.ts';
import type { Finding } from './stage.ts';

/** All requests of a turn together, however slow the answers are: within the budget of the turn, which has more to look at. */
const limits: RequestLimits = { requestTimeoutMs: 3000, probeTimeoutMs: 12_000, parallel: 5 };

/** A backend that answers is missed with less probability than this. */
const missProbability = 1e-6;

/** So many requests to each address fit into one turn with room to spare. */
const mostTries = 150;

/** Probability that none of `tries` requests meets a backend that gets `share` of them. */
const missedAfter = (tries: number, share: number): number => (1 - share) ** tries;

/** Requests after which the backend with the smallest share has almost surely answered: 20 at 1:1, 145 at 1:10. */
export const triesFor = (smallestShare: number): number =>
  smallestShare >= 1 ? 1 : Math.min(mostTries, Math.ceil(Math.log(missProbability) / Math.log(1 - smallestShare)));

/**
 * Requests to every IPv6 address of the load balancer, by address and Host header, since its own name does not work
 * directly (P-071): every answer must be well, by the notion that the probe has too, and all backends that weigh anything
 * must answer.
 *
 * @param zones - as they are declared now: of those out of service no answer is expected, unless there are no others.
 */
export async function answersOverIpv6(
  { spec, outputs, dial }: Pick<StageContext<'verify'>, 'spec' | 'outputs' | 'dial'>,
  retryForMs: number,
  zones: ZoneState[] = [],
): Promise<Finding> {
  const isInternet = outputs['ipv6-internet'].ipv6AddressType === 'Internet';
  const common = { type: 'AnswersOverIpv6' as const, vantage: 'function', scope: isInternet ? 'internet' : 'vpc' };
  const found = (status: 'True' | 'False' | 'Unknown', reason: string, message: string): Finding => ({
    condition: { ...common, status, reason, message },
    retryForMs,
  });
  const all = outputs['ipv6-internet'].zones.map(({ ipv6Address }) => ipv6Address).filter((address) => address !== '');
  const out = addressesOutOfService(zones);
  const inService = all.filter((address) => !out.includes(normalAddress(address)));
  const addresses = inService.length > 0 ? inService : all;
  if (addresses.length === 0) return found('False', 'no-ipv6-address', 'the load balancer shows no IPv6 address');
  if (!isInternet) return found('Unknown', 'PrivateIpv6', 'the IPv6 side is private: it cannot be tried from here');
  const asked = askedOf(spec, outputs.listener, addresses[0] ?? '');
  const weighing = spec.backends.filter(({ weight }) => weight > 0);
  const shares = new Map(weighing.map(({ name, weight }) => [name, weight / sumOf(weighing)]));
  const tries = triesFor(Math.min(...shares.values()));
  const within = dialWithin(dial, 'internet');
  const { samples } = await requestTarget(within, asked, addresses, tries * addresses.length, limits, {
    isSettled: (sofar) => isSettled(sofar, asked, addresses, spec),
  });
  const failures = failuresOf(samples, asked, addresses);
  if (failures === 'no-route') {
    const codes = [...new Set(samples.map(({ error }) => error?.code))].join(', ');
    return found('Unknown', 'NoIpv6Route', `this vantage has no IPv6 route (${codes})`);
  }
  if (failures.length > 0) return found('False', 'no-answer', failures.join('; '));
  if (spec.serverGroup.scheduler === 'Sch' && weighing.length > 1)
    return found(
      'Unknown',
      'SourceHash',
      `with the scheduler Sch a client meets one server only (${addresses.join(', ')} answered)`,
    );
  const { named, silent, different } = answersOf(samples, spec);
  if (silent.length > 0) {
    const message = `no answer from ${silent.join(', ')} in ${samples.length} requests to ${addresses.length} IPv6 addresses`;
    const missed = Math.max(...silent.map((name) => missedAfter(samples.length, shares.get(name) ?? 0)));
    return missed <= missProbability
      ? found('False', 'backend-silent', message)
      : found('Unknown', 'TooRare', `${message}; at its weight that happens with probability ${missed.toFixed(6)}`);
  }
  const from = weighing.length === 1 ? 'the server' : `${weighing.length} servers`;
  const at = `over IPv6 at ${addresses.join(', ')}`;
  if (named.length === weighing.length)
    return found('True', 'AllBackendsAnswer', `${named.join(' and ')} answered ${at}`);
  const answers = different === 1 ? 'the same answer' : `${different} different answers`;
  return different >= weighing.length
    ? found('True', 'AllBackendsAnswer', `${answers} from ${from} ${at}`)
    : found(
        'Unknown',
        'ServersNotToldApart',
        `${answers} from ${from} ${at}: ${
          asked.method === 'HEAD'
            ? 'answers to HEAD have no body that would tell them apart'
            : 'the servers that are not ours do not say who answers'
        }`,
      );
}

const sumOf = (backends: { weight: number }[]): number => backends.reduce((sum, { weight }) => sum + weight, 0);

/** Servers of ours name themselves in a header, beside whichever others there are. */
export const askedOf = (
  spec: Spec,
  { port, protocol }: { port: number; protocol: string },
  address: string,
): Asked & { identification: Identification } => ({
  ...wellOf(spec.probe, checkOf(spec), spec.dns === undefined ? inUrl(address) : hostNameOf(spec.dns)),
  port,
  tls: protocol === 'HTTPS',
  identification: spec.probe?.identifyBy ?? { by: 'header', header: backendHeader },
});

/** What each address did wrong, the first thing of each; `no-route` where nothing else can be said from here. */
function failuresOf(samples: readonly Sample[], asked: Asked, addresses: string[]): string[] | 'no-route' {
  const hasRoute = samples.some(({ error }) => error === undefined || !noRouteCodes.has(error.code));
  if (!hasRoute) return 'no-route';
  return addresses.flatMap((address) => {
    const own = samples.filter((sample) => sample.address === address);
    if (own.length === 0) return [`[${address}]: no time was left to ask`];
    const bad = own.find((sample) => !isGood(sample, asked));
    if (bad === undefined) return [];
    const { error } = bad;
    if (error === undefined) return [`[${address}]: ${toldUnwell(asked, `answered ${toldAnswer(bad)}`)}`];
    const isRefused = error.code === refusedAddressCode;
    return [`[${address}]: ${isRefused ? `not asked: ${refusedBlock(address, 'internet')}` : error.code}`];
  });
}

const isGood = (sample: Sample, asked: Asked): boolean => sample.error === undefined && isWell(asked, sample);

/** Whether more requests would change nothing: something is wrong, or every server has answered and every address often enough. */
function isSettled(samples: readonly Sample[], asked: Asked, addresses: string[], spec: Spec): boolean {
  const weighing = spec.backends.filter(({ weight }) => weight > 0).length;
  const countOf = (address: string) => samples.filter((sample) => sample.address === address).length;
  const least = Math.min(...addresses.map(countOf));
  if (least === 0) return false;
  if (samples.some((sample) => !isGood(sample, asked))) return true;
  // With that scheduler no other server would come.
  if (spec.serverGroup.scheduler === 'Sch') return true;
  const { named, silent, different } = answersOf(samples, spec);
  return least >= weighing && silent.length === 0 && (named.length === weighing || different >= weighing);
}

/**
 * Who answered. `named`: servers that say who they are, those of ours by their header, or all where the request says how
 * and the names are those of its backends; `silent`: those of them that have not answered; `different`: answers that differ.
 */
function answersOf(
  samples: readonly Sample[],
  { backends, probe }: Spec,
): { named: string[]; silent: string[]; different: number } {
  const weighing = backends.filter(({ weight }) => weight > 0);
  const told = new Set(samples.flatMap(({ backend }) => backend ?? []));
  const bodies = new Set(samples.flatMap(({ bodyHash }) => bodyHash ?? []));
  const areNamesOurs = told.size > 0 && [...told].every((name) => backends.some((backend) => backend.name === name));
  const isGiven = probe?.identifyBy !== undefined;
  const named = isGiven ? (areNamesOurs ? weighing : []) : weighing.filter((backend) => !isAdopted(backend));
  return {
    named: named.map(({ name }) => name),
    silent: named.map(({ name }) => name).filter((name) => !told.has(name)),
    different: Math.max(1, bodies.size, isGiven ? told.size : 0),
  };
}
