/** Takes the cloud's values into a request. Pure. */
import { changeOf } from '../../shared/deployment/changes/table.ts';
import { writtenIn } from '../../shared/deployment/explicit.ts';
import { isField, leafFields } from '../../shared/deployment/fields.ts';
import { noField } from '../../shared/deployment/problems.ts';
import type { DeploymentRecord } from '../../shared/deployment/record.ts';
import type { Asked } from '../../shared/deployment/requests.ts';
import type { Problem, Spec } from '../../shared/deployment/spec.ts';
import { withValues } from '../../shared/deployment/standing.ts';
import type { StageName } from '../../shared/pipeline.ts';
import { parseChanged } from './change.ts';

interface ToAdopt {
  path: string;
  /** By its own name, not as part of something that was asked for as a whole. */
  isNamed: boolean;
}

/** What the cloud has, by path, of the fields that the stages could compare. */
export interface Observed {
  found: ReadonlyMap<string, unknown>;
  /** Why a stage could not come to its comparisons. */
  undecided: readonly string[];
}

/** Fields that are meant, those below a name included, and the stages that know them; or why one cannot be adopted. */
export function fieldsToAdopt(
  spec: Spec,
  names: readonly string[],
): { fields: ToAdopt[]; stages: StageName[] } | { problems: Problem[] } {
  const problems: Problem[] = [];
  const fields = names.flatMap((name, index) => {
    const meant = pathsOf(spec).filter((path) => path === name || path.startsWith(`${name}.`));
    const reasons = meant.map(whyNotAdopted);
    if (meant.length === 0 || reasons.every((reason) => reason !== undefined))
      problems.push({ field: `adopt.${index}`, message: `${name} ${refusalFor(name, reasons[0])}` });
    return meant.filter((_, at) => reasons[at] === undefined).map((path) => ({ path, isNamed: path === name }));
  });
  if (problems.length > 0) return { problems };
  const stages = fields.map(({ path }) => changeOf(path)?.stages[0]).filter((stage) => stage !== undefined);
  return { fields, stages: [...new Set(stages)] };
}

/** Every field that holds a value, the servers by their names. */
const pathsOf = ({ backends }: Spec): string[] => [
  ...leafFields.filter((path) => !path.includes('*')),
  ...backends.flatMap(({ name }) =>
    leafFields.filter((path) => path.startsWith('backends.*.')).map((path) => path.replace('*', name)),
  ),
];

const whyNotAdopted = (path: string): string | undefined => {
  const change = changeOf(path);
  return change?.kind === 'in-place' ? change.notAdopted : (change?.why ?? noField);
};

const refusalFor = (name: string, reason = whyNotAdopted(name)): string =>
  reason === noField || (reason === undefined && !isField(name)) ? noField : `cannot be adopted: ${reason}`;

/** The request with the cloud's values, all of them written from now on; or why a value cannot be part of a request. */
export function adopted(
  { spec, explicit }: Pick<DeploymentRecord, 'spec' | 'explicit'>,
  fields: readonly ToAdopt[],
  { found, undecided }: Observed,
): Required<Asked> | { problems: Problem[] } {
  const seen = fields.filter(({ path }) => found.has(path));
  const unseen = fields.filter(({ path, isNamed }) => isNamed && !found.has(path));
  if (unseen.length > 0 || seen.length === 0) {
    const why = undecided.length === 0 ? 'the cloud has no value of it now' : undecided.join('; ');
    return { problems: (unseen.length > 0 ? unseen : fields).map(({ path }) => ({ field: path, message: why })) };
  }
  const values = new Map(seen.map(({ path }) => [path, found.get(path)]));
  const parsed = parseChanged(withValues(spec, values), [...values.keys()]);
  if ('problems' in parsed)
    return {
      problems: parsed.problems.map(({ field, message }) => ({
        field,
        message: `what the cloud has cannot be part of a request: ${message}`,
      })),
    };
  const written = [...(explicit ?? writtenIn(spec)), ...seen.map(({ path }) => path)];
  return { spec: parsed.spec, explicit: [...new Set(written)].sort() };
}
