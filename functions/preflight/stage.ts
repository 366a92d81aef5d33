import { classify } from '../../shared/errors.ts';
import { defineStage, done, fail, gone, type StageContext, type StageProblem } from '../../shared/stage.ts';
import { checkDns } from './check-dns.ts';
import { checkInstances } from './check-instances.ts';
import { checkNetwork } from './check-network.ts';
import { checkQuotas } from './check-quotas.ts';

/** One finding: `isWarning` ones are recorded, the others fail the stage. */
export interface Finding extends StageProblem {
  isWarning?: boolean;
}

export type Check = (context: StageContext<'preflight'>) => Promise<Finding[]>;

const checks: { name: string; field: string; run: Check }[] = [
  { name: 'network', field: 'network', run: checkNetwork },
  { name: 'instances', field: 'instances', run: checkInstances },
  { name: 'quotas', field: 'loadBalancer', run: checkQuotas },
  { name: 'dns', field: 'dns', run: checkDns },
];

/** Everything that can be known before the first resource is made: all problems at once, each with field, reason, remedy. */
export const preflight = defineStage({
  name: 'preflight',
  longestWaitMs: 5 * 60_000,

  async apply(context) {
    const findings: Finding[] = [];
    for (const check of checks) {
      try {
        findings.push(...(await check.run(context)));
      } catch (error) {
        // A refusal is one more problem to report; anything passing is tried again as a whole.
        const known = classify(error);
        if (known.kind !== 'permanent') throw error;
        findings.push({
          field: check.field,
          code: known.code,
          message: known.message,
          remedy: known.remedy ?? 'Mend what the message says, then retry.',
        });
      }
    }
    const problems = findings
      .filter(({ isWarning }) => isWarning !== true)
      .map(({ isWarning: _isWarning, ...problem }) => problem);
    if (problems.length > 0) {
      const [first] = problems;
      const code = problems.length === 1 && first !== undefined ? first.code : 'preflight.problems';
      return fail(code, problems.map(({ field, message }) => `${field}: ${message}`).join('; '), {
        problems,
        remedy: problems
          .map(({ remedy }) => remedy)
          .filter((remedy, index, all) => all.indexOf(remedy) === index)
          .join(' '),
      });
    }
    const warnings = findings.map(({ field, message }) => ({ field, message }));
    return done({ warnings }, []);
  },

  release: () => Promise.resolve(gone()),
});
