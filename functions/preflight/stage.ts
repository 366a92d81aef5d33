import { classify } from '../../shared/errors.ts';
import type { StageOutputs } from '../../shared/deployment/outputs.ts';
import { secondLookMs } from '../../shared/find-own.ts';
import { mapInParallel } from '../../shared/in-parallel.ts';
import {
  defineStage,
  done,
  fail,
  gone,
  type StageContext,
  type StageProblem,
  type StageResult,
  wait,
} from '../../shared/stage.ts';
import { checkCertificate } from './check-certificate.ts';
import { checkDns } from './check-dns.ts';
import { checkAdoptedInstances } from './check-instances.ts';
import { checkListener } from './check-listener.ts';
import { checkNetwork } from './check-network.ts';
import { checkNewInstances } from './check-new-instances.ts';
import { checkQuotas } from './check-quotas.ts';
import { checkWell } from './check-well.ts';
import { lookForRemains, remainsIn } from './proof.ts';

/** One finding: `isWarning` ones are recorded, the others fail the stage. */
export interface Finding extends StageProblem {
  isWarning?: boolean;
}

export type Check = (context: StageContext<'preflight'>) => Promise<Finding[]>;

const checks: { name: string; field: string; run: Check }[] = [
  { name: 'network', field: 'network', run: checkNetwork },
  { name: 'new-instances', field: 'instances', run: checkNewInstances },
  { name: 'adopted-instances', field: 'backends', run: checkAdoptedInstances },
  { name: 'listener', field: 'listener', run: checkListener },
  { name: 'well', field: 'serverGroup.healthCheck', run: checkWell },
  { name: 'quotas', field: 'loadBalancer', run: checkQuotas },
  { name: 'dns', field: 'dns', run: checkDns },
  { name: 'certificate', field: 'dns', run: checkCertificate },
];

/** They ask different services; one after the other, some forty calls to slow ones would take longer than a turn has. */
const parallelChecks = 4;

/** A refusal is one more problem to report; anything passing is tried again as a whole. */
async function findingsOf(
  { field, run }: (typeof checks)[number],
  context: StageContext<'preflight'>,
): Promise<Finding[]> {
  try {
    return await run(context);
  } catch (error) {
    const { kind, code, message, remedy = 'Fix what the message says, then retry.', requestId } = classify(error);
    if (kind !== 'permanent') throw error;
    return [{ field, code, message, remedy, ...(requestId === undefined ? {} : { requestId }) }];
  }
}

/** Everything that can be known before the first resource is made: all problems at once, each with field, reason, remedy. */
export const preflight = defineStage({
  name: 'preflight',
  longestWaitMs: 5 * 60_000,

  async apply(context) {
    const bounds = { limit: parallelChecks, budget: context.budget };
    const findings = (await mapInParallel(checks, bounds, (check) => findingsOf(check, context))).flat();
    const problems = findings
      .filter(({ isWarning }) => isWarning !== true)
      .map(({ isWarning: _isWarning, ...problem }) => problem);
    if (problems.length > 0) {
      const [first] = problems;
      const code = problems.length === 1 && first !== undefined ? first.code : 'preflight.problems';
      const requestId = problems.find((problem) => problem.requestId !== undefined)?.requestId;
      return fail(code, problems.map(({ field, message }) => `${field}: ${message}`).join('; '), {
        problems,
        remedy: problems
          .map(({ remedy }) => remedy)
          .filter((remedy, index, all) => all.indexOf(remedy) === index)
          .join(' '),
        ...(requestId === undefined ? {} : { requestId }),
      });
    }
    const warnings = findings.map(({ field, message }) => ({ field, message }));
    return done({ warnings }, []);
  },

  release: (context) => proveEmptiness(context),
});

/** Times that all stages release before people are shown what remains; from then on with growing pauses. */
const mostPasses = 4;

/**
 * The end of every release: everything is asked for by mark and by natural key, twice, the second time after calls under
 * way and the lag of tag queries are over. Anything found keeps the deployment in `releasing`.
 */
async function proveEmptiness(context: StageContext<'preflight'>): Promise<StageResult<StageOutputs['preflight']>> {
  const { record, own, config } = context;
  const look = await lookForRemains(context);
  const remains = remainsIn(look);
  const windowMs = Math.max(secondLookMs, config.readTimeoutMs);
  if (remains.length > 0) {
    const reason = remains.join('; ');
    const proof = { isEmpty: false, epoch: record.epoch, looks: [look] };
    // Lag explains what shows for a moment; what stays is released once more.
    if (!context.isBlocked && context.waitedMs < windowMs) return wait(reason, { own: { proof }, afterMs: windowMs });
    const wasShown = context.isBlocked && own.proof?.epoch === record.epoch;
    if ((record.passes ?? 1) < mostPasses || wasShown) return { kind: 'again', reason, own: { proof } };
    await context.remember({ proof });
    return fail('release.remains', reason, {
      remedy:
        'Look at what is named: delete by hand what is to go, put back what is missing. The release then goes on by itself.',
    });
  }
  const before = own.proof?.epoch === record.epoch && own.proof.isEmpty ? own.proof.looks : [];
  const looks = [...before.slice(-1), look];
  const [first] = looks;
  const isEnough = looks.length > 1 && first !== undefined && look.atMs - first.atMs >= windowMs;
  if (!isEnough)
    return wait('nothing is left; looking once more', {
      own: { proof: { isEmpty: true, epoch: record.epoch, looks: [first ?? look] } },
      afterMs: windowMs,
    });
  return gone({ proof: { isEmpty: true, epoch: record.epoch, looks } });
}
