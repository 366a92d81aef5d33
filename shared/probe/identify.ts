import { backendHeader } from '../backend-header.ts';
import type { Exchange } from './exchange.ts';
import type { Sample } from './observation.ts';
import { oneLine } from '../text.ts';
import { compilePattern, longestSearched } from './pattern.ts';
import type { Identification, ProbeTarget } from './target.ts';

/** Two steps, so that the second can wait until the requests are over. */
export interface Identifier {
  /** Returns the part of an answer that says who gave it, of bounded length; undefined where there is none. */
  textIn: (answer: Exchange) => string | undefined;
  /** Returns the backend that such a text names; searches each text once. */
  nameIn: (text: string) => string | undefined;
}

/**
 * Compiles once per probe.
 *
 * @param isGood - whether an answer is well; others are the load balancer's own, or an error page that any backend may give.
 */
export function identifierOf(identification: Identification, isGood: (sample: Sample) => boolean): Identifier {
  switch (identification.by) {
    case 'header': {
      const header = identification.header.toLowerCase();
      return { textIn: ({ headers }) => headers?.get(header)?.slice(0, longestSearched), nameIn: named };
    }
    case 'pattern': {
      const find = compilePattern(identification.pattern);
      const header = identification.header?.toLowerCase();
      return {
        textIn: ({ headers, body }) =>
          header === undefined
            ? body?.toString('utf8', 0, longestSearched)
            : headers?.get(header)?.slice(0, longestSearched),
        nameIn: once((text) => named(find(text))),
      };
    }
    default:
      return {
        textIn: ({ sample }) =>
          isGood(sample) && sample.bodyHash !== undefined ? `answer ${sample.bodyHash}` : undefined,
        nameIn: (text) => text,
      };
  }
}

/** Returns who gave an answer; undefined where it does not say so. Compiles once per probe. */
export function backendOf(
  identification: Identification,
  isGood: (sample: Sample) => boolean,
): (answer: Exchange) => string | undefined {
  const { textIn, nameIn } = identifierOf(identification, isGood);
  return (answer) => {
    const text = textIn(answer);
    return text === undefined ? undefined : nameIn(text);
  };
}

/** Most answers of a probe are alike. */
function once(find: (text: string) => string | undefined): (text: string) => string | undefined {
  const found = new Map<string, string | undefined>();
  return (text) => {
    if (!found.has(text)) found.set(text, find(text));
    return found.get(text);
  };
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
