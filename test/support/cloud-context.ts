import { VirtualClock } from '../../shared/clock.ts';
import { type CloudContext, idSource } from '../../local/cloud-context.ts';
import { CredentialStore } from '../../local/credentials.ts';
import { seededRandom } from '../../local/faults.ts';
import { latencies, type LatencyName } from '../../local/latency.ts';

/** A context on a clock that stands still, for tests of one service. */
export function testContext(latency: LatencyName = 'realistic'): CloudContext & { clock: VirtualClock } {
  const random = seededRandom(1);
  const clock = new VirtualClock(Date.now());
  return {
    clock,
    latency: latencies[latency],
    credentials: new CredentialStore(undefined, undefined, clock),
    regionId: 'cn-shanghai',
    zoneIds: ['b', 'c', 'd', 'e', 'f', 'g', 'l', 'm', 'n'].map((zone) => `cn-shanghai-${zone}`),
    random,
    nextId: idSource(random),
  };
}
