import { OutOfTimeError } from '../../shared/budget.ts';
import type { Condition } from '../../shared/deployment/record.ts';
import { standing } from '../../shared/deployment/standing.ts';
import { mapInParallel } from '../../shared/in-parallel.ts';
import { judgeHealth } from '../../shared/judge-health.ts';
import { nameResolves, type Resolution } from '../../shared/name-resolves.ts';
import { zonesInService, zoneStates, type ZoneState } from '../../shared/zones-in-service.ts';
import { checkOf } from '../../shared/probe/target.ts';
import { defineStage, done, fail, gone, type StageContext, wait } from '../../shared/stage.ts';
import { answersOverIpv4 } from './answers-over-ipv4.ts';
import { answersOverIpv6 } from './answers-over-ipv6.ts';

/** How long servers may fail to answer before the stage gives up; the name has a bound of its own, its negative TTL. */
const answerDeadlineMs = 3 * 60_000;

export interface Finding extends Resolution {
  /** What is not so is shown and keeps nothing from being ready: users are served. */
  isShownOnly?: boolean;
}

/** Records the conditions of a working deployment, each seen with our own eyes. */
export const verify = defineStage({
  name: 'verify',
  longestWaitMs: 90 * 60_000,

  async apply(context) {
    const zones = await zonesOf(context);
    const { budget } = context;
    const stands = { ...context, spec: standing(context.record) };
    const looks: Record<Looked, () => Promise<Finding>> = {
      HealthyByApi: () => healthyByApi(context),
      AnswersOverIpv6: () => answersOverIpv6(stands, answerDeadlineMs, zones),
      AnswersOverIpv4: () => answersOverIpv4(stands, answerDeadlineMs, zones),
      NameResolves: () => nameResolves(context),
    };
    const names = Object.keys(looks) as Looked[];
    const findings = await mapInParallel(names, { limit: names.length, budget }, (name) => inTime(name, looks[name]));
    findings.push(zonesFinding(zones));
    const conditions = findings.map(({ condition }): Condition => ({ ...condition, atMs: context.nowMs }));
    const open = findings.filter(({ condition, retryForMs, isShownOnly = false }) =>
      isShownOnly ? condition.status === 'False' && context.elapsedMs < retryForMs : condition.status === 'False',
    );
    if (budget.isExceeded) {
      const seen = findings.filter(({ condition }) => condition.status !== 'True');
      return wait(reasonOf(seen), { conditions });
    }
    if (open.length === 0) {
      const backends = standing(context.record)
        .backends.filter(({ weight }) => weight > 0)
        .map(({ name }) => name);
      return done({ verifiedAtMs: context.nowMs, backends }, [], conditions);
    }
    const reason = reasonOf(open);
    if (open.every(({ retryForMs }) => context.elapsedMs < retryForMs)) return wait(reason, { conditions });
    const [first] = open.filter(({ retryForMs }) => context.elapsedMs >= retryForMs);
    return fail(`verify.${first?.condition.reason ?? 'failed'}`, reason, {
      remedy: remedies[first?.condition.type ?? 'HealthyByApi'],
    });
  },

  release: () => Promise.resolve(gone()),
});

type Looked = 'HealthyByApi' | 'AnswersOverIpv6' | 'AnswersOverIpv4' | 'NameResolves';

const reasonOf = (findings: Finding[]): string =>
  findings.map(({ condition }) => `${condition.type}: ${condition.message}`).join('; ');

/** Answers "not known" for what there was no time to see, so that what was seen beside it stays. */
async function inTime(type: Looked, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof OutOfTimeError)) throw error;
    return { condition: { type, status: 'Unknown', reason: 'OutOfTime', message: error.message }, retryForMs: 0 };
  }
}

const remedies: Record<Condition['type'], string> = {
  HealthyByApi: 'Look at the health of the servers in the console, mend it, then retry.',
  AnswersOverIpv6:
    'Look at the servers, their security groups and the IPv6 gateway; where the answers are as they should be, say so in probe (path, acceptedStatus, redirectTo), then retry.',
  AnswersOverIpv4:
    'Look at the public IPv4 addresses of the load balancer and at its listener; where this function has no way out over IPv4, say so with probe.ipv4: false, then retry.',
  NameResolves:
    "Let the name be a CNAME to this load balancer's own name and nothing else, and the domain be delegated to the servers that Alibaba Cloud DNS assigned, then retry.",
  ZonesInService: 'Bring a zone of the load balancer back into service in the console, then retry.',
};

/** Read anew: a zone may have left or come back since the addresses were recorded. */
async function zonesOf({ alb, outputs }: StageContext<'verify'>): Promise<ZoneState[] | undefined> {
  const found = await alb.findLoadBalancer(outputs['load-balancer'].loadBalancerId);
  return found === undefined ? undefined : zoneStates(found);
}

/** One zone less is a loss of redundancy; one that has just begun to start is waited for. No zone at all is an outage. */
function zonesFinding(zones: ZoneState[] | undefined): Finding {
  const isStarting = zones?.some(({ status }) => status === 'Starting') ?? false;
  const condition = zonesInService(zones);
  const isOutage = condition.reason === 'NoZoneInService';
  return { condition, retryForMs: isOutage || isStarting ? answerDeadlineMs : 0, isShownOnly: !isOutage };
}

async function healthyByApi({ alb, outputs, record }: StageContext<'verify'>): Promise<Finding> {
  const { serverGroupId } = outputs['server-group'];
  const verdict = judgeHealth({
    wanted: outputs['backend-servers'].servers,
    serverGroupId,
    listed: await alb.listServers(serverGroupId),
    reports: await alb.getListenerHealth(outputs.listener.listenerId),
    check: checkOf(standing(record)),
  });
  return {
    condition: {
      type: 'HealthyByApi',
      status: verdict.isHealthy ? 'True' : 'False',
      reason: verdict.isHealthy ? 'AllServersHealthy' : 'ServersNotHealthy',
      message: verdict.reason,
    },
    retryForMs: answerDeadlineMs,
  };
}
