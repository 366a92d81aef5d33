import { type FaultRule, seededRandom } from '../../local/faults.ts';
import type { DeploymentStatus } from '../../shared/deployment/record.ts';
import type { SpecInput } from '../../shared/deployment/spec.ts';
import { type StageName, stageNames } from '../../shared/pipeline.ts';
import type { MessageFault } from '../support/harness.ts';
import { callFaults, type CallClass, latenesses, messageFaults } from './cells.ts';
import type { ScenarioName } from './scenarios.ts';

/** What people and timers ask for while functions are under way. */
export type Asking = 'release' | 'retry' | 'repair' | 'change' | 'sweep';

/** Asked for once functions have made so many calls while the deployment had the status. */
export interface Meddling {
  what: Asking;
  during: DeploymentStatus;
  afterCalls: number;
}

/** All that is to befall one deployment. */
export interface Plan {
  scenario: ScenarioName;
  onFailure: NonNullable<SpecInput['onFailure']>;
  rules: FaultRule[];
  messages: MessageFault[];
  /** A refusal for good: the deployment fails, and goes on as it is asked to. */
  refusal: FaultRule | undefined;
  afterFailure: 'retry' | 'release';
  meddlings: Meddling[];
  /** A second sweep begins where one has found something. */
  hasTwoSweeps: boolean;
  /** Asked for at once when it is ready for the first time. */
  whenReady: Asking[];
}

/** Refusals that no repeat changes, by the stage that they strike. */
const refusals: Partial<Record<StageName, Pick<FaultRule, 'action' | 'code' | 'httpStatus'>>> = {
  network: { action: 'CreateIpv6Gateway', code: 'QuotaExceeded.Ipv6Gateway', httpStatus: 400 },
  'security-group': { action: 'AuthorizeSecurityGroup', code: 'AuthorizationLimitExceed', httpStatus: 403 },
  'server-group': { action: 'CreateServerGroup', code: 'QuotaExceeded.ServerGroupsNum', httpStatus: 400 },
  'load-balancer': { action: 'CreateLoadBalancer', code: 'QuotaExceeded.LoadBalancersNum', httpStatus: 400 },
  instances: { action: 'RunInstances', code: 'OperationDenied.NoStock', httpStatus: 403 },
  'ipv6-internet': { action: 'EnableLoadBalancerIpv6Internet', code: 'Forbidden.RAM', httpStatus: 403 },
  'backend-servers': { action: 'AddServersToServerGroup', code: 'Mismatch.VpcId', httpStatus: 400 },
  listener: { action: 'CreateListener', code: 'Mismatch.VpcId', httpStatus: 400 },
  health: { action: 'GetListenerHealthStatus', code: 'Forbidden.RAM', httpStatus: 403 },
};

/** The same seed, the same plan. */
export function planOf(classes: CallClass[], seed: number): Plan {
  const random = seededRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const chance = (probability: number): boolean => random() < probability;

  const scenario = chance(0.7) ? 'tutorial' : pick(['https', 'adopted'] as const);
  const ofScenario = classes.filter((one) => one.scenario === 'tutorial' || one.scenario === scenario);
  // At any call, whosever: most of these strike, whatever the course is.
  const rules: FaultRule[] = Array.from({ length: 3 }, () => ({
    kind: pick(callFaults),
    skip: below(300),
    delayMs: 1000,
  }));
  // At calls of a class, each class as likely as any other: seldom ones too.
  for (let count = 1 + below(4); count > 0; count -= 1) {
    const { functionName, service, action, count: occurrences } = pick(ofScenario);
    rules.push({ kind: pick(callFaults), functionName, service, action, skip: below(occurrences), delayMs: 1000 });
  }
  const messages: MessageFault[] = Array.from({ length: below(3) }, () => ({
    kind: pick(messageFaults),
    stage: pick(stageNames),
    action: pick(['apply', 'release'] as const),
    skip: below(3),
    lateMs: pick(latenesses),
  }));

  const refusal = chance(0.3) ? pick(Object.entries(refusals)) : undefined;
  const whenReady = chance(0.35)
    ? pick<Asking[]>([['repair'], ['change'], ['change', 'change'], ['repair', 'change']])
    : [];
  const possible: [probability: number, Meddling][] = [
    [0.5, { what: 'release', during: 'provisioning', afterCalls: below(260) }],
    [0.2, { what: 'retry', during: 'provisioning', afterCalls: below(260) }],
    [0.15, { what: 'sweep', during: 'provisioning', afterCalls: below(260) }],
    [0.1, { what: 'repair', during: 'provisioning', afterCalls: below(260) }],
    [0.5, { what: 'release', during: 'releasing', afterCalls: below(180) }],
    [0.2, { what: 'release', during: 'releasing', afterCalls: below(180) }],
    [0.15, { what: 'retry', during: 'releasing', afterCalls: below(180) }],
    [0.15, { what: 'sweep', during: 'releasing', afterCalls: below(180) }],
    [0.5, { what: 'retry', during: 'failed', afterCalls: below(20) }],
    [0.2, { what: 'release', during: 'failed', afterCalls: below(20) }],
    [0.4, { what: 'release', during: 'repairing', afterCalls: below(160) }],
    [0.3, { what: 'change', during: 'repairing', afterCalls: below(160) }],
    [0.3, { what: 'repair', during: 'repairing', afterCalls: below(160) }],
    [0.2, { what: 'retry', during: 'repairing', afterCalls: below(160) }],
  ];
  return {
    scenario,
    onFailure: pick(['rollback', 'retain'] as const),
    rules,
    messages,
    refusal:
      refusal === undefined
        ? undefined
        : { kind: 'error', functionName: `dualstack-alb-${refusal[0]}`, ...refusal[1], message: 'for good' },
    afterFailure: chance(0.75) ? 'retry' : 'release',
    meddlings: possible.filter(([probability]) => chance(probability)).map(([, meddling]) => meddling),
    hasTwoSweeps: chance(0.5),
    whenReady,
  };
}

/** The plan in words, for the report. */
export function textOf({ scenario, onFailure, rules, messages, refusal, meddlings, whenReady }: Plan): string[] {
  const nameOf = (functionName?: string): string => functionName?.replace('dualstack-alb-', '') ?? 'any function';
  return [
    `${scenario}, ${onFailure}`,
    ...rules.map(({ kind, functionName, action, skip }) => `${kind} ${nameOf(functionName)} ${action ?? ''} #${skip}`),
    ...messages.map(({ kind, stage, action, skip }) => `${kind} ${action} ${stage} #${skip}`),
    ...(refusal === undefined ? [] : [`${nameOf(refusal.functionName)} ${refusal.action} refused for good`]),
    ...meddlings.map(({ what, during, afterCalls }) => `${what} after ${afterCalls} calls while ${during}`),
    ...(whenReady.length === 0 ? [] : [`${whenReady.join(' and ')} when ready`]),
  ];
}
