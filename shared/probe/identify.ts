import { backendHeader } from '../backend-header.ts';
import type { Exchange } from './exchange.ts';
import type { Sample } from './observation.ts';
import { oneLine } from '../text.ts';
import { compilePattern, longestSearched } from './pattern.ts';
import type { Identification, ProbeTarget } from './target.ts';

/**
 * Compiles once per probe.
 *
 * @param isGood - whether an answer is well; others are the load balancer's own, or an error page that any backend may give.
 * @returns undefined where the answer does not say who gave it.
 */
export function backendOf(
  identification: Identification,
  isGood: (sample: Sample) => boolean,
): (answer: Exchange) => string | undefined {
  switch (identification.by) {
    case 'header': {
      const header = identification.header.toLowerCase();
      return ({ headers }) => named(headers?.get(header));
    }
    case 'pattern': {
      const find = compilePattern(identification.pattern);
      const header = identification.header?.toLowerCase();
      return ({ headers, body }) => {
        const text = header === undefined ? body?.toString('utf8', 0, longestSearched) : headers?.get(header);
        return named(text === undefined ? undefined : find(text));
      };
    }
    default:
      return ({ sample }) =>
        isGood(sample) && sample.bodyHash !== undefined ? `answer ${sample.bodyHash}` : undefined;
  }
}

/**
 * Whether answers name themselves as we have it: in our own header, and by names that the request gives. Then an answer of
 * any other name is a stranger's; the header or pattern of an operator may just as well give other names than ours.
 */
export const areNamesOurs = ({
  identification,
  hasMadeUpNames = false,
}: Pick<ProbeTarget, 'identification' | 'hasMadeUpNames'>): boolean =>
  identification.by === 'header' &&
  identification.header.toLowerCase() === backendHeader.toLowerCase() &&
  !hasMadeUpNames;

const named = (text: string | undefined): string | undefined => {
  // Whoever answers may write anything: one line is kept, of what can be seen.
  const name = text === undefined ? '' : oneLine(text.slice(0, 200)).slice(0, 100).trim();
  return name === '' ? undefined : name;
};
