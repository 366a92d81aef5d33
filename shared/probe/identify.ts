import type { Exchange } from './exchange.ts';
import type { Sample } from './observation.ts';
import { compilePattern, longestSearched } from './pattern.ts';
import type { Identification } from './target.ts';

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

const named = (text: string | undefined): string | undefined => {
  const name = text?.trim().slice(0, 100);
  return name === undefined || name === '' ? undefined : name;
};
